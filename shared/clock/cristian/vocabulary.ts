/**
 * The words of Cristian's algorithm: what is configured, what travels, what happens, what a client remembers.
 */
import type { Member, NodeId } from '../../protocol.ts';
import { type ClockTime, type Duration, milliseconds, ppm, type RawTime, seconds } from '../../time.ts';
import { type CorrectionPolicy, defaultPolicy } from '../correction.ts';
import type { Standing, StatusChanged } from '../standing.ts';
import type { Assumptions, Estimator, Sample } from './estimators.ts';
import type { Compared } from './reading.ts';
import type { Reply, Request } from './time-server.ts';

export interface Config extends Assumptions {
  /** From the start of one reading to the start of the next. */
  readonly period: Duration;
  /** From hearing of a leader to the first reading of a clock that was never corrected; another is read at once. */
  readonly settle: Duration;
  /** How many exchanges make a reading. */
  readonly samples: number;
  readonly estimator: Estimator;
  /** How long to wait for each reply. */
  readonly patience: Duration;
  /** How many exchanges are tried for a reading; those that fail or take too long are not samples. */
  readonly attempts: number;
  /** Samples with a longer round trip are not used (Cristian's 2U). */
  readonly acceptWithin: Duration;
  readonly policy: CorrectionPolicy;
  /** Without a sample for this long, nothing is claimed any more. */
  readonly voidAfter: Duration;
}

export const defaults: Config = {
  period: seconds(2),
  settle: milliseconds(500),
  samples: 8,
  estimator: 'min-rtt',
  patience: milliseconds(200),
  attempts: 8,
  acceptWithin: milliseconds(200),
  rho: ppm(200),
  leastDelay: milliseconds(0),
  policy: defaultPolicy,
  voidAfter: seconds(1000),
};

export interface Cristian {
  readonly state: State;
  readonly message: Request | Reply;
  readonly timer: 'cristian.reading' | 'cristian.attempt' | 'cristian.silence';
  readonly command: never;
  readonly event: Event;
}

export type Event =
  | { readonly kind: 'cristian.sampled'; readonly of: NodeId; readonly server: ClockTime; readonly roundTrip: Duration }
  /** A reading was accepted: the clock is `by` from where it should be, and is corrected. */
  | {
      readonly kind: 'cristian.read';
      readonly of: NodeId;
      readonly by: Duration;
      readonly how: 'step' | 'slew';
      readonly error: Duration;
      readonly roundTrip: Duration;
      readonly samples: number;
      readonly attempts: number;
    }
  | { readonly kind: 'cristian.failed'; readonly reason: 'timeout' | 'contradiction' | 'panic' | 'server-not-synchronized'; readonly of: NodeId }
  | { readonly kind: 'cristian.ignored'; readonly reason: 'stale-term' | 'not-leader' | 'unasked' | 'slow'; readonly from: NodeId }
  /** What the three estimators make of the same samples: how far the clock is off, and how sure that is. */
  | ({ readonly kind: 'cristian.compared' } & Compared)
  /** A round trip was shorter than twice the assumed minimum delay, which is taken as nothing from now on. */
  | { readonly kind: 'cristian.disproved'; readonly leastDelay: Duration; readonly roundTrip: Duration }
  | StatusChanged;

/** One reading under way: the exchanges so far, and the request that is waited for. */
export interface Exchanges {
  readonly attempts: number;
  readonly sent: RawTime;
  readonly samples: readonly Sample[];
  /** The newest reply: it says how much of the server's own correction is unfinished. */
  readonly newest: Reply | undefined;
}

export interface State {
  readonly member: Member;
  readonly standing: Standing;
  /** Numbers the requests, so that a late reply is not taken for the one waited for. */
  readonly attempt: number;
  readonly exchanges: Exchanges | undefined;
  /** The minimum delay that is still assumed. */
  readonly leastDelay: Duration;
}
