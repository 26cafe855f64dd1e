/**
 * Carvalho and Roucairol (1983, CACM 26(2):146-147) on Ricart and Agrawala: a permission that was given lasts until the
 * giver wants it back. Each pair of processes shares one, which the lower of the two holds at first. Whoever holds those
 * of all its pairs enters without a message; at most it takes 2(n - 1). Entries need not be in the order of requests.
 *
 * Whoever gives a permission away while it waits asks for it again at once. Each asking has a number of its own, and a
 * reply counts only for the last: a second copy would otherwise bring back what was given away since.
 *
 * Who starts cannot know whether the other had the permission of an earlier start of it. So it is never simply there.
 * Whoever has known an earlier start holds it, since that one is over. Otherwise the lower says hello and is told whether
 * the other holds it; until then it holds none. Who asks for a permission does not hold it: if the other does not either,
 * the two are new to each other, or a reply was lost, and the earlier request has it. No permission is lost for good.
 */
import { type NodeId, type Reading, type Signal, unreachable } from '../protocol.ts';
import { type Acquaintance, judged, type Met, met, strangers } from './acquaintance.ts';
import { type Claim, claimOf, precedes } from './claim.ts';
import type { MutexConfig } from './config.ts';
import { after, enterWhere, everyoneElse, refused } from './consent.ts';
import { type Lock, noFurther, type Seat, still, type Turn } from './lock.ts';

export interface Request {
  readonly kind: 'roucairol-carvalho.request';
  readonly incarnation: number;
  readonly request: number;
  readonly timestamp: number;
  readonly asking: number;
}
export interface Reply {
  readonly kind: 'roucairol-carvalho.reply';
  /** Of the process that replies. */
  readonly incarnation: number;
  /** Of the process that asked, and which of its askings. */
  readonly start: number;
  readonly asking: number;
}
/** Housekeeping: a process that has started wants to know whether the other holds their permission. */
export interface Hello {
  readonly kind: 'mutex.hello';
  readonly incarnation: number;
}
export interface Welcome {
  readonly kind: 'mutex.welcome';
  readonly incarnation: number;
  readonly start: number;
  /** The permission is with whoever said hello. */
  readonly yours: boolean;
}

interface Asked {
  readonly claim: Claim;
  readonly asking: number;
}

export interface Permissions {
  readonly known: Acquaintance;
  readonly own: Claim | undefined;
  /** Whose permission is here. */
  readonly held: ReadonlySet<NodeId>;
  /** Said hello to, and not answered yet. */
  readonly greeted: ReadonlySet<NodeId>;
  /** The number of the asking that is not answered yet. */
  readonly asked: ReadonlyMap<NodeId, number>;
  readonly askings: number;
  readonly deferred: ReadonlyMap<NodeId, Asked>;
}

export interface RoucairolCarvalho {
  readonly lock: Permissions;
  readonly message: Request | Reply | Hello | Welcome;
  readonly timer: never;
}

type At = Seat<RoucairolCarvalho>;
type After = Turn<RoucairolCarvalho>;

const nothing: Permissions = {
  known: strangers,
  own: undefined,
  held: new Set(),
  greeted: new Set(),
  asked: new Map(),
  askings: 0,
  deferred: new Map(),
};

