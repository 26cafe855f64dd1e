/** The same seed gives the same run, byte for byte; everything that is found in a simulation can be found again. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { measure } from '../../shared/sim/measure.ts';
import { microseconds } from '../../shared/time.ts';
import { oneReading } from './experiment.ts';
import { play } from './plan.ts';

const hash = (seed: number): string =>
  createHash('sha256')
    .update(JSON.stringify(play(seed).history))
    .digest('hex');

describe('a simulated run', () => {
  it.each([1, 2, 3, 5, 8])('of seed %d is the same every time', (seed) => expect(hash(seed)).toBe(hash(seed)));

  it('is another for another seed', () => expect(new Set([1, 2, 3, 5, 8, 13, 21].map(hash)).size).toBe(7));

  it('numbers its events without a gap, and tells them in the order of true time', () => {
    const { history } = play(4);
    expect(history.map((e) => e.seq)).toEqual(history.map((_, i) => i + 1));
    expect(history.filter((e, i) => e.trueUs < (history[i - 1]?.trueUs ?? 0))).toEqual([]);
  });

  it('tells every instant in whole microseconds', () => {
    const instants = [4, 5, 6].flatMap((seed) => play(seed).history.flatMap((e) => [e.trueUs, e.clockUs]));
    expect(instants.filter((at) => !Number.isSafeInteger(at))).toEqual([]);
  });
});

describe('a measurement', () => {
  const experiment = { ...oneReading, nodes: 3, loss: 0.1, offset: microseconds(500_000), runs: 20 };
  it('is the same for the same seed, and another for another', () => {
    const measured = (seed: number) => JSON.stringify({ ...measure({ ...experiment, seed }), seed: 0 });
    expect(measured(7)).toBe(measured(7));
    expect(measured(8)).not.toBe(measured(7));
  });
});
