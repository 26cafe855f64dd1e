/**
 * Time, in whole microseconds.
 *
 * Four timescales are read in this lab, and their readings must never be mixed:
 * - `true`:  what an ideal clock shows. Only worlds, the oracle and the checkers may see it.
 * - `mono`:  a node's monotonic counter, which never jumps or freezes. Timers, leases and failure detectors live on it.
 * - `raw`:   a node's free-running oscillator. It drifts and may be faulty, but is never set. Clock samples are taken on it.
 * - `clock`: the node's disciplined clock, `raw` plus every correction so far. Messages carry it.
 *
 * Instants and durations are branded numbers, so that mixing timescales does not compile, while frames stay plain JSON.
 * A microsecond count since 1970 fits a double exactly until the year 2255.
 */
declare const timescale: unique symbol;
declare const quantity: unique symbol;

export type Timescale = 'true' | 'mono' | 'raw' | 'clock';
export type Instant<S extends Timescale> = number & { readonly [timescale]: S };
export type TrueTime = Instant<'true'>;
export type MonoTime = Instant<'mono'>;
export type RawTime = Instant<'raw'>;
export type ClockTime = Instant<'clock'>;

/** A signed length of time. The same unit on every timescale. */
export type Duration = number & { readonly [quantity]: 'microseconds' };
/** A rate error in parts per million: at +50 ppm a clock gains 50 microseconds each second. */
export type Ppm = number & { readonly [quantity]: 'ppm' };

/** Rounds to the nearest whole microsecond. Adding zero turns -0 into 0, which would compare differently and is no time at all. */
export const microseconds = (n: number): Duration => (Math.round(n) + 0) as Duration;
export const milliseconds = (n: number): Duration => microseconds(n * 1_000);
export const seconds = (n: number): Duration => microseconds(n * 1_000_000);
export const ppm = (n: number): Ppm => n as Ppm;
export const none = 0 as Duration;

/** How long from `earlier` to `later`; both must be readings of the same timescale. */
export const elapsed = <S extends Timescale>(earlier: Instant<S>, later: NoInfer<Instant<S>>): Duration => (later - earlier) as Duration;
export const later = <S extends Timescale>(at: Instant<S>, by: Duration): Instant<S> => (at + by) as Instant<S>;

export const sum = (...ds: readonly Duration[]): Duration => ds.reduce((a, d) => a + d, 0) as Duration;
export const minus = (a: Duration, b: Duration): Duration => (a - b) as Duration;
export const negated = (d: Duration): Duration => (0 - d) as Duration;
/** The mean, rounded to the nearest microsecond. */
export const mean = (ds: readonly Duration[]): Duration => microseconds(sum(...ds) / ds.length);
export const half = (d: Duration): Duration => microseconds(d / 2);
export const magnitude = (d: Duration): Duration => Math.abs(d) as Duration;
export const shortest = (...ds: readonly Duration[]): Duration => Math.min(...ds) as Duration;
export const longest = (...ds: readonly Duration[]): Duration => Math.max(...ds) as Duration;

/** What a clock that is wrong by `rate` gains over `span`, rounded to the nearest microsecond. */
export const gained = (span: Duration, rate: Ppm): Duration => microseconds((span * rate) / 1e6);
/** The most that a clock whose rate is wrong by up to `rate` can gain over `span`, rounded up: for bounds. */
export const atMost = (span: Duration, rate: Ppm): Duration => Math.ceil((Math.abs(span) * rate) / 1e6) as Duration;

/** `+1.250ms`: always signed, always milliseconds, so that columns of offsets line up. */
export const format = (d: Duration): string => `${d < 0 ? '-' : '+'}${(Math.abs(d) / 1_000).toFixed(3)}ms`;
/** `±0.850ms`. */
export const formatBound = (d: Duration): string => `±${(d / 1_000).toFixed(3)}ms`;

const units: Readonly<Record<string, number>> = { us: 1, ms: 1e3, s: 1e6, min: 60e6, h: 3600e6 };
/** Reads `500ms`, `-1.5s`, `250us`, `10min`; `undefined` where the text is no duration, or one too long to be counted exactly. */
export function parseDuration(text: string): Duration | undefined {
  const [, number, unit] = /^([+-]?\d+(?:\.\d+)?)(us|ms|s|min|h)$/.exec(text) ?? [];
  const factor = unit === undefined ? undefined : units[unit];
  const count = factor === undefined ? Number.NaN : microseconds(Number(number) * factor);
  return Number.isSafeInteger(count) ? (count as Duration) : undefined;
}
