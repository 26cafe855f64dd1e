/**
 * Maekawa (1985, ACM TOCS 3(2):145-159) with Sanders' correction (1987): a process asks not everyone, but a quorum, any two
 * of which have a member in common. Each member is an arbiter with one grant to give. With K in a quorum, oneself among
 * them, that takes 3(K - 1) messages alone, and up to 5(K - 1) in a crowd.
 *
 * A grant may go to a later request before an earlier one arrives, and so processes can wait for each other in a circle.
 * Arbiters therefore ask grants back, see `maekawa/arbiter.ts`; without that, all of it stands still.
 *
 * An arbiter that starts again has forgotten whom it granted. It tells nobody of a grant for a while, in which whoever is
 * inside tells it so. There is no doing without an arbiter that has crashed: everyone whose quorum it is in waits for its return.
 */
import { type Member, type NodeId, type Reading, type Signal, unreachable } from '../protocol.ts';
import { type Acquaintance, judged, type Met, met, strangers } from './acquaintance.ts';
import { claimOf } from './claim.ts';
import type { MutexConfig } from './config.ts';
import { after, refused } from './consent.ts';
import { type Lock, type Seat, still, type Turn } from './lock.ts';
import { type Arbiter, closed, gone, opened, type Ruling, released, requested, told, yielded } from './maekawa/arbiter.ts';
import { quorumsOf } from './maekawa/quorums.ts';
import { answered, content, forgotten, type Move, missing, type Requester, type Wish, wanting } from './maekawa/requester.ts';
import { type Asking, isAsking, type Message } from './maekawa/words.ts';

export interface Maekawa {
  readonly lock: {
    readonly known: Acquaintance;
    readonly quorum: readonly NodeId[];
    readonly requester: Requester;
    readonly arbiter: Arbiter;
  };
  readonly message: Message;
  readonly timer: 'maekawa.open';
}

type At = Seat<Maekawa>;
type After = Turn<Maekawa>;

