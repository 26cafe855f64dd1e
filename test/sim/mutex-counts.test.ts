/**
 * What an entry costs, and that no two are inside at once: the locks alone, on links with random delays that keep no order,
 * but for the lock of Lamport, which needs it. In a saturated cluster everyone always wants to enter.
 */
import { describe, expect, it } from 'vitest';
import type { MutexAlgorithm } from '../../shared/mutex/config.ts';
import { Locks, light, saturated } from './mutex-harness.ts';

const run = (algorithm: MutexAlgorithm, size: number, load: 'light' | 'saturated', each: number): Locks => {
  const workload = load === 'saturated' ? saturated() : light(10_000);
  const locks = new Locks({ config: { algorithm, workload }, size, each, fifo: algorithm === 'lamport', seed: size });
  locks.lead(size);
  return locks.run();
};

/** How often each process enters, so that each row of the tables below is about 10,000 entries in two loads. */
const share = (size: number): number => Math.ceil(5_000 / size);

type Row = readonly [MutexAlgorithm, number, number, number, number];
const exact: readonly Row[] = [
  ['central', 4, 2.25, 2.25, 0],
  ['central-lease', 4, 2.25, 2.25, 0],
  ['lamport', 4, 9, 9, 0],
  ['ricart-agrawala', 4, 6, 6, 0],
  ['central', 9, 8 / 3, 8 / 3, 1e-3],
  ['central-lease', 9, 8 / 3, 8 / 3, 1e-3],
  ['lamport', 9, 24, 24, 0],
  ['ricart-agrawala', 9, 16, 16, 0],
];
const means: readonly Row[] = [
  // In a light load half of the others have been inside since one's own last entry, on average: 2(n - 1)/2. In a crowd, all.
  ['roucairol-carvalho', 4, 3, 6, 0.03],
  ['roucairol-carvalho', 9, 8, 16, 0.03],
  ['maekawa', 4, 6.02, 8, 0.03],
  ['maekawa', 9, 12.07, 16, 0.03],
];

describe.each([...exact, ...means])('%s of %i', (algorithm, size, alone, crowded, tolerance) => {
  it.each([
    ['light', alone],
    ['saturated', crowded],
  ] as const)('costs what it should in a %s load, and lets nobody in beside another', (load, cost) => {
    const locks = run(algorithm, size, load, share(size));
    expect(locks.overlaps).toBe(0);
    expect(locks.waiting).toEqual([]);
    expect(locks.entries).toHaveLength(size * share(size));
    expect(Math.abs(locks.perEntry / cost - 1)).toBeLessThanOrEqual(tolerance);
  });
});

describe('one entry', () => {
  const single = (algorithm: MutexAlgorithm, size: number, id: number): number => {
    const locks = new Locks({ config: { algorithm, workload: { ...saturated(), think: 'off' } }, size });
    locks.lead(size);
    locks.at(2_000, () => locks.enter(id));
    locks.run();
    expect(locks.entries).toHaveLength(1);
    return locks.messages;
  };

  it.each<readonly [MutexAlgorithm, number, number, number]>([
    ['central', 4, 1, 3],
    ['central', 4, 4, 0],
    ['central-lease', 4, 1, 3],
    ['central-lease', 4, 4, 0],
    ['lamport', 4, 2, 9],
    ['ricart-agrawala', 4, 2, 6],
    ['maekawa', 4, 2, 6],
    ['roucairol-carvalho', 4, 1, 0],
    ['roucairol-carvalho', 4, 3, 4],
    ['roucairol-carvalho', 4, 4, 6],
    ['lamport', 9, 5, 24],
    ['ricart-agrawala', 9, 5, 16],
    ['maekawa', 9, 5, 12],
  ])('%s of %i, process %i: %i messages', (algorithm, size, id, messages) => expect(single(algorithm, size, id)).toBe(messages));
});

describe('a lease', () => {
  it('costs two messages for each renewal', () => {
    const locks = new Locks({ config: { algorithm: 'central-lease', workload: { ...saturated(1_200), think: 'off' } }, size: 3 });
    locks.lead(3);
    locks.at(2_000, () => locks.enter(1));
    locks.run();
    expect(locks.sent.get('central-lease.renew')).toBe(2);
    expect(locks.messages).toBe(3 + 2 * 2);
    expect(locks.events.filter((e) => e.kind === 'mutex.lapsed' || e.kind === 'mutex.reclaimed')).toEqual([]);
  });
});

describe.each(['lamport', 'ricart-agrawala'] as const)('%s', (algorithm) => {
  it.each(['light', 'saturated'] as const)('grants in the order of (timestamp, id) in a %s load', (load) => {
    const { entries } = run(algorithm, 5, load, 200);
    const inOrder = entries.toSorted((a, b) => a.entered - b.entered);
    const inversions = inOrder.filter((entry, i) => {
      const before = inOrder[i - 1];
      return before !== undefined && (before.timestamp > entry.timestamp || (before.timestamp === entry.timestamp && before.node > entry.node));
    });
    expect(inOrder).toHaveLength(1_000);
    expect(inversions).toEqual([]);
  });
});
