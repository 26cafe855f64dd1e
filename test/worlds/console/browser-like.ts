/** A page's end of the control room: what it says and hears, without a browser around it. */
import { request } from 'node:http';
import { WebSocket } from 'ws';
import type { PageFrame, ServerFrame } from '../../../services/console/live-frames.ts';

export interface Page {
  readonly frames: ServerFrame[];
  readonly closed: Promise<number>;
  readonly socket: WebSocket;
  say(frame: PageFrame | string): void;
  /** The first frame, past or to come, that is so. */
  hears(is: (frame: ServerFrame) => boolean): Promise<ServerFrame>;
}

export function open(port: number, headers: Readonly<Record<string, string>> = {}): Page {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/live`, {
    headers: { origin: `http://127.0.0.1:${port}`, ...headers },
    perMessageDeflate: false,
  });
  const frames: ServerFrame[] = [];
  const waiting = new Set<() => void>();
  const opened = new Promise<void>((resolve) => socket.once('open', resolve));
  socket.on('error', () => undefined);
  socket.on('message', (data) => {
    frames.push(JSON.parse(String(data)));
    for (const look of waiting) look();
  });
  const closed = new Promise<number>((resolve) => socket.once('close', resolve));
  return {
    frames,
    closed,
    socket,
    say: (frame) => void opened.then(() => socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame))),
    hears: (is) =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = frames.find(is);
          if (found === undefined) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
      }),
  };
}

/** The status with which an upgrade is refused. */
export const refused = ({ socket }: Page): Promise<number> =>
  new Promise((resolve) => socket.once('unexpected-response', (_, response) => resolve(response.statusCode ?? 0)));

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** Any request whatever, with headers that `fetch` would not let one set. */
export function ask(
  port: number,
  path: string,
  { method = 'GET', headers = {}, body }: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path, method, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
    });
    asked.on('error', reject);
    asked.end(body);
  });
}
