/**
 * What a node may say of its clock: its status, and a claim about how far the leader's clock is from its own.
 *
 * The claim is about the *disciplined* clocks, as one would read them, so unfinished slews of both sides are part of
 * it; leaving them out is a common bug. A claim ages: both clocks drift, and the leader may be slewing itself, so the
 * bound grows until the next sample. Where nothing can be claimed there is no claim, rather than a false one.
 */
import { compareTerms, type NodeId, type Reading, type Term } from '../protocol.ts';
import {
  atMost,
  type ClockTime,
  type Duration,
  elapsed,
  format,
  formatBound,
  later,
  magnitude,
  minus,
  none,
  type Ppm,
  ppm,
  type RawTime,
  sum,
} from '../time.ts';
import { type DriftSample, estimateDrift, kept } from './drift.ts';

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

/** How far the target clock may have been from the leader's once it was corrected by it, at `asOf` on our raw clock. */
export interface Corrected {
  readonly error: Duration;
  readonly asOf: RawTime;
  readonly in: Round | undefined;
}

/** A round of corrections: the term of the leader, and its number in that; nought where the leader counts none. */
export interface Round {
  readonly term: Term;
  readonly round: number;
}

export interface Standing {
  readonly status: Status;
  /** Why the status is what it is, for people. */
  readonly why: string;
  readonly leader: NodeId | undefined;
  /** The newest term heard of; commands of an older one are refused. */
  readonly term: Term | undefined;
  readonly leading: boolean;
  readonly claim: Claim | undefined;
  /** Corrections since this process started, for the step policy. */
  readonly updates: number;
  /** What the last correction was worth; unlike the claim it outlives the leader whose clock it was read from. */
  readonly corrected: Corrected | undefined;
  /** What the drift of our raw clock against this leader is estimated from. */
  readonly samples: readonly DriftSample[];
}

export const unheard: Standing = {
  status: 'unknown',
  why: 'no leader was heard of yet',
  leader: undefined,
  term: undefined,
  leading: false,
  claim: undefined,
  updates: 0,
  corrected: undefined,
  samples: [],
};

/** A new leader, or a new term of the same one: what was claimed of the old one is withdrawn until the first sample. */
export function ledBy(s: Standing, leader: NodeId, term: Term, self: NodeId): Standing {
  const leading = leader === self;
  const status = s.status === 'synchronized' && !leading ? 'free-running' : s.status;
  return { ...s, leader, term, leading, status, why: 'a new leader was named, or the same one started anew', claim: undefined, samples: [] };
}

/** How long to wait after hearing of a leader: a cluster that starts needs a moment to meet, one that changes its leader does not. */
export const settling = (s: Standing, settle: Duration): Duration => (s.updates > 0 ? none : settle);

/** Led until now, and nobody is known to lead instead: the clock serves nobody, and follows nobody. */
export const unled = (s: Standing): Standing => ({
  ...s,
  status: s.status === 'synchronized' ? 'free-running' : s.status,
  why: 'it leads no more, and knows no other leader',
  leader: undefined,
  leading: false,
  claim: undefined,
  samples: [],
});

/** Whether a command of `term` must be refused: the highest term seen is a later one. */
export const isStale = (s: Standing, term: Term): boolean => s.term !== undefined && compareTerms(term, s.term) < 0;
export const isNewer = (s: Standing, term: Term): boolean => s.term === undefined || compareTerms(term, s.term) > 0;

/** Why `sample` and the last one cannot both be true, if so: both say what the leader's clock shows now, each as sure as it still is. */
export function contradiction(s: Standing, sample: DriftSample, now: Pick<Reading, 'raw'>): string | undefined {
  const last = s.samples.at(-1);
  if (last === undefined) return undefined;
  const moved = minus(minus(sample.correction, sample.pending), minus(last.correction, last.pending));
  const possible = sum(stillSure(last, now.raw), stillSure(sample, now.raw), rounding);
  if (magnitude(moved) <= possible) return undefined;
  return `a clock jumped, stands still or races: ${format(moved)} against the leader, where ${formatBound(possible)} is possible`;
}

/** How far what `sample` says of the leader's clock may be from the truth at `raw`. */
const stillSure = (sample: DriftSample, raw: RawTime): Duration => sum(sample.error, atMost(elapsed(sample.at, raw), sample.growth));

/**
 * A sample was accepted, and the clock corrected by it. Nothing is claimed where the samples prove that the two clocks
 * drift apart faster than the bound allows for: no bound rather than a false one.
 */
export function sampled(s: Standing, claim: Claim, sample: DriftSample, round = 0): Standing {
  const samples = kept(s.samples, sample);
  const corrected = correctedBy({ ...s, samples }, claim, round);
  const drift = estimateDrift(samples);
  const possible = Math.max(...samples.map((each) => each.apart));
  if (drift !== undefined && Math.abs(drift.rate) - Math.max(drift.uncertainty, drift.worst) > possible) {
    const why = `drift ${drift.rate.toFixed(0)} ppm measured against the leader, more than the ${possible} ppm that two sound clocks can have`;
    return { ...corrected, status: 'disrupted', why, claim: undefined };
  }
  return { ...corrected, status: 'synchronized', why: 'a sample was accepted', claim };
}

export const correctedBy = (s: Standing, { error, asOf }: Omit<Corrected, 'in'>, round = 0): Standing => ({
  ...s,
  updates: s.updates + 1,
  corrected: { error, asOf, in: s.term && { term: s.term, round } },
});

/** The leader's clock is the reference, by definition. */
export const reference = (s: Standing): Standing => ({ ...s, status: 'synchronized', why: 'it leads, and is the reference', claim: undefined });

/** No sample for a while: the claim stands and its bound goes on growing. After a long while nothing is claimed any more. */
export function silent(s: Standing): Standing {
  if (s.leading) return s;
  if (s.status === 'synchronized') return { ...s, status: 'free-running', why: 'no sample was accepted for three intervals' };
  return s.status === 'free-running' ? { ...s, status: 'unknown', why: 'no sample was accepted for too long', claim: undefined } : s;
}

/** What falling silent does: the change of status, and while anything is claimed still, the timer that ends that. */
export function silence<T extends string>(before: Standing, timer: T, voidAfter: Duration) {
  const standing = silent(before);
  const again = standing.status === 'free-running' ? [{ kind: 'set-timer', timer, after: voidAfter } as const] : [];
  return { standing, effects: [...statusChange(before, standing), ...again] };
}

/**
 * The raw clock or an assumption about it turned out to be faulty: nothing is claimed, and the old samples are dropped.
 * The one that showed it is kept, for the next to confirm: only two samples that agree make a claim again.
 */
export const disrupted = (s: Standing, why: string, sample?: DriftSample): Standing => ({
  ...s,
  status: 'disrupted',
  why,
  claim: undefined,
  samples: sample === undefined ? [] : [sample],
});

/** Told whenever the status changes. */
export interface StatusChanged {
  readonly kind: 'clock.status';
  readonly status: Status;
  readonly why: string;
}

/** The change of status, as an effect; none where it stayed the same. */
export const statusChange = (before: Standing, after: Standing): readonly { readonly kind: 'emit'; readonly event: StatusChanged }[] =>
  before.status === after.status ? [] : [{ kind: 'emit', event: { kind: 'clock.status', status: after.status, why: after.why } }];

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
