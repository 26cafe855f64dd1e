/**
 * Suzuki and Kasami (1985, ACM TOCS 3(4):344-349): whoever wants to enter and has no token asks everyone for it, n - 1
 * messages and the token; whoever has it already enters for nothing.
 *
 * Requests are numbered. The token bears the number of each process's last entry, so that its holder knows which requests
 * are over, and the queue of those whose turn is next. The queue is first come, first served: where the last to come is
 * served first, as in one published example, a process may wait for ever.
 *
 * Whoever is suspected is passed over in the queue, and stays in it.
 */
import { type NodeId, type Signal, unreachable } from '../protocol.ts';
import type { MutexConfig } from './config.ts';
import { custodians, epochOf, isRenewed } from './custody/sightings.ts';
import type { Custody, CustodyWords, Handed, Housekeeping, Kept } from './custody/words.ts';
import { type Custodian, custodian } from './custody.ts';
import { type Contender, type Lock, noFurther, type Seat, still, type Turn } from './lock.ts';
import { type Asked, compareAsked, type Heard, noted, type QueueToken, queued, rebuilt, withServed } from './suzuki-kasami/requests.ts';

type Kind = 'suzuki-kasami.token';
export type SuzukiKasamiToken = Handed<Kind, QueueToken>;
export interface Request {
  readonly kind: 'suzuki-kasami.request';
  readonly incarnation: number;
  readonly request: number;
}

interface Standing {
  readonly custody: Custody<QueueToken>;
  readonly heard: Heard;
}

export interface SuzukiKasami {
  readonly lock: Standing;
  readonly message: Request | SuzukiKasamiToken | Housekeeping;
  readonly timer: CustodyWords<Kind, QueueToken>['timer'];
}

type At = Seat<SuzukiKasami>;
type After = Turn<SuzukiKasami>;
type Effects = After['effects'];

export function suzukiKasami({ resend }: MutexConfig): Lock<SuzukiKasami> {
  const keeper: Custodian<Kind, QueueToken> = custodian({ kind: 'suzuki-kasami.token', resend, mint: rebuilt });

  return {
    start: () => ({ lock: { custody: keeper.nothing, heard: new Map() }, effects: [] }),
    want: (seat) => (seat.lock.custody.held === undefined ? { lock: seat.lock, effects: ask(seat) } : serve(seat, [])),
    leave: (seat) => serve(seat, []),
    receive: (seat, from, message) =>
      message.kind === 'suzuki-kasami.request'
        ? asked(seat, { node: from, incarnation: message.incarnation, request: message.request })
        : moved(seat, keeper.receive(seat.lock.custody, seat.contender, from, message)),
    expire: (seat, timer) => moved(seat, keeper.expire(seat.lock.custody, seat.contender, timer)),
    signal,
    // Whoever has the token by now may be another than it was told of, and may not have heard of the request either.
    again: (seat) => (isWaiting(seat) ? { lock: seat.lock, effects: ask(seat) } : still(seat)),
    awaits: custodians,
    through: noFurther,
  };

  function asked(seat: At, request: Asked): After {
    const before = seat.lock.heard.get(request.node);
    if (before !== undefined && compareAsked(request, before) < 0) {
      const event = { kind: 'mutex.refused', message: 'suzuki-kasami.request', from: request.node, why: 'outdated' } as const;
      return { lock: seat.lock, effects: [{ kind: 'emit', event }] };
    }
    return serve({ ...seat, lock: { ...seat.lock, heard: noted(seat.lock.heard, request) } }, []);
  }

  function signal(seat: At, heard: Signal): After {
    const turn = moved(seat, keeper.signal(seat.lock.custody, seat.contender, heard));
    switch (heard.kind) {
      case 'trusted': {
        // Nothing is asked for by this start of it yet, as far as is known. What was said to it may be lost.
        const fresh = noted(turn.lock.heard, { node: heard.peer, incarnation: heard.incarnation, request: 0 });
        const next = { ...seat, lock: { ...turn.lock, heard: fresh } };
        if (turn.enter !== undefined) return { ...turn, lock: next.lock };
        const isNews = turn.lock.custody.known !== seat.lock.custody.known;
        const again = isNews && isWaiting(next) ? ask(next, [heard.peer]) : [];
        return serve(next, [...turn.effects, ...again]);
      }
      case 'leader':
      case 'deposed':
      case 'suspected':
      case 'stalled':
      case 'unreachable':
        return turn;
      default:
        return unreachable(heard);
    }
  }

  function moved(seat: At, { custody, effects }: Kept<Kind, QueueToken>): After {
    const came = custody.held === seat.lock.custody.held ? undefined : custody.held;
    const next = { ...seat, lock: { custody, heard: (came?.queue ?? []).reduce(noted, seat.lock.heard) } };
    if (came !== undefined) return serve(next, effects);
    const isVoid = isRenewed(seat.lock.custody, custody);
    return { lock: next.lock, effects: isVoid && isWaiting(next) ? [...effects, ...ask(next)] : effects };
  }

  /** Whoever has the token enters if it wants to, and otherwise hands it to the first in the queue. */
  function serve(seat: At, effects: Effects): After {
    const { contender, lock } = seat;
    const { custody, heard } = lock;
    if (custody.held === undefined || contender.phase === 'held') return { lock, effects };
    const token = queued(withServed(custody.held, over(contender)), heard, contender.member.self);
    if (contender.phase === 'wanted') {
      const used = { ...token, count: token.count + 1 };
      return { lock: { ...lock, custody: { ...custody, held: used } }, effects, enter: { token: { term: used.epoch, count: used.count } } };
    }
    const next = token.queue.find(({ node }) => !contender.suspects.has(node));
    if (next === undefined) return { lock: { ...lock, custody: { ...custody, held: token } }, effects };
    const handed = { ...token, queue: token.queue.filter((waiting) => waiting !== next) };
    const { custody: passed, effects: passing } = keeper.pass(custody, handed, next.node, next.incarnation);
    return { lock: { ...lock, custody: passed }, effects: [...effects, ...passing] };
  }
}

/** Nobody is asked while there is no token yet, and nobody who has not been heard of: what is said to them is lost. */
function ask(seat: At, of: readonly NodeId[] = seat.contender.member.members): Effects {
  const { contender, lock } = seat;
  if (epochOf(lock.custody) === undefined) return [];
  const { member, request, suspects } = contender;
  const message: Request = { kind: 'suzuki-kasami.request', incarnation: member.incarnation, request };
  return of
    .filter((to) => to !== member.self && lock.custody.known.has(to) && !suspects.has(to))
    .map((to) => ({ kind: 'send', to, message }) as const);
}

const isWaiting = ({ contender, lock }: At): boolean => contender.phase === 'wanted' && lock.custody.held === undefined;

/** This process's newest request that is over. */
const over = ({ member: { self, incarnation }, phase, request }: Contender): Asked => ({
  node: self,
  incarnation,
  request: phase === 'idle' ? request : request - 1,
});
