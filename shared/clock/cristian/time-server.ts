/**
 * The server's side of Cristian's algorithm: whoever leads tells its time to everyone who asks, and so does a follower, with
 * its own uncertainty about the leader's clock beside it.
 *
 * It tells its *target* clock, where its own corrections lead, because a clock that is being slewed runs far outside any
 * drift allowance. What is not yet slewed in travels beside it, so that the client can tell both clocks.
 */
import type { Incarnation, Reading, Term } from '../../protocol.ts';
import { type ClockTime, type Duration, none, type Ppm, ppm } from '../../time.ts';
import { boundOf, type Standing, targetOf } from '../standing.ts';

export interface Request {
  readonly kind: 'cristian.request';
  readonly attempt: number;
  /** The start of the client that asks: a later one counts its attempts anew, and must not take an answer to this one for its own. */
  readonly incarnation: Incarnation;
}

export interface Reply {
  readonly kind: 'cristian.reply';
  /** As in the request. */
  readonly attempt: number;
  readonly incarnation: Incarnation;
  readonly term: Term;
  /** The server's target clock, when it answered. */
  readonly clock: ClockTime;
  /** From that clock to the leader's disciplined one, backwards: for the leader, its correction that is not yet slewed in. */
  readonly pending: Duration;
  /** How far the server may be wrong about the leader's clock: nothing, for the leader itself. */
  readonly bound: Duration;
  /** The server's target clock minus its raw one: what all its corrections add up to. */
  readonly corrected: Duration;
  /** How fast the server may slew itself at most from now on; 0 where nobody corrects it. */
  readonly limit: Ppm;
  /** How many corrections the server has made: samples on two sides of one cannot be compared. */
  readonly updates: number;
  /** Whether the server's clock may be followed yet. */
  readonly synchronized: boolean;
}

/** The answer to a request; none from a node that knows of no leader. `selfSlew` is how fast the clock rule slews a leader. */
export function answer(standing: Standing, { attempt, incarnation }: Request, now: Reading, selfSlew: Ppm): Reply | undefined {
  const { term, leading, claim, status, updates } = standing;
  if (term === undefined) return undefined;
  const common = {
    kind: 'cristian.reply',
    attempt,
    incarnation,
    term,
    clock: targetOf(now),
    corrected: (targetOf(now) - now.raw) as Duration,
    updates,
  } as const;
  const bound = boundOf(standing, now);
  if (leading)
    return { ...common, pending: now.pending, bound: none, limit: ppm(Math.max(now.slewing, selfSlew)), synchronized: status === 'synchronized' };
  if (claim === undefined || bound === undefined) return { ...common, pending: none, bound: none, limit: ppm(0), synchronized: false };
  // A follower's target is the leader's, as far as it knows; what leads from there to the leader's clock is the leader's.
  return { ...common, pending: claim.leaderPending, bound, limit: claim.growth, synchronized: true };
}
