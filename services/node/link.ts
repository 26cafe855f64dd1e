/**
 * One open connection to one peer that has proven who it is.
 *
 * Whatever comes in is stamped first and read afterwards, and is refused, counted and survived where it is not a frame.
 * TCP notices a dead peer in minutes; so both ends ping, and a peer that says nothing for three pings is gone.
 */
import type { RawData, WebSocket } from 'ws';
import type { TrueTime } from '../../shared/time.ts';
import { decode, encode, type Frame } from '../../shared/wire.ts';
import { trueNow } from './clock.ts';
import { Allowance, type Inbox } from './flow.ts';
import type { Session } from './handshake.ts';

export type RejectedFrame = 'malformed' | 'unknown_kind' | 'rate' | 'overflow';

/** What a link tells whoever opened it. */
export interface LinkEars {
  hear(frame: Exclude<Frame, { type: 'ping' | 'pong' }>, arrived: TrueTime): void;
  rejected(reason: RejectedFrame, detail: string): void;
  closed(why: string): void;
}

export const closeCodes = { leaving: 1001, policy: 1008, slow: 1013 } as const;

const pingEveryMs = 500;
const missesAllowed = 3;
const malformedAllowed = 3;
const largestQueue = 1024 * 1024;

export class Link {
  readonly session: Session;
  readonly #socket: WebSocket;
  readonly #ears: LinkEars;
  readonly #inbox: Inbox;
  readonly #allowance = new Allowance(trueNow());
  readonly #pings: NodeJS.Timeout;
  #misses = 0;
  #malformed = 0;
  #why: string | undefined;

  constructor(socket: WebSocket, session: Session, inbox: Inbox, ears: LinkEars) {
    this.session = session;
    this.#socket = socket;
    this.#inbox = inbox;
    this.#ears = ears;
    this.#pings = setInterval(() => this.#ping(), pingEveryMs);
    socket.on('message', (data, binary) => this.#receive(trueNow(), data, binary));
    socket.on('error', (error) => this.#broken(error));
    socket.on('close', (code) => {
      clearInterval(this.#pings);
      ears.closed(this.#why ?? `the connection was closed with code ${code}`);
    });
  }

  get open(): boolean {
    return this.#why === undefined && this.#socket.readyState === this.#socket.OPEN;
  }

  /** Bytes that wait in the socket. */
  get queued(): number {
    return this.#socket.bufferedAmount;
  }

  /** Whether the link took the frame. */
  send(text: string): boolean {
    if (!this.open) return false;
    if (this.queued + text.length > largestQueue) {
      this.close(closeCodes.slow, 'it does not read what it is sent');
      return false;
    }
    this.#socket.send(text);
    return true;
  }

  /** Says goodbye; a peer that does not answer is cut off. */
  close(code: number, why: string): void {
    this.#why ??= why;
    this.#socket.close(code, why);
  }

  #receive(arrived: TrueTime, data: RawData, binary: boolean): void {
    if (!this.open) return;
    this.#misses = 0;
    if (!this.#allowance.take(arrived)) {
      this.#ears.rejected('rate', 'too many frames');
      this.close(closeCodes.policy, 'it sent too many frames');
      return;
    }
    this.#inbox.take(() => this.#read(arrived, data, binary));
  }

  #read(arrived: TrueTime, data: RawData, binary: boolean): void {
    if (!this.open) return;
    const decoded = binary ? ({ ok: false, reason: 'malformed', detail: 'not text' } as const) : decode(String(data));
    if (decoded.ok) {
      const { frame } = decoded;
      if (frame.type === 'ping') this.send(pong);
      else if (frame.type !== 'pong') this.#ears.hear(frame, arrived);
      return;
    }
    this.#ears.rejected(decoded.reason, decoded.detail);
    if (decoded.reason !== 'malformed') return;
    this.#malformed += 1;
    if (this.#malformed >= malformedAllowed) this.close(closeCodes.policy, 'it sent too many malformed frames');
  }

  #ping(): void {
    if (this.#misses >= missesAllowed) {
      this.#why ??= `it said nothing for ${missesAllowed} pings`;
      this.#socket.terminate();
      return;
    }
    this.#misses += 1;
    this.send(ping);
  }

  /** The library closes the connection after an error of the peer; it only remains to say which one it was. */
  #broken(error: Error): void {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code.startsWith('WS_ERR_')) this.#ears.rejected(tooMuch.includes(code) ? 'overflow' : 'malformed', error.message);
    this.#why ??= error.message;
  }
}

const ping = encode({ type: 'ping' });
const pong = encode({ type: 'pong' });

/** Of the library's own refusals, those of frames that are too much; all others are no WebSocket frames. */
const tooMuch: readonly string[] = ['WS_ERR_UNSUPPORTED_MESSAGE_LENGTH', 'WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH', 'WS_ERR_TOO_MANY_BUFFERED_PARTS'];
