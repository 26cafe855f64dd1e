/**
 * The log of what happened, newest first, short enough to be read.
 *
 * What comes round every two seconds would push out what happens once. Such an entry is therefore updated in place and
 * counted, until something else worth noting comes after it.
 */
import type { Sentence } from './words.ts';

export interface Entry extends Sentence {
  readonly id: number;
  /** When it happened, in microseconds of true time. */
  readonly atUs: number;
  /** Entries of one node and one kind belong together. */
  readonly topic: string;
  readonly times: number;
}

export const longest = 50;

export function note(log: readonly Entry[], entry: Omit<Entry, 'times'>): readonly Entry[] {
  if (entry.routine) {
    const barrier = log.findIndex((e) => !e.routine);
    const same = log.findIndex((e) => e.topic === entry.topic);
    const earlier = log[same];
    if (earlier !== undefined && (barrier === -1 || same < barrier)) return log.with(same, { ...entry, id: earlier.id, times: earlier.times + 1 });
  }
  return [{ ...entry, times: 1 }, ...log].slice(0, longest);
}
