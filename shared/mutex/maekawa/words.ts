/**
 * What requesters and arbiters say to each other. Every message names its request, and how often that request has yielded
 * to this arbiter: whatever belongs to an earlier turn of it is stale.
 */
export interface Tag {
  readonly request: number;
  readonly turn: number;
}

/** By the requester, whose start it is. */
export interface Asking extends Tag {
  readonly kind: 'maekawa.request' | 'maekawa.release' | 'maekawa.yield';
  readonly incarnation: number;
  readonly timestamp: number;
  /** It is inside already: said to an arbiter that has started since it granted. */
  readonly inside: boolean;
}
/** By the arbiter. */
export interface Answering extends Tag {
  readonly kind: 'maekawa.grant' | 'maekawa.inquire' | 'maekawa.failed';
  readonly incarnation: number;
  /** Of the requester that is answered. */
  readonly start: number;
}

export type Message = Asking | Answering;

export const isAsking = (message: Message): message is Asking => !('start' in message);
