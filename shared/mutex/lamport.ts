/**
 * Lamport's lock (1978, CACM 21(7):558-565): every process keeps the queue of all requests, in the order of their
 * timestamps. It enters when its own is at the head and something later came from everyone else, since over FIFO links
 * nothing earlier can follow. 3(n - 1) messages an entry: REQUEST, ACK and RELEASE to or from each. The later thing is
 * always the ACK, since everyone sends one anyway.
 *
 * Without FIFO an ACK may overtake an earlier REQUEST, and two processes are inside at once.
 *
 * A process that starts again has an empty queue, and logical time begins anew for it: its request may come before that of
 * whoever is inside already. So it is told of every request before it gets an ACK, and gets none from whoever is inside
 * with a later request than its own until that one leaves. The same holds for whoever asks again: where the request was
 * lost, and not the ACK after it, another one may have entered meanwhile that should have come later.
 */
import { type NodeId, type Reading, type Signal, unreachable } from '../protocol.ts';
import { type Acquaintance, judged, type Met, met, strangers } from './acquaintance.ts';
import { type Answered, answers, type Claim, claimOf, precedes } from './claim.ts';
import type { MutexConfig } from './config.ts';
import { after, enterWhere, everyoneElse, refused } from './consent.ts';
import { type Lock, noFurther, type Seat, still, type Turn } from './lock.ts';

export interface Request {
  readonly kind: 'lamport.request';
  readonly incarnation: number;
  readonly request: number;
  readonly timestamp: number;
  /** It was asked before, and that may be lost. */
  readonly again?: true | undefined;
}
export interface Ack extends Answered {
  readonly kind: 'lamport.ack';
  /** Of the process that answers. */
  readonly incarnation: number;
}
export interface Release {
  readonly kind: 'lamport.release';
  readonly incarnation: number;
  readonly request: number;
}

export interface Queue {
  readonly known: Acquaintance;
  /** One's own request among them, from wanting to leaving. */
  readonly queue: ReadonlyMap<NodeId, Claim>;
  /** The newest request of each that is over: no second copy of it comes back into the queue. */
  readonly over: ReadonlyMap<NodeId, number>;
  /** Who has answered one's own request, which is the later thing that has to come from everyone. */
  readonly acks: ReadonlySet<NodeId>;
  /** Who has started, or asked again, since one's own request. */
  readonly late: ReadonlySet<NodeId>;
}

export interface Lamport {
  readonly lock: Queue;
  readonly message: Request | Ack | Release;
  readonly timer: never;
}

type At = Seat<Lamport>;
type After = Turn<Lamport>;
type Effects = After['effects'];

