/**
 * The ring election with a growing list (Tanenbaum's form; the lab sheet's): an ELECTION message goes once round, each
 * live process appends itself, and back at its initiator the highest in the list is the leader. COORDINATOR tells it to
 * all, and goes round once as well. Several initiators may do so at the same time: each list names the same leader.
 *
 * The number of the election rises on the way above every term that a participant has heard of, so that the outcome is
 * newer than anything that it replaces.
 */
import { compareTerms, type Incarnation, type NodeId, type Term, unreachable } from '../protocol.ts';
import type { Duration } from '../time.ts';
import { isOrphan, onward, orphaned, skipped } from './circle.ts';
import type { ElectionConfig } from './config.ts';
import { afterwards, type Contest, ruled, type Seat, still, type Turn } from './contest.ts';
import { accept, claimed, isStale } from './office.ts';

export interface Ring {
  readonly contest: RingContest;
  readonly message: Gather | Announce;
  readonly timer: 'ring.lap';
}

interface Lap {
  readonly initiator: NodeId;
  /** Counts the elections of this start of the initiator. */
  readonly attempt: number;
  readonly list: readonly NodeId[];
  readonly hops: number;
}
interface Gather extends Lap {
  readonly kind: 'ring.election';
  readonly number: number;
  /** Of those in the list, in the same order: a term names the start of the process that leads. */
  readonly incarnations: readonly Incarnation[];
}
interface Announce extends Lap {
  readonly kind: 'ring.coordinator';
  /** Of the initiator: each of its starts counts its elections from the beginning. */
  readonly incarnation: Incarnation;
  readonly term: Term;
}

export interface RingContest {
  readonly attempt: number;
  /** The leadership that was known when the list of that attempt set out, while it is on its way. */
  readonly gathering: { readonly since: Term | undefined } | undefined;
}

type RingSeat = Seat<Ring>;
type RingTurn = Turn<Ring>;

export function ring(config: ElectionConfig): Contest<Ring> {
  return {
    start: () => ({ attempt: 0, gathering: undefined }),
    busy: ({ gathering }) => gathering !== undefined,
    // One's own list comes home all the same: each of several initiators tells the outcome.
    concluded: still,
    begin(seat, why) {
      const { self, incarnation, members } = seat.office.member;
      const attempt = seat.contest.attempt + 1;
      const number = seat.office.floor + 1;
      const message: Gather = { kind: 'ring.election', initiator: self, attempt, number, list: [self], incarnations: [incarnation], hops: 0 };
      const sent = pass({ ...seat, contest: { attempt, gathering: { since: seat.office.term } } }, message, self);
      const limit = { kind: 'set-timer', timer: 'ring.lap', after: (config.answerWithin * members.length) as Duration } as const;
      return { ...sent, effects: [{ kind: 'emit', event: { kind: 'election.started', number, why } }, limit, ...sent.effects] };
    },
    receive(seat, _from, message) {
      const arrived = { ...message, hops: message.hops + 1 };
      switch (arrived.kind) {
        case 'ring.election':
          return gather(seat, arrived);
        case 'ring.coordinator':
          return hear(seat, arrived);
        default:
          return unreachable(arrived);
      }
    },
    expire(seat) {
      const { gathering } = seat.contest;
      const { term, leader } = seat.office;
      const over = closed(seat);
      // Nobody was called for while the list was on its way, also where a leader was announced meanwhile and is lost again.
      const unsettled = gathering !== undefined && (gathering.since === term || leader === undefined);
      return unsettled ? { ...over, call: 'its list did not come back' } : over;
    },
    undelivered(seat, to, message) {
      const turn = pass(seat, message, to);
      return { ...turn, effects: [skipped(to), ...turn.effects] };
    },
    heard: still,
    lapsed: () => false,
  };

  function gather(seat: RingSeat, message: Gather): RingTurn {
    const { self, incarnation } = seat.office.member;
    if (message.initiator === self) {
      const { attempt, gathering } = seat.contest;
      return gathering !== undefined && message.attempt === attempt && message.incarnations[0] === incarnation ? close(seat, message) : still(seat);
    }
    if (message.list.includes(self)) return pass(seat, message, self);
    const list = [...message.list, self];
    const number = Math.max(message.number, seat.office.floor + 1);
    return pass(seat, { ...message, number, list, incarnations: [...message.incarnations, incarnation] }, self);
  }

  /** The list is back: its highest leads. */
  function close(seat: RingSeat, { list, incarnations, attempt, number }: Gather): RingTurn {
    const { self, incarnation } = seat.office.member;
    const leader = Math.max(...list) as NodeId;
    const start = incarnations[list.indexOf(leader)];
    if (start === undefined) return still(seat);
    const named: Term = { number, node: leader, incarnation: start };
    // A leader may have been announced since the list passed those who announced it.
    const term = isStale(seat.office, named) ? { ...named, number: seat.office.floor + 1 } : named;
    const message: Announce = { kind: 'ring.coordinator', initiator: self, incarnation, attempt, term, list, hops: 0 };
    // Another initiator may have told the same outcome already.
    const known = seat.office.leader === leader && seat.office.term !== undefined && compareTerms(seat.office.term, term) === 0;
    const followed = afterwards(closed(seat), (next) => (known ? still(next) : ruled(next, accept(next.office, term), still)));
    return afterwards(followed, (next) => pass(next, message, self));
  }

  function hear(seat: RingSeat, message: Announce): RingTurn {
    if (message.initiator === seat.office.member.self) return still(seat);
    return afterwards(ruled(seat, claimed(seat.office, message.term, message.kind), still), (next) => pass(next, message, next.office.member.self));
  }

  /** On to whoever comes after `past`. A process that is left alone closes its own list, and drops what it has of others. */
  function pass(seat: RingSeat, message: Gather | Announce, past: NodeId): RingTurn {
    if (isOrphan(message.hops, seat.office)) return { ...seat, effects: [orphaned(message.hops)] };
    const to = onward(config, seat.office, past);
    if (to !== undefined) return { ...seat, effects: [{ kind: 'send', to, message }] };
    const own = message.kind === 'ring.election' && message.initiator === seat.office.member.self;
    return own ? close(seat, message) : { ...seat, effects: [orphaned(message.hops)] };
  }
}

const closed = (seat: RingSeat): RingTurn => ({
  ...seat,
  contest: { ...seat.contest, gathering: undefined },
  effects: [{ kind: 'clear-timer', timer: 'ring.lap' }],
});
