/**
 * The leader's time as an interval that contains it, and what can be built on that: a `now` with bounds (the TrueTime of
 * Corbett et al. 2012, "Spanner", section 3).
 *
 * Whoever takes the latest possible time as a timestamp and then waits until it is surely past, has given a timestamp that
 * lies after everything that ended before it began, on whatever node. That costs a wait of twice the bound.
 */
import type { Reading } from '../protocol.ts';
import { type ClockTime, later, minus, none } from '../time.ts';
import { boundOf, offsetOf, type Standing } from './standing.ts';

export interface Interval {
  readonly earliest: ClockTime;
  readonly latest: ClockTime;
}

/** The leader's disciplined clock lies in it now; `undefined` where nothing is claimed. */
export function interval(standing: Standing, now: Pick<Reading, 'clock' | 'raw' | 'pending'>): Interval | undefined {
  const offset = offsetOf(standing, now);
  const bound = boundOf(standing, now);
  if (offset === undefined || bound === undefined) return undefined;
  const middle = later(now.clock, offset);
  return { earliest: later(middle, minus(none, bound)), latest: later(middle, bound) };
}

/** Whether `timestamp` is surely past on the leader's clock. */
export const isPast = (timestamp: ClockTime, now: Interval): boolean => now.earliest > timestamp;
