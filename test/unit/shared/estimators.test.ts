import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Assumptions, type Estimate, estimate, intersection, minRtt, type Sample, single } from '../../../shared/clock/cristian/estimators.ts';
import { type ClockTime, microseconds, milliseconds, ppm, type RawTime } from '../../../shared/time.ts';

const sample = (sent: number, server: number, received: number): Sample => ({
  sent: sent as RawTime,
  server: server as ClockTime,
  received: received as RawTime,
});
const assuming = (rho: number, leastDelay: number): Assumptions => ({ rho: ppm(rho), leastDelay: microseconds(leastDelay) });

describe('a single exchange', () => {
  it('puts the server half a round trip ahead of what it said, give or take as much', () => {
    expect(single(sample(1_000, 50_000, 21_000), assuming(0, 0))).toEqual({ correction: 50_000 + 10_000 - 21_000, error: 10_001, asOf: 21_000 });
  });

  it('is the surer the more is known of the smallest delay', () => {
    expect(single(sample(0, 50_000, 20_000), assuming(0, 4_000)).error).toBe(6_001);
  });

  it('allows for drift as in the paper: D(1+2rho) - d_min, about the middle of the interval', () => {
    const rho = 500e-6;
    const e = single(sample(0, 0, 200_000), assuming(500, 40_000));
    const [least, most] = [40_000 * (1 - rho), 200_000 * (1 + 2 * rho) - 40_000 * (1 + rho)];
    expect(e.correction + 200_000).toBe(Math.round((least + most) / 2));
    expect(e.error).toBe(Math.round((most - least) / 2) + 1);
  });

  it('is never surer than certain, also where the assumed delay is false', () => {
    expect(single(sample(0, 0, 100), assuming(0, 5_000)).error).toBe(0);
  });
});

describe('the exchange with the smallest round trip', () => {
  const quick = sample(0, 1_000_000, 10_000);
  const slow = sample(2_000_000, 3_000_000, 2_040_000);

  it('is taken, and its error grown by twice rho until the newest one', () => {
    const aged = minRtt([quick, slow], assuming(50, 0));
    expect(aged.correction).toBe(single(quick, assuming(50, 0)).correction);
    expect(aged.asOf).toBe(2_040_000);
    expect(aged.error).toBe(single(quick, assuming(50, 0)).error + 203);
  });

  it('is not aged where it is the newest', () =>
    expect(minRtt([sample(-9e6, 0, -8e6), quick], assuming(50, 0))).toEqual(single(quick, assuming(50, 0))));
});

describe('the intersection of exchanges', () => {
  it('is narrower than each of them', () => {
    // Two exchanges of 20 ms, with the server's stamp early in one and late in the other.
    const both = intersection([sample(0, 3_000, 20_000), sample(20_000, 37_000, 40_000)], assuming(0, 0));
    expect(both?.error).toBeLessThan(7_100);
    expect(Math.abs(both?.correction ?? 1e9)).toBeLessThanOrEqual(2);
  });

  it('of exchanges that exclude each other is nothing', () => {
    expect(intersection([sample(0, 10_000, 20_000), sample(20_000, 530_000, 40_000)], assuming(50, 0))).toBeUndefined();
  });

  it('is widened by drift and age: what excludes each other at once may not do so after a minute', () => {
    const [early, late] = [sample(0, 500, 1_000), sample(60_000_000, 60_005_500, 60_001_000)];
    expect(intersection([early, late], assuming(0, 0))).toBeUndefined();
    expect(intersection([early, late], assuming(50, 0))).toBeDefined();
  });
});

describe('the choice of an estimator', () => {
  const samples = [sample(0, 5_000, 10_000), sample(20_000, 40_000, 60_000)] as const;
  it('takes the newest exchange for a single one', () =>
    expect(estimate('single', samples, assuming(0, 0))).toEqual(single(samples[1], assuming(0, 0))));
  it('takes all for the others', () => {
    expect(estimate('min-rtt', samples, assuming(0, 0))).toEqual(minRtt(samples, assuming(0, 0)));
    expect(estimate('intersection', samples, assuming(0, 0))).toEqual(intersection(samples, assuming(0, 0)));
  });
});

/** The whole promise: delays may be anything, however asymmetric, and both clocks drift as they like within rho. */
describe('every estimator', () => {
  const rho = 200;
  const exchange = fc.record({
    wait: fc.integer({ min: 0, max: 300_000 }),
    out: fc.integer({ min: 0, max: 400_000 }),
    back: fc.integer({ min: 0, max: 400_000 }),
  });
  const scene = fc.record({
    client: fc.record({ offset: fc.integer({ min: -1e9, max: 1e9 }), rate: fc.double({ min: -rho, max: rho, noNaN: true }) }),
    server: fc.record({ offset: fc.integer({ min: -1e9, max: 1e9 }), rate: fc.double({ min: -rho, max: rho, noNaN: true }) }),
    leastDelay: fc.integer({ min: 0, max: 10_000 }),
    exchanges: fc.array(exchange, { minLength: 1, maxLength: 12 }),
  });
  type Scene = typeof scene extends fc.Arbitrary<infer S> ? S : never;

  const show = ({ offset, rate }: Scene['client'], at: number): number => Math.round(at + offset + (at * rate) / 1e6);
  /** Every frame takes at least `leastDelay`, so that what is assumed is true. */
  function samplesOf({ client, server, leastDelay, exchanges }: Scene): readonly [Sample, ...Sample[]] {
    let now = 0;
    const [first, ...rest] = exchanges.map(({ wait, out, back }) => {
      const sent = now + wait;
      const served = sent + leastDelay + out;
      now = served + leastDelay + back;
      return { sample: sample(show(client, sent), show(server, served), show(client, now)), received: now };
    });
    return [first?.sample as Sample, ...rest.map((r) => r.sample)];
  }
  /** The instant of true time at which the client's raw clock shows `asOf`. */
  const truth = ({ client, server }: Scene, { asOf, correction }: Estimate): number => {
    const at = (asOf - client.offset) / (1 + client.rate / 1e6);
    return Math.abs(show(server, at) - asOf - correction);
  };

  it.each(['single', 'min-rtt', 'intersection'] as const)('contains the truth: %s', (rule) => {
    fc.assert(
      fc.property(scene, (s) => {
        const e = estimate(rule, samplesOf(s), assuming(rho, s.leastDelay));
        if (e === undefined) throw new Error('samples that are true contradict each other');
        // Half a microsecond for each of the readings compared.
        expect(truth(s, e)).toBeLessThanOrEqual(e.error + 2);
      }),
      { numRuns: 1_000 },
    );
  });

  it('is no less sure than a weaker one: the intersection is within the smallest round trip', () => {
    fc.assert(
      fc.property(scene, (s) => {
        const samples = samplesOf(s);
        const smallest = minRtt(samples, assuming(rho, s.leastDelay));
        const all = intersection(samples, assuming(rho, s.leastDelay));
        expect(all?.error).toBeLessThanOrEqual(smallest.error + milliseconds(1));
      }),
    );
  });
});
