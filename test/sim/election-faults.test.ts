/** What happens to a cluster all day: the leader is killed, paused, cut off, and comes back. */
import { describe, expect, it } from 'vitest';
import type { Mode } from '../../shared/election/config.ts';
import { partition } from '../../shared/faults/rules.ts';
import { compareTerms, type NodeId } from '../../shared/protocol.ts';
import { milliseconds, seconds } from '../../shared/time.ts';
import { algorithms, Electorate, links } from './electorate.ts';

const modes: readonly Mode[] = ['classic', 'safe'];

describe.each([...algorithms.map((algorithm) => [algorithm, 'classic'] as const), ['bully', 'safe'] as const])('%s, %s', (algorithm, mode) => {
  const started = (): Electorate => new Electorate({ size: 5, election: { algorithm, mode } });

  it('names the highest at the start, and nobody disturbs it', () => {
    const cluster = started().run(seconds(20));
    expect(cluster.ids.map((id) => cluster.follows(id))).toEqual([5, 5, 5, 5, 5]);
    expect(cluster.verdicts().filter((v) => v.verdict !== 'holds')).toEqual([]);
    expect(cluster.events('election.stepped-down')).toEqual([]);
  });

  it('elects another when the leader is killed, and hands back when it returns; clock rounds go on under both', () => {
    const cluster = started()
      .at(seconds(6), () => cluster.process(5).crash())
      .at(seconds(14), () => cluster.process(5).start());
    cluster.run(seconds(9));
    expect(cluster.leaders()).toEqual([4]);
    cluster.run(seconds(5));
    const rounds = cluster.events('berkeley.round-finished', 4).length;
    expect(rounds).toBeGreaterThanOrEqual(2);
    cluster.run(seconds(16));
    expect(cluster.ids.map((id) => cluster.follows(id))).toEqual([5, 5, 5, 5, 5]);
    expect(cluster.events('berkeley.round-finished', 4).length).toBeLessThan(rounds + 4);
    expect(cluster.events('berkeley.round-finished', 5).filter((e) => e.incarnation === 2).length).toBeGreaterThanOrEqual(2);
    expect(cluster.found('bug')).toEqual([]);
    // No member but the one that came back, whose clock is new, is moved by more than it would be under one leader.
    const jumps = cluster.events('berkeley.adjusted').filter((e) => e.incarnation === 1 && Math.abs(e.by) > milliseconds(20));
    expect(jumps).toEqual([]);
  });

  it('notices a leader that is paused for ten seconds, and obeys nothing that it says late', () => {
    const cluster = started()
      .at(seconds(6), () => cluster.process(5).pause())
      .at(seconds(16), () => cluster.process(5).resume());
    cluster.run(seconds(8.5));
    expect(cluster.follows(1)).toBe(4);
    cluster.run(seconds(7.6));
    const [stepped] = cluster.events('election.stepped-down', 5);
    const woken = cluster.events('heartbeat.stalled', 5)[0];
    expect(woken?.trueUs).toBe(seconds(16));
    expect(stepped?.trueUs).toBe(seconds(16));
    // Not one message of its old term after it woke.
    const late = cluster.events('message.sent', 5).filter((e) => e.trueUs >= seconds(16) && 'term' in e.message && e.message.term?.number === 1);
    expect(late.filter((e) => e.message.kind.startsWith('berkeley.'))).toEqual([]);
    cluster.run(seconds(10));
    expect(cluster.ids.map((id) => cluster.follows(id))).toEqual([5, 5, 5, 5, 5]);
    expect(cluster.verdict('election.no-stale-command').verdict).toBe('holds');
    expect(cluster.found('bug')).toEqual([]);
  });

  it('does nothing about a pause that is short enough', () => {
    const cluster = started()
      .at(seconds(6), () => cluster.process(5).pause())
      .at(seconds(6.375), () => cluster.process(5).resume());
    cluster.run(seconds(12));
    expect(cluster.events('election.started').filter((e) => e.trueUs > seconds(5))).toEqual([]);
    expect(cluster.leaders()).toEqual([5]);
  });

  it('notices a leader that starts anew faster than it could be suspected', () => {
    const cluster = started().at(seconds(6), () => {
      cluster.process(5).crash();
      cluster.process(5).start();
    });
    cluster.run(seconds(14));
    const terms = cluster.ids.map((id) => cluster.events('election.elected', id).at(-1)?.term);
    expect(terms.map((t) => [t?.node, t?.incarnation])).toEqual(cluster.ids.map(() => [5, 2]));
    expect(cluster.found('bug')).toEqual([]);
  });
});

describe('a partition of three and seven', () => {
  const split = (mode: Mode): Electorate => {
    const cluster = new Electorate({ size: 10, election: { mode } });
    const sides = [cluster.ids.slice(7), cluster.ids.slice(0, 7)];
    return cluster.at(seconds(5), () => cluster.sim.shape([...partition(sides), ...links])).at(seconds(15), () => cluster.sim.shape(links));
  };

  it('has two leaders in the classic variant, which is what the algorithm does', () => {
    const cluster = split('classic').run(seconds(14));
    expect(cluster.leaders()).toEqual([7, 10]);
    cluster.run(seconds(26));
    expect(cluster.leaders()).toEqual([10]);
    const { verdict, detail } = cluster.verdict('election.one-leader');
    expect(verdict).toBe('expected-violation');
    expect(detail).toMatch(/^10 \(term [\d.]+\) and 7 \(term [\d.]+\) both led for \d+\.\d ms; .* was cut$/);
    expect(cluster.found('bug')).toEqual([]);
  });

  it('has one leader in the safe variant, on the side of seven', () => {
    const cluster = split('safe').run(seconds(14));
    expect(cluster.leaders()).toEqual([7]);
    cluster.run(seconds(26));
    expect(cluster.leaders()).toEqual([10]);
    expect(cluster.verdict('election.one-lease').verdict).toBe('holds');
    expect(cluster.found('bug')).toEqual([]);
  });
});

