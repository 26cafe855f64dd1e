/** What became of this node's messages, by kind: taken where they are handed to the link, and nowhere else. */
import type { MessageCount } from '../../shared/history.ts';

export type MessageOutcome = 'delivered' | 'dropped' | 'unanswered';

const nothing: MessageCount = { attempted: 0, delivered: 0, dropped: 0, unanswered: 0 };

export class Counts {
  readonly #counts = new Map<string, MessageCount>();
  readonly #told: (kind: string, outcome: MessageOutcome) => void;

  /** Every kind from the start, so that a nought is told as one. */
  constructor(kinds: readonly string[], told: (kind: string, outcome: MessageOutcome) => void) {
    this.#told = told;
    for (const kind of kinds) this.#counts.set(kind, nothing);
  }

  attempted(kind: string): void {
    this.#add(kind, 'attempted');
  }

  ended(kind: string, outcome: MessageOutcome): void {
    this.#add(kind, outcome);
    this.#told(kind, outcome);
  }

  all(): Readonly<Record<string, MessageCount>> {
    return Object.fromEntries(this.#counts);
  }

  #add(kind: string, what: keyof MessageCount): void {
    const count = this.#counts.get(kind) ?? nothing;
    this.#counts.set(kind, { ...count, [what]: count[what] + 1 });
  }
}
