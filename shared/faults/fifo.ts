/**
 * Links that keep the order of their frames. Delays are drawn for each frame, so that one may overtake another; what is
 * sent over an ordered link arrives no earlier than what was sent before it.
 */
import type { NodeId } from '../protocol.ts';
import type { TrueTime } from '../time.ts';

export class Fifo {
  readonly #last = new Map<string, TrueTime>();

  /** When a frame arrives that would be there at `due` if nothing were before it. */
  arrival(from: NodeId, to: NodeId, due: TrueTime): TrueTime {
    const link = `${from}/${to}`;
    const at = Math.max(due, this.#last.get(link) ?? 0) as TrueTime;
    this.#last.set(link, at);
    return at;
  }
}
