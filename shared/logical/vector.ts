/**
 * Vector clocks (Fidge 1988, Mattern 1989): one event could have caused another exactly if its vector is the smaller.
 *
 * Entries are keyed by node id; a missing entry is zero.
 */
import type { NodeId } from '../protocol.ts';
import { furthestCount } from './lamport.ts';

export type VectorTime = Readonly<Record<NodeId, number>>;

/** The stamp of the next event of `self`. */
export const tick = (own: VectorTime, self: NodeId): VectorTime => ({ ...own, [self]: (own[self] ?? 0) + 1 });

/** The stamp of `self` receiving a message that was stamped `received`. Entries that no run leads to are passed over. */
export function receive(own: VectorTime, received: VectorTime, self: NodeId): VectorTime {
  const merged: Record<number, number> = { ...own };
  for (const [id, n] of Object.entries(received)) if (n <= furthestCount) merged[Number(id)] = Math.max(merged[Number(id)] ?? 0, n);
  return tick(merged, self);
}

/** Whether the event stamped `a` happened before the one stamped `b`. */
export function before(a: VectorTime, b: VectorTime): boolean {
  const ids = new Set([...Object.keys(a), ...Object.keys(b)].map(Number)) as Set<NodeId>;
  let less = false;
  for (const id of ids) {
    const [x, y] = [a[id] ?? 0, b[id] ?? 0];
    if (x > y) return false;
    if (x < y) less = true;
  }
  return less;
}
