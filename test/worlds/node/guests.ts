/** Whoever connects to a node in a test: a peer that can do the handshake and then misbehave, and a console that listens. */
import { WebSocket } from 'ws';
import { consoleId, fingerprint, parseCluster } from '../../../services/node/cluster.ts';
import { dialler, type Identity, type JoinedAs, type Outcome, shake } from '../../../services/node/handshake.ts';
import type { HistoryEvent, MessageCount } from '../../../shared/history.ts';
import { key, type Lab } from './lab.ts';

export interface Guest {
  readonly socket: WebSocket;
  readonly frames: string[];
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
}

/** A socket that has said nothing yet. */
export async function connect(world: Lab, to: number, path: string, headers: Readonly<Record<string, string>> = {}): Promise<Guest> {
  const socket = new WebSocket(`ws://127.0.0.1:${world.port(to)}${path}`, { perMessageDeflate: false, headers });
  const frames: string[] = [];
  socket.on('error', () => undefined);
  const closed = new Promise<{ code: number; reason: string }>((resolve) =>
    socket.on('close', (code, reason) => resolve({ code, reason: String(reason) })),
  );
  socket.on('message', (data) => frames.push(String(data)));
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('unexpected-response', (_, response) => reject(new Error(`status ${response.statusCode}`)));
    socket.once('error', reject);
  });
  return { socket, frames, closed };
}

export const identityOf = (world: Lab, id: number, change: Partial<Identity> = {}): Identity => {
  const parsed = parseCluster(world.cluster);
  if (!parsed.ok) throw new Error(parsed.errors.join('\n'));
  return { key, cluster: fingerprint(parsed.cluster), id, incarnation: Date.now() * 1_000, ...change };
};

export async function join(world: Lab, from: Identity, to: number, as: JoinedAs = 'peer'): Promise<Guest & { readonly outcome: Outcome }> {
  const guest = await connect(world, to, as === 'peer' ? '/peer' : '/history');
  const outcome = await new Promise<Outcome>((resolve) => shake(guest.socket, dialler(from, to, as), resolve));
  return { ...guest, outcome };
}

/** A console: everything that it is told, in the order in which it is told. */
export interface Watching extends Guest {
  readonly hello: Readonly<Record<string, unknown>>[];
  readonly events: HistoryEvent[];
  readonly upto: { readonly trueUs: number; readonly messages: Readonly<Record<string, MessageCount>> }[];
  readonly results: Readonly<Record<string, unknown>>[];
  /** Events whose instant lies before one up to which everything was said to have been told. */
  readonly late: HistoryEvent[];
}

export async function watch(world: Lab, of: number, since = 0): Promise<Watching> {
  const guest = await join(world, identityOf(world, consoleId), of, 'console');
  if (!guest.outcome.ok) throw new Error(guest.outcome.detail);
  const watching: Watching = { ...guest, hello: [], events: [], upto: [], results: [], late: [] };
  guest.socket.on('message', (data) => {
    const frame = JSON.parse(String(data));
    if (frame.type === 'hello') watching.hello.push(frame);
    if (frame.type === 'upto') watching.upto.push(frame);
    if (frame.type === 'result') watching.results.push(frame);
    if (frame.type !== 'events') return;
    watching.events.push(...frame.events);
    const told = watching.upto.at(-1)?.trueUs ?? Number.NEGATIVE_INFINITY;
    watching.late.push(...frame.events.filter((event: HistoryEvent) => event.trueUs < told));
  });
  guest.socket.send(JSON.stringify({ type: 'resume', since }));
  return watching;
}
