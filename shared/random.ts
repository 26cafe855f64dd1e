/**
 * Chance, from a seed. The same seed gives the same numbers on every machine, so every run can be replayed.
 *
 * Each purpose has a stream of its own, named by labels: what one link draws must not depend on how much another
 * link has drawn, or a single added message would change the whole run.
 */
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** Draws the next number of a stream, uniform in [0, 1). */
export type Random = () => number;

/** The stream of `seed` that is named by `labels`, for example `stream(1, 'link', 4, 5)`. */
export function stream(seed: number, ...labels: readonly (string | number)[]): Random {
  const generator = xoroshiro128plus(hash(`${seed}/${labels.join('/')}`));
  return () => uniformFloat64(generator);
}

/**
 * FNV-1a, then the finaliser of MurmurHash3. Without the latter, labels that differ in one character make seeds that
 * differ in few bits, and the first numbers of their streams then agree too much: two links would share their luck.
 */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) | 0;
}

export const between = (random: Random, low: number, high: number): number => low + random() * (high - low);

/** Standard normal, by the polar method of Marsaglia (1964). */
export function normal(random: Random): number {
  for (;;) {
    const x = between(random, -1, 1);
    const y = between(random, -1, 1);
    const s = x * x + y * y;
    if (s > 0 && s < 1) return x * Math.sqrt((-2 * Math.log(s)) / s);
  }
}
