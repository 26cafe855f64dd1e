/**
 * What an algorithm of mutual exclusion is: how a process asks for the critical section, how it learns that it may enter,
 * and whom it tells when it leaves. What they have in common, such as when a process wants to enter and what it does
 * inside, is in `mutex.ts`.
 */
import type { Effect, FencingToken, Member, NodeId, Reading, Signal, Term } from '../protocol.ts';
import type { MutexEvent } from './outcome.ts';

export interface LockWords {
  readonly lock: unknown;
  readonly message: { readonly kind: string };
  readonly timer: string;
}

/** Where a process stands, whichever the algorithm. */
export interface Contender {
  readonly member: Member;
  readonly phase: 'idle' | 'wanted' | 'held';
  /** Numbers the requests of this start of the process, from 1; nought before the first. */
  readonly request: number;
  /** Who leads, and so serves as coordinator and looks after a token. */
  readonly leader: { readonly id: NodeId; readonly term: Term } | undefined;
  readonly suspects: ReadonlySet<NodeId>;
}

/** What a lock's effects are made of. */
export interface LockEffects<W extends LockWords> {
  readonly state: unknown;
  readonly message: W['message'];
  readonly timer: W['timer'];
  readonly command: never;
  readonly event: MutexEvent;
}

export interface Seat<W extends LockWords> {
  readonly contender: Contender;
  readonly lock: W['lock'];
}

export interface Turn<W extends LockWords> {
  readonly lock: W['lock'];
  readonly effects: readonly Effect<LockEffects<W>>[];
  /** This process, which wants to, may enter now. The permission-based algorithms issue no token. */
  readonly enter?: { readonly token: FencingToken | null };
}

/**
 * Methods, so that a lock that understands only its own words stands for any: it is never given those of another, since
 * every kind and every timer begins with the name of its algorithm.
 */
export interface Lock<W extends LockWords> {
  start(member: Member, now: Reading): Turn<W>;
  /** The process wants to enter: its phase is `wanted`, and its request has a new number. */
  want(seat: Seat<W>, now: Reading): Turn<W>;
  /** The process has left: its phase is `idle`. */
  leave(seat: Seat<W>, now: Reading): Turn<W>;
  receive(seat: Seat<W>, from: NodeId, message: W['message'], now: Reading): Turn<W>;
  expire(seat: Seat<W>, timer: W['timer'], now: Reading): Turn<W>;
  /** Who leads, who is suspected and who is back; the contender has been told already. */
  signal(seat: Seat<W>, signal: Signal, now: Reading): Turn<W>;
  /** What this peer was told may be lost: it is told again what it should know of this process. */
  again(seat: Seat<W>, peer: NodeId, now: Reading): Turn<W>;
  /** For whose answer a process that wants to enter is waiting. */
  awaits(seat: Seat<W>): readonly NodeId[];
  /** For whom those who wait for this process are waiting in truth, as far as it knows. */
  through(seat: Seat<W>): readonly NodeId[];
}

/** Whoever waits for this process waits for nobody else. */
export const noFurther = (): readonly NodeId[] => [];

export const still = <W extends LockWords>({ lock }: Seat<W>): Turn<W> => ({ lock, effects: [] });
