/**
 * Lamport's logical clock (Lamport 1978, "Time, clocks, and the ordering of events in a distributed system").
 *
 * If one event could have caused another, its stamp is the smaller one. Not conversely: for that, see vector clocks.
 */
export type LamportTime = number;

/** The stamp of the next event of a process whose last one was `own`. */
export const tick = (own: LamportTime): LamportTime => own + 1;

/** The stamp of receiving a message that was stamped `received`. */
export const receive = (own: LamportTime, received: LamportTime): LamportTime => Math.max(own, received) + 1;
