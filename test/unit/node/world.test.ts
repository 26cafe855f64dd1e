/** What becomes of frames that nobody takes, and which frames are counted: a node's world over a mesh that is a list. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { trueNow } from '../../../services/node/clock.ts';
import { parseCluster } from '../../../services/node/cluster.ts';
import { Counts } from '../../../services/node/counts.ts';
import { NodeWorld } from '../../../services/node/world.ts';
import { oscillator } from '../../../shared/clock/oscillator.ts';
import { electionDefaults } from '../../../shared/election/config.ts';
import { constant } from '../../../shared/faults/delay.ts';
import type { HistoryEvent } from '../../../shared/history.ts';
import { node } from '../../../shared/node.ts';
import { incarnation, type Keepsake, type NodeId, nodeId } from '../../../shared/protocol.ts';
import { nodeConfig } from '../../../shared/scenario.ts';
import { microseconds, milliseconds, ppm, seconds } from '../../../shared/time.ts';
import { VirtualClock } from '../../../shared/virtual-clock.ts';

let world: NodeWorld;
let counts: Counts;
let events: HistoryEvent[];
let kept: Keepsake[];
/** Who is connected, and who takes what it is handed. */
let up: Set<number>;
let takes: Set<number>;
let sent: { readonly to: number; readonly kind: string }[];

beforeEach(() => {
  [events, kept, sent] = [[], [], []];
  [up, takes] = [new Set([2, 3]), new Set([2, 3])];
  counts = new Counts([], () => undefined);
});
afterEach(() => world.stop());

/** Node 1 of three members, which elects on a ring and only when it is told to. */
function begin(): void {
  const cluster = parseCluster('1=n1@h:1,2=n2@h:2,3=n3@h:3');
  if (!cluster.ok) throw new Error(cluster.errors.join());
  const config = nodeConfig('member', 'berkeley');
  world = new NodeWorld({
    self: cluster.cluster[0] ?? expect.fail(),
    member: { self: nodeId(1), incarnation: incarnation(7), members: [1, 2, 3].map(nodeId) },
    protocol: node({ ...config, election: { ...electionDefaults, algorithm: 'ring', listen: seconds(100) } }),
    clock: new VirtualClock(oscillator(trueNow(), microseconds(0), ppm(0))),
    rules: [{ does: 'delay', delay: constant(milliseconds(1)) }],
    seed: 1,
    mesh: {
      isUp: (to) => up.has(to),
      send(to: NodeId, text: string) {
        const frame = JSON.parse(text);
        if (takes.has(to) && frame.type === 'message') sent.push({ to, kind: frame.message.kind });
        return takes.has(to);
      },
      broadcast: () => undefined,
    },
    counts,
    found: undefined,
    keep: (keep) => void kept.push(keep),
    record: (event) => void events.push(event),
  });
}

const kinds = (): readonly string[] => events.map(({ kind }) => kind);
const forwards = (): readonly number[] => sent.filter(({ kind }) => kind === 'ring.election').map(({ to }) => to);

describe('a frame that is passed on', () => {
  it.each([
    ['that is not connected', () => up.delete(2)],
    ['whose connection closes while the frame is on its way', () => takes.delete(2)],
  ])('goes past a neighbour %s', async (_, lose) => {
    begin();
    lose();
    world.obey({ kind: 'command', command: { kind: 'election.call' } });
    await vi.waitUntil(() => forwards().length > 0);
    expect(forwards()).toEqual([3]);
    expect(events.filter(({ kind }) => kind === 'election.skipped')).toEqual([expect.objectContaining({ past: 2 })]);
    expect(counts.all()['ring.election']).toEqual({ attempted: 2, delivered: 1, dropped: 0, unanswered: 1 });
  });

  it('and that nobody takes ends with whoever began: it leads, and that is kept before anybody hears of it', async () => {
    begin();
    up.clear();
    world.obey({ kind: 'command', command: { kind: 'election.call' } });
    await vi.waitUntil(() => kinds().includes('election.elected'));
    expect(kept).toEqual([{ term: { number: 1, node: 1, incarnation: 7 } }]);
    expect(counts.all()['ring.election']).toMatchObject({ attempted: 2, delivered: 0, unanswered: 2 });
  });
});

describe('heartbeats', () => {
  it('are sent, and are neither counted nor told of', async () => {
    begin();
    up.delete(3);
    await vi.waitUntil(() => sent.filter(({ kind }) => kind === 'heartbeat.beat').length >= 2);
    expect(counts.all()).toEqual({});
    expect(kinds().filter((kind) => kind.startsWith('message.'))).toEqual([]);
  });
});

describe('a connection that is lost and cannot be opened again', () => {
  it('is a reason to suspect a member, and nobody else', () => {
    begin();
    world.unreachable(nodeId(3));
    world.unreachable(nodeId(101));
    expect(events.filter(({ kind }) => kind === 'heartbeat.suspected')).toEqual([expect.objectContaining({ peer: 3, why: 'unreachable' })]);
  });
});
