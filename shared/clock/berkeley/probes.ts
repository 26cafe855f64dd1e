/**
 * What the m probes of one peer say about its clock (Gusella and Zatti 1989, section 2).
 *
 * Each probe gives the apparent delay of either direction, with the difference of the two clocks in it. The smallest of
 * each direction are kept separately, even from different probes: the difference of the clocks lies between them.
 */
import type { NodeId } from '../../protocol.ts';
import { atMost, type ClockTime, type Duration, elapsed, half, minus, type Ppm, type RawTime, shortest, sum } from '../../time.ts';
import { apart } from '../standing.ts';

/** The coordinator's clocks when it sent the probes of a round. */
export interface Sent {
  readonly target: ClockTime;
  readonly raw: RawTime;
}

/** One answered probe: the peer's target clock when it answered, and the coordinator's clocks at the return. */
export interface Answer {
  readonly peer: ClockTime;
  readonly target: ClockTime;
  readonly raw: RawTime;
}

export interface Probed {
  /** From us to the peer, and from the peer back to us. Their sum is the delay, half their difference the offset. */
  readonly forth: Duration;
  readonly back: Duration;
  readonly roundTrip: Duration;
  readonly answers: number;
}

export interface PeerReading {
  readonly of: NodeId;
  /** The peer's target clock minus ours. */
  readonly offset: Duration;
  /** How far `offset` may be from the truth at any instant of the round. */
  readonly error: Duration;
  readonly roundTrip: Duration;
}

export function probed(sent: Sent, before: Probed | undefined, answer: Answer): Probed {
  const forth = elapsed(sent.target, answer.peer);
  const back = elapsed(answer.peer, answer.target);
  const roundTrip = elapsed(sent.raw, answer.raw);
  if (before === undefined) return { forth, back, roundTrip, answers: 1 };
  return {
    forth: shortest(before.forth, forth),
    back: shortest(before.back, back),
    roundTrip: shortest(before.roundTrip, roundTrip),
    answers: before.answers + 1,
  };
}

/** Over `span`, the length of the round on our raw clock, the two clocks may have drifted apart by twice rho. */
export function peerReading(of: NodeId, { forth, back, roundTrip }: Probed, span: Duration, rho: Ppm): PeerReading {
  const rounding = 1 as Duration;
  return { of, offset: half(minus(forth, back)), error: sum(half(sum(forth, back)), atMost(span, apart(rho)), rounding), roundTrip };
}
