/** Berkeley's algorithm in numbers: the lab sheet's example, wild clocks, majorities, convergence, and the cost of a round. */
import { describe, expect, it } from 'vitest';
import type { Average } from '../../shared/clock/agreement.ts';
import { constant } from '../../shared/faults/delay.ts';
import { nodeId } from '../../shared/protocol.ts';
import { between, stream } from '../../shared/random.ts';
import { milliseconds, ppm, seconds } from '../../shared/time.ts';
import { Cluster, delayed } from './cluster.ts';

const minutes = (n: number) => seconds(60 * n);
const total = (cluster: Cluster): number => [...cluster.sim.counts.values()].reduce((n, c) => n + c.delivered, 0);

describe('the clocks of the lab sheet: 3:00 at the coordinator, 2:50 and 3:25', () => {
  const cluster = new Cluster({
    rule: 'berkeley',
    members: [{ offset: minutes(-10) }, { offset: minutes(25) }, {}],
    rules: [],
    berkeley: { average: 'mean', probes: 1 },
  }).run(seconds(1));

  it('are moved by +15, -20 and +5 minutes, exactly', () => {
    const moved = cluster.events('berkeley.adjusted').map((e) => [e.node, e.by]);
    expect(moved.toSorted(([a = 0], [b = 0]) => a - b)).toEqual([
      [1, minutes(15)],
      [2, minutes(-20)],
      [3, minutes(5)],
    ]);
    expect(cluster.members.map((id) => cluster.clock(id).errorUs)).toEqual([minutes(5), minutes(5), minutes(5)]);
  });

  it('cost six messages for two clients', () => expect(total(cluster)).toBe(6));
});

/** A group in step, without delays or drift, whose clocks are then put wrong by so many milliseconds; the leader is the last. */
function disturbed(average: Average, offsets: readonly number[]): Cluster {
  const cluster = new Cluster({ rule: 'berkeley', members: [...offsets, 0].map(() => ({})), rules: [], berkeley: { average } });
  cluster.run(seconds(3));
  for (const [i, ms] of offsets.entries()) cluster.sim.process(nodeId(i + 1)).disturb({ fault: 'step', by: milliseconds(ms) });
  return cluster.run(seconds(2));
}
const lastMoves = (cluster: Cluster): readonly number[] =>
  cluster.members.map((id) => cluster.events('berkeley.adjusted', id).at(-1)?.by ?? Number.NaN);

describe('a group in step of which one clock is a minute wrong', () => {
  it('by the rule gamma is moved by a third of a millisecond, and the wild clock by its minute', () => {
    expect(lastMoves(disturbed('gamma', [3, -4, 60_000]))).toEqual([-3_333, 3_667, -60_000_333, -333]);
  });

  it('by the plain mean is moved by a quarter of a minute', () => {
    expect(lastMoves(disturbed('mean', [3, -4, 60_000])).at(-1)).toBe(14_999_750);
  });
});

describe('clocks of which no majority agrees', () => {
  it.each([
    [[500, 1_000], 'no majority of clocks agree (1 of 3)'],
    [[1, 100, 101], 'no majority of clocks agree (2 of 4)'],
    [[1, 200, 300, 400], 'no majority of clocks agree (2 of 5)'],
  ])('0 and %j ms are not moved at all, and the refusal is said', (offsets, reason) => {
    const cluster = disturbed('gamma', offsets);
    expect(cluster.events('berkeley.round-refused').map((e) => e.reason)).toEqual([reason]);
    expect(cluster.members.map((id) => cluster.clock(id).errorUs)).toEqual([...offsets.map((ms) => ms * 1_000), 0]);
  });
});

describe('five clocks within half a second of each other, drifting by up to 50 ppm', () => {
  const [rho, period] = [ppm(50), seconds(10)];
  const chance = stream(10, 'clocks');
  const members = Array.from({ length: 5 }, () => ({ offset: milliseconds(between(chance, -500, 500)), drift: ppm(between(chance, -50, 50)) }));
  const cluster = new Cluster({ rule: 'berkeley', rho, members, berkeley: { period } });

  it('differ by no more than they claim from the second round on, at every instant between slews and the next adjustment', () => {
    cluster.run(seconds(20));
    const [misread, slewing] = [new Map<number, number>(), new Map<number, boolean>()];
    const slack: number[] = [];
    for (let heard = 0; cluster.sim.now() < seconds(600); heard = cluster.history.length) {
      cluster.run(milliseconds(500));
      for (const event of cluster.history.slice(heard)) {
        if (event.kind === 'berkeley.sampled') misread.set(event.of, event.error);
        if (event.kind === 'clock.line') slewing.set(event.node, event.slewing);
      }
      if ([...slewing.values()].includes(true)) continue;
      const clocks = cluster.members.map((id) => ({ error: cluster.clock(id).errorUs, misread: misread.get(id) ?? 0 }));
      for (const a of clocks)
        for (const b of clocks.filter((c) => c.error < a.error)) slack.push(a.misread + b.misread + (2 * rho * period) / 1e6 - (a.error - b.error));
    }
    expect(slack.length).toBeGreaterThan(3_000);
    expect(Math.min(...slack)).toBeGreaterThanOrEqual(0);
    expect(cluster.failed()).toEqual([]);
  });

  it('cost 2ms + s = 44 messages a round, exactly', () => {
    const rounds = cluster.events('berkeley.round-finished').length;
    expect(rounds).toBe(60);
    expect(total(cluster)).toBe(44 * rounds);
    expect(['poll', 'report', 'adjust'].map((kind) => cluster.sim.counts.get(`berkeley.${kind}`)?.delivered)).toEqual([1_200, 1_200, 240]);
  });
});

describe('the cost of a round', () => {
  it.each([
    [1, 1],
    [4, 1],
    [4, 3],
    [6, 5],
  ])('for %d peers with %d probes each is 2ms + s', (s, m) => {
    const members = Array.from({ length: s + 1 }, () => ({}));
    const cluster = new Cluster({ rule: 'berkeley', members, berkeley: { probes: m } }).run(seconds(8.4));
    expect(cluster.events('berkeley.round-finished')).toHaveLength(4);
    expect(total(cluster)).toBe(4 * (2 * m * s + s));
  });
});

describe('a group of clocks that drift by +100, +50, 0 and -50 ppm', () => {
  it('runs at the mean of their rates: 15 ms fast in ten minutes', () => {
    const members = [100, 50, 0, -50].map((rate) => ({ drift: ppm(rate) }));
    const cluster = new Cluster({ rule: 'berkeley', members, rules: delayed(constant(milliseconds(10))), berkeley: { period: seconds(10) } });
    const error = (): number => cluster.members.reduce((sum, id) => sum + cluster.clock(id).errorUs, 0) / 4;
    cluster.run(seconds(60));
    const before = error();
    cluster.run(seconds(600), seconds(1));
    expect(Math.abs(error() - before - 15_000)).toBeLessThan(1_200);
    expect(cluster.failed()).toEqual([]);
  });
});
