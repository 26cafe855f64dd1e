/**
 * Keeps one line open to every node's `/history`, and dials again, with patience, whenever it is lost.
 *
 * After the handshake the console says which event of which incarnation it heard last, so that nothing is missed while a
 * line is down and nothing is counted twice. The cap on the wait is low: there is one console, and it should see a node
 * that was restarted at once.
 */
import { WebSocket } from 'ws';
import { backoff } from '../node/backoff.ts';
import { type Cluster, consoleId, fingerprint, type Peer } from '../node/cluster.ts';
import { dialler, type Identity, shake } from '../node/handshake.ts';
import { dialLimits } from '../node/socket-limits.ts';
import type { Command, Result, Tell } from './commands.ts';
import type { ControlRoom } from './control-room.ts';
import { decodeNodeFrame } from './node-frames.ts';
import type { Watched } from './watched.ts';

export interface Surroundings {
  /** The console's own monotonic clock, in microseconds. */
  nowUs(): number;
  /** Uniform in [0, 1). */
  chance(): number;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
}

export interface Collector {
  readonly tell: Tell;
  close(): void;
}

/** Events come in batches, and one event may be larger than any frame between peers. */
const largestBatch = 1024 * 1024;
/** Failures beyond these do not make the wait any longer. */
const countedFailures = 3;
const answerMs = 3_000;

export function collect(cluster: Cluster, key: Buffer, room: ControlRoom, { nowUs, chance, warn }: Surroundings): Collector {
  const identity: Identity = { key, cluster: fingerprint(cluster), id: consoleId, incarnation: Math.round(nowUs()) };
  const sockets = new Set<WebSocket>();
  /** Those that are open and admitted. */
  const lines = new Map<Watched, WebSocket>();
  const waiting = new Map<string, (result: Result) => void>();
  const dials = new Set<NodeJS.Timeout>();
  let asked = 0;
  let ended = false;

  for (const peer of cluster) {
    const node = room.nodes.find(({ id }) => id === peer.id);
    if (node !== undefined) dial(peer, node, 0);
  }

  function dial(peer: Peer, node: Watched, attempt: number): void {
    const socket = new WebSocket(`ws://${peer.host}:${peer.port}/history`, { ...dialLimits, maxPayload: largestBatch });
    sockets.add(socket);
    let failures = attempt + 1;
    shake(socket, dialler(identity, peer.id, 'console'), (outcome) => {
      if (!outcome.ok) {
        if (outcome.reason !== 'closed') warn({ node: node.name, reason: outcome.reason }, `${node.name} is not admitted: ${outcome.detail}`);
        return;
      }
      failures = 0;
      lines.set(node, socket);
      listen(socket, node);
      const since = outcome.session.incarnation === node.incarnation ? node.seq : 0;
      socket.send(JSON.stringify({ type: 'resume', since }));
    });
    socket.on('close', () => {
      sockets.delete(socket);
      if (lines.get(node) === socket) {
        lines.delete(node);
        room.lost(node);
      }
      if (!ended) later(() => dial(peer, node, failures), backoff(Math.min(failures, countedFailures), chance()));
    });
  }

  function later(run: () => void, ms: number): void {
    const timer = setTimeout(() => {
      dials.delete(timer);
      run();
    }, ms);
    dials.add(timer);
  }

  function listen(socket: WebSocket, node: Watched): void {
    socket.on('message', (data, binary) => {
      const frame = binary ? undefined : decodeNodeFrame(String(data));
      if (frame === undefined) warn({ node: node.name }, `a frame of ${node.name} is malformed`);
      else if (frame.type === 'result') waiting.get(frame.id)?.(frame);
      else room.hear(node, frame, nowUs());
    });
  }

  function tell(node: Watched, verb: string, args: Command['args']): Promise<Result> {
    const socket = lines.get(node);
    if (socket === undefined) return Promise.resolve({ ok: false, error: `${node.name} is down` });
    asked += 1;
    const id = `console-${asked}`;
    return new Promise((resolve) => {
      const late = setTimeout(() => finish({ ok: false, error: `${node.name} does not answer` }), answerMs);
      const finish = ({ ok, error }: Result): void => {
        clearTimeout(late);
        waiting.delete(id);
        resolve(error === undefined ? { ok } : { ok, error });
      };
      waiting.set(id, finish);
      socket.send(JSON.stringify({ type: 'command', id, verb, args }));
    });
  }

  return {
    tell,
    close() {
      ended = true;
      for (const timer of dials) clearTimeout(timer);
      for (const socket of sockets) socket.terminate();
    },
  };
}
