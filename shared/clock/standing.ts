/**
 * What a node may say of its clock: its status, and a claim about how far the leader's clock is from its own.
 *
 * The claim is about the *disciplined* clocks, as one would read them, so unfinished slews of both sides are part of
 * it; leaving them out is a common bug. A claim ages: both clocks drift, and the leader may be slewing itself, so the
 * bound grows until the next sample. Where nothing can be claimed there is no claim, rather than a false one.
 */
import { type Adjustment, compareTerms, type NodeId, type Reading, type Term } from '../protocol.ts';
import {
  atMost,
  type ClockTime,
  type Duration,
  elapsed,
  later,
  magnitude,
  milliseconds,
  minus,
  none,
  type Ppm,
  ppm,
  type RawTime,
  seconds,
  sum,
} from '../time.ts';

export type Status = 'unknown' | 'synchronized' | 'free-running' | 'disrupted';

/** Made when a sample is accepted, and true from then on. */
export interface Claim {
  /**
   * The leader's own correction that was not yet slewed in. Its target clock and ours agree, since every accepted
   * sample corrects ours to it.
   */
  readonly leaderPending: Duration;
  /** How far the sample may be from the truth, at `asOf` on our raw clock. */
  readonly error: Duration;
  readonly asOf: RawTime;
  /** How fast the bound grows: twice rho, and the leader's fastest slew of itself. */
  readonly growth: Ppm;
}

export interface Standing {
  readonly status: Status;
  readonly leader: NodeId | undefined;
  /** The newest term heard of; commands of an older one are refused. */
  readonly term: Term | undefined;
  readonly leading: boolean;
  readonly claim: Claim | undefined;
  /** Corrections since this process started, for the step policy. */
  readonly updates: number;
}

export const unheard: Standing = { status: 'unknown', leader: undefined, term: undefined, leading: false, claim: undefined, updates: 0 };

/** A new leader, or a new term of the same one: what was claimed of the old one is withdrawn until the first sample. */
export function ledBy(s: Standing, leader: NodeId, term: Term, self: NodeId): Standing {
  const leading = leader === self;
  const status = s.status === 'synchronized' && !leading ? 'free-running' : s.status;
  return { ...s, leader, term, leading, status, claim: undefined };
}

/** Whether a command of `term` must be refused: the highest term seen is a later one. */
export const isStale = (s: Standing, term: Term): boolean => s.term !== undefined && compareTerms(term, s.term) < 0;
export const isNewer = (s: Standing, term: Term): boolean => s.term === undefined || compareTerms(term, s.term) > 0;

/** A sample was accepted, and the clock corrected by it. */
export const sampled = (s: Standing, claim: Claim): Standing => ({ ...s, status: 'synchronized', claim, updates: s.updates + 1 });
/** The leader's clock is the reference, by definition. */
export const reference = (s: Standing): Standing => ({ ...s, status: 'synchronized', claim: undefined });
/** No sample for a while: the claim stands and its bound goes on growing. After a long while nothing is claimed any more. */
export function silent(s: Standing): Standing {
  if (s.leading) return s;
  return s.status === 'synchronized' ? { ...s, status: 'free-running' } : { ...s, status: 'unknown', claim: undefined };
}
/** The raw clock or an assumption about it turned out to be faulty. */
export const disrupted = (s: Standing): Standing => ({ ...s, status: 'disrupted', claim: undefined });

/** Told whenever the status changes. */
export interface StatusChanged {
  readonly kind: 'clock.status';
  readonly status: Status;
  readonly why: string;
}

/** The change of status, as an effect; none where it stayed the same. */
export const statusChange = (before: Standing, after: Standing, why: string): readonly { readonly kind: 'emit'; readonly event: StatusChanged }[] =>
  before.status === after.status ? [] : [{ kind: 'emit', event: { kind: 'clock.status', status: after.status, why } }];

/** Where the disciplined clock is going. Samples compare target clocks: one that is being slewed runs far outside rho. */
export const targetOf = (now: Pick<Reading, 'clock' | 'pending'>): ClockTime => later(now.clock, now.pending);

/** The rate at which two clocks, each within rho of true time, can drift apart. */
export const apart = (rho: Ppm): Ppm => ppm(2 * rho);

/** How far off the claim may be for rounding alone: each clock reading and each slew is rounded to a microsecond. */
const rounding = 2 as Duration;

/** The leader's clock minus ours, as we estimate it; `undefined` where nothing is claimed. */
export function offsetOf(s: Standing, now: Pick<Reading, 'pending'>): Duration | undefined {
  if (s.leading) return s.status === 'synchronized' ? none : undefined;
  return s.claim && minus(now.pending, s.claim.leaderPending);
}

/** How far `offsetOf` may be from the truth. */
export function boundOf(s: Standing, now: Pick<Reading, 'raw'>): Duration | undefined {
  if (s.leading) return s.status === 'synchronized' ? none : undefined;
  return s.claim && sum(s.claim.error, atMost(elapsed(s.claim.asOf, now.raw), s.claim.growth), rounding);
}

/** How fast corrections may be made, and when they may be made at once. */
export interface CorrectionPolicy {
  readonly follower: Ppm;
  /** A leader that others follow must not run away from them. */
  readonly leader: Ppm;
  readonly stepAbove: Duration;
  /** Only the first few corrections may be steps; afterwards time never jumps. */
  readonly stepsWithin: number;
}

export const defaultPolicy: CorrectionPolicy = { follower: ppm(50_000), leader: ppm(500), stepAbove: milliseconds(100), stepsWithin: 3 };

/** Beyond this a correction after the first few is not believed. */
export const panic = seconds(1000);

/** How a correction of `by` is to be made; `undefined` where it is too large to be believed. */
export function correction(s: Standing, by: Duration, policy: CorrectionPolicy): Adjustment | undefined {
  const early = s.updates < policy.stepsWithin;
  if (early && magnitude(by) > policy.stepAbove) return { how: 'step', by };
  if (!early && magnitude(by) > panic) return undefined;
  return { how: 'slew', by, rate: s.leading && s.status === 'synchronized' ? policy.leader : policy.follower };
}