export function roucairolCarvalho({ onCrash }: MutexConfig): Lock<RoucairolCarvalho> {
  return {
    start: () => ({ lock: nothing, effects: [] }),
    want,
    leave,
    receive,
    expire: still,
    signal,
    again,
    awaits: ({ contender, lock }) => missing(contender, lock),
    through: noFurther,
  };

  function want({ contender, lock }: At, now: Reading): After {
    const wanting = { ...lock, own: claimOf(contender, now.lamport) };
    const asking = missing(contender, wanting).reduce<After>(
      (turn, to) => then(turn, contender, (seat) => ask(seat, to)),
      still({ contender, lock: wanting }),
    );
    return then(asking, contender, enter);
  }

  function leave({ contender, lock }: At): After {
    const left = { contender, lock: { ...lock, own: undefined, deferred: new Map() } };
    return [...lock.deferred].reduce<After>((turn, [to, asked]) => then(turn, contender, (seat) => give(seat, to, asked)), still(left));
  }

  function receive({ contender, lock }: At, from: NodeId, message: RoucairolCarvalho['message']): After {
    const { known, sign } = met(lock.known, from, message.incarnation);
    if (sign === 'outdated') return refused(lock, message, from, 'outdated');
    return then(acquainted({ contender, lock }, from, { known, sign }), contender, (seat) => heard(seat, from, message));
  }

  function heard(seat: At, from: NodeId, message: RoucairolCarvalho['message']): After {
    switch (message.kind) {
      case 'roucairol-carvalho.request':
        return requested(seat, { claim: { ...message, node: from }, asking: message.asking });
      case 'roucairol-carvalho.reply':
        return replied(seat, from, message);
      case 'mutex.hello':
        return welcome(seat, from, message);
      case 'mutex.welcome':
        return welcomed(seat, from, message);
      default:
        return unreachable(message);
    }
  }

  /** Whoever is inside, or wants to enter with an earlier request, gives the permission away when it leaves. */
  function requested(seat: At, asked: Asked): After {
    const { contender, lock } = seat;
    const { own, deferred } = lock;
    const { node } = asked.claim;
    if (own === undefined) return give(seat, node, asked);
    if (contender.phase === 'wanted' && precedes(asked.claim, own)) return then(give(seat, node, asked), contender, (next) => ask(next, node));
    if ((deferred.get(node)?.asking ?? 0) > asked.asking) return still(seat);
    return { lock: { ...lock, deferred: new Map(deferred).set(node, asked) }, effects: [] };
  }

  function replied({ contender, lock }: At, from: NodeId, message: Reply): After {
    const current = message.start === contender.member.incarnation && lock.asked.get(from) === message.asking;
    if (!current) return refused(lock, message, from, 'outdated');
    return enter({ contender, lock: { ...without(lock, from), held: new Set(lock.held).add(from) } });
  }

  function welcome({ contender, lock }: At, from: NodeId, { incarnation: start }: Hello): After {
    const { incarnation } = contender.member;
    return { lock, effects: [{ kind: 'send', to: from, message: { kind: 'mutex.welcome', incarnation, start, yours: !lock.held.has(from) } }] };
  }

  function welcomed({ contender, lock }: At, from: NodeId, { start, yours }: Welcome): After {
    if (start !== contender.member.incarnation || !lock.greeted.has(from)) return { lock, effects: [] };
    const settled = without(lock, from);
    if (yours) return enter({ contender, lock: { ...settled, held: new Set(lock.held).add(from) } });
    return contender.phase === 'wanted' ? ask({ contender, lock: settled }, from) : { lock: settled, effects: [] };
  }

  function signal(seat: At, told: Signal): After {
    const { contender, lock } = seat;
    switch (told.kind) {
      case 'trusted':
        return then(acquainted(seat, told.peer, judged(lock.known, told)), contender, enter);
      case 'suspected':
        return enter({ contender, lock: { ...lock, known: judged(lock.known, told).known } });
      case 'leader':
      case 'deposed':
      case 'stalled':
      case 'unreachable':
        return still(seat);
      default:
        return unreachable(told);
    }
  }

  function acquainted({ contender, lock }: At, peer: NodeId, { known, sign }: Met): After {
    const seat = { contender, lock: { ...lock, known } };
    switch (sign) {
      case 'new':
        return lock.known.has(peer) ? then(outlived(seat, peer), contender, enter) : introduced(seat, peer);
      case 'back':
        return again(seat, peer);
      case 'known':
      case 'outdated':
        return still(seat);
      default:
        return unreachable(sign);
    }
  }

  /** An earlier start of the peer is over, and what it held has fallen back. */
  function outlived({ lock }: At, peer: NodeId): After {
    const { deferred, ...rest } = without(lock, peer);
    const left = new Map([...deferred].filter(([id]) => id !== peer));
    return { lock: { ...rest, held: new Set(lock.held).add(peer), deferred: left }, effects: [] };
  }

  /** The lower of the two says hello; the higher asks, if it wants to enter. */
  function introduced({ contender, lock }: At, peer: NodeId): After {
    const greeting = { contender, lock: { ...lock, greeted: new Set(lock.greeted).add(peer) } };
    return again(contender.member.self < peer ? greeting : { contender, lock }, peer);
  }

  /** What was said to the peer may be lost. */
  function again(seat: At, peer: NodeId): After {
    const { contender, lock } = seat;
    if (lock.greeted.has(peer)) {
      return { lock, effects: [{ kind: 'send', to: peer, message: { kind: 'mutex.hello', incarnation: contender.member.incarnation } }] };
    }
    return contender.phase === 'wanted' && !lock.held.has(peer) ? ask(seat, peer) : still(seat);
  }

  /** Asks for the permission under a new number, unless the peer cannot be spoken to yet, or is still to say who holds it. */
  function ask({ lock }: At, to: NodeId): After {
    const { own, known, greeted, asked } = lock;
    if (own === undefined || !known.has(to) || greeted.has(to)) return { lock, effects: [] };
    const asking = lock.askings + 1;
    const { incarnation, request, timestamp } = own;
    return {
      lock: { ...lock, askings: asking, asked: new Map(asked).set(to, asking) },
      effects: [{ kind: 'send', to, message: { kind: 'roucairol-carvalho.request', incarnation, request, timestamp, asking } }],
    };
  }

  function give({ contender, lock }: At, to: NodeId, { claim, asking }: Asked): After {
    const { incarnation } = contender.member;
    const reply: Reply = { kind: 'roucairol-carvalho.reply', incarnation, start: claim.incarnation, asking };
    const held = new Set([...lock.held].filter((id) => id !== to));
    return { lock: { ...without(lock, to), held }, effects: [{ kind: 'send', to, message: reply }] };
  }

  function enter({ contender, lock }: At): After {
    return enterWhere(lock, contender, missing(contender, lock), onCrash);
  }
}

const missing = (contender: At['contender'], { held }: Permissions): readonly NodeId[] => everyoneElse(contender).filter((id) => !held.has(id));

/** Nothing is waited for from the peer any more. */
const without = (lock: Permissions, peer: NodeId): Permissions => ({
  ...lock,
  greeted: new Set([...lock.greeted].filter((id) => id !== peer)),
  asked: new Map([...lock.asked].filter(([id]) => id !== peer)),
});

const then = (turn: After, contender: At['contender'], next: (seat: At) => After): After => after(turn.effects, next({ contender, lock: turn.lock }));
