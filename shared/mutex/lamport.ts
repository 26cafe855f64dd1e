/**
 * Lamport's lock (1978, CACM 21(7):558-565): every process keeps the queue of all requests, in the order of their
 * timestamps. It enters when its own is at the head and something later came from everyone else, since over FIFO links
 * nothing earlier can follow. 3(n - 1) messages an entry: REQUEST, ACK and RELEASE to or from each.
 *
 * Without FIFO an ACK may overtake an earlier REQUEST, and two processes are inside at once.
 *
 * A process that starts again has an empty queue, and logical time begins anew for it: its request may come before that of
 * whoever is inside already. So it is told what is asked for before it gets an ACK, and gets none from whoever is inside
 * with a request that is later than its own.
 */
import { type NodeId, type Reading, type Signal, unreachable } from '../protocol.ts';
import { type Acquaintance, judged, type Met, met, strangers } from './acquaintance.ts';
import { type Claim, claimOf, precedes } from './claim.ts';
import type { MutexConfig } from './config.ts';
import { after, enterWhere, everyoneElse, refused } from './consent.ts';
import { type Lock, type Seat, still, type Turn } from './lock.ts';

interface Said {
  /** Of the process that says it. */
  readonly incarnation: number;
  readonly timestamp: number;
}
export interface Request extends Said {
  readonly kind: 'lamport.request';
  readonly request: number;
}
export interface Ack extends Said {
  readonly kind: 'lamport.ack';
  /** Of the process that is answered: what an earlier start of it was told means nothing. */
  readonly start: number;
}
export interface Release extends Said {
  readonly kind: 'lamport.release';
  readonly request: number;
}

export interface Queue {
  readonly known: Acquaintance;
  /** One's own request among them, from wanting to leaving. */
  readonly queue: ReadonlyMap<NodeId, Claim>;
  /** The newest request of each that is over: no second copy of it comes back into the queue. */
  readonly over: ReadonlyMap<NodeId, number>;
  /** When each was heard of last, in its own Lamport time. */
  readonly heard: ReadonlyMap<NodeId, number>;
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
    start: () => ({ lock: { known: strangers, queue: new Map(), over: new Map(), heard: new Map() }, effects: [] }),
    want,
    leave,
    receive,
    expire: still,
    signal,
    awaits: missing,
  };

  function want({ contender, lock }: At, now: Reading): After {
    const own = claimOf(contender, now.lamport);
    const queued = { ...lock, queue: new Map(lock.queue).set(own.node, own) };
    return after(
      [...lock.known.keys()].flatMap((to) => ask(own, to)),
      enter({ contender, lock: queued }),
    );
  }

  function leave({ contender, lock }: At, now: Reading): After {
    const own = ownOf({ contender, lock });
    const released = [...lock.known.keys()].flatMap((to) => release({ contender, lock }, to, now));
    const kept = [...lock.queue.values()].filter((claim) => own !== undefined && precedes(claim, own));
    const acks = kept.flatMap((claim) => ack({ contender, lock }, claim, now));
    return { lock: { ...lock, queue: without(lock.queue, contender.member.self) }, effects: [...released, ...acks] };
  }

  function receive({ contender, lock }: At, from: NodeId, message: Lamport['message'], now: Reading): After {
    const { known, sign } = met(lock.known, from, message.incarnation);
    if (sign === 'outdated') return refused(lock, message, from, 'outdated');
    const { lock: before, effects } = acquainted({ contender, lock }, from, { known, sign }, now);
    if (message.kind === 'lamport.ack' && message.start !== contender.member.incarnation)
      return after(effects, refused(before, message, from, 'outdated'));
    const heard = new Map(before.heard).set(from, Math.max(before.heard.get(from) ?? 0, message.timestamp));
    return after(effects, said({ contender, lock: { ...before, heard } }, from, message, now));
  }

  function said(seat: At, from: NodeId, message: Lamport['message'], now: Reading): After {
    switch (message.kind) {
      case 'lamport.request':
        return asked(seat, { ...message, node: from }, now);
      case 'lamport.ack':
        return enter(seat);
      case 'lamport.release':
        return released(seat, from, message.request);
      default:
        return unreachable(message);
    }
  }

  function asked({ contender, lock }: At, claim: Claim, now: Reading): After {
    if ((lock.over.get(claim.node) ?? 0) >= claim.request) return enter({ contender, lock });
    const queued = { contender, lock: { ...lock, queue: new Map(lock.queue).set(claim.node, claim) } };
    const own = ownOf(queued);
    const waits = contender.phase === 'held' && own !== undefined && precedes(claim, own);
    return after(waits ? [] : ack(queued, claim, now), enter(queued));
  }

  function released({ contender, lock }: At, from: NodeId, request: number): After {
    const over = new Map(lock.over).set(from, Math.max(lock.over.get(from) ?? 0, request));
    const current = (lock.queue.get(from)?.request ?? 0) > request;
    return enter({ contender, lock: { ...lock, over, queue: current ? lock.queue : without(lock.queue, from) } });
  }

  function signal({ contender, lock }: At, heard: Signal, now: Reading): After {
    switch (heard.kind) {
      case 'trusted': {
        const { lock: acquaintedLock, effects } = acquainted({ contender, lock }, heard.peer, judged(lock.known, heard), now);
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
  function acquainted(
    { contender, lock }: At,
    peer: NodeId,
    { known, sign }: Met,
    now: Reading,
  ): { readonly lock: Queue; readonly effects: Effects } {
    const { queue, over, heard } = lock;
    const after =
      sign === 'new' ? { known, queue: without(queue, peer), over: without(over, peer), heard: without(heard, peer) } : { ...lock, known };
    const own = ownOf({ contender, lock: after });
    if (own !== undefined) return { lock: after, effects: sign === 'new' || sign === 'back' ? ask(own, peer) : [] };
    return { lock: after, effects: sign === 'back' && contender.request > 0 ? release({ contender, lock: after }, peer, now) : [] };
  }

  function enter(seat: At): After {
    return enterWhere(seat.lock, seat.contender, missing(seat), onCrash);
  }
}

/** Whoever has said nothing later than one's own request, or has asked earlier and not yet released. */
function missing(seat: At): readonly NodeId[] {
  const own = ownOf(seat);
  if (own === undefined) return [];
  const { heard, queue } = seat.lock;
  return everyoneElse(seat.contender).filter((id) => {
    const claim = queue.get(id);
    return (heard.get(id) ?? 0) <= own.timestamp || (claim !== undefined && precedes(claim, own));
  });
}

const ownOf = ({ contender: { member }, lock: { queue } }: At): Claim | undefined => queue.get(member.self);

const without = <T>(map: ReadonlyMap<NodeId, T>, node: NodeId): ReadonlyMap<NodeId, T> => new Map([...map].filter(([id]) => id !== node));

const ask = ({ incarnation, request, timestamp }: Claim, to: NodeId): Effects => [
  { kind: 'send', to, message: { kind: 'lamport.request', incarnation, request, timestamp } },
];

const ack = ({ contender: { member } }: At, { node, incarnation: start }: Claim, { lamport: timestamp }: Reading): Effects => [
  { kind: 'send', to: node, message: { kind: 'lamport.ack', incarnation: member.incarnation, start, timestamp } },
];

const release = ({ contender: { member, request } }: At, to: NodeId, { lamport: timestamp }: Reading): Effects => [
  { kind: 'send', to, message: { kind: 'lamport.release', incarnation: member.incarnation, request, timestamp } },
];
