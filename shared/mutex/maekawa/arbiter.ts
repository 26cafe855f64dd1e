/**
 * An arbiter has one grant to give, and gives it to the first in the order of requests. It may learn of an earlier one only
 * when it has granted a later one already. Then it asks the holder for its grant back, which a holder gives that cannot
 * enter yet; and whoever may have to wait for others is told that it failed, so that holders know whether they can
 * (Sanders 1987, ACM TOCS 5(3):284-299, where the original of 1985 leaves a waiter untold, and can deadlock).
 */
import type { NodeId } from '../../protocol.ts';
import { type Claim, precedes } from '../claim.ts';
import type { Answering, Tag } from './words.ts';

/** A request as it stands here. */
export interface Standing {
  readonly claim: Claim;
  /** How often it has yielded the grant. */
  readonly turn: number;
  /** It knows that it cannot count on this grant soon. */
  readonly failed: boolean;
}

export interface Arbiter {
  readonly granted: Standing | undefined;
  /** The holder was asked for the grant; once is enough. */
  readonly inquired: boolean;
  /** The earliest first. */
  readonly queue: readonly Standing[];
  /** It tells of its grants: nobody can be inside with one of an earlier start of this arbiter any more, and not have said so. */
  readonly open: boolean;
  /** The newest request of each process that is over: no second copy of it is granted. */
  readonly over: ReadonlyMap<NodeId, number>;
}

export interface Say {
  readonly kind: Answering['kind'];
  readonly to: Standing;
}

export interface Ruling {
  readonly arbiter: Arbiter;
  readonly says: readonly Say[];
}

export const closed: Arbiter = { granted: undefined, inquired: false, queue: [], open: false, over: new Map() };

export function requested(arbiter: Arbiter, claim: Claim, turn: number, yields: boolean): Ruling {
  if ((arbiter.over.get(claim.node) ?? 0) >= claim.request) return { arbiter, says: [] };
  const { granted, queue } = arbiter;
  if (granted !== undefined && isSame(granted.claim, claim)) return askedAgain(arbiter, granted, turn);
  const queued = queue.find((s) => isSame(s.claim, claim));
  if (queued !== undefined) return { arbiter, says: queued.failed ? [{ kind: 'maekawa.failed', to: queued }] : [] };
  const standing = { claim, turn, failed: false };
  return granted === undefined ? serve(enqueued(arbiter, standing)) : compared(arbiter, granted, standing, yields);
}

/** A newcomer that is the earliest of all makes the arbiter ask for its grant; any other has failed for now. */
function compared(arbiter: Arbiter, granted: Standing, newcomer: Standing, yields: boolean): Ruling {
  if (!yields) return { arbiter: enqueued(arbiter, newcomer), says: [] };
  const [head] = arbiter.queue;
  const first = precedes(newcomer.claim, granted.claim) && (head === undefined || precedes(newcomer.claim, head.claim));
  if (!first) {
    const failed = { ...newcomer, failed: true };
    return { arbiter: enqueued(arbiter, failed), says: [{ kind: 'maekawa.failed', to: failed }] };
  }
  // Sanders' correction: whom the newcomer displaces at the head has not been told yet.
  const displaced = head !== undefined && !head.failed ? { ...head, failed: true } : undefined;
  const queue = displaced === undefined ? arbiter.queue : [displaced, ...arbiter.queue.slice(1)];
  return {
    arbiter: enqueued({ ...arbiter, queue, inquired: true }, newcomer),
    says: [
      ...(displaced === undefined ? [] : [{ kind: 'maekawa.failed', to: displaced } as const]),
      ...(arbiter.inquired ? [] : [{ kind: 'maekawa.inquire', to: granted } as const]),
    ],
  };
}

/** The process is inside with a grant of an earlier start of this arbiter. Nobody has been told of another grant yet. */
export function told(arbiter: Arbiter, claim: Claim, turn: number): Ruling {
  const { granted, open, over } = arbiter;
  if (open || (over.get(claim.node) ?? 0) >= claim.request) return { arbiter, says: [] };
  const inside: Arbiter = { ...arbiter, granted: { claim, turn, failed: false }, inquired: false };
  if (granted === undefined || isSame(granted.claim, claim)) return { arbiter: inside, says: [] };
  const failed = { ...granted, failed: true };
  return { arbiter: enqueued(inside, failed), says: granted.failed ? [] : [{ kind: 'maekawa.failed', to: failed }] };
}

/** It has waited long enough: whoever it has granted meanwhile is told so. */
export function opened(arbiter: Arbiter): Ruling {
  const { granted } = arbiter;
  return { arbiter: { ...arbiter, open: true }, says: granted === undefined ? [] : [{ kind: 'maekawa.grant', to: granted }] };
}

/** The holder has not heard of its grant, or its yielding was not heard of here. */
function askedAgain(arbiter: Arbiter, granted: Standing, turn: number): Ruling {
  if (turn > granted.turn) return yielded(arbiter, granted.claim, { request: granted.claim.request, turn: granted.turn });
  const inquiry = arbiter.inquired ? [{ kind: 'maekawa.inquire', to: granted } as const] : [];
  return { arbiter, says: arbiter.open ? [{ kind: 'maekawa.grant', to: granted }, ...inquiry] : inquiry };
}

export function yielded(arbiter: Arbiter, by: Pick<Claim, 'node' | 'incarnation'>, { request, turn }: Tag): Ruling {
  const { granted } = arbiter;
  const current = granted !== undefined && granted.turn === turn && isSame(granted.claim, { ...by, request });
  if (!current) return { arbiter, says: [] };
  return serve(enqueued({ ...arbiter, granted: undefined, inquired: false }, { claim: granted.claim, turn: turn + 1, failed: true }));
}

/** Whatever the process has asked for, up to this request, is over. */
export function released(arbiter: Arbiter, node: NodeId, request: number): Ruling {
  const over = new Map(arbiter.over).set(node, Math.max(arbiter.over.get(node) ?? 0, request));
  return freed({ ...arbiter, over }, ({ claim }) => claim.node === node && claim.request <= request);
}

/** An earlier start of the process is over, and all that it asked for. */
export function gone(arbiter: Arbiter, node: NodeId): Ruling {
  const over = new Map([...arbiter.over].filter(([id]) => id !== node));
  return freed({ ...arbiter, over }, ({ claim }) => claim.node === node);
}

function freed(arbiter: Arbiter, isOver: (standing: Standing) => boolean): Ruling {
  const queue = arbiter.queue.filter((s) => !isOver(s));
  const free = arbiter.granted !== undefined && isOver(arbiter.granted);
  return free ? serve({ ...arbiter, queue, granted: undefined, inquired: false }) : { arbiter: { ...arbiter, queue }, says: [] };
}

function serve(arbiter: Arbiter): Ruling {
  const [granted, ...queue] = arbiter.queue;
  if (granted === undefined) return { arbiter, says: [] };
  return { arbiter: { ...arbiter, granted, queue }, says: arbiter.open ? [{ kind: 'maekawa.grant', to: granted }] : [] };
}

const enqueued = (arbiter: Arbiter, standing: Standing): Arbiter => ({
  ...arbiter,
  queue: [...arbiter.queue, standing].toSorted((a, b) => (precedes(a.claim, b.claim) ? -1 : 1)),
});

const isSame = (a: Claim, b: Pick<Claim, 'node' | 'incarnation' | 'request'>): boolean =>
  a.node === b.node && a.incarnation === b.incarnation && a.request === b.request;
