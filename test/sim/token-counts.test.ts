/** The token algorithms without misfortunes: nobody overlaps, an entry costs what the papers say, and nobody is passed by for long. */
import { describe, expect, it } from 'vitest';
import type { MutexConfig, Workload } from '../../shared/mutex/config.ts';
import type { MutexProtocol, MutexState } from '../../shared/mutex/mutex.ts';
import { queued } from '../../shared/mutex/suzuki-kasami/requests.ts';
import { microseconds } from '../../shared/time.ts';
import { Locks, light, onDemand, saturated } from './mutex-harness.ts';

/** Delays are uniform from 5 to 25 ms, and messages overtake each other. */
function run(config: Partial<MutexConfig>, size: number, workload: Workload, { each = 200, seed = 1, forMs = 1e7 } = {}): Locks {
  const locks = new Locks({ config: { ...config, workload }, size, seed, fifo: false, ...(each > 0 ? { each } : {}) });
  locks.lead(size);
  return locks.run(forMs);
}

/** So rarely that hardly ever two want to enter at a time. */
const rarely = light(20_000);

/** The mean over some runs. */
function mean(seeds: number, costs: (seed: number) => number): number {
  return Array.from({ length: seeds }, (_, i) => costs(i + 1)).reduce((a, b) => a + b, 0) / seeds;
}

const within = (found: number, expected: number): void => {
  expect(found).toBeGreaterThan(expected * 0.97);
  expect(found).toBeLessThan(expected * 1.03);
};

const algorithms: readonly Partial<MutexConfig>[] = [
  { algorithm: 'token-ring' },
  { algorithm: 'suzuki-kasami' },
  { algorithm: 'raymond', tree: 'star' },
  { algorithm: 'raymond', tree: 'binary' },
  { algorithm: 'raymond', tree: 'line' },
];

describe('10,000 entries', () => {
  for (const config of algorithms) {
    it(`do not overlap: ${config.algorithm} ${config.tree ?? ''}`, () => {
      const locks = run(config, 5, saturated(2), { each: 0, forMs: 340_000 });
      expect(locks.entries.length).toBeGreaterThan(10_000);
      expect(locks.overlaps).toBe(0);
      expect(locks.events.filter(({ kind }) => kind === 'mutex.regenerated')).toHaveLength(1);
    });
  }
});

describe('the token ring', () => {
  it('costs one message an entry where everybody wants to enter', () => {
    for (const size of [4, 9]) within(run({ algorithm: 'token-ring' }, size, saturated(), { each: 0, forMs: 30_000 }).perEntry, 1);
  });

  it('costs n messages a lap where nobody does', () => {
    const pause = 20;
    const locks = new Locks({ config: { algorithm: 'token-ring', workload: onDemand() }, size: 9, delay: () => 5 });
    locks.lead(9);
    locks.run(10);
    const before = locks.messages;
    locks.run(10 + 4 * 9 * (5 + pause));
    expect(locks.messages - before).toBe(4 * 9);
  });
});

describe("Suzuki and Kasami's lock", () => {
  it('costs nothing or n messages an entry', () => {
    for (const size of [4, 9]) {
      const locks = run({ algorithm: 'suzuki-kasami' }, size, onDemand(), { each: 0 });
      // Each enters twice, one after the other.
      const costs = Array.from({ length: 40 }, (_, i) => {
        const before = locks.messages;
        locks.enter(1 + ((Math.floor(i / 2) * 5) % size));
        locks.run();
        return locks.messages - before;
      });
      expect(costs).toEqual(costs.map((_, i) => (i % 2 === 0 ? size : 0)));
    }
  });

  it('costs what it should on the average', () => {
    const cost = (size: number, workload: Workload, forMs: number) =>
      mean(4, (seed) => run({ algorithm: 'suzuki-kasami' }, size, workload, { seed, each: 0, forMs }).perEntry);
    // Once in n times it is the same process that wants to enter again.
    within(cost(4, rarely, 4e6), 3);
    within(cost(9, rarely, 4e6), 8);
    within(cost(4, saturated(), 3e4), 3.99);
    within(cost(9, saturated(), 3e4), 9);
  });

  it('passes nobody by more than n - 1 times', () => {
    for (const size of [4, 9])
      expect(longestPassing(run({ algorithm: 'suzuki-kasami' }, size, saturated(1), { each: 0, forMs: 60_000 }))).toBeLessThan(size);
  });

  it('passes someone by for ever where the last to come is served first, and that shows', () => {
    const locks = new Locks({ config: { algorithm: 'suzuki-kasami', workload: saturated(40) }, size: 9, seed: 1, mutate: lastComeFirstServed });
    locks.lead(9);
    expect(longestPassing(locks.run(60_000))).toBeGreaterThan(100);
  });
});

