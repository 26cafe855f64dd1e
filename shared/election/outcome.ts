/**
 * What elections say of themselves, whatever the algorithm: the same words for all of them, so that one checker, one
 * transcript and one page serve all. `election.elected` is what every election ends in, and the only thing that the
 * rest of a node hears of it.
 */
import type { NodeId, Term } from '../protocol.ts';
import type { Duration } from '../time.ts';

/** This process follows `leader` from now on; itself where it won. */
export interface Elected {
  readonly kind: 'election.elected';
  readonly leader: NodeId;
  readonly term: Term;
}

/** A device, which votes on nothing, remembers `term` no more: it is a term that nobody knows who could be asked. */
export interface Forgotten {
  readonly kind: 'election.forgotten';
  readonly term: Term;
}

export type ElectionEvent =
  | Elected
  /** This process calls for an election, or is drawn into one by another's call. */
  | { readonly kind: 'election.started'; readonly number: number; readonly why: string }
  /** This process led, and does not any more. */
  | { readonly kind: 'election.stepped-down'; readonly term: Term; readonly why: string }
  /** A claim or command of a leadership older than the newest that this process has heard of. */
  | { readonly kind: 'election.stale'; readonly from: NodeId; readonly message: string; readonly term: Term }
  /** A ring's frame went to the successor after `past`, who could not be reached. */
  | { readonly kind: 'election.skipped'; readonly past: NodeId }
  /** A ring's frame that nobody takes off the ring any more: its sender crashed. */
  | { readonly kind: 'election.orphan'; readonly hops: number }
  /** This process promised `term` to follow nobody else for a while. */
  | { readonly kind: 'election.granted'; readonly term: Term }
  | { readonly kind: 'election.refused'; readonly term: Term; readonly why: string }
  /** A majority lets the leader of `term`, this process, act for so long from now. */
  | { readonly kind: 'election.lease'; readonly term: Term; readonly lasts: Duration };
