/**
 * No election at all: the highest member leads, for ever. This is the only place that says so.
 *
 * The leader's incarnation is known to nobody else at the start. Others begin with the lowest possible term of that
 * leader, and learn the true one, which is newer, from its first frame.
 */
import { incarnation, type Member, type NodeId, type Protocol, unreachable } from '../protocol.ts';
import type { Elected } from './outcome.ts';

export interface Appointed {
  readonly state: null;
  readonly message: never;
  readonly timer: never;
  readonly command: never;
  readonly event: Elected;
}

export const appointed: Protocol<Appointed> = {
  start(member) {
    const leader = highest(member);
    const term = { number: 1, node: leader, incarnation: leader === member.self ? member.incarnation : incarnation(0) };
    return { state: null, effects: [{ kind: 'emit', event: { kind: 'election.elected', leader, term } }] };
  },

  step(state, input) {
    switch (input.kind) {
      case 'leader':
        return { state, effects: [] };
      case 'message':
        return unreachable(input.message);
      case 'timer':
        return unreachable(input.timer);
      case 'command':
        return unreachable(input.command);
    }
  },
};

/** Ids are numbers, so that 10 is higher than 9. */
const highest = ({ members }: Member): NodeId => Math.max(...members) as NodeId;
