/**
 * Raymond (1989, ACM TOCS 7(1):61-77): processes form a tree, and each knows only which neighbour leads to the token. It
 * asks that neighbour, once, on behalf of itself and of those who asked it, whom it queues. The token comes back the same
 * way and turns the pointers round. An entry costs at most twice the diameter of the tree.
 *
 * The pointer is read off the newest sighting of the token: moving along edges only, it cannot have left that side of the
 * tree since without coming through this process.
 *
 * A crashed process cuts the tree. Those beyond it wait until it is back and has been told where the token is, or until
 * the token was lost with it and there is a new one on their side.
 */
import { compareTerms, type NodeId, type Signal, unreachable } from '../protocol.ts';
import type { MutexConfig } from './config.ts';
import { epochOf, isRenewed, newest } from './custody/sightings.ts';
import { renewed } from './custody/transfer.ts';
import type { Custody, CustodyWords, Handed, Housekeeping, Kept, Token } from './custody/words.ts';
import { type Custodian, custodian } from './custody.ts';
import { type Lock, type Seat, still, type Turn } from './lock.ts';
import { added, type Errand, lastHop, objection, type Request } from './raymond/errands.ts';
import { towards } from './raymond/trees.ts';

type Kind = 'raymond.token';

interface Standing {
  readonly custody: Custody<Token>;
  /** Who asked this process, itself included, in that order. */
  readonly queue: readonly Errand[];
  /** The neighbour that it has asked. */
  readonly asked: NodeId | undefined;
}

export interface Raymond {
  readonly lock: Standing;
  readonly message: Request | Handed<Kind, Token> | Housekeeping;
  readonly timer: CustodyWords<Kind, Token>['timer'];
}

type At = Seat<Raymond>;
type After = Turn<Raymond>;
type Effects = After['effects'];

export function raymond({ resend, tree }: MutexConfig): Lock<Raymond> {
  const keeper: Custodian<Kind, Token> = custodian({ kind: 'raymond.token', resend, mint: (bare) => bare });

  return {
    start: () => ({ lock: { custody: keeper.nothing, queue: [], asked: undefined }, effects: [] }),
    want: (seat) => serve(seat, []),
    leave: (seat) => serve(seat, []),
    receive: (seat, from, message) =>
      message.kind === 'raymond.request'
        ? requested(seat, from, message)
        : moved(seat, keeper.receive(seat.lock.custody, seat.contender, from, message)),
    expire: (seat, timer) => moved(seat, keeper.expire(seat.lock.custody, seat.contender, timer)),
    signal,
    again: (seat, peer) => (seat.lock.asked === peer ? serve({ ...seat, lock: { ...seat.lock, asked: undefined } }, []) : still(seat)),
    through: (seat) => [pointer(seat)].filter((id) => id !== undefined),
    awaits(seat) {
      const { leader, member } = seat.contender;
      const next = pointer(seat) ?? leader?.id;
      return next === undefined || next === member.self ? [] : [next];
    },
  };

  function requested(seat: At, from: NodeId, request: Request): After {
    const { lock } = seat;
    const why = objection(lock.custody, from, request);
    if (why === undefined) {
      const { incarnation, epoch } = request;
      return serve({ ...seat, lock: { ...lock, queue: added(lock.queue, { node: from, incarnation, epoch }) } }, []);
    }
    const known = newest(lock.custody);
    const news: Effects = why === 'stale-term' && known !== undefined ? [{ kind: 'send', to: from, message: renewed(known) }] : [];
    return { lock, effects: [{ kind: 'emit', event: { kind: 'mutex.refused', message: request.kind, from, why } }, ...news] };
  }

  function signal(seat: At, heard: Signal): After {
    const kept = keeper.signal(seat.lock.custody, seat.contender, heard);
    switch (heard.kind) {
      case 'trusted': {
        const { queue, asked } = seat.lock;
        const valid = queue.filter(({ node, incarnation }) => node !== heard.peer || incarnation >= heard.incarnation);
        // What was asked of it may be lost.
        const isLost = asked === heard.peer && kept.custody.known !== seat.lock.custody.known;
        return moved({ ...seat, lock: { ...seat.lock, queue: valid, asked: isLost ? undefined : asked } }, kept);
      }
      case 'leader':
      case 'deposed':
      case 'suspected':
      case 'stalled':
      case 'unreachable':
        return moved(seat, kept);
      default:
        return unreachable(heard);
    }
  }

  /** What was asked for in an earlier epoch is void: whoever wants to enter asks again, along the pointers to the new token. */
  function moved(seat: At, { custody, effects }: Kept<Kind, Token>): After {
    const { lock } = seat;
    const epoch = epochOf(custody);
    if (epoch === undefined || !isRenewed(lock.custody, custody)) return serve({ ...seat, lock: { ...lock, custody } }, effects);
    const queue = lock.queue.filter((errand) => compareTerms(errand.epoch, epoch) >= 0);
    return serve({ ...seat, lock: { custody, queue, asked: undefined } }, effects);
  }

  /** Whoever has the token gives it to the first in its queue, itself perhaps; whoever has it not asks for it. */
  function serve(seat: At, effects: Effects): After {
    const { contender, lock } = seat;
    const { member, phase, suspects } = contender;
    const { held } = lock.custody;
    const epoch = epochOf(lock.custody);
    if (epoch === undefined) return { lock, effects };
    const queue = phase === 'wanted' ? added(lock.queue, { node: member.self, incarnation: member.incarnation, epoch }) : lock.queue;
    const next = queue.find((errand) => compareTerms(errand.epoch, epoch) === 0 && !suspects.has(errand.node));
    if (held === undefined) return ask({ ...seat, lock: { ...lock, queue } }, epoch, effects);
    if (next === undefined || phase === 'held') return { lock: { ...lock, queue, asked: undefined }, effects };
    const rest = queue.filter((errand) => errand !== next);
    if (next.node === member.self) {
      const token = { ...held, count: held.count + 1 };
      const entered = { custody: { ...lock.custody, held: token }, queue: rest, asked: undefined };
      return { lock: entered, effects, enter: { token: { term: token.epoch, count: token.count } } };
    }
    const { custody, effects: passing } = keeper.pass(lock.custody, held, next.node, next.incarnation);
    return ask({ ...seat, lock: { custody, queue: rest, asked: undefined } }, epoch, [...effects, ...passing]);
  }

  /** Asks once, however many asked this process. Nobody is asked for what it asks for itself: its token is on its way here. */
  function ask(seat: At, epoch: NonNullable<ReturnType<typeof epochOf>>, effects: Effects): After {
    const { contender, lock } = seat;
    const { member, suspects } = contender;
    const to = pointer(seat);
    const isWorth = lock.queue.some(({ node, epoch: of }) => node !== to && !suspects.has(node) && compareTerms(of, epoch) === 0);
    if (to === undefined || to === lock.asked || suspects.has(to) || !isWorth) return { lock, effects };
    const message: Request = { kind: 'raymond.request', incarnation: member.incarnation, epoch, hop: lastHop(lock.custody) };
    return { lock: { ...lock, asked: to }, effects: [...effects, { kind: 'send', to, message }] };
  }

  /** The neighbour that leads to the token. */
  function pointer({ contender: { member }, lock }: At): NodeId | undefined {
    const at = newest(lock.custody)?.at;
    return at === undefined ? undefined : towards(tree, member.members, member.self, at);
  }
}
