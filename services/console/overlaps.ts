/**
 * How many critical sections overlapped another in true time: each that is entered while somebody else is inside counts
 * once. A crash ends a section, a pause does not.
 */
import type { HistoryEvent } from '../../shared/history.ts';
import type { NodeId } from '../../shared/protocol.ts';

export class Overlaps {
  readonly #inside = new Set<NodeId>();
  count = 0;

  /** Takes events in the order of true time. */
  observe({ kind, node }: HistoryEvent): void {
    switch (kind) {
      case 'mutex.entered':
        if ([...this.#inside].some((other) => other !== node)) this.count += 1;
        this.#inside.add(node);
        break;
      case 'mutex.exited':
      case 'node.started':
      case 'node.stopped':
        this.#inside.delete(node);
        break;
    }
  }
}
