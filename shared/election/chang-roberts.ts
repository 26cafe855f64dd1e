/**
 * Chang and Roberts 1979 (CACM 22(5):281-283): each candidate's id travels round the ring in one direction, a higher
 * process swallows it and sends its own, and whoever sees its own id come home leads. ELECTED then goes round once.
 *
 * On links that deliver in order that is all. Where they do not, an ELECTION that is late could start a finished election
 * anew, so elections are numbered, and a message of one that is decided is swallowed.
 */
import { type Incarnation, type NodeId, type Term, unreachable } from '../protocol.ts';
import type { Duration } from '../time.ts';
import { isOrphan, onward, orphaned, skipped } from './circle.ts';
import type { ElectionConfig } from './config.ts';
import { afterwards, type Contest, ruled, type Seat, still, type Turn } from './contest.ts';
import { accept, claimed, ownTerm } from './office.ts';

export interface ChangRoberts {
  readonly contest: ChangRobertsContest;
  readonly message: Candidacy | Outcome;
  readonly timer: 'chang-roberts.lap';
}

interface Candidacy {
  readonly kind: 'chang-roberts.election';
  readonly candidate: NodeId;
  readonly incarnation: Incarnation;
  readonly number: number;
  readonly hops: number;
}
interface Outcome {
  readonly kind: 'chang-roberts.elected';
  readonly term: Term;
  readonly hops: number;
}

export interface ChangRobertsContest {
  /** The highest number of an election that this process takes or took part in. */
  readonly taken: number;
  /** Whether its own id is on its way, as far as it knows. */
  readonly standing: boolean;
}

type CircleSeat = Seat<ChangRoberts>;
type CircleTurn = Turn<ChangRoberts>;

export function changRoberts(config: ElectionConfig): Contest<ChangRoberts> {
  return {
    start: () => ({ taken: 0, standing: false }),
    busy: ({ standing }) => standing,
    concluded,
    begin: (seat, why) => stand(seat, Math.max(seat.office.floor, seat.contest.taken) + 1, why),
    receive(seat, from, message) {
      const arrived = { ...message, hops: message.hops + 1 };
      switch (arrived.kind) {
        case 'chang-roberts.election':
          return weigh(seat, arrived, from);
        case 'chang-roberts.elected':
          return hear(seat, arrived);
        default:
          return unreachable(arrived);
      }
    },
    expire: (seat) => (seat.contest.standing ? { ...concluded(seat), call: 'nobody was elected' } : still(seat)),
    undelivered(seat, to, message) {
      const turn = pass(seat, message, to);
      return { ...turn, effects: [skipped(to), ...turn.effects] };
    },
    heard: still,
    lapsed: () => false,
  };

  function stand(seat: CircleSeat, number: number, why: string): CircleTurn {
    const { self, incarnation, members } = seat.office.member;
    const message: Candidacy = { kind: 'chang-roberts.election', candidate: self, incarnation, number, hops: 0 };
    const sent = pass({ ...seat, contest: { taken: number, standing: true } }, message, self);
    const limit = { kind: 'set-timer', timer: 'chang-roberts.lap', after: (2 * config.answerWithin * members.length) as Duration } as const;
    return { ...sent, effects: [{ kind: 'emit', event: { kind: 'election.started', number, why } }, limit, ...sent.effects] };
  }

  function weigh(seat: CircleSeat, message: Candidacy, from: NodeId): CircleTurn {
    const { office, contest } = seat;
    const { self, incarnation } = office.member;
    const { candidate, number } = message;
    if (office.term !== undefined && office.term.number >= number) return still(seat);
    if (candidate === self) return message.incarnation === incarnation && contest.standing ? win(seat, number) : still(seat);
    const taken = Math.max(contest.taken, number);
    if (candidate > self) return pass({ office, contest: { ...contest, taken } }, message, self);
    return contest.taken >= number ? still(seat) : stand(seat, number, `${from} passed on ${candidate}`);
  }

  /** Its own id came home. */
  function win(seat: CircleSeat, number: number): CircleTurn {
    const term = ownTerm(seat.office, number);
    return afterwards(ruled(seat, accept(seat.office, term), concluded), (next) =>
      pass(next, { kind: 'chang-roberts.elected', term, hops: 0 }, term.node),
    );
  }

  function hear(seat: CircleSeat, message: Outcome): CircleTurn {
    if (message.term.node === seat.office.member.self) return still(seat);
    return afterwards(ruled(seat, claimed(seat.office, message.term, message.kind), concluded), (next) =>
      pass(next, message, next.office.member.self),
    );
  }

  /** On to whoever comes after `past`. A process that is left alone wins, and drops what it has of others. */
  function pass(seat: CircleSeat, message: Candidacy | Outcome, past: NodeId): CircleTurn {
    if (isOrphan(message.hops, seat.office)) return { ...seat, effects: [orphaned(message.hops)] };
    const { office } = seat;
    const to = onward(config, office, past);
    if (to !== undefined) return { ...seat, effects: [{ kind: 'send', to, message }] };
    if (message.kind === 'chang-roberts.election' && message.candidate === office.member.self && seat.contest.standing) {
      return win(seat, message.number);
    }
    return { ...seat, effects: office.leader === office.member.self ? [] : [orphaned(message.hops)] };
  }
}

const concluded = (seat: CircleSeat): CircleTurn => ({
  ...seat,
  contest: { ...seat.contest, standing: false },
  effects: [{ kind: 'clear-timer', timer: 'chang-roberts.lap' }],
});
