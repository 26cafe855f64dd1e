/**
 * Ricart and Agrawala (1981, CACM 24(1):9-17): whoever wants to enter asks everyone, and enters when all have replied.
 * Whoever is inside, or asked earlier, replies when it leaves. 2(n - 1) messages an entry; the links need not be FIFO.
 *
 * One process that is down keeps everyone waiting. When it is back, as a newer start, it remembers neither what it was
 * asked nor what it replied: it is asked again.
 */
import { type NodeId, type Reading, type Signal, unreachable } from '../protocol.ts';
import { type Acquaintance, judged, type Met, met, strangers } from './acquaintance.ts';
import { type Answered, answers, type Claim, claimOf, precedes } from './claim.ts';
import type { MutexConfig } from './config.ts';
import { after, enterWhere, everyoneElse, refused } from './consent.ts';
import { type Lock, noFurther, type Seat, still, type Turn } from './lock.ts';

export interface Request {
  readonly kind: 'ricart-agrawala.request';
  readonly incarnation: number;
  readonly request: number;
  readonly timestamp: number;
}
export interface Reply extends Answered {
  readonly kind: 'ricart-agrawala.reply';
  /** Of the process that replies. */
  readonly incarnation: number;
  readonly timestamp: number;
}

export interface Permissions {
  readonly known: Acquaintance;
  /** From wanting to leaving. */
  readonly own: Claim | undefined;
  readonly replies: ReadonlySet<NodeId>;
  /** Who is replied to on leaving. */
  readonly deferred: ReadonlyMap<NodeId, Claim>;
}

export interface RicartAgrawala {
  readonly lock: Permissions;
  readonly message: Request | Reply;
  readonly timer: never;
}

type At = Seat<RicartAgrawala>;
type After = Turn<RicartAgrawala>;
type Effects = After['effects'];

export function ricartAgrawala({ onCrash }: MutexConfig): Lock<RicartAgrawala> {
  return {
    start: () => ({ lock: { known: strangers, own: undefined, replies: new Set(), deferred: new Map() }, effects: [] }),
    want,
    leave,
    receive,
    expire: still,
    signal,
    again: (seat, peer) => ({ lock: seat.lock, effects: seat.lock.known.has(peer) ? askAgain(seat, peer) : [] }),
    awaits: ({ contender, lock }) => missing(contender, lock),
    through: noFurther,
  };

  function want({ contender, lock }: At, now: Reading): After {
    const own = claimOf(contender, now.lamport);
    const asking: Permissions = { ...lock, own, replies: new Set() };
    return after(
      [...lock.known.keys()].flatMap((to) => ask(own, to)),
      enter({ contender, lock: asking }),
    );
  }

  function leave({ contender, lock }: At): After {
    const replies = [...lock.deferred.values()].flatMap((claim) => reply(contender.member.incarnation, claim));
    return { lock: { ...lock, own: undefined, deferred: new Map() }, effects: replies };
  }

  function receive({ contender, lock }: At, from: NodeId, message: RicartAgrawala['message']): After {
    const { known, sign } = met(lock.known, from, message.incarnation);
    if (sign === 'outdated') return refused(lock, message, from, 'outdated');
    const { lock: before, effects } = acquainted({ contender, lock }, from, { known, sign });
    const seat = { contender, lock: before };
    switch (message.kind) {
      case 'ricart-agrawala.request':
        return after(effects, asked(seat, { ...message, node: from }));
      case 'ricart-agrawala.reply':
        return after(effects, replied(seat, from, message));
      default:
        return unreachable(message);
    }
  }

  function asked({ contender, lock }: At, claim: Claim): After {
    const { own, deferred } = lock;
    const first = own !== undefined && (contender.phase === 'held' || precedes(own, claim));
    if (!first) return { lock, effects: reply(contender.member.incarnation, claim) };
    // A second copy may come after what the process has asked since.
    if ((deferred.get(claim.node)?.request ?? 0) >= claim.request) return { lock, effects: [] };
    return { lock: { ...lock, deferred: new Map(deferred).set(claim.node, claim) }, effects: [] };
  }

  function replied({ contender, lock }: At, from: NodeId, message: Reply): After {
    const { own, replies } = lock;
    if (contender.phase !== 'wanted' || own === undefined || !answers(message, own)) return refused(lock, message, from, 'outdated');
    if (replies.has(from)) return refused(lock, message, from, 'duplicate');
    return enter({ contender, lock: { ...lock, replies: new Set(replies).add(from) } });
  }

  function signal({ contender, lock }: At, heard: Signal): After {
    switch (heard.kind) {
      case 'trusted':
        return acquainted({ contender, lock }, heard.peer, judged(lock.known, heard));
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

  /** Whoever has started since, or may have missed it, is asked again. What an earlier start replied or asked is void. */
  function acquainted({ contender, lock }: At, peer: NodeId, { known, sign }: Met): After {
    if (sign !== 'new') return { lock: { ...lock, known }, effects: sign === 'back' ? askAgain({ contender, lock }, peer) : [] };
    const replies = new Set([...lock.replies].filter((id) => id !== peer));
    const deferred = new Map([...lock.deferred].filter(([id]) => id !== peer));
    const after = { ...lock, known, replies, deferred };
    return { lock: after, effects: askAgain({ contender, lock: after }, peer) };
  }

  function askAgain({ contender: { phase }, lock: { own, replies } }: At, peer: NodeId): Effects {
    return phase === 'wanted' && own !== undefined && !replies.has(peer) ? ask(own, peer) : [];
  }

  function enter({ contender, lock }: At): After {
    return enterWhere(lock, contender, missing(contender, lock), onCrash);
  }
}

const missing = (contender: At['contender'], { replies }: Permissions): readonly NodeId[] => everyoneElse(contender).filter((id) => !replies.has(id));

const ask = ({ incarnation, request, timestamp }: Claim, to: NodeId): Effects => [
  { kind: 'send', to, message: { kind: 'ricart-agrawala.request', incarnation, request, timestamp } },
];

const reply = (incarnation: number, { node, incarnation: start, request, timestamp }: Claim): Effects => [
  { kind: 'send', to: node, message: { kind: 'ricart-agrawala.reply', incarnation, start, request, timestamp } },
];
