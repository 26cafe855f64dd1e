/**
 * The central lock, as in the textbooks (Tanenbaum and van Steen, "Distributed Systems", section 6.3): whoever wants to
 * enter asks the coordinator, which grants one request at a time, in the order of arrival. Three messages an entry, none
 * where the coordinator itself enters.
 *
 * Whoever leads serves as coordinator. A new one waits before its first grant until whoever is inside must have told it.
 * It issues no fencing token and no lease: a holder that is paused keeps everybody waiting, and one that crashed does so
 * until it is back, or until it is suspected, where the configuration takes a suspicion for a crash.
 */
import { compareTerms, type Effect, type Member, type NodeId, type Signal, type Term, unreachable } from '../protocol.ts';
import type { MutexConfig } from './config.ts';
import { asked, closed, type Desk, gone, isSame, next, released, type Ticket, told } from './desk.ts';
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
  /** The desk of a process that leads. */
  readonly lock: Desk | undefined;
  readonly message: Request | Grant | Release;
  readonly timer: 'central.open';
}

type At = Seat<Central>;
type After = Turn<Central>;
type Send = Extract<Effect<LockEffects<Central>>, { kind: 'send' }>;

export function central({ lease, onCrash }: MutexConfig): Lock<Central> {
  return {
    start: () => ({ lock: undefined, effects: [] }),
    want: (seat) => ask(seat),
    leave,
    receive,
    expire: (seat) => (seat.lock === undefined ? still(seat) : serve(seat, { ...seat.lock, open: true })),
    signal,
    awaits: ({ contender: { leader, member } }) => (leader === undefined || leader.id === member.self ? [] : [leader.id]),
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
    const { leader, member } = seat.contender;
    if (leader === undefined) return still(seat);
    if (leader.id === member.self) return at(seat, released, ticketOf(seat));
    const { incarnation, request } = ticketOf(seat);
    return { ...still(seat), effects: [send(leader.id, { kind: 'central.release', incarnation, request })] };
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

  /** Whoever is inside and asks again has not heard of its grant. */
  function requested(seat: At, ticket: Ticket): After {
    if (seat.lock === undefined || !isSame(seat.lock.inside, ticket)) return at(seat, asked, ticket);
    return grant(seat, seat.lock, ticket);
  }

  function granted(seat: At, from: NodeId, { term, incarnation, request }: Grant): After {
    const { phase, request: own, leader, member } = seat.contender;
    const current = leader !== undefined && compareTerms(leader.term, term) === 0;
    const mine = request === own && incarnation === member.incarnation;
    if (current && phase === 'wanted' && mine) return { ...still(seat), enter: { token: null } };
    // A request stands at the new coordinator's desk, which may be the old one's: it must not be taken back there.
    if (phase !== 'idle' && mine) return still(seat);
    // Whoever grants what is not wanted any more must not wait for its end.
    return { ...still(seat), effects: [send(from, { kind: 'central.release', incarnation, request })] };
  }

  function signal(seat: At, heard: Signal): After {
    switch (heard.kind) {
      case 'leader':
        return led(seat, heard.leader);
      case 'deposed':
        return { lock: undefined, effects: seat.lock === undefined ? [] : [{ kind: 'clear-timer', timer: 'central.open' }] };
      case 'suspected':
        return onCrash === 'suspect' && seat.lock !== undefined ? reclaim(seat, seat.lock, heard.peer) : still(seat);
      case 'trusted':
        if (seat.lock !== undefined) return reclaim(seat, seat.lock, heard.peer, heard.incarnation);
        // Whatever was said to a coordinator that could not be heard of may be lost.
        return heard.peer === seat.contender.leader?.id ? repeat(seat) : still(seat);
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
    if (leader !== member.self) return { ...(phase === 'idle' ? still(seat) : ask(seat)), lock: undefined };
    const opening = { kind: 'set-timer', timer: 'central.open', after: lease } as const;
    const turn = phase === 'idle' ? { lock: closed, effects: [] } : ask({ ...seat, lock: closed });
    return { ...turn, effects: [opening, ...turn.effects] };
  }

  function repeat(seat: At): After {
    const { phase, request } = seat.contender;
    if (phase !== 'idle') return ask(seat);
    return request === 0 ? still(seat) : leave(seat);
  }

  /** What a process held that has crashed is free again. */
  function reclaim(seat: At, desk: Desk, node: NodeId, newer?: number): After {
    const freed = gone(desk, node, newer);
    const lost = desk.inside !== undefined && freed.inside === undefined;
    const turn = serve(seat, freed);
    return lost ? { ...turn, effects: [{ kind: 'emit', event: { kind: 'mutex.reclaimed', from: node, why: 'crashed' } }, ...turn.effects] } : turn;
  }

  /** Something that only a coordinator does; whoever is none any more has nothing to do with it. */
  function at(seat: At, change: (desk: Desk, ticket: Ticket) => Desk, ticket: Ticket): After {
    return seat.lock === undefined ? still(seat) : serve(seat, change(seat.lock, ticket));
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

const ticketOf = ({ contender: { member, request } }: { readonly contender: { readonly member: Member; readonly request: number } }): Ticket => ({
  node: member.self,
  incarnation: member.incarnation,
  request,
});

const send = (to: NodeId, message: Central['message']): Send => ({ kind: 'send', to, message });
