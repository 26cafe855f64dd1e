/**
 * The figures of Cristian's algorithm under delays that are uniform between 5 and 25 ms, worked out by theory: the smallest
 * round trip of k exchanges, and their intersection, whose half-width is w/(k+1) and whose error has the root mean square
 * w * sqrt(k / (2 (k+1)^2 (k+2))), with w = 20 ms.
 */
import { describe, expect, it } from 'vitest';
import { type Estimate, intersection, minRtt, roundTrip, type Sample } from '../../../shared/clock/cristian/estimators.ts';
import { between, stream } from '../../../shared/random.ts';
import { type ClockTime, milliseconds, ppm, type RawTime } from '../../../shared/time.ts';

type Samples = readonly [Sample, ...Sample[]];
const runs = 4_000;
const mean = (xs: readonly number[]): number => xs.reduce((a, x) => a + x, 0) / xs.length;
const rms = (xs: readonly number[]): number => Math.sqrt(mean(xs.map((x) => x * x)));
const near = (actual: number, expected: number, share: number): void => expect(Math.abs(actual / expected - 1)).toBeLessThan(share);

/** k exchanges, one each `every` milliseconds; the server's clock gains `drift` on the client's, which is true time. */
function exchanges(run: number, k: number, every: number, drift: number): Samples {
  const random = stream(run, 'paper', k, every);
  const delay = () => Math.round(between(random, 5_000, 25_000));
  const all = Array.from({ length: k }, (_, i): Sample => {
    const sent = i * every * 1_000;
    const served = sent + delay();
    return { sent: sent as RawTime, server: Math.round(served * (1 + drift / 1e6)) as ClockTime, received: (served + delay()) as RawTime };
  });
  return all as unknown as Samples;
}
/** In milliseconds: where the server's clock truly is against the client's is `drift` times the age. */
const wrong = (e: Estimate, drift: number): number => (e.correction - (e.asOf * drift) / 1e6) / 1_000;

describe.each([
  [1, 30.0, 15.0, 10.0, 4.08, 10.0, 4.08],
  [2, 25.3, 12.7, 7.7, 4.08, 6.67, 3.33],
  [4, 21.5, 10.8, 5.8, 3.55, 4.0, 2.31],
  [8, 18.47, 9.23, 4.23, 2.72, 2.22, 1.41],
  [16, 16.1, 8.1, 3.1, 1.98, 1.18, 0.78],
  [64, 13.1, 6.6, 1.6, 1.02, 0.31, 0.21],
])('of %d exchanges', (k, trip, bound, boundKnown, error, width, widthError) => {
  const samples = Array.from({ length: runs }, (_, run) => exchanges(run, k, 60, 0));
  const assuming = (leastDelay: number) => ({ rho: ppm(0), leastDelay: milliseconds(leastDelay) });
  const smallest = samples.map((s) => minRtt(s, assuming(0)));
  const smallestKnown = samples.map((s) => minRtt(s, assuming(5)));
  const common = samples.map((s) => intersection(s, assuming(5)) ?? expect.unreachable('true samples agree'));

  it(`the smallest round trip is ${trip} ms, its bound ${bound} ms, or ${boundKnown} ms where the minimum delay is known`, () => {
    near(mean(samples.map((s) => Math.min(...s.map(roundTrip)))) / 1_000, trip, 0.01);
    near(mean(smallest.map((e) => e.error)) / 1_000, bound, 0.01);
    near(mean(smallestKnown.map((e) => e.error)) / 1_000, boundKnown, 0.04);
  });
  it(`the smallest round trip is wrong by ${error} ms`, () => near(rms(smallest.map((e) => wrong(e, 0))), error, 0.04));
  it(`the intersection is sure to ${width} ms and wrong by ${widthError} ms`, () => {
    near(mean(common.map((e) => e.error)) / 1_000, width, 0.04);
    near(rms(common.map((e) => wrong(e, 0))), widthError, 0.06);
  });
});

describe('the intersection of eight exchanges over two seconds, while the clocks drift apart by 100 ppm', () => {
  const drift = 100;
  const samples = Array.from({ length: runs }, (_, run) => exchanges(run, 8, 250, drift));
  const contains = (e: Estimate | undefined): boolean => e !== undefined && Math.abs(wrong(e, drift)) <= e.error / 1_000 + 0.002;
  const common = (rho: number) => samples.map((s) => intersection(s, { rho: ppm(rho), leastDelay: milliseconds(5) }));

  it('contains the truth every time, is sure to 2.32 ms and wrong by 1.42 ms, where it is widened by the drift', () => {
    const widened = common(50).filter((e) => e !== undefined);
    expect(widened.filter(contains)).toHaveLength(runs);
    near(mean(widened.map((e) => e.error)) / 1_000, 2.32, 0.05);
    near(rms(widened.map((e) => wrong(e, drift))), 1.42, 0.05);
  });

  it('misses the truth in 3.45 % of the readings where it is not', () => {
    const missed = common(0).filter((e) => !contains(e)).length / runs;
    expect(Math.abs(missed - 0.0345)).toBeLessThan(0.01);
  });
});
