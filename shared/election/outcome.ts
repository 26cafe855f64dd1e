/** What every election ends in: the one thing that the rest of a node hears of it. */
import type { NodeId, Term } from '../protocol.ts';

export interface Elected {
  readonly kind: 'election.elected';
  readonly leader: NodeId;
  readonly term: Term;
}
