/** How long a link takes, drawn anew for each frame and direction. */
import { between, normal, type Random } from '../random.ts';
import { type Duration, microseconds, parseDuration } from '../time.ts';

export type Delay =
  | { readonly distribution: 'constant'; readonly value: Duration }
  | { readonly distribution: 'uniform'; readonly least: Duration; readonly most: Duration }
  | { readonly distribution: 'normal'; readonly mean: Duration; readonly deviation: Duration }
  | { readonly distribution: 'exponential'; readonly mean: Duration };

export const constant = (value: Duration): Delay => ({ distribution: 'constant', value });
export const uniform = (least: Duration, most: Duration): Delay => ({ distribution: 'uniform', least, most });

/** Never negative: a normal delay that would be is drawn as none at all. */
export function draw(delay: Delay, random: Random): Duration {
  switch (delay.distribution) {
    case 'constant':
      return delay.value;
    case 'uniform':
      return microseconds(between(random, delay.least, delay.most));
    case 'normal':
      return microseconds(Math.max(0, delay.mean + delay.deviation * normal(random)));
    case 'exponential':
      return microseconds(-delay.mean * Math.log(1 - random()));
  }
}

/** The text that `parseDelay` reads. */
export function formatDelay(delay: Delay): string {
  switch (delay.distribution) {
    case 'constant':
      return `constant:${delay.value}us`;
    case 'uniform':
      return `uniform:${delay.least}us:${delay.most}us`;
    case 'normal':
      return `normal:${delay.mean}us:${delay.deviation}us`;
    case 'exponential':
      return `exponential:${delay.mean}us`;
  }
}

/** The longest delay to reckon with; for those that have no bound, one that hardly any frame exceeds. */
export function longestOf(delay: Delay): Duration {
  switch (delay.distribution) {
    case 'constant':
      return delay.value;
    case 'uniform':
      return delay.most;
    case 'normal':
      return microseconds(delay.mean + 4 * delay.deviation);
    case 'exponential':
      return microseconds(7 * delay.mean);
  }
}

/** Reads `constant:10ms`, `uniform:5ms:25ms`, `normal:20ms:5ms` (mean, deviation) or `exponential:10ms` (mean). */
export function parseDelay(text: string): Delay | undefined {
  const [distribution, ...texts] = text.split(':');
  const values = texts.map(parseDuration);
  const [a, b] = values;
  if (values.some((v) => v === undefined || v < 0) || a === undefined) return undefined;
  if (values.length === 1 && distribution === 'constant') return { distribution, value: a };
  if (values.length === 1 && distribution === 'exponential') return { distribution, mean: a };
  if (b === undefined || values.length !== 2) return undefined;
  if (distribution === 'uniform') return a <= b ? { distribution, least: a, most: b } : undefined;
  if (distribution === 'normal') return { distribution, mean: a, deviation: b };
  return undefined;
}