export function maekawa({ quorums, yields, lease }: MutexConfig): Lock<Maekawa> {
  return {
    start(member) {
      const quorum = quorumOf(member);
      const opening = { kind: 'set-timer', timer: 'maekawa.open', after: lease } as const;
      return { lock: { known: strangers, quorum, requester: content, arbiter: closed }, effects: [opening] };
    },
    want,
    leave,
    receive,
    expire: (seat) => ruled(seat, opened(seat.lock.arbiter)),
    signal,
    again,
    awaits: ({ lock }) => missing(lock.requester),
    through: ({ lock: { arbiter } }) => (arbiter.granted === undefined ? [] : [arbiter.granted.claim.node]),
  };

  function quorumOf({ self, members }: Member): readonly NodeId[] {
    return quorumsOf(quorums, members)[members.indexOf(self)] ?? [];
  }

  function want({ contender, lock }: At, now: Reading): After {
    const requester = wanting(claimOf(contender, now.lamport), lock.quorum);
    const wishes = reachable({ contender, lock }).map((to) => ({ kind: 'maekawa.request', to, turn: 0 }) as const);
    return wished({ contender, lock }, { requester, wishes });
  }

  function leave({ contender, lock }: At): After {
    const wishes = reachable({ contender, lock }).map(
      (to) => ({ kind: 'maekawa.release', to, turn: lock.requester.votes.get(to)?.turn ?? 0 }) as const,
    );
    const { lock: left, effects } = wished({ contender, lock }, { requester: lock.requester, wishes });
    return { lock: { ...left, requester: content }, effects };
  }

  function receive({ contender, lock }: At, from: NodeId, message: Message): After {
    const { known, sign } = met(lock.known, from, message.incarnation);
    if (sign === 'outdated') return refused(lock, message, from, 'outdated');
    return then(acquainted({ contender, lock }, from, { known, sign }), contender, (seat) => heard(seat, from, message));
  }

  function heard(seat: At, from: NodeId, message: Message): After {
    if (isAsking(message)) return ruled(seat, asked(seat.lock.arbiter, from, message));
    const { contender, lock } = seat;
    const move = contender.phase === 'wanted' ? answered(lock.requester, from, message) : undefined;
    return move === undefined ? refused(lock, message, from, 'outdated') : wished(seat, move);
  }

  function asked(arbiter: Arbiter, from: NodeId, { kind, incarnation, request, timestamp, turn, inside }: Asking): Ruling {
    switch (kind) {
      case 'maekawa.request': {
        // An earlier request of the same process is over, though its release was not heard of.
        const earlier = released(arbiter, from, request - 1);
        const claim = { node: from, incarnation, request, timestamp };
        const { arbiter: after, says } = inside ? told(earlier.arbiter, claim, turn) : requested(earlier.arbiter, claim, turn, yields);
        return { arbiter: after, says: [...earlier.says, ...says] };
      }
      case 'maekawa.release':
        return released(arbiter, from, request);
      case 'maekawa.yield':
        return yielded(arbiter, { node: from, incarnation }, { request, turn });
      default:
        return unreachable(kind);
    }
  }

  /** The arbiter's answers; one to its own process is no message. */
  function ruled({ contender, lock }: At, { arbiter, says }: Ruling): After {
    const { self, incarnation } = contender.member;
    return says.reduce<After>(
      (turn, { kind, to: { claim, turn: at } }) =>
        then(turn, contender, (seat) => {
          const message = { kind, incarnation, start: claim.incarnation, request: claim.request, turn: at } as const;
          if (claim.node === self) return heard(seat, self, message);
          return { lock: seat.lock, effects: [{ kind: 'send', to: claim.node, message }] };
        }),
      { lock: { ...lock, arbiter }, effects: [] },
    );
  }

  /** What the requester asks, and its entry once nothing is missing. */
  function wished({ contender, lock }: At, { requester, wishes }: Move): After {
    const turn = wishes.reduce<After>((before, wish) => then(before, contender, (seat) => say(seat, wish)), {
      lock: { ...lock, requester },
      effects: [],
    });
    if (contender.phase !== 'wanted' || turn.enter !== undefined || missing(turn.lock.requester).length > 0) return turn;
    return { ...turn, enter: { token: null } };
  }

  function say(seat: At, { kind, to, turn }: Wish): After {
    const { contender, lock } = seat;
    const { own } = lock.requester;
    if (own === undefined) return still(seat);
    const { incarnation, request, timestamp } = own;
    const message: Asking = { kind, incarnation, request, timestamp, turn, inside: kind === 'maekawa.request' && contender.phase === 'held' };
    if (to === contender.member.self) return heard(seat, to, message);
    return { lock, effects: [{ kind: 'send', to, message }] };
  }

  function signal(seat: At, told: Signal): After {
    switch (told.kind) {
      case 'trusted':
      case 'suspected':
        return acquainted(seat, told.peer, judged(seat.lock.known, told));
      case 'leader':
      case 'deposed':
      case 'stalled':
      case 'unreachable':
        return still(seat);
      default:
        return unreachable(told);
    }
  }

  /** A new start of a peer has neither asked nor granted anything, and whoever is back may have missed what was said. */
  function acquainted({ contender, lock }: At, peer: NodeId, { known, sign }: Met): After {
    if (sign !== 'new') return sign === 'back' ? again({ contender, lock: { ...lock, known } }, peer) : { lock: { ...lock, known }, effects: [] };
    const requester = contender.phase === 'wanted' ? forgotten(lock.requester, peer) : lock.requester;
    const freed = ruled({ contender, lock: { ...lock, known, requester } }, gone(lock.arbiter, peer));
    return then(freed, contender, (seat) => again(seat, peer));
  }

  /** Says again to an arbiter what it should know of this process. */
  function again(seat: At, arbiter: NodeId): After {
    const { contender, lock } = seat;
    if (!reachable(seat).includes(arbiter)) return still(seat);
    const { own, votes } = lock.requester;
    if (own !== undefined) return say(seat, { kind: 'maekawa.request', to: arbiter, turn: votes.get(arbiter)?.turn ?? 0 });
    const { member, request } = contender;
    if (request === 0) return still(seat);
    const release: Asking = { kind: 'maekawa.release', incarnation: member.incarnation, request, timestamp: 0, turn: 0, inside: false };
    return { lock, effects: [{ kind: 'send', to: arbiter, message: release }] };
  }
}

/** Arbiters that can be spoken to. */
const reachable = ({ contender: { member }, lock: { known, quorum } }: At): readonly NodeId[] =>
  quorum.filter((id) => id === member.self || known.has(id));

const then = (turn: After, contender: At['contender'], next: (seat: At) => After): After => {
  const following = after(turn.effects, next({ contender, lock: turn.lock }));
  return turn.enter === undefined ? following : { ...following, enter: turn.enter };
};
