/**
 * What went before, in short: of a past that cannot be judged, since it is not told completely, only where it has led to.
 *
 * Whoever watches from the middle on has to know who lives, who follows whom, who takes whom for dead, and what is run; the
 * rest of it is over.
 */
import type { HistoryEvent } from '../../shared/history.ts';

/** What `told`, in the order of true time, has led to: the newest event of each matter, put at the instant `at`. */
export function leftBy(told: readonly HistoryEvent[], at: number): readonly HistoryEvent[] {
  const newest = new Map<string, HistoryEvent>();
  for (const event of told) {
    const matter = matterOf(event);
    if (event.kind === 'node.started' || event.kind === 'node.stopped')
      for (const [key, { node }] of newest) if (node === event.node) newest.delete(key);
    if (matter === undefined) continue;
    newest.delete(matter);
    newest.set(matter, event);
  }
  return [...newest.values()].map((event) => ({ ...event, trueUs: at }) as HistoryEvent);
}

function matterOf(event: HistoryEvent): string | undefined {
  switch (event.kind) {
    case 'node.started':
    case 'node.stopped':
      return `${event.node} runs`;
    case 'election.elected':
    case 'election.stepped-down':
      return `${event.node} follows`;
    case 'heartbeat.suspected':
    case 'heartbeat.trusted':
      return `${event.node} thinks of ${event.peer}`;
    case 'node.switched':
    case 'node.opened':
      return `${event.node} ${event.kind}`;
    default:
      return undefined;
  }
}
