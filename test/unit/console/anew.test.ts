/**
 * A control room that comes to a cluster at work: it hears what each node keeps of its history, one node after the other,
 * and finds nobody guilty of having been heard late.
 */
import { describe, expect, it } from 'vitest';
import { ControlRoom } from '../../../services/console/control-room.ts';
import type { HistoryEvent as Told } from '../../../services/console/live-frames.ts';
import type { Watched } from '../../../services/console/watched.ts';
import { electionDefaults } from '../../../shared/election/config.ts';
import { uniform } from '../../../shared/faults/delay.ts';
import type { HistoryEvent } from '../../../shared/history.ts';
import type { MutexAlgorithm } from '../../../shared/mutex/config.ts';
import { mutexAlgorithms } from '../../../shared/mutex/kinds.ts';
import { nodeId } from '../../../shared/protocol.ts';
import { type Deed, mutexOf } from '../../../shared/scenario.ts';
import { play } from '../../../shared/sim/play.ts';
import { milliseconds, ppm, seconds } from '../../../shared/time.ts';

const names = ['kmc', 'mit', 'tapmi', 'sols', 'master'];
const right = { offset: milliseconds(0), drift: ppm(0) };
const cluster = [
  ...names.map((name, i) => ({ ...right, id: nodeId(i + 1), name, role: 'member' as const })),
  { ...right, id: nodeId(103), name: 'ledger', role: 'ledger' as const },
];
const lockOf = (algorithm: MutexAlgorithm) =>
  mutexOf({ algorithm, ledger: nodeId(103), workload: { think: milliseconds(60), shortest: milliseconds(1), longest: milliseconds(5) } });

/** What each node tells of its newest start, all of it or the last events only, as a real node keeps it. */
function kept(algorithm: MutexAlgorithm, timeline: readonly Deed[], most: (name: string) => number) {
  const { history } = play({
    name: 'at-work',
    title: 'All want to enter, again and again.',
    seed: 7,
    nodes: cluster,
    clock: 'berkeley',
    election: {},
    mutex: lockOf(algorithm),
    delay: uniform(milliseconds(2), milliseconds(8)),
    loss: 0,
    span: seconds(9),
    timeline,
    expectations: [],
  });
  const newest = new Map(history.map(({ node, incarnation }) => [node, incarnation]));
  const told = new Map(
    cluster.map(({ id, name }) => {
      const own = history.filter((event) => event.node === id && event.incarnation === newest.get(id));
      return [name, own.map((event, i) => ({ ...event, seq: i + 1 })).slice(-most(name))] as const;
    }),
  );
  return { told, end: history.at(-1)?.trueUs ?? 0 };
}

const fresh = (algorithm: MutexAlgorithm): ControlRoom => new ControlRoom(cluster, 'processes', ppm(200), electionDefaults, lockOf(algorithm));

function speaking(room: ControlRoom, name: string): { tell(events: readonly HistoryEvent[]): void; upto(at: number): void; readonly node: Watched } {
  const node = room.nodes.find((n) => n.name === name) ?? expect.fail(name);
  return {
    node,
    tell(events) {
      const incarnation = events[0]?.incarnation ?? 0;
      if (node.incarnation !== incarnation) room.hear(node, { type: 'hello', bootId: 'b', name, role: node.role, incarnation, trueUs: 0 }, 0);
      room.hear(node, { type: 'events', events: events as unknown as readonly Told[] }, 0);
    },
    upto: (at) => room.hear(node, { type: 'upto', trueUs: at, messages: {}, awaits: [] }, at),
  };
}

/** One node after the other tells what it keeps, and a picture is drawn after each. */
function hear(algorithm: MutexAlgorithm, told: ReadonlyMap<string, readonly HistoryEvent[]>, end: number, order = [...told.keys()]): ControlRoom {
  const room = fresh(algorithm);
  const cast = order.map((name) => ({ name, ...speaking(room, name) }));
  cast.forEach(({ name, tell }, i) => {
    tell(told.get(name) ?? []);
    const at = end + 100_000 * (i + 1);
    for (const { upto } of cast.slice(0, i + 1)) upto(at);
    room.tick(at);
  });
  for (const at of [2_000_000, 6_000_000]) {
    for (const { upto } of cast) upto(end + at);
    room.tick(end + at);
  }
  return room;
}

const guilty = (room: ControlRoom) => room.picture.state.verdicts.filter(({ verdict }) => verdict === 'bug');
const found = (room: ControlRoom, rule: string): string | undefined => room.picture.state.verdicts.find((v) => v.rule === rule)?.verdict;

const returns: readonly Deed[] = [
  { at: seconds(3), verb: 'kill', node: 'master' },
  { at: seconds(5), verb: 'restart', node: 'master' },
];

describe.each(mutexAlgorithms)('a cluster at work under %s', (algorithm) => {
  it('is judged from its start on where everything is kept', () => {
    const { told, end } = kept(algorithm, [], () => Number.POSITIVE_INFINITY);
    for (const order of [[...told.keys()], [...told.keys()].reverse()]) {
      const room = hear(algorithm, told, end, order);
      expect(guilty(room)).toEqual([]);
      expect(found(room, 'mutex.exclusion')).toBe('holds');
      expect(found(room, 'mutex.counts')).toBe('holds');
      expect(found(room, 'election.agreement')).toBe('holds');
      const entries = [...told.values()].flat().filter(({ kind }) => kind === 'mutex.entered').length;
      expect(room.picture.state.verdicts.find(({ rule }) => rule === 'mutex.exclusion')?.detail).toContain(`entries: ${entries}, no overlap`);
    }
  });

  it('is judged from where all of them remember on where they do not', () => {
    const { told, end } = kept(algorithm, [], (name) => ({ mit: 1_500, ledger: 150 })[name] ?? 2_500);
    const room = hear(algorithm, told, end);
    expect(guilty(room)).toEqual([]);
    expect(found(room, 'mutex.exclusion')).toBe('holds');
    expect(found(room, 'election.agreement')).toBe('holds');
  });

  it('is none of which a member that was gone meanwhile had to remember', () => {
    const { told, end } = kept(algorithm, returns, () => Number.POSITIVE_INFINITY);
    const room = hear(algorithm, told, end);
    expect(guilty(room)).toEqual([]);
    expect(found(room, 'mutex.exclusion')).toMatch(/^(?:holds|at-risk)$/);
  });

  it('is not blamed for one that is heard only after all the others', () => {
    const { told, end } = kept(algorithm, [], () => Number.POSITIVE_INFINITY);
    const room = fresh(algorithm);
    const cast = [...told.keys()].map((name) => ({ name, ...speaking(room, name) }));
    for (const { name, tell } of cast) if (name !== 'mit') tell(told.get(name) ?? []);
    for (let at = end; at <= end + 7_000_000; at += 500_000) {
      for (const { name, upto } of cast) if (name !== 'mit') upto(at);
      room.tick(at);
    }
    cast.find(({ name }) => name === 'mit')?.tell(told.get('mit') ?? []);
    for (let at = end + 7_500_000; at <= end + 12_000_000; at += 500_000) {
      for (const { upto } of cast) upto(at);
      room.tick(at);
    }
    expect(guilty(room)).toEqual([]);
    expect(found(room, 'election.agreement')).toMatch(/^(?:holds|at-risk)$/);
  });
});
