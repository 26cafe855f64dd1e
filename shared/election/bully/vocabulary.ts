/** The words of Bully, classic and safe, and the few things that both sides of it do. */
import type { NodeId, Term } from '../../protocol.ts';
import type { Duration } from '../../time.ts';
import type { Seat, Turn } from '../contest.ts';
import type { Mandate } from './mandate.ts';

export interface Bully {
  readonly contest: BullyContest;
  readonly message: BullyMessage;
  readonly timer: 'bully.answer' | 'bully.coordinator' | 'bully.votes' | 'bully.propose' | 'bully.lease';
}

export type BullyMessage =
  | { readonly kind: 'bully.election'; readonly number: number }
  /** `floor`: the highest number of a term that the answerer was told of, for an initiator who has missed some. */
  | { readonly kind: 'bully.ok'; readonly number: number; readonly floor: number }
  | { readonly kind: 'bully.coordinator'; readonly term: Term }
  | { readonly kind: 'bully.propose'; readonly term: Term }
  | { readonly kind: 'bully.accept'; readonly term: Term }
  | Refusal;

/** `remaining`: for how long the voter's grant to another still runs. That is a sign of life: the proposer waits. */
export interface Refusal {
  readonly kind: 'bully.refuse';
  readonly term: Term;
  readonly floor: number;
  readonly remaining: Duration;
}

export interface BullyContest {
  /** The highest number of an election that this process took part in: at most one each. */
  readonly started: number;
  /**
   * The election under way here: it asks those above; it waits for one of them to announce itself; it asks for votes; or it
   * waits until it may ask (again).
   */
  readonly own: { readonly number: number; readonly phase: 'asking' | 'answered' | 'proposing' | 'waiting' } | undefined;
  readonly mandate: Mandate;
}

export type BullySeat = Seat<Bully>;
export type BullyTurn = Turn<Bully>;

export const others = ({ office }: BullySeat): readonly NodeId[] => office.member.members.filter((id) => id !== office.member.self);

/** To all who are configured, whether they live or not. */
export const announcement = (seat: BullySeat, term: Term) =>
  others(seat).map((to) => ({ kind: 'send', to, message: { kind: 'bully.coordinator', term } }) as const);

/** The election here is over, whatever came of it. */
export const concluded = (seat: BullySeat): BullyTurn => ({
  ...seat,
  contest: { ...seat.contest, own: undefined },
  effects: (['bully.answer', 'bully.coordinator', 'bully.votes', 'bully.propose'] as const).map((timer) => ({ kind: 'clear-timer', timer })),
});
