/** The nine locks in whole clusters: nobody overlaps, an entry costs what it should, and pauses and crashes do what they must. */
import { describe, expect, it } from 'vitest';
import { mutexAlgorithms } from '../../shared/mutex/kinds.ts';
import type { Scenario } from '../../shared/scenario.ts';
import { scenarios } from '../../shared/scenarios/index.ts';
import { milliseconds, seconds } from '../../shared/time.ts';
import { played, sections } from './sections.ts';

const named = (name: string): Scenario => scenarios.find((s) => s.name === name) ?? expect.fail(`no scenario ${name}`);
const seeds = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => i + 1);

describe('ten thousand entries', () => {
  it.each(mutexAlgorithms)('do not overlap: %s', (algorithm) => {
    const stay = milliseconds(1);
    const { mutex, bugs, verdicts } = sections({
      lock: { algorithm, workload: { think: 'saturated', shortest: stay, longest: stay } },
      nodes: 4,
      entries: 10_000,
    });
    expect(mutex).toMatchObject({ entries: 10_000, overlaps: 0 });
    expect(bugs).toEqual([]);
    expect(verdicts.map(({ verdict }) => verdict)).not.toContain('expected-violation');
  });
});

describe('an entry', () => {
  const perEntry = (algorithm: (typeof mutexAlgorithms)[number], nodes: number, lock = {}, each = 100): number => {
    const { mutex, finding } = sections({ lock: { algorithm, ...lock }, nodes, entries: each * nodes });
    expect(finding('mutex.counts')).toBe('holds');
    return mutex.messagesPerEntry;
  };

  it.each([
    ['lamport', 4, 9],
    ['lamport', 9, 24],
    ['ricart-agrawala', 4, 6],
    ['ricart-agrawala', 9, 16],
  ] as const)('costs exactly, by %s of %i: %i', (algorithm, nodes, cost) => {
    const { delivered, mutex } = sections({ lock: { algorithm }, nodes, entries: 200 });
    expect(mutex.messagesPerEntry).toBe(cost);
    expect(delivered).toBe(200 * cost);
  });
  it.each([
    ['central', 4, 2.25, {}],
    ['central-lease', 4, 2.25, {}],
    ['central', 9, 8 / 3, {}],
    ['central-lease', 9, 8 / 3, {}],
    ['roucairol-carvalho', 4, 6, {}],
    ['roucairol-carvalho', 9, 16, {}],
    ['maekawa', 4, 8, {}],
    ['maekawa', 9, 16, {}],
    ['suzuki-kasami', 4, 3.99, {}],
    ['suzuki-kasami', 9, 9, {}],
    ['raymond', 4, 3, { tree: 'star' }],
    ['raymond', 9, 32 / 9, { tree: 'binary' }],
    ['token-ring', 4, 1, {}],
    ['token-ring', 9, 1, {}],
  ] as const)('costs in a crowd, by %s of %i: %f', (algorithm, nodes, cost, lock) => {
    expect(Math.abs(perEntry(algorithm, nodes, lock) / cost - 1)).toBeLessThan(0.03);
  });
  it('costs Maekawa alone three messages to each other member of the quorum', () => {
    const workload = { think: seconds(20), shortest: milliseconds(5), longest: milliseconds(5) };
    expect(Math.abs(perEntry('maekawa', 4, { workload }, 25) / 6 - 1)).toBeLessThan(0.03);
    expect(Math.abs(perEntry('maekawa', 9, { workload }, 25) / 12 - 1)).toBeLessThan(0.03);
  });
  it('is measured alike with the same seed, and otherwise with another', () => {
    const bytes = (seed: number): string => JSON.stringify(sections({ lock: { algorithm: 'raymond' }, nodes: 5, entries: 100, seed }));
    expect(bytes(3)).toBe(bytes(3));
    expect(bytes(3)).not.toBe(bytes(4));
  });
});

