/**
 * How an election is held: what Bully and the rings differ in. What they have in common, such as who may call for one
 * and when, is in `election.ts`; who leads is the `Office`.
 */
import type { Effect, Keepsake, NodeId, Reading } from '../protocol.ts';
import type { Beat, BeatAck } from './failure-detector.ts';
import type { Office, Ruling } from './office.ts';
import type { ElectionEvent } from './outcome.ts';

export interface ContestWords {
  readonly contest: unknown;
  readonly message: { readonly kind: string };
  readonly timer: string;
}

/** What an election's effects are made of. */
interface Effects<W extends ContestWords> {
  readonly state: unknown;
  readonly message: W['message'] | BeatAck;
  readonly timer: W['timer'];
  readonly command: never;
  readonly event: ElectionEvent;
}

export interface Seat<W extends ContestWords> {
  readonly office: Office;
  readonly contest: W['contest'];
}

export interface Turn<W extends ContestWords> extends Seat<W> {
  readonly effects: readonly Effect<Effects<W>>[];
  /** Why this process should call for another election; none where it need not. */
  readonly call?: string;
}

/**
 * Methods, so that a contest that understands only its own words stands for any: it is never given those of another,
 * since every kind and every timer begins with the name of its algorithm.
 */
export interface Contest<W extends ContestWords> {
  start(now: Reading, found: Keepsake | undefined): W['contest'];
  /** Whether an election is under way in which this process waits for something. */
  busy(contest: W['contest']): boolean;
  /** There is a leader, or this process stood still: whatever it waited for, it waits no longer. */
  concluded(seat: Seat<W>): Turn<W>;
  begin(seat: Seat<W>, why: string, now: Reading): Turn<W>;
  receive(seat: Seat<W>, from: NodeId, message: W['message'], now: Reading): Turn<W>;
  expire(seat: Seat<W>, timer: W['timer'], now: Reading): Turn<W>;
  undelivered(seat: Seat<W>, to: NodeId, message: W['message']): Turn<W>;
  /** A sign of life, beside what it tells of the sender's leader. */
  heard(seat: Seat<W>, from: NodeId, beat: Beat | BeatAck, now: Reading): Turn<W>;
  /** Whether this process, which leads, may not act any more. */
  lapsed(contest: W['contest'], office: Office, now: Reading): boolean;
}

export const still = <W extends ContestWords>(seat: Seat<W>): Turn<W> => ({ ...seat, effects: [] });

/** One thing after another: what `next` makes of where `turn` leads. */
export function afterwards<W extends ContestWords>(turn: Turn<W>, next: (seat: Seat<W>) => Turn<W>): Turn<W> {
  const after = next(turn);
  return { ...turn, ...after, effects: [...turn.effects, ...after.effects] };
}

/** Applies a ruling of the office: where a leader was accepted, whatever the contest waited for is over. */
export function ruled<W extends ContestWords>(seat: Seat<W>, { office, effects, call }: Ruling, concluded: (seat: Seat<W>) => Turn<W>): Turn<W> {
  const before: Seat<W> = { ...seat, office };
  const over = office.term === seat.office.term ? still(before) : concluded(before);
  return { ...over, effects: [...effects, ...over.effects], ...(call === undefined ? {} : { call }) };
}
