/**
 * A request, and its place in the order of all requests: by Lamport time, and by the number of the process where two times
 * are equal (Lamport 1978). Both parts matter. By the time alone, two processes that ask at the same time either wait for
 * each other for ever, or enter together.
 */
import type { NodeId } from '../protocol.ts';
import type { Contender } from './lock.ts';

/** One request of one start of a process. */
export interface Claim {
  readonly node: NodeId;
  readonly incarnation: number;
  readonly request: number;
  /** The Lamport time at which the process began to want. */
  readonly timestamp: number;
}

/** What an answer says of the request that it answers, so that one that comes too late is known by it. */
export interface Answered {
  readonly start: number;
  readonly request: number;
}

export const precedes = (a: Claim, b: Claim): boolean => a.timestamp < b.timestamp || (a.timestamp === b.timestamp && a.node < b.node);

export const claimOf = ({ member, request }: Contender, timestamp: number): Claim => ({
  node: member.self,
  incarnation: member.incarnation,
  request,
  timestamp,
});

export const answers = ({ start, request }: Answered, claim: Claim): boolean => start === claim.incarnation && request === claim.request;
