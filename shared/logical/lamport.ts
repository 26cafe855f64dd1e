/**
 * Lamport's logical clock (Lamport 1978, "Time, clocks, and the ordering of events in a distributed system").
 *
 * If one event could have caused another, its stamp is the smaller one. Not conversely: for that, see vector clocks.
 */
export type LamportTime = number;

/** The stamp of the next event of a process whose last one was `own`. */
export const tick = (own: LamportTime): LamportTime => own + 1;

/**
 * No run counts this far. Whoever took over a larger number could soon not count on exactly, and nobody would take its frames:
 * one frame of a program with a bug would be the end of it. So such a number is passed over.
 */
export const furthestCount = 2 ** 52;

/** The stamp of receiving a message that was stamped `received`. */
export const receive = (own: LamportTime, received: LamportTime): LamportTime => tick(received > furthestCount ? own : Math.max(own, received));
