/**
 * The course of a real cluster, made ready for the checkers.
 *
 * A simulated node that crashes says so; a real one says nothing more. Whoever ended it knows, so that its end is put
 * where it was last heard of, as is that of a start that another start of the same node has followed.
 */
import type { HistoryEvent } from '../../shared/history.ts';

/** In the order of true time; `killed` are the nodes that do not run any more. */
export function courseOf(collected: readonly HistoryEvent[], killed: ReadonlySet<number>): readonly HistoryEvent[] {
  // What the console did itself is noted under a node's name, and is no sign of its life.
  const course = collected.filter(({ kind }) => (kind as string) !== 'command.result');
  const ordered = course.toSorted((a, b) => a.trueUs - b.trueUs);
  const newest = new Map(ordered.map(({ node, incarnation }) => [node, incarnation]));
  const last = new Set(new Map(ordered.map((event) => [`${event.node}/${event.incarnation}`, event])).values());
  return ordered.flatMap((event) => {
    const over = last.has(event) && event.kind !== 'node.stopped' && (newest.get(event.node) !== event.incarnation || killed.has(event.node));
    const { seq, node, incarnation, trueUs, clockUs, lamport, vector, hybrid } = event;
    const header = { seq, node, incarnation, trueUs, clockUs, lamport, vector, hybrid };
    return over ? [event, { ...header, kind: 'node.stopped', how: 'crashed' } as const] : [event];
  });
}
