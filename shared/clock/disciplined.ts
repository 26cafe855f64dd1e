/**
 * A clock that can be corrected, laid over a raw one that cannot: `clock = raw + applied`.
 *
 * `target` is the correction decided so far, and `applied` follows it, either at once (a step) or by running a little
 * fast or slow (a slew). Where the slew rate stays below 1,000,000 ppm the clock never goes backwards between steps.
 * The amortisation is Cristian's (1989, section 5), with the rate fixed and the period following from it.
 */
import type { Adjustment } from '../protocol.ts';
import {
  type ClockTime,
  type Duration,
  elapsed,
  gained,
  later,
  longest,
  magnitude,
  minus,
  negated,
  none,
  type Ppm,
  ppm,
  type RawTime,
  shortest,
  sum,
} from '../time.ts';

export interface Discipline {
  /** The correction in force at `since`. */
  readonly base: Duration;
  readonly since: RawTime;
  /** What was still to be slewed in at `since`, at `rate`. */
  readonly slewing: Duration;
  readonly rate: Ppm;
}

/** A clock that runs backwards is no clock: the largest slew rate the lab allows. */
export const fastestSlew = ppm(100_000);

export const undisciplined: Discipline = { base: none, since: 0 as RawTime, slewing: none, rate: ppm(0) };

/** The disciplined clock, when the raw one shows `raw`. */
export const read = (d: Discipline, raw: RawTime): ClockTime => (raw + sum(d.base, slewed(d, raw))) as ClockTime;

/** The correction that is decided but not yet applied; positive: the clock is still to move forward. */
export const pending = (d: Discipline, raw: RawTime): Duration => minus(d.slewing, slewed(d, raw));

/** The rate at which the clock gains on the raw one just after `raw`; 0 once the slew is over. */
export const slewRate = (d: Discipline, raw: RawTime): Ppm => (pending(d, raw) === 0 ? ppm(0) : ppm(Math.sign(d.slewing) * d.rate));

/**
 * When the slew is over, as the raw clock will show it; `undefined` where none goes on. What is pending rounds to nothing a
 * little earlier, up to a millisecond for a slow slew, so it cannot be asked instead.
 */
export function settlesAt(d: Discipline, raw: RawTime): RawTime | undefined {
  if (d.slewing === 0) return undefined;
  const over = later(d.since, Math.ceil((magnitude(d.slewing) * 1e6) / d.rate) as Duration);
  return raw < over ? over : undefined;
}

/** Changes the target. A slew that is not finished stays part of it; only a step is applied at once. */
export function adjust(d: Discipline, raw: RawTime, adjustment: Adjustment): Discipline {
  const applied = sum(d.base, slewed(d, raw));
  const { by } = adjustment;
  if (adjustment.how === 'step') return { ...d, base: sum(applied, by), since: raw, slewing: pending(d, raw) };
  const rate = ppm(Math.min(adjustment.rate, fastestSlew));
  return { base: applied, since: raw, slewing: sum(pending(d, raw), by), rate };
}

/** The raw clock jumped from `from` to `to`: what was slewed in stays so, and the rest goes on from there. */
export const carried = (d: Discipline, from: RawTime, to: RawTime): Discipline => ({
  ...d,
  base: sum(d.base, slewed(d, from)),
  since: to,
  slewing: pending(d, from),
});

function slewed(d: Discipline, raw: RawTime): Duration {
  // Before a correction was made, nothing of it was slewed in.
  const most = longest(none, gained(elapsed(d.since, raw), d.rate));
  return d.slewing < 0 ? negated(shortest(magnitude(d.slewing), most)) : shortest(d.slewing, most);
}
