/** How the command line reads its values: each reader says what is allowed, and commander turns that into exit code 2. */
import { InvalidArgumentError } from 'commander';
import { type Delay, parseDelay } from '../../shared/faults/delay.ts';
import { type Duration, parseDuration } from '../../shared/time.ts';

export function whole(least: number, most: number): (text: string) => number {
  return (text) => {
    const n = Number(text);
    if (!/^-?\d+$/.test(text) || n < least || n > most) throw new InvalidArgumentError(`Give a whole number from ${least} to ${most}.`);
    return n;
  };
}

export function real(least: number, most: number): (text: string) => number {
  return (text) => {
    const n = Number(text);
    if (text.trim() === '' || !Number.isFinite(n) || n < least || n > most) throw new InvalidArgumentError(`Give a number from ${least} to ${most}.`);
    return n;
  };
}

export function duration(text: string): Duration {
  const value = parseDuration(text);
  if (value === undefined || value < 0) throw new InvalidArgumentError('Give a duration such as 250us, 20ms, 10s or 5min.');
  return value;
}

export function delay(text: string): Delay {
  const value = parseDelay(text);
  if (value === undefined) {
    throw new InvalidArgumentError('Give constant:10ms, uniform:5ms:25ms, normal:20ms:5ms (mean, deviation) or exponential:10ms (mean).');
  }
  return value;
}

/** `5` or `6,7,8`. */
export function ids(text: string): readonly number[] {
  if (!/^\d+(?:,\d+)*$/.test(text)) throw new InvalidArgumentError('Give ids, such as 5 or 6,7,8.');
  return [...new Set(text.split(',').map(Number))];
}

/** A seed is any 32-bit number; the same seed gives the same bytes. */
export const seed = whole(0, 0xffff_ffff);
