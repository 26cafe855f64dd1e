/**
 * The locks alone, while processes crash and return at any moment, and links are cut until both ends suspect each other. No
 * two are inside at once, and everyone who still wants to enter does in the end.
 */
import { describe, expect, it } from 'vitest';
import type { MutexAlgorithm, MutexConfig } from '../../shared/mutex/config.ts';
import { milliseconds } from '../../shared/time.ts';
import { type Misfortunes, troubled } from './mutex-chaos.ts';
import { Locks, light } from './mutex-harness.ts';

const algorithms: readonly MutexAlgorithm[] = ['central', 'central-lease', 'lamport', 'ricart-agrawala', 'roucairol-carvalho', 'maekawa'];
const misfortunes: readonly (readonly [string, Misfortunes])[] = [
  ['crashes', { crashes: 12 }],
  ['cut links', { cuts: 6 }],
  ['crashes and cut links', { crashes: 8, cuts: 4 }],
];

/** Nobody suspects anybody for these. */
const unnoticed: readonly (readonly [string, Misfortunes])[] = [
  ['moments in which half of the frames are lost', { gaps: 4 }],
  ['links that lose a frame in twenty', { loss: 0.05 }],
  ['such links, and crashes', { loss: 0.05, crashes: 4 }],
];

const outcome = (config: Partial<MutexConfig>, size: number, what: Misfortunes, seeds: number) => {
  const runs = Array.from({ length: seeds }, (_, i) => troubled(config, size, i + 1, what));
  return {
    overlapping: runs.flatMap((locks, i) => (locks.overlaps > 0 ? [i + 1] : [])),
    stuck: runs.flatMap((locks, i) => (locks.waiting.length > 0 ? [i + 1] : [])),
    unfinished: runs.filter((locks) => locks.entries.length < size * 30).length,
  };
};
const well = { overlapping: [], stuck: [], unfinished: 0 };

describe.each(algorithms)('%s', (algorithm) => {
  it.each(misfortunes)('endures %s', (_, what) => {
    for (const size of [2, 3, 4]) expect(outcome({ algorithm }, size, what, 40)).toEqual(well);
  });
});

describe.each([...algorithms, 'token-ring', 'suzuki-kasami', 'raymond'] as const)('%s', (algorithm) => {
  it.each(unnoticed)('gets over %s, once the links are sound', (_, what) => {
    for (const size of [2, 3, 5]) expect([size, outcome({ algorithm }, size, what, 20)]).toEqual([size, well]);
  });
});

describe.each(['central', 'central-lease'] as const)('a leader that is the last to hear that it leads, under %s', (algorithm) => {
  const led = (leaders: readonly number[], seed: number): Locks => {
    const locks = new Locks({ config: { algorithm, workload: light(60, 20) }, size: 4, seed, each: 60 });
    // Requests come to it before that, on a desk that it has from an earlier term, or that it has not.
    leaders.forEach((leader, i) => {
      locks.at(1 + 1_700 * i, () => locks.lead(leader, i + 1, 60));
    });
    return locks.run(120_000);
  };

  it.each([
    ['for the first time', [4]],
    ['again, in the next terms', [4, 4, 4, 4]],
    ['in turn with others', [4, 3, 4, 2, 3]],
  ])('%s, forgets nobody who asked', (_, leaders) => {
    const runs = Array.from({ length: 40 }, (__, i) => led(leaders, i + 1));
    expect(runs.flatMap((locks, i) => (locks.overlaps > 0 || locks.waiting.length > 0 || locks.entries.length < 240 ? [i + 1] : []))).toEqual([]);
  });
});

describe('on a plane, where two quorums share a single arbiter', () => {
  it('an arbiter that returns is told who is inside', () =>
    expect(outcome({ algorithm: 'maekawa', quorums: 'plane' }, 7, { crashes: 20 }, 40)).toEqual(well));
});

describe('what is given up', () => {
  it('a false suspicion lets two in at once where suspects are passed over', () =>
    expect(outcome({ algorithm: 'ricart-agrawala', onCrash: 'suspect' }, 4, { crashes: 12, cuts: 4 }, 40).overlapping.length).toBeGreaterThan(0));

  it('a coordinator that does not wait for its predecessor lets two in at once', () =>
    expect(outcome({ algorithm: 'central', lease: milliseconds(0) }, 4, { crashes: 12 }, 40).overlapping.length).toBeGreaterThan(0));
});

describe('a holder that crashes', () => {
  /** It enters at 2 s and is gone at 2.1 s; another one wants to enter from then on. */
  const crashed = (config: Partial<MutexConfig>): Locks => {
    const locks = new Locks({ config: { workload: { ...light(1, 500), think: 'off' }, ...config }, size: 3 });
    locks.lead(3);
    locks.at(2_000, () => locks.enter(1));
    locks.at(2_100, () => locks.crash(1));
    locks.at(2_110, () => locks.enter(2));
    return locks.run(60_000);
  };

  it('keeps nobody waiting longer than its lease, suspected or not', () => {
    const entry = crashed({ algorithm: 'central-lease' }).entries.find(({ node }) => node === 2);
    expect(entry?.entered).toBeLessThan(2_100 + 1_100 + 100);
  });

  it.each(['central', 'lamport', 'ricart-agrawala'] as const)('keeps everyone waiting under %s, by design', (algorithm) => {
    const locks = crashed({ algorithm });
    expect(locks.entries.filter((e) => e.node === 2)).toEqual([]);
    expect(locks.waiting).toEqual([2]);
    expect(locks.awaits(2)).toEqual([algorithm === 'central' ? 3 : 1]);
  });
});
