/** A checker that was never seen to fail proves nothing. Each planted bug must be found, where the code without it is sound. */
import { describe, expect, it } from 'vitest';
import type { ClockFault } from '../../shared/clock/oscillator.ts';
import type { HistoryEvent } from '../../shared/history.ts';
import type { Node } from '../../shared/node.ts';
import { type NodeId, nodeId, type Protocol } from '../../shared/protocol.ts';
import { type Duration, milliseconds, ppm, seconds } from '../../shared/time.ts';
import { Cluster, delayed, lan, type Setup } from './cluster.ts';
import {
  correctsTwice,
  forgetsUnfinishedSlew,
  guessesLeastDelay,
  neverCorrects,
  obeysStaleAdjustments,
  sendsAbsoluteTime,
  slewsTooFast,
} from './mutants.ts';

type Mutant = (protocol: Protocol<Node>) => Protocol<Node>;

const ms = (...offsets: readonly number[]) => offsets.map((offset) => ({ offset: milliseconds(offset), drift: ppm(offset / 10) }));
const berkeley: Setup = { rule: 'berkeley', members: ms(60, -80, 30, -40, 70) };
/** Bounds so narrow that what a coordinator has yet to slew in does not fit into them: it drifts away from the others. */
const precise: Setup = {
  rule: 'berkeley',
  members: [-190, -190, -190, 190].map((drift) => ({ offset: milliseconds(0), drift: ppm(drift) })),
  rules: delayed({ distribution: 'constant', value: milliseconds(0.1) }),
};
const cristian: Setup = { rule: 'cristian', members: ms(60, -80, 300), devices: ms(-90) };
/** Adjustments that take longer than a round. */
const hasty: Setup = {
  ...berkeley,
  rules: delayed({ distribution: 'exponential', mean: milliseconds(120) }),
  berkeley: { period: milliseconds(300), gather: milliseconds(200) },
};
const asymmetric: Setup = {
  ...cristian,
  devices: ms(-90, 70, 20, -10),
  rules: [{ does: 'delay', from: [nodeId(3)], delay: { distribution: 'uniform', least: milliseconds(25), most: milliseconds(45) } }, ...delayed(lan)],
};

describe.each<[string, Mutant, Setup]>([
  ['a correction that never reaches the clock, by Cristian', neverCorrects, cristian],
  ['a correction that never reaches the clock, by Berkeley', neverCorrects, berkeley],
  ['a correction that is made twice', correctsTwice, berkeley],
  ['a coordinator that sends absolute time', sendsAbsoluteTime, berkeley],
  ['an offset without the unfinished slew', forgetsUnfinishedSlew, precise],
  ['a stale adjustment that is applied', obeysStaleAdjustments, hasty],
  ['a minimum delay guessed from the smallest round trip', guessesLeastDelay, asymmetric],
])('%s', (_, mutant, setup) => {
  it('is reported as a bug', () => {
    const findings = [1, 2, 3].map((seed) => new Cluster({ ...setup, seed, mutate: mutant }).run(seconds(12)).finding('clock.bound'));
    expect(findings).toEqual(['bug', 'bug', 'bug']);
  });

  it('and nothing is reported without it', () => {
    for (const seed of [1, 2, 3]) expect(new Cluster({ ...setup, seed }).run(seconds(12)).failed()).toEqual([]);
  });
});

describe('a plain mean with one wild clock', () => {
  const offsets = [3, -4, 60_000];
  /** How far the coordinator was moved beyond the clocks that are right: the rule that adjustments lie within their range. */
  function beyondCorrect(average: 'mean' | 'gamma' | 'median' | 'trimmed'): Duration {
    const cluster = new Cluster({ rule: 'berkeley', members: ms(0, 0, 0, 0), berkeley: { average } }).run(seconds(3));
    for (const [i, by] of offsets.entries()) cluster.sim.process(nodeId(i + 1)).disturb({ fault: 'step', by: milliseconds(by) });
    cluster.run(seconds(2));
    const { by } = cluster.events('berkeley.adjusted', cluster.leader).at(-1) ?? { by: 0 };
    const misread = Math.max(...cluster.events('berkeley.sampled').map((e) => e.error));
    return Math.max(0, Math.abs(by) - 4_000 - misread) as Duration;
  }

  it('moves the group beyond its correct clocks', () => expect(beyondCorrect('mean')).toBeGreaterThan(14e6));
  it.each(['gamma', 'median', 'trimmed'] as const)('where %s does not', (rule) => expect(beyondCorrect(rule)).toBe(0));
});

describe('a slew faster than time itself', () => {
  const setup: Setup = {
    rule: 'cristian',
    members: ms(900, 0),
    cristian: { policy: { follower: ppm(50_000), leader: ppm(500), stepAbove: seconds(5), stepsWithin: 3 } },
  };

  it('is slowed down by the clock that is told to make it', () => {
    const cluster = new Cluster({ ...setup, mutate: slewsTooFast }).run(seconds(12));
    const rates = cluster.events('clock.line', nodeId(1)).map((e) => e.ratePpm - e.driftPpm);
    expect(Math.min(...rates)).toBeCloseTo(-100_009, -2);
    expect(cluster.finding('clock.monotonic')).toBe('holds');
  });

  it.each<[string, (line: Line) => Line]>([
    ['a rate at which it runs backwards', (line) => ({ ...line, ratePpm: ppm(-2_000_000) })],
    ['an error that falls from one line to the next', (line) => ({ ...line, errorUs: (line.errorUs - line.seq) as Duration })],
  ])('is reported from a clock that makes it: %s', (_, spoil) => {
    const report = (event: HistoryEvent): HistoryEvent => (event.kind === 'clock.line' && event.slewing ? spoil(event) : event);
    expect(new Cluster({ ...setup, report }).run(seconds(12)).finding('clock.monotonic')).toBe('bug');
    expect(new Cluster(setup).run(seconds(12)).failed()).toEqual([]);
  });
});

type Line = Extract<HistoryEvent, { kind: 'clock.line' }>;

describe('an assumption that is broken', () => {
  const broken = (of: NodeId, fault: ClockFault): void => {
    const cluster = new Cluster({ rule: 'cristian', members: ms(60, 0), cristian: { period: seconds(5) } }).run(seconds(7));
    cluster.sim.process(of).disturb(fault);
    cluster.run(seconds(4));
    expect(cluster.finding('clock.bound')).toBe('expected-violation');
    expect(cluster.finding('clock.monotonic')).not.toBe('bug');
  };

  it('is no bug, but the lesson: a raw clock that jumps ahead', () => {
    broken(nodeId(1), { fault: 'step', by: seconds(1) });
    broken(nodeId(2), { fault: 'step', by: seconds(1) });
  });
  it('is no bug, but the lesson: a raw clock that jumps back', () => {
    broken(nodeId(1), { fault: 'step', by: seconds(-1) });
  });
  it('is no bug, but the lesson: a raw clock that drifts beyond rho, or stands still', () => {
    broken(nodeId(1), { fault: 'drift', rate: ppm(50_000) });
    broken(nodeId(1), { fault: 'freeze' });
  });
});
