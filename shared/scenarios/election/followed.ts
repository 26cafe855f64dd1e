/** Whom processes follow in the end: what one of them did before its last turn of mind is over. */
import type { HistoryEvent } from '../../history.ts';
import type { NodeId } from '../../protocol.ts';

type Elected = Extract<HistoryEvent, { kind: 'election.elected' }>;

const turning: readonly string[] = [
  'election.elected',
  'election.stepped-down',
  'node.started',
  'node.stopped',
] satisfies readonly HistoryEvent['kind'][];

/** How `id` came to follow whom it follows at the end of the history; `undefined` where it runs no more, or follows nobody. */
export function lastFollowed(history: readonly HistoryEvent[], id: NodeId): Elected | undefined {
  const last = history.findLast(({ node, kind }) => node === id && turning.includes(kind));
  return last?.kind === 'election.elected' ? last : undefined;
}
