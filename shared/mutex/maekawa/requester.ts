/**
 * A process that wants to enter needs the grant of every arbiter of its quorum. While one of them has told it that it
 * failed, it cannot enter soon, and gives back whatever it is asked for.
 */
import type { NodeId } from '../../protocol.ts';
import type { Claim } from '../claim.ts';
import type { Answering, Asking } from './words.ts';

export interface Vote {
  /** How often it was given back. */
  readonly turn: number;
  readonly state: 'asked' | 'failed' | 'granted';
  /** The arbiter wants it back, if it can be spared. */
  readonly inquired: boolean;
}

export interface Requester {
  /** From wanting to leaving. */
  readonly own: Claim | undefined;
  readonly votes: ReadonlyMap<NodeId, Vote>;
}

export interface Wish {
  readonly kind: Asking['kind'];
  readonly to: NodeId;
  readonly turn: number;
}

export interface Move {
  readonly requester: Requester;
  readonly wishes: readonly Wish[];
}

export const content: Requester = { own: undefined, votes: new Map() };

export const wanting = (own: Claim, quorum: readonly NodeId[]): Requester => ({
  own,
  votes: new Map(quorum.map((id) => [id, { turn: 0, state: 'asked', inquired: false }])),
});

/** Whoever has not granted yet. */
export const missing = ({ votes }: Requester): readonly NodeId[] => [...votes].filter(([, vote]) => vote.state !== 'granted').map(([id]) => id);

/** `undefined` where the answer belongs to a request, or to a turn of it, that is over. */
export function answered(requester: Requester, from: NodeId, { kind, start, request, turn }: Answering): Move | undefined {
  const { own, votes } = requester;
  const vote = votes.get(from);
  if (own === undefined || vote === undefined || own.incarnation !== start || own.request !== request || vote.turn !== turn) return undefined;
  switch (kind) {
    case 'maekawa.grant':
      return spared(voting(requester, from, { ...vote, state: 'granted' }));
    case 'maekawa.inquire':
      return spared(voting(requester, from, { ...vote, inquired: true }));
    case 'maekawa.failed':
      // It was overtaken by the grant of the same turn.
      return vote.state === 'granted' ? undefined : spared(voting(requester, from, { ...vote, state: 'failed' }));
  }
}

/** A new start of an arbiter has granted nothing, and is asked anew. */
export function forgotten(requester: Requester, arbiter: NodeId): Requester {
  const vote = requester.votes.get(arbiter);
  return vote === undefined ? requester : voting(requester, arbiter, { ...vote, state: 'asked', inquired: false });
}

/** Gives back what arbiters want back, unless it may yet be enough to enter with. What was given back counts as failed. */
function spared(requester: Requester): Move {
  const votes = [...requester.votes];
  if (votes.every(([, { state }]) => state !== 'failed')) return { requester, wishes: [] };
  const yielded = votes.filter(([, { state, inquired }]) => state === 'granted' && inquired);
  return {
    requester: yielded.reduce((r, [id, { turn }]) => voting(r, id, { turn: turn + 1, state: 'failed', inquired: false }), requester),
    wishes: yielded.map(([to, { turn }]) => ({ kind: 'maekawa.yield', to, turn })),
  };
}

const voting = (requester: Requester, arbiter: NodeId, vote: Vote): Requester => ({
  ...requester,
  votes: new Map(requester.votes).set(arbiter, vote),
});
