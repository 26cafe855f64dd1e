/**
 * Hirschberg and Sinclair 1980 (CACM 23(11):627-628): candidates ask ever larger neighbourhoods, in both directions.
 *
 * In phase k a candidate's id travels 2^k processes each way. A higher process swallows it and stands itself; the last
 * one sends it back. Who hears from both sides doubles the distance, and who meets its own id has come round and leads.
 * At most about n / 2^k candidates outlive phase k, so that O(n log n) messages are enough in the worst case, where
 * Chang and Roberts may need O(n^2). ELECTED then goes round once.
 */
import { type Incarnation, type NodeId, type Term, unreachable } from '../protocol.ts';
import type { Duration } from '../time.ts';
import { isOrphan, onward, orphaned, skipped, type Way } from './circle.ts';
import type { ElectionConfig } from './config.ts';
import { afterwards, type Contest, ruled, type Seat, still, type Turn } from './contest.ts';
import { accept, claimed, ownTerm } from './office.ts';

export interface HirschbergSinclair {
  readonly contest: HirschbergSinclairContest;
  readonly message: Probe | Reply | Outcome;
  readonly timer: 'hirschberg-sinclair.lap';
}

interface Travelling {
  readonly way: Way;
  readonly hops: number;
}
interface Candidacy extends Travelling {
  readonly candidate: NodeId;
  readonly incarnation: Incarnation;
  readonly number: number;
  readonly phase: number;
}
interface Probe extends Candidacy {
  readonly kind: 'hirschberg-sinclair.probe';
  /** How many more processes it is to reach. */
  readonly left: number;
}
interface Reply extends Candidacy {
  readonly kind: 'hirschberg-sinclair.reply';
}
interface Outcome extends Travelling {
  readonly kind: 'hirschberg-sinclair.elected';
  readonly term: Term;
}

export interface HirschbergSinclairContest {
  /** The highest number of an election that this process takes or took part in. */
  readonly taken: number;
  /** Its own candidacy, and from how many sides its probes of this phase came back. */
  readonly own: { readonly number: number; readonly phase: number; readonly replies: number } | undefined;
}

type CircleSeat = Seat<HirschbergSinclair>;
type CircleTurn = Turn<HirschbergSinclair>;

