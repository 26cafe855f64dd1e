/**
 * Liars: nodes whose frames tell another time than their clocks show. The lie is told between driver and link, so the node
 * itself knows nothing of it, and a two-faced one can tell each peer something else.
 */
import type { NodeId } from '../protocol.ts';
import { type Duration, none, sum } from '../time.ts';

export interface Lie {
  readonly from: NodeId;
  /** To whom it is told; to everyone, if nobody is named. */
  readonly to?: readonly NodeId[];
  /** How far the told clock is ahead of the true answer. */
  readonly by: Duration;
}

/** The message as `from` tells it to `to`: any clock in it is shifted by the lies in force. */
export function told<M extends object>(lies: readonly Lie[], from: NodeId, to: NodeId, message: M): M {
  const by = sum(none, ...lies.filter((l) => l.from === from && (l.to?.includes(to) ?? true)).map((l) => l.by));
  return by === 0 || !('clock' in message) || typeof message.clock !== 'number' ? message : { ...message, clock: message.clock + by };
}
