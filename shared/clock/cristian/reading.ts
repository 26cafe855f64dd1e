/**
 * What one reading of the leader's clock comes to: its exchanges, judged together, against what was claimed before.
 */
import type { Reading } from '../../protocol.ts';
import { atMost, type Duration, elapsed, minus, none, ppm, shortest, sum } from '../../time.ts';
import type { DriftSample } from '../drift.ts';
import { apart, type Claim, contradiction, type Standing } from '../standing.ts';
import { type Assumptions, type Estimate, type Estimator, estimate, intersection, minRtt, roundTrip, type Sample, single } from './estimators.ts';
import type { Reply } from './time-server.ts';

export type Samples = readonly [Sample, ...Sample[]];

/** `sample` is the one that contradicts the last reading; none where the samples contradict each other. */
export type Contradiction = Extract<Conclusion, { kind: 'contradiction' }>;

export type Conclusion =
  | { readonly kind: 'accepted'; readonly claim: Claim; readonly sample: DriftSample }
  | { readonly kind: 'contradiction'; readonly why: string; readonly sample?: DriftSample };

/** `newest` is the last reply: it says how much of the server's own correction is unfinished. */
export function conclude(rule: Estimator, samples: Samples, newest: Reply, standing: Standing, now: Reading, assumptions: Assumptions): Conclusion {
  // Samples that exclude each other were taken of clocks that jumped, stood still or raced, whichever of them is kept.
  if (intersection(samples, assumptions) === undefined) return { kind: 'contradiction', why: 'the samples of one reading contradict each other' };
  const read = estimate(rule, samples, assumptions) ?? minRtt(samples, assumptions);
  const made = claim(read, samples, newest, assumptions);
  const sample = {
    at: read.asOf,
    correction: read.correction,
    pending: newest.pending,
    error: made.error,
    growth: made.growth,
    free: minus(read.correction, newest.corrected),
    apart: apart(assumptions.rho),
  };
  const why = contradiction(standing, sample, now);
  return why === undefined ? { kind: 'accepted', claim: made, sample } : { kind: 'contradiction', why, sample };
}

function claim(read: Estimate, samples: Samples, newest: Reply, { rho }: Assumptions): Claim {
  const last = samples.at(-1) ?? samples[0];
  // The server told its pending slew when it stamped; it may have slewed on while the reply travelled.
  const slewed = atMost(elapsed(last.sent, read.asOf), newest.limit);
  return { leaderPending: newest.pending, error: sum(read.error, slewed), asOf: read.asOf, growth: ppm(apart(rho) + newest.limit) };
}

/** What each estimator makes of the same samples, side by side: how far the clock is off, and how sure that is. */
export interface Compared {
  readonly single: Duration;
  readonly singleError: Duration;
  readonly minRtt: Duration;
  readonly minRttError: Duration;
  readonly intersection: Duration;
  readonly intersectionError: Duration;
}

/** `target` is our target correction, against which each estimate is told. */
export function compared(samples: Samples, target: Duration, assumptions: Assumptions): Compared {
  const one = single(samples.at(-1) ?? samples[0], assumptions);
  const smallest = minRtt(samples, assumptions);
  const all = intersection(samples, assumptions) ?? smallest;
  return {
    single: minus(one.correction, target),
    singleError: one.error,
    minRtt: minus(smallest.correction, target),
    minRttError: smallest.error,
    intersection: minus(all.correction, target),
    intersectionError: all.error,
  };
}

export const smallestRoundTrip = (samples: Samples): Duration => shortest(...samples.map(roundTrip));

/** A frame that was faster than twice the assumed minimum proves the assumption false. */
export const disproves = (sample: Sample, leastDelay: Duration): boolean => leastDelay > none && roundTrip(sample) < 2 * leastDelay;