describe("Raymond's lock", () => {
  const cost = (size: number, tree: MutexConfig['tree'], workload: Workload, forMs = 1e7) =>
    mean(4, (seed) => run({ algorithm: 'raymond', tree }, size, workload, { seed, forMs, each: forMs < 1e7 ? 0 : 200 }).perEntry);

  it('costs what it should where few want to enter', () => {
    // There and back again, between any two processes: 9/4, 256/81, 128/27 and 160/27.
    within(cost(4, 'star', rarely, 4e6), 2.25);
    within(cost(9, 'star', rarely, 4e6), 3.16);
    within(cost(9, 'binary', rarely, 4e6), 4.74);
    within(cost(9, 'line', rarely, 4e6), 5.93);
  });

  /** A section shorter than the differences of delays is sometimes entered again before the token is asked for elsewhere. */
  it('costs what it should where everybody does', () => {
    const short: Workload = { think: 'saturated', shortest: microseconds(10_000), longest: microseconds(10_000) };
    within(cost(4, 'star', short), 2.66);
    within(cost(9, 'star', short), 3.11);
    within(cost(9, 'binary', short), 3.21);
    within(cost(9, 'line', short), 3.25);
  });

  it('costs each leaf of a star four messages, and the middle none, where sections are longer than that', () => {
    within(cost(4, 'star', saturated(20)), 3);
    within(cost(9, 'star', saturated(20)), 32 / 9);
  });

  it('costs at most twice the diameter an entry', () => {
    for (const [tree, diameter] of [
      ['star', 2],
      ['binary', 5],
      ['line', 8],
    ] as const) {
      const locks = run({ algorithm: 'raymond', tree }, 9, onDemand(), { each: 0 });
      for (let i = 0; i < 80; i++) {
        const before = locks.messages;
        locks.enter(1 + ((i * i * 5) % 9));
        locks.run();
        expect(locks.messages - before).toBeLessThanOrEqual(2 * diameter);
      }
    }
  });
});

/** The most entries of others while one waits, perhaps to the end, from when its request is known to all. */
function longestPassing({ entries, sites, now }: Locks): number {
  const known = 25;
  const waiting = [...sites.values()].flatMap(({ id, wanting }) => (wanting === undefined ? [] : [{ node: id as number, ...wanting, entered: now }]));
  const passing = [...entries, ...waiting].map(
    (own) => entries.filter(({ node, entered }) => node !== own.node && entered > own.requested + known && entered < own.entered).length,
  );
  return Math.max(...passing);
}

/** Before a process leaves, whoever is about to join the queue is put at its head. */
function lastComeFirstServed(protocol: MutexProtocol): MutexProtocol {
  const pushedIn = (state: MutexState): MutexState => {
    const { lock } = state;
    if (lock === undefined || !('custody' in lock && 'heard' in lock) || lock.custody.held === undefined) return state;
    const { held } = lock.custody;
    const all = queued(held, lock.heard, state.contender.member.self).queue;
    const first = all.filter(({ node }) => !held.queue.some((other) => other.node === node));
    const queue = [...first, ...all.filter((asked) => !first.includes(asked))];
    return { ...state, lock: { ...lock, custody: { ...lock.custody, held: { ...held, queue } } } };
  };
  return {
    ...protocol,
    step: (state, input, now) => protocol.step(input.kind === 'timer' && input.timer === 'mutex.hold' ? pushedIn(state) : state, input, now),
  };
}
