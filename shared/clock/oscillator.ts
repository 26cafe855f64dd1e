/**
 * A node's raw clock: an oscillator that starts wrong, runs at a wrong rate and may misbehave, but is never set.
 *
 * Its reading is a straight line over true time between *bends*, the instants at which its rate or its value changes.
 * So the oracle knows the clock at every instant exactly, and not only where it was sampled. Worlds advance the
 * oscillator to an instant before they read it there.
 */
import { normal, type Random, stream } from '../random.ts';
import { type Duration, elapsed, gained, later, milliseconds, negated, type Ppm, ppm, type RawTime, seconds, type TrueTime } from '../time.ts';

export interface Oscillator {
  /** The line in force: it reads `value` at `since` and runs at `1 + rate`; a frozen one does not run at all. */
  readonly since: TrueTime;
  readonly value: RawTime;
  readonly rate: Ppm;
  readonly frozen: boolean;
  readonly steady: Ppm;
  readonly wobble: Wobble | undefined;
  /** When the rate changes next by itself, if it does. */
  readonly bendsAt: TrueTime | undefined;
}

/** How the clock moves by itself. Its rate is constant between bends, `every` so often. */
export type Wobble =
  /** A random walk: each bend adds a normal step of this deviation. */
  | { readonly kind: 'wander'; readonly deviation: Ppm; readonly every: Duration; readonly random: Random }
  /** A slow sine, as of a room that warms by day: the rate swings by `amplitude` to both sides. */
  | { readonly kind: 'periodic'; readonly amplitude: Ppm; readonly period: Duration; readonly every: Duration; readonly from: TrueTime }
  /** It jumps by `by`, and back again at the next bend. */
  | { readonly kind: 'strobe'; readonly by: Duration; readonly every: Duration };

/** An oscillator that is `offset` ahead of true time at `at` and runs fast by `drift`. */
export function oscillator(at: TrueTime, offset: Duration, drift: Ppm, wobble?: Wobble): Oscillator {
  return {
    since: at,
    value: (at + offset) as RawTime,
    rate: drift,
    frozen: false,
    steady: drift,
    wobble,
    bendsAt: wobble === undefined ? undefined : later(at, wobble.every),
  };
}

export const wander = (deviation: Ppm, random: Random, every: Duration = seconds(1)): Wobble => ({ kind: 'wander', deviation, every, random });
export const periodic = (amplitude: Ppm, period: Duration, from: TrueTime, every: Duration = seconds(1)): Wobble => ({
  kind: 'periodic',
  amplitude,
  period,
  every,
  from,
});

/** The reading at `at`, which must not lie beyond the next bend. Rounded to the nearest microsecond. */
export const read = (o: Oscillator, at: TrueTime): RawTime =>
  (o.frozen ? o.value : o.value + elapsed(o.since, at) + gained(elapsed(o.since, at), o.rate)) as RawTime;

/** The rate of the reading against true time, minus one. */
export const rateOf = (o: Oscillator): Ppm => (o.frozen ? ppm(-1_000_000) : o.rate);

/** Passes every bend up to `at`. Bends must be passed in order, one at a time, by whoever publishes lines. */
export function advance(o: Oscillator, at: TrueTime): Oscillator {
  let now = o;
  while (now.bendsAt !== undefined && now.bendsAt <= at) now = bend(now, now.bendsAt);
  return now;
}

function bend(o: Oscillator, at: TrueTime): Oscillator {
  const { wobble } = o;
  if (wobble === undefined) return o;
  const now = { ...rebased(o, at), bendsAt: later(at, wobble.every) };
  if (wobble.kind !== 'strobe') return { ...now, rate: wobbled(o, wobble, at) };
  return { ...now, value: later(now.value, wobble.by), wobble: { ...wobble, by: negated(wobble.by) } };
}

function wobbled(o: Oscillator, wobble: Exclude<Wobble, { kind: 'strobe' }>, at: TrueTime): Ppm {
  switch (wobble.kind) {
    case 'wander':
      return ppm(o.rate + wobble.deviation * normal(wobble.random));
    case 'periodic':
      return ppm(o.steady + wobble.amplitude * Math.sin((2 * Math.PI * elapsed(wobble.from, at)) / wobble.period));
  }
}

/** What a fault does to a raw clock, and synchronisation never does. */
export type ClockFault =
  /** The clock jumps by `by`. */
  | { readonly fault: 'step'; readonly by: Duration }
  /** From now on it runs fast by `rate`. */
  | { readonly fault: 'drift'; readonly rate: Ppm }
  /** It stands still, or runs again from where it stood. */
  | { readonly fault: 'freeze' | 'thaw' }
  /** Its rate wanders, by steps of this deviation each second. */
  | { readonly fault: 'wander'; readonly deviation: Ppm; readonly seed: number }
  /** It jumps by `by` and back, again and again. */
  | { readonly fault: 'strobe'; readonly by: Duration }
  /** It runs at its steady rate again. */
  | { readonly fault: 'steady' };

/** The oscillator from `at` on, once `fault` has happened to it. */
export function afflicted(o: Oscillator, at: TrueTime, fault: ClockFault): Oscillator {
  const now = rebased(o, at);
  switch (fault.fault) {
    case 'step':
      return { ...now, value: later(now.value, fault.by) };
    case 'drift':
      return { ...now, rate: fault.rate, steady: fault.rate };
    case 'freeze':
      return { ...now, frozen: true };
    case 'thaw':
      return { ...now, frozen: false };
    case 'wander':
      return wobbling(now, wander(fault.deviation, stream(fault.seed, 'wander')));
    case 'strobe':
      return wobbling(now, { kind: 'strobe', by: fault.by, every: milliseconds(500) });
    case 'steady':
      return { ...now, rate: now.steady, wobble: undefined, bendsAt: undefined };
  }
}

const wobbling = (o: Oscillator, wobble: Wobble): Oscillator => ({ ...o, wobble, bendsAt: later(o.since, wobble.every) });

/** The same reading, told from `at` on. */
const rebased = (o: Oscillator, at: TrueTime): Oscillator => ({ ...o, since: at, value: read(o, at) });

/** When the oscillator will read `raw`, if its rate stays as it is; never, for a frozen one. */
export const reaches = (o: Oscillator, raw: RawTime): TrueTime | undefined =>
  o.frozen ? undefined : later(o.since, Math.ceil(elapsed(o.value, raw) / (1 + o.rate / 1e6)) as Duration);
