/**
 * The central lock, as in the textbooks (Tanenbaum and van Steen, "Distributed Systems", section 6.3): whoever wants to
 * enter asks the coordinator, which grants one request at a time, in the order of arrival. Three messages an entry, none
 * where the coordinator itself enters.
 *
 * Whoever leads serves as coordinator. A new one waits before its first grant until whoever is inside must have told it; one
 * that leads on in another term waits as well, and keeps who asked and who is inside, as far as it knows.
 * It issues no fencing token and no lease: a holder that is paused keeps everybody waiting, and one that crashed does so
 * until it is back, or until it is suspected, where the configuration takes a suspicion for a crash.
 */
import { compareTerms, type Effect, type Member, type NodeId, type Signal, type Term, unreachable } from '../protocol.ts';
import type { MutexConfig } from './config.ts';
import { after } from './consent.ts';
import { asked, closed, type Desk, gone, isQueued, isSame, next, released, shut, type Ticket, told } from './desk.ts';
import { type Lock, type LockEffects, type Seat, still, type Turn } from './lock.ts';

export interface Request {
  readonly kind: 'central.request';
  readonly incarnation: number;
  readonly request: number;
  /** It has been granted by an earlier coordinator, and the process is inside. */
  readonly inside: boolean;
}
export interface Grant {
  readonly kind: 'central.grant';
  readonly term: Term;
  readonly incarnation: number;
  readonly request: number;
}
export interface Release {
  readonly kind: 'central.release';
  readonly incarnation: number;
  readonly request: number;
}

export interface Central {
  readonly lock: Desk;
  readonly message: Request | Grant | Release;
  readonly timer: 'central.open';
}

type At = Seat<Central>;
type After = Turn<Central>;
type Send = Extract<Effect<LockEffects<Central>>, { kind: 'send' }>;

