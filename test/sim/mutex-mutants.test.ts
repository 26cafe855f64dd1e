/** Locks with one thing spoilt, to prove that the rules they break are needed, and that the harness sees it. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { MutexAlgorithm, MutexConfig } from '../../shared/mutex/config.ts';
import type { Ruling } from '../../shared/mutex/maekawa/arbiter.ts';
import type { Mutex, MutexProtocol } from '../../shared/mutex/mutex.ts';
import { nodeId } from '../../shared/protocol.ts';
import { milliseconds } from '../../shared/time.ts';
import { equal, Locks, onDemand, type Setup, saturated } from './mutex-harness.ts';

type Arbiters = typeof import('../../shared/mutex/maekawa/arbiter.ts');

const spoilt = vi.hoisted(() => ({ sanders: false }));
vi.mock('../../shared/mutex/maekawa/arbiter.ts', async (original) => {
  const arbiters = await original<Arbiters>();
  const requested: Arbiters['requested'] = (arbiter, claim, ...rest): Ruling => {
    const ruling = arbiters.requested(arbiter, claim, ...rest);
    return spoilt.sanders
      ? { ...ruling, says: ruling.says.filter(({ kind, to }) => kind !== 'maekawa.failed' || to.claim.node === claim.node) }
      : ruling;
  };
  return { ...arbiters, requested };
});
beforeEach(() => {
  spoilt.sanders = false;
});

const seeds = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => i + 1);
const deadlocks = (n: number, setup: Omit<Setup, 'seed'>): number =>
  seeds(n).filter((seed) => new Locks({ ...setup, seed }).run().waiting.length > 0).length;

describe("Lamport's lock without FIFO links", () => {
  /** Both ask at the same time, and the request of 0 travels 100 times as long as anything else. */
  const scripted = (fifo: boolean): Locks => {
    const delay: NonNullable<Setup['delay']> = (from, _, message) => (from === 0 && message.kind === 'lamport.request' ? 100 : 1);
    const locks = new Locks({ config: { algorithm: 'lamport', workload: onDemand(200) }, size: 2, firstId: 0, delay, fifo });
    locks.enter(0);
    locks.enter(1);
    return locks.run();
  };

  it('lets two in at once: an ACK overtakes an earlier REQUEST', () => {
    const { overlaps, entries } = scripted(false);
    expect(overlaps).toBe(1);
    expect(entries.map(({ node, entered }) => [node, entered])).toEqual([
      [1, 2],
      [0, 101],
    ]);
  });

  it('lets one in after the other where links keep the order', () => {
    const { overlaps, entries } = scripted(true);
    expect(overlaps).toBe(0);
    expect(entries.map(({ node }) => node)).toEqual([0, 1]);
  });
});

describe('an order that is no order', () => {
  /** Every process takes a timestamp that equals its own for a later one, or for an earlier one. */
  const tied =
    (by: number) =>
    (protocol: MutexProtocol): MutexProtocol => ({
      ...protocol,
      step(state, input, now) {
        if (input.kind !== 'message' || !/\.request$/.test(input.message.kind) || !('timestamp' in input.message))
          return protocol.step(state, input, now);
        const message: Mutex['message'] = { ...input.message, timestamp: input.message.timestamp + by };
        return protocol.step(state, { ...input, message }, now);
      },
    });
  /** Three processes that ask at the same time, also by their logical clocks. */
  const together = (algorithm: MutexAlgorithm, mutate: NonNullable<Setup['mutate']>): Locks => {
    const locks = new Locks({ config: { algorithm, workload: onDemand() }, size: 3, delay: equal(5), mutate });
    for (const id of [1, 2, 3]) locks.enter(id);
    return locks.run();
  };

  it.each(['lamport', 'ricart-agrawala'] as const)('lets two in at once under %s one way round', (algorithm) =>
    expect(together(algorithm, algorithm === 'lamport' ? tied(0.5) : tied(-0.5)).overlaps).toBeGreaterThan(0),
  );

  it.each(['lamport', 'ricart-agrawala'] as const)('lets nobody in under %s the other way round', (algorithm) => {
    const locks = together(algorithm, algorithm === 'lamport' ? tied(-0.5) : tied(0.5));
    expect(locks.entries).toEqual([]);
    expect(locks.waiting).toEqual([1, 2, 3]);
  });

  it.each(['lamport', 'ricart-agrawala'] as const)('is one under %s, where the number of the process decides', (algorithm) => {
    const locks = together(algorithm, (protocol) => protocol);
    expect(locks.overlaps).toBe(0);
    expect(locks.entries.map(({ node }) => node)).toEqual([1, 2, 3]);
  });
});

describe("Maekawa's lock without INQUIRE and YIELD", () => {
  const maekawa = (changed: Partial<MutexConfig>): Partial<MutexConfig> => ({ algorithm: 'maekawa', workload: saturated(), ...changed });
  const [a, b, c] = [nodeId(1), nodeId(2), nodeId(3)];
  const circle = (yields: boolean): Locks => {
    const quorums = [
      [a, b],
      [b, c],
      [c, a],
    ];
    const locks = new Locks({ config: maekawa({ quorums, yields, workload: onDemand() }), size: 3, delay: equal(5) });
    locks.at(2_000, () => {
      for (const id of [a, b, c]) locks.enter(id);
    });
    return locks.run();
  };

  it('stands still: each waits for the next, in a circle', () => {
    const locks = circle(false);
    expect(locks.entries).toEqual([]);
    expect([a, b, c].map((id) => locks.awaits(id))).toEqual([[b], [c], [a]]);
  });

  it('does not with them', () => expect(circle(true).entries).toHaveLength(3));

  it('stands still in every crowd of nine', () =>
    expect(deadlocks(200, { config: maekawa({ yields: false }), size: 9, each: 5, fifo: false })).toBe(200));

  it('does so in none with them', () => expect(deadlocks(200, { config: maekawa({}), size: 9, each: 5, fifo: false })).toBe(0));
});

describe("Maekawa's lock without Sanders' correction", () => {
  const workload = { think: milliseconds(30), shortest: milliseconds(1), longest: milliseconds(3) };
  const moderate: Omit<Setup, 'seed'> = { config: { algorithm: 'maekawa', workload }, size: 4, each: 20, delay: equal(5) };

  it('stands still now and then in a moderate load, and never with it', () => {
    expect(deadlocks(150, moderate)).toBe(0);
    spoilt.sanders = true;
    const stuck = deadlocks(150, moderate);
    expect(stuck).toBeGreaterThanOrEqual(15);
    expect(stuck).toBeLessThanOrEqual(45);
  });

  it('shows nothing in a crowd', () => {
    spoilt.sanders = true;
    expect(deadlocks(50, { config: { algorithm: 'maekawa', workload: saturated() }, size: 4, each: 20, delay: equal(5) })).toBe(0);
  });
});
