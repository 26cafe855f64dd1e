/**
 * The live stream to the pages: `/live`.
 *
 * A page that cannot keep up must cost nobody else anything. Ticks are only worth their newest value, so one that could
 * not be sent is dropped; events are not, so a page that falls too far behind on them is sent away, and resumes from the
 * ring when it comes back. Each frame is written once for all pages.
 */
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import { z } from 'zod';
import { type Access, knownHost, mayWatch, ownPage } from './access.ts';
import type { ControlRoom } from './control-room.ts';
import type { HelloFrame, HistoryEvent, PageFrame, ServerFrame } from './live-frames.ts';

export interface LiveOptions {
  readonly access: Access;
  readonly room: ControlRoom;
  readonly hello: Pick<HelloFrame, 'cluster' | 'world' | 'wallUs' | 'grafana' | 'epoch'>;
}

export interface Live {
  /** Sends the newest picture and the newest events; to be called ten times a second. */
  tick(): void;
  viewers(): number;
  /** Ticks that were not sent to slow pages. */
  dropped(): number;
  close(): void;
}

interface Viewer {
  readonly socket: WebSocket;
  admitted: boolean;
  /** The newest event sent. */
  cursor: number;
  /** A tick is sent in one of so many turns. */
  every: number;
  malformed: number;
  /** Frames that it may still send in this second. */
  allowance: number;
  answered: boolean;
}

const firstFrameMs = 3_000;
const turnsPerSecond = 10;
const pingTurns = 5 * turnsPerSecond;
const framesPerSecond = 20;
const mostMalformed = 3;
const slowBytes = 64 * 1024;
const mostBytes = 1024 * 1024;
const batch = 500;
const closed = { policy: 1008, away: 1001, slow: 1013, notAdmitted: 4401 } as const;

const limits = {
  noServer: true,
  maxPayload: 16 * 1024,
  maxFragments: 16,
  maxBufferedChunks: 64,
  maxPendingAutoPongs: 8,
  perMessageDeflate: false,
  closeTimeout: 2_000,
};

const pageFrame = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('auth'), token: z.string().max(128).optional() }),
  z.strictObject({ type: z.literal('resume'), seq: z.int().min(0), epoch: z.int().min(0).optional() }),
  z.strictObject({ type: z.literal('rate'), hz: z.number().min(0.1).max(turnsPerSecond) }),
]);

