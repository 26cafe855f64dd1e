/**
 * The server's side of Cristian's algorithm: whoever leads tells its time to everyone who asks.
 *
 * It tells its *target* clock, where its own corrections lead, because a clock that is being slewed runs far outside any
 * drift allowance. What is not yet slewed in travels beside it, so that the client can tell both clocks.
 */
import type { Reading, Term } from '../../protocol.ts';
import { type ClockTime, type Duration, type Ppm, ppm } from '../../time.ts';
import { type Standing, targetOf } from '../standing.ts';

export type Request = { readonly kind: 'cristian.request'; readonly attempt: number };

export interface Reply {
  readonly kind: 'cristian.reply';
  readonly attempt: number;
  readonly term: Term;
  /** The server's target clock, when it answered. */
  readonly clock: ClockTime;
  /** The server's correction that is not yet slewed in. */
  readonly pending: Duration;
  /** How fast the server may slew itself at most from now on; 0 where nobody corrects it. */
  readonly limit: Ppm;
  /** How many corrections the server has made: samples on two sides of one cannot be compared. */
  readonly updates: number;
  /** Whether the server's clock may be followed yet. */
  readonly synchronized: boolean;
}

/** The answer to a request; none from a node that does not lead. `selfSlew` is how fast the clock rule slews a leader. */
export function answer(standing: Standing, request: Request, now: Reading, selfSlew: Ppm): Reply | undefined {
  if (!standing.leading || standing.term === undefined) return undefined;
  return {
    kind: 'cristian.reply',
    attempt: request.attempt,
    term: standing.term,
    clock: targetOf(now),
    pending: now.pending,
    limit: ppm(Math.max(now.slewing, selfSlew)),
    updates: standing.updates,
    synchronized: standing.status === 'synchronized',
  };
}
