/** A small cluster for the tests of the control room, and how its nodes speak. */

import { ControlRoom } from '../../../services/console/control-room.ts';
import type { HistoryEvent } from '../../../services/console/live-frames.ts';
import type { Watched } from '../../../services/console/watched.ts';
import type { ClockLine } from '../../../shared/oracle.ts';
import { nodeId } from '../../../shared/protocol.ts';
import { ppm } from '../../../shared/time.ts';

export const cluster = [
  { id: nodeId(1), name: 'kmc', role: 'member' as const },
  { id: nodeId(2), name: 'mit', role: 'member' as const },
  { id: nodeId(5), name: 'master', role: 'member' as const },
  { id: nodeId(101), name: 'mobile', role: 'device' as const },
];

export const newRoom = (rho = 200): ControlRoom => new ControlRoom(cluster, 'processes', ppm(rho));

/** Numbers without their brands. */
type Loose<T> = { readonly [K in keyof T]?: T[K] extends number ? number : T[K] extends number | null ? number | null : T[K] };

/** A follower of node 5 that claims its offset to be 0 within a millisecond. */
const line = (change: Loose<ClockLine> = {}): Loose<ClockLine> => ({
  trueUs: 0,
  errorUs: 0,
  ratePpm: 0,
  driftPpm: 0,
  pendingUs: 0,
  slewing: false,
  offsetUs: 0,
  offsetPpm: 0,
  boundUs: 1_000,
  boundPpm: 0,
  status: 'synchronized',
  leader: 5,
  term: '1.5.7',
  ...change,
});

export interface Speaker {
  readonly node: Watched;
  /** Says hello as this incarnation. */
  hello(incarnation?: number, bootId?: string): void;
  event(kind: string, fields: Readonly<Record<string, unknown>>, seq?: number): void;
  bend(change: Loose<ClockLine>): void;
  upto(trueUs: number, nowUs?: number, messages?: Readonly<Record<string, number>>, awaits?: readonly number[]): void;
}

/** Speaks for one node of the room. */
export function speaker(room: ControlRoom, name: string): Speaker {
  const node = room.nodes.find((n) => n.name === name);
  if (node === undefined) throw new Error(`no node ${name}`);
  let seq = 0;
  let now = 0;
  let is = 1;
  const event: Speaker['event'] = (kind, fields, at = seq + 1) => {
    seq = at;
    const said = {
      seq,
      node: node.id,
      incarnation: is,
      trueUs: now,
      clockUs: now,
      lamport: seq,
      vector: {},
      hybrid: { l: now, c: 0 },
      ...fields,
      kind,
    };
    room.hear(node, { type: 'events', events: [said as HistoryEvent] }, now);
  };
  return {
    node,
    hello(incarnation = 1, bootId = 'boot') {
      is = incarnation;
      seq = 0;
      room.hear(node, { type: 'hello', bootId, name, role: node.role, incarnation, trueUs: now }, now);
    },
    event,
    bend: (change) => event('clock.line', line(change)),
    upto(trueUs, nowUs = trueUs, messages = {}, awaits = []) {
      now = trueUs;
      const counts = Object.entries(messages).map(([kind, n]) => [kind, { attempted: n, delivered: n, dropped: 0, unanswered: 0 }]);
      room.hear(node, { type: 'upto', trueUs, messages: Object.fromEntries(counts), awaits }, nowUs);
    },
  };
}

/** Every node up, master leading with a perfect clock, the others with the errors given. */
export function steady(room: ControlRoom, errors: Readonly<Record<string, number>>): Readonly<Record<string, Speaker>> {
  const speakers = Object.fromEntries(cluster.map(({ name }) => [name, speaker(room, name)]));
  for (const [name, s] of Object.entries(speakers)) {
    s.hello();
    s.bend({ errorUs: errors[name] ?? 0, offsetUs: -(errors[name] ?? 0), ...(name === 'master' ? { boundUs: 0, offsetUs: 0 } : {}) });
    s.upto(100_000);
  }
  return speakers;
}