export function serveLive(server: Server, { access, room, hello }: LiveOptions): Live {
  const sockets = new WebSocketServer(limits);
  const viewers = new Set<Viewer>();
  let seq = 0;
  let turn = 0;
  let dropped = 0;
  let up = '';

  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    if (request.url?.split('?')[0] !== '/live') return refuse(socket, 404);
    if (!knownHost(access, request.headers) || !ownPage(request.headers)) return refuse(socket, 403);
    sockets.handleUpgrade(request, socket, head, welcome);
  });

  function welcome(socket: WebSocket, _request: IncomingMessage): void {
    const viewer: Viewer = {
      socket,
      admitted: false,
      cursor: room.history.newest,
      every: 1,
      malformed: 0,
      allowance: framesPerSecond,
      answered: true,
    };
    viewers.add(viewer);
    const late = setTimeout(() => viewer.admitted || socket.close(closed.notAdmitted, 'no auth frame'), firstFrameMs);
    socket.on('error', () => socket.terminate());
    socket.on('pong', () => {
      viewer.answered = true;
    });
    socket.on('message', (data, binary) => hear(viewer, data, binary));
    socket.on('close', () => {
      clearTimeout(late);
      viewers.delete(viewer);
    });
  }

  function hear(viewer: Viewer, data: RawData, binary: boolean): void {
    if (viewer.socket.readyState !== viewer.socket.OPEN) return;
    viewer.allowance -= 1;
    const frame = binary ? undefined : decode(data.toString());
    if (viewer.allowance < 0) viewer.socket.close(closed.policy, 'too many frames');
    else if (!viewer.admitted) admit(viewer, frame);
    else if (frame?.type === 'resume') resume(viewer, frame);
    else if (frame?.type === 'rate') viewer.every = Math.max(1, Math.round(turnsPerSecond / frame.hz));
    else if (frame === undefined) refuseFrame(viewer);
  }

  function resume(viewer: Viewer, { seq: seen, epoch = hello.epoch }: Extract<PageFrame, { type: 'resume' }>): void {
    if (epoch === hello.epoch) viewer.cursor = Math.min(seen, room.history.newest);
  }

  function refuseFrame(viewer: Viewer): void {
    viewer.malformed += 1;
    if (viewer.malformed === mostMalformed) viewer.socket.close(closed.policy, 'malformed frames');
  }

  function admit(viewer: Viewer, frame: PageFrame | undefined): void {
    if (frame?.type !== 'auth' || !mayWatch(access, frame.token)) {
      viewer.socket.close(closed.notAdmitted, 'not authenticated');
      return;
    }
    viewer.admitted = true;
    send(viewer, write({ type: 'hello', ...hello }));
    send(viewer, write({ type: 'past', ...room.past.frame() }));
    send(viewer, write({ type: 'state', atUs: room.picture.atUs, state: room.picture.state }));
  }

  function write(frame: Unnumbered): string {
    seq += 1;
    return JSON.stringify({ v: 1, seq, ...frame });
  }

  function send({ socket }: Viewer, text: string): boolean {
    if (socket.readyState !== socket.OPEN) return false;
    if (socket.bufferedAmount + Buffer.byteLength(text) > mostBytes) {
      socket.close(closed.slow, 'too slow');
      return false;
    }
    socket.send(text);
    return true;
  }

  /** Of those who are due for a tick, the slow ones do without it. */
  function sendPicture(): void {
    const { atUs, state } = room.picture;
    const now = state.nodes
      .filter((n) => n.up)
      .map((n) => n.id)
      .join();
    const type = now === up ? 'tick' : 'state';
    up = now;
    const due = [...viewers].filter((v) => v.admitted && (type === 'state' || turn % v.every === 0));
    const keeping = due.filter(({ socket }) => type === 'state' || socket.bufferedAmount <= slowBytes);
    dropped += due.length - keeping.length;
    if (keeping.length === 0) return;
    const text = write({ type, atUs, state });
    for (const viewer of keeping) send(viewer, text);
  }

  function sendEvents(): void {
    const written = new Map<number, { readonly text: string | undefined; readonly next: number }>();
    for (const viewer of viewers) {
      if (!viewer.admitted || viewer.cursor >= room.history.newest) continue;
      const page = written.get(viewer.cursor) ?? writePage(viewer.cursor);
      written.set(viewer.cursor, page);
      if (page.text === undefined || send(viewer, page.text)) viewer.cursor = page.next;
    }
  }

  function writePage(cursor: number): { readonly text: string | undefined; readonly next: number } {
    const { events, next } = room.history.after(cursor, batch);
    const shown = events.filter(isShown);
    return { text: shown.length === 0 ? undefined : write({ type: 'events', events: shown }), next };
  }

  /** A page whose machine went to sleep closes nothing. */
  function checkAlive(): void {
    for (const viewer of viewers) {
      if (!viewer.answered) viewer.socket.terminate();
      viewer.answered = false;
      viewer.socket.ping();
    }
  }

  return {
    tick() {
      turn += 1;
      if (turn % turnsPerSecond === 0) for (const viewer of viewers) viewer.allowance = framesPerSecond;
      if (turn % pingTurns === 0) checkAlive();
      sendPicture();
      sendEvents();
    },
    viewers: () => viewers.size,
    dropped: () => dropped,
    close() {
      for (const { socket } of viewers) socket.close(closed.away, 'the console ends');
      sockets.close();
    },
  };
}

type Unnumbered = ServerFrame extends infer F ? (F extends ServerFrame ? Omit<F, 'v' | 'seq'> : never) : never;

/**
 * Lines of clocks are for the oracle, and single messages are most of the history: what both come to is in every tick. So
 * is who asks for the critical section, and what the ledger took in good order.
 */
const isShown = ({ kind, stale }: HistoryEvent): boolean =>
  kind !== 'clock.line' && !kind.startsWith('message.') && kind !== 'mutex.requested' && (kind !== 'ledger.accepted' || stale === true);

function refuse(socket: Duplex, status: 403 | 404): void {
  const reason = status === 403 ? 'Forbidden' : 'Not Found';
  socket.end(`HTTP/1.1 ${status} ${reason}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => socket.destroy());
}

function decode(text: string): PageFrame | undefined {
  try {
    const parsed = pageFrame.safeParse(JSON.parse(text));
    return parsed.success ? (parsed.data as PageFrame) : undefined;
  } catch {
    return undefined;
  }
}
