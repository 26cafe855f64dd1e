/**
 * What a process does that has wanted for longer than a healthy queue can take.
 *
 * Links lose frames, and not always so that both ends notice. No lock goes on by itself after that, since nobody says
 * anything twice. So whoever has waited in vain says again to those it waits for what they should know of it, and tells them
 * that it does, so that they say again what it may have missed. Where they only wait for another one themselves, they pass
 * the question on: a coordinator to whoever is inside, whose release may be lost. Whoever cannot pass it on, since the next
 * one is suspected, lets the process know for whom it waits in the end. Where nothing was lost, all of that changes nothing.
 *
 * The question is housekeeping, counted apart as what looks after a token is. What is said again in return counts.
 */
import type { NodeId } from '../protocol.ts';
import { type Duration, microseconds, seconds, sum } from '../time.ts';
import type { MutexConfig } from './config.ts';
import type { Contender } from './lock.ts';

/** A request, of one start of a process, that has waited for too long. */
interface Overdue {
  readonly incarnation: number;
  readonly request: number;
}
export interface Again extends Overdue {
  readonly kind: 'mutex.again';
  /** Whose request it is. */
  readonly by: NodeId;
  /** How often the question may be passed on: processes can wait for each other in a circle. */
  readonly left: number;
}
export interface Awaited extends Overdue {
  readonly kind: 'mutex.awaited';
  /** Who is suspected by whoever waits for it. */
  readonly on: NodeId;
}

/** What messages take at most in a queue, with room to spare, and how many sections of each member a wait may take besides. */
const [slack, laps] = [seconds(2), 2];

export const patience = ({ workload }: MutexConfig, { member }: Contender): Duration =>
  sum(slack, microseconds(laps * member.members.length * workload.longest));

/** The question, as it is asked first. */
export const asked = ({ member, request }: Contender): Again => ({
  kind: 'mutex.again',
  by: member.self,
  incarnation: member.incarnation,
  request,
  left: member.members.length - 1,
});

/** It never goes back, and not on for ever. */
export function passedOn({ member }: Contender, question: Again, from: NodeId, through: readonly NodeId[]) {
  const { left, by } = question;
  const isWorth = left > 0 && by !== member.self && member.members.includes(by);
  return {
    to: isWorth ? through.filter((id) => ![from, by, member.self].includes(id)) : [],
    question: { ...question, left: Math.min(left, member.members.length) - 1 },
  };
}

/** Whether an answer is to the request of this process, and names one of its fellows. */
export const isOwn = ({ member, request, phase }: Contender, answer: Awaited): boolean =>
  phase === 'wanted' && answer.request === request && answer.incarnation === member.incarnation && member.members.includes(answer.on);
