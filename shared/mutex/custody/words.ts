/** What is said and kept about a token, whichever algorithm it belongs to. */
import type { Effect, NodeId, Term } from '../../protocol.ts';
import type { Acquaintance } from '../acquaintance.ts';
import type { MutexEvent } from '../outcome.ts';

/** Whoever has it may enter. */
export interface Token {
  /** Ordered as terms are, but no leadership: a token is lost more often than a leader, and its next one is of the next epoch. */
  readonly epoch: Term;
  /** Rises by one with each transfer, so that a second copy of a transfer is known for what it is. */
  readonly hop: number;
  /** Rises by one with each entry: the epoch and this are the fencing token. */
  readonly count: number;
}

/** The transfer of a token. */
export interface Handed<K extends string, T extends Token> {
  readonly kind: K;
  /** For this start of the receiver. A later one cannot know whether it had this token before, and passed it on. */
  readonly start: number;
  readonly token: T;
}

export interface Ack {
  readonly kind: 'mutex.ack';
  readonly epoch: Term;
  readonly hop: number;
}
/** The leader asks everyone what they know of the token. */
export interface Census {
  readonly kind: 'mutex.census';
  readonly term: Term;
  readonly number: number;
}
export interface Report {
  readonly kind: 'mutex.report';
  readonly term: Term;
  readonly number: number;
  readonly incarnation: number;
  /** The newest request of this process, and the newest that is over. */
  readonly requested: number;
  readonly served: number;
  /** The newest token that it knows of: none, or at which hop it was with whom. */
  readonly epoch: Term | null;
  readonly hop: number;
  readonly to: NodeId | null;
  /** It has it; it is handing it over to `to`, has handed it over, or was merely told that it is there. */
  readonly whose: 'holding' | 'passing' | 'passed' | 'none';
  /** Which start of `to` it was handed to; 0 where that is not known. */
  readonly start: number;
}
/** Where the token was, at which hop. Tokens of earlier epochs are void. */
export interface Renewed {
  readonly kind: 'mutex.renewed';
  readonly epoch: Term;
  readonly hop: number;
  readonly at: NodeId;
}
/** Not counted, and not in the history. */
export type Housekeeping = Ack | Census | Report | Renewed;

/** With whom a token was at one of its hops. */
export type Sighting = Pick<Renewed, 'epoch' | 'hop' | 'at'>;

export interface Passing<T extends Token> {
  readonly token: T;
  readonly to: NodeId;
  readonly start: number;
}

/** The part of a process in looking after the token. */
export interface Custody<T extends Token> {
  readonly held: T | undefined;
  /** Handed over, and not yet acknowledged. */
  readonly passing: Passing<T> | undefined;
  /** The last that this process had to do with it: it came, or was handed over to someone. */
  readonly trace: (Sighting & { readonly start: number }) | undefined;
  /** The newest that others told of it. */
  readonly told: Sighting | undefined;
  readonly known: Acquaintance;
  /** The newest leadership whose census was answered. */
  readonly answered: Term | undefined;
  /** How many censuses were begun, and the one that is not over, if this process leads. */
  readonly censuses: number;
  readonly census: OpenCensus | undefined;
}

export interface OpenCensus {
  readonly reports: ReadonlyMap<NodeId, Report>;
  /** What the one before made out: a token that was acknowledged, of which its receiver knew nothing yet, or that is lost. */
  readonly before: Sighting | undefined;
}

export interface CustodyWords<K extends string, T extends Token> {
  readonly state: unknown;
  readonly message: Housekeeping | Handed<K, T>;
  readonly timer: 'mutex.resend' | 'mutex.census';
  readonly command: never;
  readonly event: MutexEvent;
}

export interface Kept<K extends string, T extends Token> {
  readonly custody: Custody<T>;
  readonly effects: readonly Effect<CustodyWords<K, T>>[];
}
