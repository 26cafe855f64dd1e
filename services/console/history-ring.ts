/**
 * The newest part of what all nodes have done, in the order in which the console heard of it.
 *
 * It is a ring, because a lab that is left running overnight must not fill the memory of its control room. Each event
 * gets a number of the console's own, so that a reader who names the last one it has seen misses none and gets none twice.
 */
import type { HistoryEvent } from './live-frames.ts';

export interface HistoryPage {
  readonly events: readonly HistoryEvent[];
  /** What to ask for next: the number of the last event of this page, or the one asked for where there is none after it. */
  readonly next: number;
}

export class HistoryRing {
  readonly #capacity: number;
  #events: HistoryEvent[] = [];
  #newest = 0;

  constructor(capacity = 50_000) {
    this.#capacity = capacity;
  }

  get newest(): number {
    return this.#newest;
  }

  append(event: HistoryEvent): HistoryEvent {
    this.#newest += 1;
    const numbered = { ...event, seq: this.#newest };
    this.#events.push(numbered);
    // Old events are cut off in slices: moving the whole array for each new event would cost more than keeping a few.
    if (this.#events.length >= this.#capacity * 1.1) this.#events = this.#events.slice(-this.#capacity);
    return numbered;
  }

  /** The first `limit` events after number `seq` that are still kept. */
  after(seq: number, limit: number): HistoryPage {
    const oldest = this.#events[0]?.seq ?? 1;
    const from = Math.max(0, seq + 1 - oldest);
    const events = this.#events.slice(from, from + limit);
    return { events, next: events.at(-1)?.seq ?? Math.min(seq, this.#newest) };
  }
}
