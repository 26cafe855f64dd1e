/**
 * What happened here, kept for whoever watches: the last events of this start of the node, as the lines they travel in.
 *
 * Each event is made into text once, however many watch, and text is also the smallest way to keep it.
 */
import type { HistoryEvent } from '../../shared/history.ts';

const kept = 20_000;

export class History {
  readonly #lines: string[] = [];
  /** The number of the oldest event that is kept. */
  #first = 1;
  #heard: () => void = () => undefined;

  /** The number of the newest event; 0 before the first. */
  get last(): number {
    return this.#first + this.#lines.length - 1;
  }

  /** Tells that there is something new. */
  onEvent(heard: () => void): void {
    this.#heard = heard;
  }

  record(event: HistoryEvent): void {
    this.#lines.push(JSON.stringify(event));
    // In bulk, since to take the first of a long list is to move all others.
    if (this.#lines.length > kept * 1.1) {
      const surplus = this.#lines.length - kept;
      this.#lines.splice(0, surplus);
      this.#first += surplus;
    }
    this.#heard();
  }

  /** Events after `since`, as many as fit into so many characters but at least one, and the number of the last of them. */
  after(since: number, most: number): { readonly lines: readonly string[]; readonly last: number } {
    const from = Math.max(since + 1, this.#first) - this.#first;
    let to = from;
    for (let size = 0; to < this.#lines.length; to++) {
      size += (this.#lines[to]?.length ?? 0) + 1;
      if (size > most && to > from) break;
    }
    return { lines: this.#lines.slice(from, to), last: this.#first + to - 1 };
  }
}
