/**
 * What k request-reply exchanges with a time server say about its clock (Cristian 1989, sections 4 and 5).
 *
 * Every sample is taken against the raw clock, which no correction can move during the exchange. An estimate is of
 * *correction*: the server's target clock minus our raw clock, at the instant `asOf` on the raw clock.
 */
import { atMost, type ClockTime, type Duration, elapsed, longest, microseconds, minus, type Ppm, type RawTime, shortest, sum } from '../../time.ts';
import { apart } from '../standing.ts';

export interface Sample {
  /** Raw time when the request was sent and when the reply arrived. */
  readonly sent: RawTime;
  readonly received: RawTime;
  /** The server's target clock when it answered. */
  readonly server: ClockTime;
}

/** What is assumed: each clock's drift is at most `rho`, and no frame takes less than `leastDelay`. */
export interface Assumptions {
  readonly rho: Ppm;
  readonly leastDelay: Duration;
}

export interface Estimate {
  /** Server's target clock minus our raw clock. */
  readonly correction: Duration;
  /** How far `correction` may be from the truth at `asOf`. */
  readonly error: Duration;
  readonly asOf: RawTime;
}

export type Estimator = 'single' | 'min-rtt' | 'intersection';

export const roundTrip = (s: Sample): Duration => elapsed(s.sent, s.received);

/**
 * What one exchange says at the receipt of its reply. With D half the round trip, the server's clock then lies within
 * [server + d(1-rho), server + 2D(1+2rho) - d(1+rho)]; the estimate is the middle, its error D(1+2rho) - d.
 * Rounded away from zero error: half a microsecond of each reading is in it.
 */
export function single(sample: Sample, { rho, leastDelay }: Assumptions): Estimate {
  const halfTrip = (roundTrip(sample) / 2) * (1 + (2 * rho) / 1e6);
  return {
    correction: microseconds(sample.server + halfTrip - (leastDelay * rho) / 1e6 - sample.received),
    error: Math.max(0, Math.ceil(halfTrip - leastDelay) + 1) as Duration,
    asOf: sample.received,
  };
}

/** The exchange with the smallest round trip, aged to the newest one. */
export function minRtt(samples: readonly [Sample, ...Sample[]], assumptions: Assumptions): Estimate {
  const best = samples.reduce((a, b) => (roundTrip(b) < roundTrip(a) ? b : a));
  return aged(single(best, assumptions), newest(samples), assumptions.rho);
}

/** What all exchanges say together; `undefined` where they contradict each other, so that an assumption is false. */
export function intersection(samples: readonly [Sample, ...Sample[]], { rho, leastDelay }: Assumptions): Estimate | undefined {
  const asOf = newest(samples);
  const widened = (s: Sample): Duration => sum(atMost(sum(elapsed(s.received, asOf), roundTrip(s)), apart(rho)), microseconds(1));
  const highest = shortest(...samples.map((s) => sum((s.server - s.sent) as Duration, minus(widened(s), leastDelay))));
  const lowest = longest(...samples.map((s) => minus((s.server - s.received) as Duration, minus(widened(s), leastDelay))));
  if (lowest > highest) return undefined;
  return { correction: microseconds((lowest + highest) / 2), error: Math.ceil((highest - lowest) / 2) as Duration, asOf };
}

/** Estimates by the named rule; `single` uses the newest exchange alone. */
export function estimate(rule: Estimator, samples: readonly [Sample, ...Sample[]], assumptions: Assumptions): Estimate | undefined {
  switch (rule) {
    case 'single':
      return single(samples.at(-1) ?? samples[0], assumptions);
    case 'min-rtt':
      return minRtt(samples, assumptions);
    case 'intersection':
      return intersection(samples, assumptions);
  }
}

const newest = (samples: readonly Sample[]): RawTime => Math.max(...samples.map((s) => s.received)) as RawTime;

const aged = (e: Estimate, asOf: RawTime, rho: Ppm): Estimate => ({ ...e, error: sum(e.error, atMost(elapsed(e.asOf, asOf), apart(rho))), asOf });
