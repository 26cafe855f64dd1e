/**
 * How numbers are worded on the page: always signed where a sign means something, always milliseconds, so that a column
 * of them can be read downwards. A dash stands for what is not claimed or not known.
 */
import type { LimitsView } from '../live-frames.ts';

const dash = '–';
/** A number and its unit stay on one line. */
const gap = '\u00a0';

/** Fewer decimals for larger numbers: they fit the same room, and nobody reads microseconds off half a second. */
const digits = (ms: number): string => ms.toFixed(ms >= 99.95 ? 1 : 2);

const magnitude = (us: number): string =>
  Math.abs(us) >= 9_999_950 ? `${(Math.abs(us) / 1e6).toFixed(2)}${gap}s` : `${digits(Math.abs(us) / 1_000)}${gap}ms`;

/** `+3.42 ms`, `−350.0 ms`, `+12.00 s`. */
export const signed = (us: number | null | undefined): string =>
  us === null || us === undefined ? dash : us === 0 ? `0${gap}ms` : `${us < 0 ? '−' : '+'}${magnitude(us)}`;
export const bound = (us: number | null | undefined): string =>
  us === null || us === undefined ? dash : us === 0 ? `±0${gap}ms` : `±${magnitude(us)}`;
export const span = (us: number | null | undefined): string => (us === null || us === undefined ? dash : magnitude(us));
export const ppm = (rate: number | null | undefined): string =>
  rate === null || rate === undefined ? dash : `${rate < 0 ? '−' : '+'}${Math.abs(rate).toFixed(0)}${gap}ppm`;
export const count = (n: number): string => n.toLocaleString('en-US');

/** What a closed form allows: `28`, `≤ 28`, `4 to 11`, `≥ 4`. */
export function allowed({ least, most }: LimitsView): string {
  if (most === null) return `≥${gap}${count(least)}`;
  if (least === most) return count(most);
  return least === 0 ? `≤${gap}${count(most)}` : `${count(least)} to ${count(most)}`;
}

/** A fencing token, as short as it can be told from others of this cluster: the number of its term, and its count. */
export const token = (text: string | null): string => text?.replace(/^(\d+)\.\d+\.\d+\//, '$1/') ?? dash;

/** The number of a term, without the node and the incarnation that make it unique. */
export const term = (text: string | null): string => text?.split('.')[0] ?? dash;

/** `19:48:52.314`. `east` is how many minutes local time is ahead of UTC. */
export function timeOfDay(epochUs: number, east: number): string {
  const ms = inDay(epochUs, east) / 1_000;
  const two = (n: number): string => String(Math.floor(n)).padStart(2, '0');
  return `${two(ms / 3_600_000)}:${two((ms / 60_000) % 60)}:${two((ms / 1_000) % 60)}.${String(Math.floor(ms % 1_000)).padStart(3, '0')}`;
}

const day = 86_400_000_000;
/** Microseconds since local midnight. */
export const inDay = (epochUs: number, east: number): number => (((epochUs + east * 60_000_000) % day) + day) % day;
