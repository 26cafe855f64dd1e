/** A socket for tests that keeps what it is sent, and drains only when it is told to. */
import { EventEmitter } from 'node:events';
import type { WebSocket } from 'ws';

export class FakeSocket extends EventEmitter {
  readonly OPEN = 1;
  readyState = 1;
  bufferedAmount = 0;
  reads = true;
  readonly sent: string[] = [];
  closedWith: number | undefined;

  send(text: string): void {
    this.sent.push(text);
    if (!this.reads) this.bufferedAmount += text.length;
  }

  close(code: number): void {
    this.closedWith = code;
    this.readyState = 3;
    this.emit('close', code);
  }

  terminate(): void {
    this.close(1006);
  }

  says(frame: unknown): void {
    this.emit('message', Buffer.from(JSON.stringify(frame)), false);
  }

  get frames(): readonly { readonly type: string; readonly events?: readonly { readonly seq: number }[] }[] {
    return this.sent.map((text) => JSON.parse(text));
  }

  get socket(): WebSocket {
    return this as unknown as WebSocket;
  }
}