describe.each(modes)('%s', (mode) => {
  it('makes no storm of a link that is open in one direction only', () => {
    const cluster = new Electorate({ size: 5, election: { mode } });
    const cut = { from: [cluster.ids[4] as never], to: [cluster.ids[0] as never], does: 'cut' } as const;
    cluster.at(seconds(5), () => cluster.sim.shape([cut, ...links])).run(seconds(65));
    const calls = cluster.events('election.started', 1).filter((e) => e.trueUs > seconds(5));
    expect(calls.length).toBeLessThanOrEqual(15);
    expect(cluster.verdict('election.calm').verdict).toBe('at-risk');
  });

  it('never lets a term fall, whatever order the terms come in', () => {
    const cluster = new Electorate({ size: 4, election: { mode } });
    for (const s of [5, 8, 11]) cluster.at(seconds(s), () => cluster.process(4).crash()).at(seconds(s + 1.5), () => cluster.process(4).start());
    cluster.run(seconds(25));
    for (const id of cluster.ids.slice(0, 3)) {
      const terms = cluster.events('election.elected', id).map((e) => e.term);
      expect(terms.length).toBeGreaterThanOrEqual(6);
      expect(terms.toSorted(compareTerms)).toEqual(terms);
    }
  });
});

it('a leader of the safe variant that has lost its disk does not vote before its grants would have run out', () => {
  const cluster = new Electorate({ size: 3, election: { mode: 'safe' } }).at(seconds(6), () => {
    cluster.process(2).crash();
    cluster.process(2).wipe();
    cluster.process(2).start();
  });
  cluster.run(seconds(12));
  const granted = cluster.events('election.granted', 2).filter((e) => e.incarnation === 2);
  expect(granted[0]?.trueUs).toBeGreaterThan(seconds(6) + seconds(1.75) - milliseconds(1));
  expect(cluster.leaders()).toEqual([3]);
});

it.each(modes)('%s Bully starts again where the winner dies between its OK and its announcement', (mode) => {
  const ids = ['bully.ok', 'bully.coordinator'];
  const cluster = new Electorate({ size: 5, election: { mode, begins: 'when-told' }, down: [5] });
  cluster.at(seconds(1), () => cluster.call(2)).at(seconds(1.02), () => cluster.process(4).crash());
  cluster.run(seconds(5));
  const told = cluster.events('message.sent', 4).map((e) => e.message.kind);
  expect(ids.map((kind) => told.includes(kind as never))).toEqual([true, false]);
  expect([1, 2, 3].map((id) => cluster.follows(id))).toEqual([3, 3, 3]);
  expect(cluster.events('election.started').some((e) => e.why === 'nobody announced itself')).toBe(true);
  expect(cluster.found('bug')).toEqual([]);
});

it('by votes, nobody calls again and again at a cold start, while nobody has a vote yet', () => {
  for (let seed = 1; seed <= 10; seed++) {
    const cluster = new Electorate({ seed, size: 5, election: { mode: 'safe' }, down: [1, 2, 3, 4, 5] });
    // Real programs cannot tell a disk that is new from one that was lost.
    for (const [id, at] of [
      [5, 1],
      [3, 668],
      [1, 786],
      [4, 999],
      [2, 1_118],
    ] as const) {
      cluster.at(milliseconds(at), () => {
        cluster.process(id).wipe();
        cluster.process(id).start();
      });
    }
    cluster.run(seconds(10));
    expect(cluster.ids.map((id) => cluster.follows(id))).toEqual([5, 5, 5, 5, 5]);
    expect(new Set(cluster.events('election.elected').map((e) => e.term.number)).size).toBe(1);
    const calls = cluster.ids.map((id) => cluster.events('election.started', id).length);
    expect(Math.max(...calls), `seed ${seed}: ${calls.join(', ')}`).toBeLessThanOrEqual(2);
    expect(cluster.found('bug')).toEqual([]);
  }
});

it('a candidate that stood still until its votes were worth nothing any more does not lead by them', () => {
  const cluster = new Electorate({ size: 5, election: { mode: 'safe' } });
  cluster.run(seconds(8));
  cluster.call(5);
  cluster.process(5).pause();
  cluster.run(seconds(2.5));
  expect(cluster.leaders()).toEqual([4]);
  cluster.process(5).resume();
  cluster.run(seconds(10));
  expect(cluster.leaders()).toEqual([5]);
  expect(cluster.found('bug')).toEqual([]);
});

it('a process whose own call came to nothing, and was put off, does not stay without a leader that it believes', () => {
  const cluster = new Electorate({ size: 5, election: { mode: 'safe' } });
  const [, , , four, five] = cluster.ids as [NodeId, NodeId, NodeId, NodeId, NodeId];
  cluster.run(seconds(8));
  for (let i = 0; i < 4; i += 1) {
    cluster.sim.shape([...partition([[four], [five]]), ...links]);
    cluster.call(3);
    cluster.run(milliseconds(600));
    cluster.sim.shape(links);
    cluster.run(milliseconds(600));
  }
  cluster.run(seconds(20));
  expect(cluster.leaders()).toEqual([5]);
  const recent = cluster.events('berkeley.adjusted', four).filter((e) => e.trueUs > cluster.sim.now() - seconds(5));
  expect(recent.length).toBeGreaterThan(1);
  expect(cluster.found('bug')).toEqual([]);
});
