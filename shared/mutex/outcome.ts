/** What happens around a critical section, whichever algorithm guards it. */
import type { FencingToken, NodeId, Term } from '../protocol.ts';
import type { Duration } from '../time.ts';

export type MutexEvent =
  /** The process wants to enter. `timestamp` is what its request is ordered by, where the algorithm orders by Lamport time. */
  | { readonly kind: 'mutex.requested'; readonly request: number; readonly timestamp: number }
  | {
      readonly kind: 'mutex.entered';
      readonly request: number;
      /** Rises when the algorithm is switched: tokens compare within one generation. */
      readonly generation: number;
      readonly token: FencingToken | null;
      readonly waited: Duration;
    }
  | { readonly kind: 'mutex.exited'; readonly request: number; readonly held: Duration }
  /** It waits for processes that are suspected, and cannot enter until they return, by design; for nobody any more where the list is empty. */
  | { readonly kind: 'mutex.blocked'; readonly request: number; readonly on: readonly NodeId[] }
  /** It has waited for longer than a healthy queue can take. Something may be lost, so it asks again those whom it waits for. */
  | { readonly kind: 'mutex.asked-again'; readonly request: number; readonly of: readonly NodeId[] }
  /** It does without the permission of one who is suspected: from here on safety rests on the failure detector. */
  | { readonly kind: 'mutex.skipped'; readonly request: number; readonly past: NodeId }
  /** Its lease is over while it is still inside. */
  | { readonly kind: 'mutex.lapsed'; readonly request: number; readonly token: FencingToken }
  /** The coordinator takes back what a process holds that has crashed, or whose lease is over. */
  | { readonly kind: 'mutex.reclaimed'; readonly from: NodeId; readonly why: 'crashed' | 'lapsed' }
  /** The token was lost with whoever held it; the leader has made a new one, whose term is higher. */
  | { readonly kind: 'mutex.regenerated'; readonly term: Term; readonly instead: Term | null }
  /** A message was not used: of an older term, a second copy, or of a request that is over. */
  | { readonly kind: 'mutex.refused'; readonly message: string; readonly from: NodeId; readonly why: 'stale-term' | 'duplicate' | 'outdated' }
  /** What became of the section's write to the register. */
  | { readonly kind: 'mutex.written'; readonly request: number; readonly value: number }
  | { readonly kind: 'mutex.fenced'; readonly request: number; readonly token: FencingToken | null; readonly highest: FencingToken | null }
  | { readonly kind: 'mutex.unwritten'; readonly request: number };
