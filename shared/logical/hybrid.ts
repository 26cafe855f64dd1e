/**
 * Hybrid logical clocks (Kulkarni, Demirbas, Madappa, Avva and Leone 2014, "Logical Physical Clocks", figure 5).
 *
 * `l` is the largest physical time that an event has heard of, its own among them, and `c` counts the events that share it.
 * Like a Lamport time, the pair is smaller for what could have caused something. Unlike one, it also tells about when: `l` is
 * never behind the event's own clock, and ahead of it by at most the largest difference between two clocks of the system.
 */
import { type ClockTime, elapsed, seconds } from '../time.ts';

export interface HybridTime {
  readonly l: ClockTime;
  readonly c: number;
}

/**
 * A time further ahead than this is none that a clock of this lab shows: they start at most two hours apart. Whoever took
 * it over would stay there until its own clock arrived, and so would everyone it talks to; so nobody does. The
 * receipt then counts as an event of the receiver alone.
 */
export const furthest = seconds(24 * 3_600);
/** As many events cannot share one physical time, which moves on at the latest after a day. */
export const mostEvents = 2 ** 32;

/** The stamp of what comes before every event of a process that starts when its clock shows `physical`. */
export const origin = (physical: ClockTime): HybridTime => ({ l: physical, c: 0 });

/** The stamp of the next event of a process whose last one was `own`, when its clock shows `physical`. */
export const tick = (own: HybridTime, physical: ClockTime): HybridTime => (physical > own.l ? { l: physical, c: 0 } : { l: own.l, c: own.c + 1 });

/** The stamp of receiving, when the clock shows `physical`, a message that was stamped `received`. */
export function receive(own: HybridTime, received: HybridTime, physical: ClockTime): HybridTime {
  if (elapsed(physical, received.l) > furthest || received.c > mostEvents) return tick(own, physical);
  const l = Math.max(own.l, received.l, physical) as ClockTime;
  if (l === own.l && l === received.l) return { l, c: Math.max(own.c, received.c) + 1 };
  if (l === own.l) return { l, c: own.c + 1 };
  return { l, c: l === received.l ? received.c + 1 : 0 };
}

/** Negative where `a` is the earlier one. */
export const compare = (a: HybridTime, b: HybridTime): number => a.l - b.l || a.c - b.c;
