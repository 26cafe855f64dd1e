/**
 * What went before, in short: of a past that is not judged, since it is not told completely, or was another lock's, only
 * where it has led to.
 *
 * Whoever judges from the middle on has to know who lives and who is gone, who follows whom, who takes whom for dead, and
 * what is run; the rest of it is over.
 */
import type { HistoryEvent } from '../history.ts';

export class Background {
  /** The newest event of each matter, in the order of true time. */
  readonly #newest = new Map<string, HistoryEvent>();

  observe(event: HistoryEvent): void {
    const matter = matterOf(event);
    if (matter === undefined) return;
    if (event.kind === 'node.started' || event.kind === 'node.stopped') this.#over(event);
    this.#newest.delete(matter);
    this.#newest.set(matter, event);
  }

  /** What all that has led to, put at the instant `at`. */
  left(at: number): readonly HistoryEvent[] {
    return [...this.#newest.values()].map((event) => ({ ...event, trueUs: at }) as HistoryEvent);
  }

  /** Of one that has stopped, it is known that it belongs to the cluster. */
  #over({ kind, node: gone }: HistoryEvent): void {
    for (const [matter, { node, kind: was }] of this.#newest)
      if (node === gone && !(kind === 'node.stopped' && was === 'node.started')) this.#newest.delete(matter);
  }
}

/** What `told`, in the order of true time, has led to. */
export function leftBy(told: readonly HistoryEvent[], at: number): readonly HistoryEvent[] {
  const background = new Background();
  for (const event of told) background.observe(event);
  return background.left(at);
}

function matterOf(event: HistoryEvent): string | undefined {
  switch (event.kind) {
    case 'node.started':
    case 'node.stopped':
    case 'node.switched':
    case 'node.opened':
      return `${event.node} ${event.kind}`;
    case 'election.elected':
    case 'election.stepped-down':
      return `${event.node} follows`;
    case 'heartbeat.suspected':
    case 'heartbeat.trusted':
      return `${event.node} thinks of ${event.peer}`;
    default:
      return undefined;
  }
}