describe('the order of entries', () => {
  it.each(['lamport', 'ricart-agrawala'] as const)('is that of (timestamp, id): %s', (algorithm) => {
    const workload = { think: milliseconds(60), shortest: milliseconds(5), longest: milliseconds(20) };
    for (const seed of seeds(3))
      expect(sections({ lock: { algorithm, workload }, nodes: 6, entries: 500, seed }).finding('mutex.order')).toBe('holds');
  });
  it('of Suzuki and Kasami passes nobody by more than n - 1 times', () => {
    expect(sections({ lock: { algorithm: 'suzuki-kasami' }, nodes: 9, entries: 2_000 }).finding('mutex.bypass')).toBe('holds');
  });
});

describe('a holder that stands still past its lease', () => {
  it('finds its late write refused, 100 times of 100', () => {
    const runs = seeds(100).map((seed) => played(named('holder-paused'), seed));
    expect(runs.filter(({ held }) => held)).toHaveLength(100);
    expect(runs.filter(({ run }) => run.history.some((e) => e.kind === 'mutex.fenced'))).toHaveLength(100);
    expect(new Set(runs.flatMap(({ finding }) => [finding('mutex.fencing'), finding('ledger.value')]))).toEqual(new Set(['holds']));
  });
  it('corrupts the register without fencing, and that is reported', () => {
    const runs = seeds(10).map((seed) => played(named('holder-paused-unfenced'), seed));
    expect(
      runs.filter(({ finding }) => finding('ledger.value') === 'expected-violation' && finding('mutex.fencing') === 'expected-violation'),
    ).toHaveLength(10);
  });
});

describe('a holder of a token that stands still', () => {
  it.each(['token-ring', 'suzuki-kasami', 'raymond'] as const)('is given up, and its token and its late write are refused: %s', (algorithm) => {
    const scenario = named('holder-paused');
    for (const seed of seeds(5)) {
      const { run, finding } = played(
        { ...scenario, mutex: { ...scenario.mutex, algorithm, workload: { think: 'off', shortest: seconds(1), longest: seconds(1) } } },
        seed,
      );
      expect(run.history.filter((e) => e.kind === 'mutex.regenerated' && e.instead !== null)).toHaveLength(1);
      expect(run.history.filter((e) => e.kind === 'mutex.fenced')).toHaveLength(1);
      expect(finding('mutex.exclusion')).toBe('expected-violation');
      expect([finding('mutex.census'), finding('mutex.fencing'), finding('ledger.value')]).toEqual(['holds', 'holds', 'holds']);
    }
  });
});

describe('a crash', () => {
  it.each(['token-ring', 'suzuki-kasami', 'raymond'])('of the holder makes exactly one new token: %s', (algorithm) => {
    for (const seed of seeds(10)) {
      const { held, finding, run } = played(named(`holder-killed-${algorithm}`), seed);
      expect(held).toBe(true);
      expect(finding('mutex.census')).toBe('holds');
      const killed = run.history.find((e) => e.kind === 'node.stopped')?.trueUs ?? 0;
      const made = run.history.find((e) => e.kind === 'mutex.regenerated' && e.instead !== null)?.trueUs ?? Number.POSITIVE_INFINITY;
      expect(made - killed).toBeLessThan(seconds(2.5));
    }
  });
  it.each(['coordinator-killed', 'permission-missing', 'permission-skipped'])('does what it must, whatever the seed: %s', (name) => {
    for (const seed of seeds(10)) expect(played(named(name), seed).held).toBe(true);
  });
  it('keeps those waiting who need everyone, and the rule names for whom', () => {
    const { mutex, verdicts, finding } = sections({ lock: { algorithm: 'ricart-agrawala' }, nodes: 4, entries: 10, down: [2] });
    expect(mutex.entries).toBe(0);
    expect(finding('mutex.progress')).toBe('expected-violation');
    expect(verdicts.find(({ rule }) => rule === 'mutex.progress')?.detail).toContain('1 waits for 2, by design');
    const suspecting = sections({ lock: { algorithm: 'ricart-agrawala', onCrash: 'suspect' }, nodes: 4, entries: 100, down: [2] });
    expect(suspecting.mutex).toMatchObject({ entries: 100, overlaps: 0 });
    expect(suspecting.finding('mutex.exclusion')).toBe('at-risk');
  });
});