export function lamport({ onCrash }: MutexConfig): Lock<Lamport> {
  return {
    start: () => ({ lock: { known: strangers, queue: new Map(), over: new Map(), acks: new Set(), late: new Set() }, effects: [] }),
    want,
    leave,
    receive,
    expire: still,
    signal,
    again,
    awaits: missing,
    through: noFurther,
  };

  function want({ contender, lock }: At, now: Reading): After {
    const own = claimOf(contender, now.lamport);
    const queued = { ...lock, queue: new Map(lock.queue).set(own.node, own), acks: new Set<NodeId>(), late: new Set<NodeId>() };
    return after(
      [...lock.known.keys()].flatMap((to) => ask(own, to)),
      enter({ contender, lock: queued }),
    );
  }

  function leave({ contender, lock }: At): After {
    const own = ownOf({ contender, lock });
    const released = [...lock.known.keys()].flatMap((to) => release({ contender, lock }, to));
    const kept = [...lock.queue.values()].filter((claim) => lock.late.has(claim.node) && own !== undefined && precedes(claim, own));
    const acks = kept.flatMap((claim) => ack({ contender, lock }, claim));
    return { lock: { ...lock, queue: without(lock.queue, contender.member.self) }, effects: [...released, ...acks] };
  }

  function receive({ contender, lock }: At, from: NodeId, message: Lamport['message']): After {
    const { known, sign } = met(lock.known, from, message.incarnation);
    if (sign === 'outdated') return refused(lock, message, from, 'outdated');
    const { lock: before, effects } = acquainted({ contender, lock }, from, { known, sign });
    const seat = { contender, lock: before };
    switch (message.kind) {
      case 'lamport.request':
        return after(effects, asked(message.again ? lateFrom(seat, from) : seat, { ...message, node: from }));
      case 'lamport.ack':
        return after(effects, acked(seat, from, message));
      case 'lamport.release':
        return after(effects, released(seat, from, message.request));
      default:
        return unreachable(message);
    }
  }

  function asked({ contender, lock }: At, claim: Claim): After {
    if ((lock.over.get(claim.node) ?? 0) >= claim.request) return enter({ contender, lock });
    const queued = { contender, lock: { ...lock, queue: new Map(lock.queue).set(claim.node, claim) } };
    const own = ownOf(queued);
    const waits = contender.phase === 'held' && lock.late.has(claim.node) && own !== undefined && precedes(claim, own);
    return after(waits ? [] : ack(queued, claim), enter(queued));
  }

  function acked({ contender, lock }: At, from: NodeId, message: Ack): After {
    const own = ownOf({ contender, lock });
    if (own === undefined || !answers(message, own)) return refused(lock, message, from, 'outdated');
    return enter({ contender, lock: { ...lock, acks: new Set(lock.acks).add(from) } });
  }

  function released({ contender, lock }: At, from: NodeId, request: number): After {
    const over = new Map(lock.over).set(from, Math.max(lock.over.get(from) ?? 0, request));
    const current = (lock.queue.get(from)?.request ?? 0) > request;
    return enter({ contender, lock: { ...lock, over, queue: current ? lock.queue : without(lock.queue, from) } });
  }

  function signal({ contender, lock }: At, heard: Signal): After {
    switch (heard.kind) {
      case 'trusted': {
        const { lock: acquaintedLock, effects } = acquainted({ contender, lock }, heard.peer, judged(lock.known, heard));
        return after(effects, enter({ contender, lock: acquaintedLock }));
      }
      case 'suspected':
        return enter({ contender, lock: { ...lock, known: judged(lock.known, heard).known } });
      case 'leader':
      case 'deposed':
      case 'stalled':
      case 'unreachable':
        return { lock, effects: [] };
      default:
        return unreachable(heard);
    }
  }

  /** Whoever has started since, or may have missed it, is told again. What an earlier start asked and said is void. */
  function acquainted({ contender, lock }: At, peer: NodeId, { known, sign }: Met): { readonly lock: Queue; readonly effects: Effects } {
    const voided: Queue = {
      known,
      queue: without(lock.queue, peer),
      over: without(lock.over, peer),
      acks: new Set([...lock.acks].filter((id) => id !== peer)),
      late: new Set(lock.late).add(peer),
    };
    const seat = { contender, lock: sign === 'new' ? voided : { ...lock, known } };
    const isNews = sign === 'back' || (sign === 'new' && ownOf(seat) !== undefined);
    return isNews ? again(seat, peer) : { lock: seat.lock, effects: [] };
  }

  /** What a peer should know of this process: its request, or that the last one is over. */
  function again(seat: At, peer: NodeId): After {
    const { contender, lock } = seat;
    if (!lock.known.has(peer)) return still(seat);
    const own = ownOf(seat);
    if (own !== undefined) return { lock, effects: ask(own, peer, true) };
    return { lock, effects: contender.request > 0 ? release(seat, peer) : [] };
  }

  function enter(seat: At): After {
    return enterWhere(seat.lock, seat.contender, missing(seat), onCrash);
  }
}

/** Whoever has not answered, or has asked earlier and not yet released. */
function missing(seat: At): readonly NodeId[] {
  const own = ownOf(seat);
  if (own === undefined) return [];
  const { acks, queue } = seat.lock;
  return everyoneElse(seat.contender).filter((id) => {
    const claim = queue.get(id);
    return !acks.has(id) || (claim !== undefined && precedes(claim, own));
  });
}

const ownOf = ({ contender: { member }, lock: { queue } }: At): Claim | undefined => queue.get(member.self);

const without = <T>(map: ReadonlyMap<NodeId, T>, node: NodeId): ReadonlyMap<NodeId, T> => new Map([...map].filter(([id]) => id !== node));

const lateFrom = ({ contender, lock }: At, peer: NodeId): At => ({ contender, lock: { ...lock, late: new Set(lock.late).add(peer) } });

const ask = ({ incarnation, request, timestamp }: Claim, to: NodeId, again?: true): Effects => [
  { kind: 'send', to, message: { kind: 'lamport.request', incarnation, request, timestamp, ...(again ? { again } : {}) } },
];

const ack = ({ contender: { member } }: At, { node, incarnation: start, request }: Claim): Effects => [
  { kind: 'send', to: node, message: { kind: 'lamport.ack', incarnation: member.incarnation, start, request } },
];

const release = ({ contender: { member, request } }: At, to: NodeId): Effects => [
  { kind: 'send', to, message: { kind: 'lamport.release', incarnation: member.incarnation, request } },
];
