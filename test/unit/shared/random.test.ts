import { describe, expect, it } from 'vitest';
import { between, normal, type Random, stream } from '../../../shared/random.ts';

const take = (random: Random, n: number): readonly number[] => Array.from({ length: n }, () => random());
const mean = (xs: readonly number[]): number => xs.reduce((a, x) => a + x, 0) / xs.length;
const rms = (xs: readonly number[]): number => Math.sqrt(mean(xs.map((x) => x * x)));

function correlation(xs: readonly number[], ys: readonly number[]): number {
  const [mx, my] = [mean(xs), mean(ys)];
  const covariance = mean(xs.map((x, i) => (x - mx) * ((ys[i] ?? 0) - my)));
  return covariance / Math.sqrt(mean(xs.map((x) => (x - mx) ** 2)) * mean(ys.map((y) => (y - my) ** 2)));
}

describe('a stream of chance', () => {
  it('is the same for the same seed and labels', () => {
    expect(take(stream(1, 'link', 4, 5), 100)).toEqual(take(stream(1, 'link', 4, 5), 100));
  });

  it('differs for another seed, another label and another order of labels', () => {
    const others = [stream(2, 'link', 4, 5), stream(1, 'link', 5, 4), stream(1, 'chance', 4, 5), stream(1, 'link', 45), stream(1, 'link', 4, 5, 0)];
    const first = take(stream(1, 'link', 4, 5), 1)[0];
    for (const other of others) expect(other()).not.toBe(first);
  });

  it('is uniform in [0, 1)', () => {
    const xs = take(stream(7), 100_000);
    expect(Math.min(...xs.slice(0, 50_000))).toBeGreaterThanOrEqual(0);
    expect(Math.max(...xs.slice(0, 50_000))).toBeLessThan(1);
    const counts = Array.from({ length: 20 }, () => 0);
    for (const x of xs) counts[Math.floor(x * 20)] = (counts[Math.floor(x * 20)] ?? 0) + 1;
    for (const count of counts) expect(Math.abs(count - 5_000)).toBeLessThan(5 * Math.sqrt(5_000));
  });
});

/** Seeds and labels that differ in one character are the usual case, and the one in which generators go wrong. */
describe('streams of related seeds and labels', () => {
  const runs = 10_000;
  const drawn = (label: (run: number) => Random, n: number) => Array.from({ length: runs }, (_, run) => take(label(run), n));

  it.each<[string, (run: number) => Random, (run: number) => Random]>([
    ['the two directions of a link', (run) => stream(run, 'link', 1, 2), (run) => stream(run, 'link', 2, 1)],
    ['neighbouring links', (run) => stream(run, 'link', 1, 2), (run) => stream(run, 'link', 1, 3)],
    ['neighbouring seeds', (run) => stream(run, 'link', 1, 2), (run) => stream(run + 1, 'link', 1, 2)],
  ])('share nothing: %s', (_, one, other) => {
    const [xs, ys] = [drawn(one, 4), drawn(other, 4)];
    for (let i = 0; i < 4; i++) {
      const across = correlation(
        xs.map((x) => x[i] ?? 0),
        ys.map((y) => y[i] ?? 0),
      );
      expect(Math.abs(across)).toBeLessThan(5 / Math.sqrt(runs));
    }
  });

  it('give the smallest of eight round trips, and its error, that theory gives', () => {
    const smallest = Array.from({ length: runs }, (_, run) => {
      const [out, back] = [stream(run, 'link', 1, 2), stream(run, 'link', 2, 1)];
      const trips = Array.from({ length: 8 }, () => ({ out: between(out, 5, 25), back: between(back, 5, 25) }));
      return trips.reduce((a, b) => (b.out + b.back < a.out + a.back ? b : a));
    });
    const trip = mean(smallest.map((t) => t.out + t.back));
    const error = rms(smallest.map((t) => (t.out - t.back) / 2));
    expect(Math.abs(trip / 18.47 - 1)).toBeLessThan(0.01);
    expect(Math.abs(error / 2.72 - 1)).toBeLessThan(0.03);
  });
});

describe('normal numbers', () => {
  it('have mean 0, deviation 1, and the tails of a normal distribution', () => {
    const random = stream(3, 'normal');
    const xs = Array.from({ length: 100_000 }, () => normal(random));
    expect(Math.abs(mean(xs))).toBeLessThan(0.016);
    expect(Math.abs(rms(xs) - 1)).toBeLessThan(0.012);
    const beyond = xs.filter((x) => Math.abs(x) > 1.96).length / xs.length;
    expect(Math.abs(beyond - 0.05)).toBeLessThan(0.0035);
  });
});
