/**
 * Where the zero of true time lies on the host's wall clock, to a few microseconds, although that one is read in whole
 * milliseconds.
 *
 * A reading says only that the zero lies within a millisecond from it on. What every reading allows is known far better,
 * best by one right after the wall clock has ticked. A reading that contradicts tells that the host's clock was set.
 */
import { elapsed, later, milliseconds } from '../../shared/time.ts';
import { trueNow, wallNow } from './clock.ts';

/** Two readings of the counter further apart than this do not tell when the one between them was made. */
const atOnceUs = 50;
const tickUs = 1_000;

/** The nearest to `anchor` that a reading allows, which says that it is `from` or less than a tick more. */
export const allowed = (anchor: number, from: number): number => Math.min(Math.max(anchor, from), from + tickUs - 1);

export class WallAnchor {
  #anchor = Number.NEGATIVE_INFINITY;

  /** Reads for a few ticks, so that one of the readings is made right after one. */
  constructor() {
    const end = later(trueNow(), milliseconds(5));
    while (trueNow() < end || this.#anchor === Number.NEGATIVE_INFINITY) this.#read();
  }

  /** The wall clock minus the counter, in microseconds. */
  now(): number {
    this.#read();
    return this.#anchor;
  }

  #read(): void {
    const before = trueNow();
    const from = wallNow() - before;
    if (elapsed(before, trueNow()) <= atOnceUs) this.#anchor = allowed(this.#anchor, from);
  }
}