export function central({ lease, onCrash }: MutexConfig): Lock<Central> {
  return {
    start: () => ({ lock: closed, effects: [] }),
    want: (seat) => ask(seat),
    leave,
    receive,
    expire: (seat) => (leads(seat) ? open(seat) : still(seat)),
    signal,
    again: (seat, peer) => (peer === seat.contender.leader?.id && !leads(seat) ? repeat(seat) : still(seat)),
    awaits: (seat) => (leads(seat) ? insider(seat) : leaderOf(seat)),
    through: (seat) => (leads(seat) ? insider(seat) : []),
  };

  /** Asks the coordinator, or tells it where this process stands. Without one it asks as soon as there is one. */
  function ask(seat: At): After {
    const { leader, member, phase } = seat.contender;
    if (leader === undefined) return still(seat);
    if (leader.id === member.self) return phase === 'held' ? at(seat, told, ticketOf(seat)) : at(seat, asked, ticketOf(seat));
    const { incarnation, request } = ticketOf(seat);
    return { ...still(seat), effects: [send(leader.id, { kind: 'central.request', incarnation, request, inside: phase === 'held' })] };
  }

  function leave(seat: At): After {
    const { leader } = seat.contender;
    const ticket = ticketOf(seat);
    if (leader === undefined || leads(seat)) return at(seat, released, ticket);
    const { incarnation, request } = ticket;
    return { ...at(seat, released, ticket), effects: [send(leader.id, { kind: 'central.release', incarnation, request })] };
  }

  function receive(seat: At, from: NodeId, message: Central['message']): After {
    const { incarnation, request } = message;
    switch (message.kind) {
      case 'central.request':
        return message.inside ? at(seat, told, { node: from, incarnation, request }) : requested(seat, { node: from, incarnation, request });
      case 'central.release':
        return at(seat, released, { node: from, incarnation, request });
      case 'central.grant':
        return granted(seat, from, message);
      default:
        return unreachable(message);
    }
  }

  /** Whoever is inside and asks again has not heard of its grant; at a desk that is closed it hears of it once that opens. */
  function requested(seat: At, ticket: Ticket): After {
    const desk = asked(seat.lock, ticket);
    return desk.open && isSame(desk.inside, ticket) ? grant(seat, desk, ticket) : serve(seat, desk);
  }

  function open(seat: At): After {
    const desk = { ...seat.lock, open: true };
    const { inside } = desk;
    const unaware = inside !== undefined && inside.node !== seat.contender.member.self && isQueued(desk, inside);
    return unaware ? grant(seat, desk, inside) : serve(seat, desk);
  }

  function granted(seat: At, from: NodeId, { term, incarnation, request }: Grant): After {
    const { phase, request: own, leader, member } = seat.contender;
    const current = leader !== undefined && compareTerms(leader.term, term) === 0;
    const mine = request === own && incarnation === member.incarnation;
    if (current && phase === 'wanted' && mine) return { ...still(seat), enter: { token: null } };
    // A request stands at the new coordinator's desk, which may be the old one's: it must not be taken back there. But it may
    // have left the queue by this grant, before its coordinator heard of the new term.
    if (phase !== 'idle' && mine) return phase === 'wanted' && from === leader?.id ? ask(seat) : still(seat);
    // Whoever grants what is not wanted any more must not wait for its end.
    return { ...still(seat), effects: [send(from, { kind: 'central.release', incarnation, request })] };
  }

  function signal(seat: At, heard: Signal): After {
    switch (heard.kind) {
      case 'leader':
        return led(seat, heard.leader);
      case 'deposed':
        return { lock: shut(seat.lock), effects: [{ kind: 'clear-timer', timer: 'central.open' }] };
      case 'suspected':
        return onCrash === 'suspect' ? reclaim(seat, heard.peer) : still(seat);
      case 'trusted': {
        const freed = reclaim(seat, heard.peer, heard.incarnation);
        // Whatever was said to a coordinator that could not be heard of may be lost.
        return after(freed.effects, heard.peer === seat.contender.leader?.id ? repeat({ ...seat, lock: freed.lock }) : freed);
      }
      case 'stalled':
      case 'unreachable':
        return still(seat);
      default:
        return unreachable(heard);
    }
  }

  /** A new coordinator opens its desk only once it must have heard of whoever is inside. */
  function led(seat: At, leader: NodeId): After {
    const { member, phase } = seat.contender;
    const isOwn = leader === member.self;
    const next = { ...seat, lock: isOwn ? shut(seat.lock) : closed };
    const opening = isOwn ? ([{ kind: 'set-timer', timer: 'central.open', after: lease }] as const) : [];
    return after(opening, phase === 'idle' ? still(next) : ask(next));
  }

  function repeat(seat: At): After {
    const { phase, request } = seat.contender;
    if (phase !== 'idle') return ask(seat);
    return request === 0 ? still(seat) : leave(seat);
  }

  /** What a process held that has crashed is free again. */
  function reclaim(seat: At, node: NodeId, newer?: number): After {
    const freed = gone(seat.lock, node, newer);
    const lost = leads(seat) && seat.lock.inside !== undefined && freed.inside === undefined;
    return after(lost ? [{ kind: 'emit', event: { kind: 'mutex.reclaimed', from: node, why: 'crashed' } }] : [], serve(seat, freed));
  }

  /** At one's own desk, which is closed unless one leads. */
  function at(seat: At, change: (desk: Desk, ticket: Ticket) => Desk, ticket: Ticket): After {
    return serve(seat, change(seat.lock, ticket));
  }

  function serve(seat: At, before: Desk): After {
    const { desk, turn } = next(before);
    return turn === undefined ? { lock: desk, effects: [] } : grant(seat, desk, turn);
  }

  function grant({ contender: { member, leader } }: At, desk: Desk, { node, incarnation, request }: Ticket): After {
    if (leader === undefined) return { lock: desk, effects: [] };
    if (node === member.self) return { lock: desk, effects: [], enter: { token: null } };
    return { lock: desk, effects: [send(node, { kind: 'central.grant', term: leader.term, incarnation, request })] };
  }
}

const leaderOf = ({ contender: { leader } }: At): readonly NodeId[] => (leader === undefined ? [] : [leader.id]);
const insider = ({ lock: { inside } }: At): readonly NodeId[] => (inside === undefined ? [] : [inside.node]);
const leads = ({ contender: { leader, member } }: At): boolean => leader?.id === member.self;

const ticketOf = ({ contender: { member, request } }: { readonly contender: { readonly member: Member; readonly request: number } }): Ticket => ({
  node: member.self,
  incarnation: member.incarnation,
  request,
});

const send = (to: NodeId, message: Central['message']): Send => ({ kind: 'send', to, message });
