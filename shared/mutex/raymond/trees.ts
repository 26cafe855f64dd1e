/**
 * The static trees, by position in the order of ids. The root of the star is the highest id, which leads at the start; the
 * binary tree is a heap, and the line follows the ids.
 */
import type { NodeId } from '../../protocol.ts';
import type { MutexConfig } from '../config.ts';

export type Shape = MutexConfig['tree'];

/** The parent of whoever stands at `index` among `size`; none of the root. Only the way of drawing the tree: it has no top otherwise. */
function parent(shape: Shape, index: number, size: number): number | undefined {
  switch (shape) {
    case 'star':
      return index === size - 1 ? undefined : size - 1;
    case 'binary':
      return index === 0 ? undefined : (index - 1) >> 1;
    default:
      return index === 0 ? undefined : index - 1;
  }
}

/** From `index` up to the root. */
function ancestry(shape: Shape, index: number, size: number): readonly number[] {
  const above = parent(shape, index, size);
  return above === undefined ? [index] : [index, ...ancestry(shape, above, size)];
}

/** The path from one process to another along the tree, both included; empty where one of them stands nowhere in it. */
export function pathBetween(shape: Shape, members: readonly NodeId[], from: NodeId, to: NodeId): readonly NodeId[] {
  const [start, end] = [members.indexOf(from), members.indexOf(to)];
  if (start < 0 || end < 0) return [];
  const [up, down] = [ancestry(shape, start, members.length), ancestry(shape, end, members.length)];
  const meets = up.findIndex((index) => down.includes(index));
  const path = [...up.slice(0, meets + 1), ...down.slice(0, down.indexOf(up[meets] ?? 0)).reverse()];
  return path.flatMap((index) => members[index] ?? []);
}

/** The neighbour of `self` on the way to `at`; none to oneself. */
export const towards = (shape: Shape, members: readonly NodeId[], self: NodeId, at: NodeId): NodeId | undefined =>
  pathBetween(shape, members, self, at)[1];
