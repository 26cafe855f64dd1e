/**
 * The words of Berkeley's algorithm: what is configured, what travels, what happens, what a node remembers.
 */
import type { Member, NodeId, Step, Term } from '../../protocol.ts';
import { type ClockTime, type Duration, milliseconds, type Ppm, ppm, type RawTime, seconds } from '../../time.ts';
import type { Average } from '../agreement.ts';
import { type CorrectionPolicy, defaultPolicy } from '../correction.ts';
import type { Round, Standing, StatusChanged } from '../standing.ts';
import type { Change, Trusts } from './outliers.ts';
import type { PeerReading, Probed, Sent } from './probes.ts';

export interface Config {
  /** From the start of one round to the start of the next. */
  readonly period: Duration;
  /** From hearing of its leadership to the first round of a coordinator that was never corrected; another begins at once. */
  readonly settle: Duration;
  /** How many probes each peer is sent in a round, all at once. */
  readonly probes: number;
  /** How long the coordinator waits for reports before it averages what it has. */
  readonly gather: Duration;
  readonly average: Average;
  /** Clocks further apart than this are not averaged together. */
  readonly gamma: Duration;
  /** The drift a bound allows for. */
  readonly rho: Ppm;
  readonly policy: CorrectionPolicy;
  /** Without an adjustment for this long, nothing is claimed any more. */
  readonly voidAfter: Duration;
}

export const defaults: Config = {
  period: seconds(2),
  settle: milliseconds(500),
  probes: 5,
  gather: milliseconds(250),
  average: 'gamma',
  gamma: milliseconds(20),
  rho: ppm(200),
  policy: defaultPolicy,
  voidAfter: seconds(1000),
};

export interface Berkeley {
  readonly state: State;
  readonly message: Message;
  readonly timer: 'berkeley.round' | 'berkeley.gather' | 'berkeley.silence';
  readonly command: never;
  readonly event: Event;
}

export type Message = Poll | Report | Adjust;
export interface Poll {
  readonly kind: 'berkeley.poll';
  readonly term: Term;
  readonly round: number;
  readonly probe: number;
}
export interface Report {
  readonly kind: 'berkeley.report';
  /** Term and round of the poll that this answers: a coordinator that started anew counts its rounds from one again. */
  readonly term: Term;
  readonly round: number;
  readonly probe: number;
  /** The peer's target clock. */
  readonly clock: ClockTime;
  /** The round in which the peer's clock was last corrected; `null` where it is not known to be in step. */
  readonly inStep: Round | null;
}
export interface Adjust extends Unfinished {
  readonly kind: 'berkeley.adjust';
  readonly term: Term;
  readonly round: number;
  readonly by: Duration;
  /** How far the coordinator may have misread this peer. */
  readonly error: Duration;
}
/**
 * The coordinator's clock once it has corrected itself: what is not yet slewed in, how fast it may slew itself at most, and its
 * target clock minus its raw one.
 */
export interface Unfinished {
  readonly corrected: Duration;
  readonly pending: Duration;
  readonly limit: Ppm;
}

export type Event =
  | { readonly kind: 'berkeley.round-started'; readonly round: number; readonly polled: number }
  | ({ readonly kind: 'berkeley.sampled' } & PeerReading)
  | {
      readonly kind: 'berkeley.round-finished';
      readonly round: number;
      readonly average: Duration;
      readonly agreeing: number;
      readonly heard: number;
      /** Whose clocks had a say, and by what rule. */
      readonly averaged: readonly NodeId[];
      readonly rule: Average;
    }
  | { readonly kind: 'berkeley.round-refused'; readonly round: number; readonly reason: string }
  | { readonly kind: 'berkeley.adjusted'; readonly round: number; readonly by: Duration; readonly how: 'step' | 'slew' }
  | { readonly kind: 'berkeley.ignored'; readonly reason: 'stale-term' | 'stale-round' | 'not-leader' | 'unasked' | 'panic'; readonly from: NodeId }
  | Change
  | StatusChanged;

export interface State {
  readonly member: Member;
  readonly standing: Standing;
  readonly round: number;
  /** The coordinator's round under way: when it sent the probes, what they say so far, and in which round each clock was last corrected. */
  readonly gathering: { readonly sent: Sent; readonly probed: ReadonlyMap<NodeId, Probed>; readonly inStep: ReadonlyMap<NodeId, Round> } | undefined;
  /** Whom the coordinator trusts, and when its last round was completed on its raw clock. */
  readonly trusts: Trusts;
  readonly completed: RawTime | undefined;
  /** The round this peer reported in last, when it first did, and whether it was adjusted since. */
  readonly reported: { readonly round: number; readonly at: RawTime; readonly adjusted: boolean } | undefined;
}

/** Something that was not obeyed, and why. */
export const ignored = (state: State, reason: Extract<Event, { kind: 'berkeley.ignored' }>['reason'], from: NodeId): Step<Berkeley> => ({
  state,
  effects: [{ kind: 'emit', event: { kind: 'berkeley.ignored', reason, from } }],
});
