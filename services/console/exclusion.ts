/**
 * Judges mutual exclusion while the cluster runs. A crash ends a critical section, a pause does not: of a node that is
 * silent while its connection stays open, nobody can say that it is not inside any more.
 */
import type { NodeId } from '../../shared/protocol.ts';
import type { TrueTime } from '../../shared/time.ts';
import { InOrder } from './in-order.ts';
import type { HistoryEvent } from './live-frames.ts';
import { Overlaps } from './overlaps.ts';
import type { Watched } from './watched.ts';

export class LiveExclusion {
  readonly #overlaps = new Overlaps();
  readonly #order = new InOrder((event) => this.#overlaps.observe(event));

  happened(event: HistoryEvent): void {
    this.#order.happened(event);
  }

  /** Judges everything up to `at`, the instant of a picture on which the nodes `up` are up. */
  judge(nodes: readonly Watched[], at: TrueTime, up: ReadonlySet<NodeId>): void {
    this.#order.moveTo(nodes, at, new Set([...up, ...nodes.flatMap(({ id, connected }) => (connected ? [id] : []))]));
  }

  /** Critical sections that overlapped another. */
  get overlaps(): number {
    return this.#overlaps.count;
  }
}
