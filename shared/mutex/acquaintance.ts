/**
 * Which start of each peer is known, as the algorithms without a coordinator need it.
 *
 * Nobody is spoken to before it has been heard of: what is said to a process that has not started yet is lost. A newer
 * start knows nothing of what an earlier one was told, and whatever an earlier one said is void. What was said to a peer
 * while it was suspected may be lost, and is said again when it is back. Links lose frames without a suspicion too: that shows
 * only in waiting for too long (`patience.ts`).
 */
import type { NodeId, Signal } from '../protocol.ts';

interface Known {
  readonly start: number;
  readonly suspected: boolean;
}

export type Acquaintance = ReadonlyMap<NodeId, Known>;

export const strangers: Acquaintance = new Map();

/** What a sign of life says: this start is the known one, it is a newer one, or the first one heard of, or it is back; or the sign is of one that is over. */
export type Sign = 'known' | 'new' | 'back' | 'outdated';

export interface Met {
  readonly known: Acquaintance;
  readonly sign: Sign;
}

/** A message of this start of a peer. */
export function met(known: Acquaintance, peer: NodeId, start: number): Met {
  const before = known.get(peer);
  if (before !== undefined && start < before.start) return { known, sign: 'outdated' };
  if (before?.start === start) return { known, sign: 'known' };
  return { known: new Map(known).set(peer, { start, suspected: false }), sign: 'new' };
}

/** What the failure detector says of a peer. */
export function judged(known: Acquaintance, signal: Extract<Signal, { kind: 'trusted' | 'suspected' }>): Met {
  const { peer } = signal;
  const before = known.get(peer);
  if (signal.kind === 'suspected') {
    return { known: before === undefined ? known : new Map(known).set(peer, { ...before, suspected: true }), sign: 'known' };
  }
  const { known: after, sign } = met(known, peer, signal.incarnation);
  if (sign !== 'known' || before === undefined || (!before.suspected && signal.missed !== true)) return { known: after, sign };
  return { known: new Map(known).set(peer, { ...before, suspected: false }), sign: 'back' };
}