export function hirschbergSinclair(config: ElectionConfig): Contest<HirschbergSinclair> {
  return {
    start: () => ({ taken: 0, own: undefined }),
    busy: ({ own }) => own !== undefined,
    concluded,
    begin: (seat, why) => stand(seat, Math.max(seat.office.floor, seat.contest.taken) + 1, why),
    receive(seat, from, message) {
      const arrived = { ...message, hops: message.hops + 1 };
      switch (arrived.kind) {
        case 'hirschberg-sinclair.probe':
          return weigh(seat, arrived, from);
        case 'hirschberg-sinclair.reply':
          return collect(seat, arrived);
        case 'hirschberg-sinclair.elected':
          return hear(seat, arrived);
        default:
          return unreachable(arrived);
      }
    },
    expire: (seat) => (seat.contest.own === undefined ? still(seat) : { ...concluded(seat), call: 'nobody was elected' }),
    undelivered(seat, to, message) {
      const turn = pass(seat, message, to);
      return { ...turn, effects: [skipped(to), ...turn.effects] };
    },
    heard: still,
    lapsed: () => false,
  };

  function stand(seat: CircleSeat, number: number, why: string): CircleTurn {
    const sent = probe({ ...seat, contest: { taken: number, own: { number, phase: 0, replies: 0 } } }, number, 0);
    // Probes and replies of all phases cover about four laps each way.
    const after = (8 * config.answerWithin * seat.office.member.members.length) as Duration;
    return {
      ...sent,
      effects: [
        { kind: 'emit', event: { kind: 'election.started', number, why } },
        { kind: 'set-timer', timer: 'hirschberg-sinclair.lap', after },
        ...sent.effects,
      ],
    };
  }

  /** A phase begins: its own id goes both ways. */
  function probe(seat: CircleSeat, number: number, phase: number): CircleTurn {
    const { self: candidate, incarnation } = seat.office.member;
    const ways: readonly Way[] = [1, -1];
    return ways.reduce<CircleTurn>((turn, way) => {
      const sent = pass(
        turn,
        { kind: 'hirschberg-sinclair.probe', candidate, incarnation, number, phase, left: 2 ** phase, way, hops: 0 },
        candidate,
      );
      return { ...sent, effects: [...turn.effects, ...sent.effects] };
    }, still(seat));
  }

  function weigh(seat: CircleSeat, message: Probe, from: NodeId): CircleTurn {
    const { office, contest } = seat;
    const { self, incarnation } = office.member;
    const { candidate, number, phase, left, way } = message;
    if (office.term !== undefined && office.term.number >= number) return still(seat);
    if (candidate === self) return message.incarnation === incarnation && contest.own?.number === number ? win(seat, number) : still(seat);
    if (candidate < self) return contest.taken >= number ? still(seat) : stand(seat, number, `${from} passed on ${candidate}`);
    const taking: CircleSeat = { office, contest: { ...contest, taken: Math.max(contest.taken, number) } };
    if (left > 1) return pass(taking, { ...message, left: left - 1 }, self);
    const back: Way = way === 1 ? -1 : 1;
    const reply: Reply = { kind: 'hirschberg-sinclair.reply', candidate, incarnation: message.incarnation, number, phase, way: back, hops: 0 };
    return pass(taking, reply, self);
  }

  function collect(seat: CircleSeat, message: Reply): CircleTurn {
    const { self, incarnation } = seat.office.member;
    const { own } = seat.contest;
    if (message.candidate !== self) return pass(seat, message, self);
    // A start that crashed may have asked under the same number.
    if (message.incarnation !== incarnation || own === undefined || own.number !== message.number || own.phase !== message.phase) return still(seat);
    if (own.replies === 0) return still({ ...seat, contest: { ...seat.contest, own: { ...own, replies: 1 } } });
    const phase = own.phase + 1;
    return probe({ ...seat, contest: { ...seat.contest, own: { number: own.number, phase, replies: 0 } } }, own.number, phase);
  }

  /** Its own id came round. */
  function win(seat: CircleSeat, number: number): CircleTurn {
    const term = ownTerm(seat.office, number);
    return afterwards(ruled(seat, accept(seat.office, term), concluded), (next) =>
      pass(next, { kind: 'hirschberg-sinclair.elected', term, way: 1, hops: 0 }, term.node),
    );
  }

  function hear(seat: CircleSeat, message: Outcome): CircleTurn {
    if (message.term.node === seat.office.member.self) return still(seat);
    return afterwards(ruled(seat, claimed(seat.office, message.term, message.kind), concluded), (next) =>
      pass(next, message, next.office.member.self),
    );
  }

  /** On to whoever comes after `past`. A process that is left alone wins, and drops what it has of others. */
  function pass(seat: CircleSeat, message: Probe | Reply | Outcome, past: NodeId): CircleTurn {
    if (isOrphan(message.hops, seat.office)) return { ...seat, effects: [orphaned(message.hops)] };
    const { office, contest } = seat;
    const to = onward(config, office, past, message.way);
    if (to !== undefined) return { ...seat, effects: [{ kind: 'send', to, message }] };
    const own = message.kind === 'hirschberg-sinclair.probe' && message.candidate === office.member.self;
    if (own && contest.own?.number === message.number) return win(seat, message.number);
    return { ...seat, effects: office.leader === office.member.self ? [] : [orphaned(message.hops)] };
  }
}

const concluded = (seat: CircleSeat): CircleTurn => ({
  ...seat,
  contest: { ...seat.contest, own: undefined },
  effects: [{ kind: 'clear-timer', timer: 'hirschberg-sinclair.lap' }],
});
