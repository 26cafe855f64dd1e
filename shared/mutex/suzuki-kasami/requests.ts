/**
 * Who has asked for the token, and whose request is over. Numbers count within one start of a process: those of a newer
 * start void all earlier ones.
 */
import type { NodeId } from '../../protocol.ts';
import type { Report, Token } from '../custody/words.ts';

/** One request of one start of a process. */
export interface Asked {
  readonly node: NodeId;
  readonly incarnation: number;
  readonly request: number;
}

export interface QueueToken extends Token {
  /** The newest request of each process that is over. */
  readonly served: readonly Asked[];
  /** Whose turn is next. */
  readonly queue: readonly Asked[];
}

/** The newest request heard of from each process. */
export type Heard = ReadonlyMap<NodeId, Asked>;

export function noted(heard: Heard, asked: Asked): Heard {
  const before = heard.get(asked.node);
  return before !== undefined && compareAsked(asked, before) <= 0 ? heard : new Map(heard).set(asked.node, asked);
}

/** Positive where `a` was made later; both are of one process. */
export const compareAsked = (a: Asked, b: Asked): number => a.incarnation - b.incarnation || a.request - b.request;

/** The token once `over` is the newest request of its process that is over. */
export const withServed = (token: QueueToken, over: Asked): QueueToken => ({
  ...token,
  served: [...token.served.filter(({ node }) => node !== over.node), over],
});

/** All that is asked for joins the queue, at its end. What is over leaves it. */
export function queued(token: QueueToken, heard: Heard, self: NodeId): QueueToken {
  const waiting = token.queue.map((asked) => heard.get(asked.node) ?? asked).filter((asked) => asked.node !== self && isOpen(token, asked));
  const inside = new Set(waiting.map(({ node }) => node));
  const joining = [...heard.values()].filter((asked) => asked.node !== self && !inside.has(asked.node) && isOpen(token, asked));
  return { ...token, queue: [...waiting, ...joining.sort((a, b) => a.node - b.node)] };
}

/**
 * Without failures, an open request is the one after the last that is over, as in the paper. But a section may have ended
 * whose token was void, and which no token that is left knows of.
 */
function isOpen({ served }: QueueToken, { node, incarnation, request }: Asked): boolean {
  const over = served.find((asked) => asked.node === node);
  if (over === undefined || over.incarnation < incarnation) return request > 0;
  return over.incarnation === incarnation && request > over.request;
}

/** What a new token bears, from what everyone knows of its own requests. */
export function rebuilt(bare: Token, reports: ReadonlyMap<NodeId, Report>): QueueToken {
  const all = [...reports].sort(([a], [b]) => a - b);
  return {
    ...bare,
    served: all.map(([node, { incarnation, served }]) => ({ node, incarnation, request: served })),
    queue: all.flatMap(([node, { incarnation, requested, served }]) => (requested > served ? [{ node, incarnation, request: requested }] : [])),
  };
}
