/**
 * The coordinator's desk: who is inside, and who waits, in the order in which they asked.
 *
 * A new coordinator does not know who is inside. It grants nothing for a while, in which whoever is inside tells it so.
 *
 * Others may hear of a leadership before the leader does, and nobody asks twice. So there is a desk before there is an
 * office: it is closed, and keeps what comes until its process leads, or hears that another one does.
 */
import type { NodeId } from '../protocol.ts';

/** One request of one start of a process. */
export interface Ticket {
  readonly node: NodeId;
  readonly incarnation: number;
  readonly request: number;
}

export interface Desk {
  readonly inside: Ticket | undefined;
  /** Whoever is inside stands here too where it has asked again: it had not heard of its grant. */
  readonly queue: readonly Ticket[];
  /** It has waited long enough to know who is inside. */
  readonly open: boolean;
}

export const closed: Desk = { inside: undefined, queue: [], open: false };

export const isSame = (a: Ticket | undefined, b: Ticket): boolean =>
  a !== undefined && a.node === b.node && a.incarnation === b.incarnation && a.request === b.request;

/** A request, for the first time or again. An earlier one of the same process is over. */
export function asked(desk: Desk, ticket: Ticket): Desk {
  const freed = withoutEarlier(desk, ticket);
  if (isQueued(freed, ticket)) return freed;
  return { ...freed, queue: isSame(freed.inside, ticket) ? [ticket, ...freed.queue] : [...freed.queue, ticket] };
}

export const isQueued = ({ queue }: Desk, ticket: Ticket): boolean => queue.some((t) => isSame(t, ticket));

/** The desk of an office that is over, or is another one from now on. */
export const shut = (desk: Desk): Desk => ({ ...desk, open: false });

/** A process tells a new coordinator that it is inside. */
export const told = (desk: Desk, ticket: Ticket): Desk => (desk.inside === undefined ? { ...withoutEarlier(desk, ticket), inside: ticket } : desk);

export const released = (desk: Desk, ticket: Ticket): Desk => ({
  ...desk,
  inside: isSame(desk.inside, ticket) ? undefined : desk.inside,
  queue: desk.queue.filter((t) => !isSame(t, ticket)),
});

/** Whatever this process had asked for is void: it has crashed, or this start of it is a newer one. */
export const gone = (desk: Desk, node: NodeId, newer?: number): Desk => {
  const isVoid = (t: Ticket): boolean => t.node === node && (newer === undefined || t.incarnation < newer);
  return { ...desk, inside: desk.inside !== undefined && isVoid(desk.inside) ? undefined : desk.inside, queue: desk.queue.filter((t) => !isVoid(t)) };
};

/** Whose turn it is, once nobody is inside. */
export function next(desk: Desk): { readonly desk: Desk; readonly turn: Ticket | undefined } {
  const [turn, ...queue] = desk.queue;
  if (!desk.open || desk.inside !== undefined || turn === undefined) return { desk, turn: undefined };
  return { desk: { ...desk, inside: turn, queue }, turn };
}

const withoutEarlier = (desk: Desk, { node, incarnation, request }: Ticket): Desk => {
  const isEarlier = (t: Ticket): boolean =>
    t.node === node && (t.incarnation < incarnation || (t.incarnation === incarnation && t.request < request));
  return {
    ...desk,
    inside: desk.inside !== undefined && isEarlier(desk.inside) ? undefined : desk.inside,
    queue: desk.queue.filter((t) => !isEarlier(t)),
  };
};
