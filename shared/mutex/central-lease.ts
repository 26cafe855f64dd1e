/**
 * The central lock with leases and fencing (Gray and Cheriton 1989, SOSP 12, on leases; Kleppmann 2016 on fencing): a grant
 * ends by itself, so that a holder that has crashed keeps nobody waiting for long, and it carries a token that rises with
 * each grant, so that one that was paused past its end can do no harm.
 *
 * The holder counts L(1 - 2 rho) from the receipt of its grant, the coordinator L and a margin from the moment at which it
 * sent it: it takes no grant to travel longer than the margin. Half-way through its lease whoever is still inside renews it. Three
 * messages an entry, and two for each renewal.
 *
 * A new coordinator does not know who is inside. It waits until the last lease of its predecessor must be over; nobody can
 * renew that one any more.
 */
import { compareTerms, type FencingToken, type NodeId, type Reading, type Signal, type Term, unreachable } from '../protocol.ts';
import { atMost, type Duration, half, later, type MonoTime, minus, ppm, sum } from '../time.ts';
import type { MutexConfig } from './config.ts';
import { after } from './consent.ts';
import { asked, closed, type Desk, gone, isSame, next, released, shut, type Ticket } from './desk.ts';
import { type Lock, noFurther, type Seat, still, type Turn } from './lock.ts';

export interface Request {
  readonly kind: 'central-lease.request';
  readonly incarnation: number;
  readonly request: number;
}
/** Grants, or grants for longer. */
export interface Grant {
  readonly kind: 'central-lease.grant';
  readonly incarnation: number;
  readonly request: number;
  readonly term: Term;
  readonly count: number;
}
export interface Renew {
  readonly kind: 'central-lease.renew';
  readonly incarnation: number;
  readonly request: number;
  readonly term: Term;
  readonly count: number;
}
export interface Release {
  readonly kind: 'central-lease.release';
  readonly incarnation: number;
  readonly request: number;
}

/** The desk of a process that leads, and how often it has granted in this term. */
export interface Office {
  readonly desk: Desk;
  readonly term: Term;
  readonly count: number;
}

/** What a process has been granted. */
export interface Lease {
  readonly token: FencingToken;
  readonly until: MonoTime;
  readonly lapsed: boolean;
}

export interface CentralLease {
  readonly lock: {
    readonly office: Office | undefined;
    /** What comes while there is no office. */
    readonly early: Desk;
    readonly lease: Lease | undefined;
    /** The last grant that this process has given back. */
    readonly left: FencingToken | undefined;
  };
  readonly message: Request | Grant | Renew | Release;
  readonly timer: 'central-lease.open' | 'central-lease.reclaim' | 'central-lease.renew' | 'central-lease.lapse';
}

type At = Seat<CentralLease>;
type After = Turn<CentralLease>;
type Message = CentralLease['message'];

export function centralLease({ lease: length, leaseMargin, leaseRho }: MutexConfig): Lock<CentralLease> {
  /** The coordinator's L, with the margin; and the holder's, by a clock that may be slow while the coordinator's is fast. */
  const longest = sum(length, leaseMargin);
  const usable = minus(length, atMost(length, ppm(2 * leaseRho)));

  return {
    start: () => ({ lock: { office: undefined, early: closed, lease: undefined, left: undefined }, effects: [] }),
    want: (seat, now) => ask(seat, now),
    leave,
    receive,
    expire,
    signal,
    again,
    // Whoever is inside keeps others waiting no longer than its lease.
    through: noFurther,
    awaits: ({ contender: { leader, member } }) => (leader === undefined || leader.id === member.self ? [] : [leader.id]),
  };

  /** A message to oneself is none. */
  function tell(seat: At, to: NodeId, message: Message, now: Reading): After {
    if (to === seat.contender.member.self) return receive(seat, to, message, now);
    return { ...still(seat), effects: [{ kind: 'send', to, message }] };
  }

  function ask(seat: At, now: Reading): After {
    const { leader, member, request } = seat.contender;
    if (leader === undefined) return still(seat);
    return tell(seat, leader.id, { kind: 'central-lease.request', incarnation: member.incarnation, request }, now);
  }

  function again(seat: At, peer: NodeId, now: Reading): After {
    const { leader, phase } = seat.contender;
    return peer === leader?.id && phase === 'wanted' ? ask(seat, now) : still(seat);
  }

  /** A coordinator of a later term knows nothing of this grant, and needs no release. */
  function leave({ contender, lock }: At, now: Reading): After {
    const { leader, member, request } = contender;
    const left: At = { contender, lock: { ...lock, lease: undefined, left: lock.lease?.token } };
    const release = { kind: 'central-lease.release', incarnation: member.incarnation, request } as const;
    const told = leader === undefined || !isOf(lock.lease, leader.term) ? still(left) : tell(left, leader.id, release, now);
    return after(cleared('central-lease.renew', 'central-lease.lapse'), told);
  }

  function receive(seat: At, from: NodeId, message: Message, now: Reading): After {
    const { incarnation, request } = message;
    const ticket: Ticket = { node: from, incarnation, request };
    const { office } = seat.lock;
    switch (message.kind) {
      case 'central-lease.request':
        return office === undefined ? early(seat, asked, ticket) : requested(seat, office, ticket, now);
      case 'central-lease.renew':
        return renewed(seat, message, ticket, now);
      case 'central-lease.release':
        return office === undefined ? early(seat, released, ticket) : serve(seat, office, released(office.desk, ticket), now);
      case 'central-lease.grant':
        return granted(seat, from, message, now);
      default:
        return unreachable(message);
    }
  }

  function early({ lock }: At, change: (desk: Desk, ticket: Ticket) => Desk, ticket: Ticket): After {
    return { lock: { ...lock, early: change(lock.early, ticket) }, effects: [] };
  }

  /** Whoever is inside and asks again has not heard of its grant. */
  function requested(seat: At, office: Office, ticket: Ticket, now: Reading): After {
    const desk = asked(office.desk, ticket);
    return isSame(desk.inside, ticket) ? grant(seat, { ...office, desk }, ticket, now) : serve(seat, office, desk, now);
  }

  function renewed(seat: At, { kind, term, count }: Renew, ticket: Ticket, now: Reading): After {
    const { office } = seat.lock;
    const current = office !== undefined && compareTerms(office.term, term) === 0 && office.count === count && isSame(office.desk.inside, ticket);
    if (current) return grant(seat, office, ticket, now);
    return { ...still(seat), effects: [{ kind: 'emit', event: { kind: 'mutex.refused', message: kind, from: ticket.node, why: 'outdated' } }] };
  }

  /** The next in the queue is granted, once nobody is inside. */
  function serve({ contender, lock }: At, office: Office, desk: Desk, now: Reading): After {
    const { desk: served, turn } = next(desk);
    const free = served.inside === undefined && office.desk.inside !== undefined ? cleared('central-lease.reclaim') : [];
    if (turn === undefined) return { lock: { ...lock, office: { ...office, desk: served } }, effects: free };
    return grant({ contender, lock }, { ...office, desk: served, count: office.count + 1 }, turn, now);
  }

  /** From now on the coordinator waits L and the margin, whether this is a first grant or a renewal. */
  function grant({ contender, lock }: At, office: Office, { node, incarnation, request }: Ticket, now: Reading): After {
    const { term, count } = office;
    const message: Grant = { kind: 'central-lease.grant', incarnation, request, term, count };
    return after(timed('central-lease.reclaim', longest), tell({ contender, lock: { ...lock, office } }, node, message, now));
  }

  function granted(seat: At, from: NodeId, { incarnation, request, term, count }: Grant, now: Reading): After {
    const { phase, request: own, leader, member } = seat.contender;
    const mine = request === own && incarnation === member.incarnation;
    const current = leader !== undefined && compareTerms(leader.term, term) === 0;
    if (mine && phase === 'held') return current && isRunning(seat.lock.lease, count) ? hold(seat, { term, count }, now) : still(seat);
    if (mine && phase === 'wanted')
      return current ? { ...hold(seat, { term, count }, now), enter: { token: { term, count } } } : stale(seat, from, now);
    // It crossed the release of the same grant, as that of a renewal may.
    if (isSameToken(seat.lock.left, { term, count })) return still(seat);
    // Whoever grants what is not wanted any more need not wait for its end.
    return tell(seat, from, { kind: 'central-lease.release', incarnation, request }, now);
  }

  /**
   * The request stands at the new coordinator's desk, which may be the old one's: it must not be taken back there. But it may
   * have left the queue by this grant, before its coordinator heard of the new term.
   */
  function stale(seat: At, from: NodeId, now: Reading): After {
    const refusal = { kind: 'emit', event: { kind: 'mutex.refused', message: 'central-lease.grant', from, why: 'stale-term' } } as const;
    return after([refusal], from === seat.contender.leader?.id ? ask(seat, now) : still(seat));
  }

  function hold({ lock }: At, token: FencingToken, now: Reading): After {
    const lease: Lease = { token, until: later(now.mono, usable), lapsed: false };
    return { lock: { ...lock, lease }, effects: [...timed('central-lease.renew', half(length)), ...timed('central-lease.lapse', usable)] };
  }

  function expire(seat: At, timer: CentralLease['timer'], now: Reading): After {
    const { office } = seat.lock;
    switch (timer) {
      case 'central-lease.open':
        return office === undefined ? still(seat) : serve(seat, office, { ...office.desk, open: true }, now);
      case 'central-lease.reclaim':
        return office?.desk.inside === undefined ? still(seat) : reclaim(seat, office, released(office.desk, office.desk.inside), 'lapsed', now);
      case 'central-lease.renew':
        return renew(seat, now);
      case 'central-lease.lapse':
        return lapse(seat);
      default:
        return unreachable(timer);
    }
  }

  /** Renews a lease that runs, with whoever granted it: a later coordinator has never heard of it. */
  function renew(seat: At, now: Reading): After {
    const { leader, member, phase, request } = seat.contender;
    const { lease } = seat.lock;
    if (phase !== 'held' || leader === undefined || lease === undefined || !isOf(lease, leader.term)) return still(seat);
    // A process that was paused finds both timers due at once.
    if (lease.until <= now.mono) return lapse(seat);
    return tell(seat, leader.id, { kind: 'central-lease.renew', incarnation: member.incarnation, request, ...lease.token }, now);
  }

  /** Notices that its lease is over. It goes on to its write all the same: the ledger is the one to refuse it. */
  function lapse({ contender: { phase, request }, lock }: At): After {
    const { lease } = lock;
    if (phase !== 'held' || lease === undefined || lease.lapsed) return { lock, effects: [] };
    const event = { kind: 'mutex.lapsed', request, token: lease.token } as const;
    return { lock: { ...lock, lease: { ...lease, lapsed: true } }, effects: [...cleared('central-lease.renew'), { kind: 'emit', event }] };
  }

  function signal(seat: At, heard: Signal, now: Reading): After {
    const { office } = seat.lock;
    switch (heard.kind) {
      case 'leader':
        return led(seat, heard.leader, heard.term, now);
      case 'deposed':
        return vacated(seat, kept(seat));
      case 'trusted':
        if (office !== undefined) return reclaim(seat, office, gone(office.desk, heard.peer, heard.incarnation), 'crashed', now);
        // Whatever was said to a coordinator that could not be heard of may be lost.
        return again(seat, heard.peer, now);
      case 'stalled':
        return seat.lock.lease !== undefined && seat.lock.lease.until <= now.mono ? lapse(seat) : still(seat);
      case 'suspected':
      case 'unreachable':
        return still(seat);
      default:
        return unreachable(heard);
    }
  }

  /** A new coordinator opens its desk only once no lease of an earlier one can run. */
  function led(seat: At, leader: NodeId, term: Term, now: Reading): After {
    const { member, phase } = seat.contender;
    const { office } = seat.lock;
    const wanting = (at: At): After => (phase === 'wanted' ? ask(at, now) : still(at));
    if (leader !== member.self) {
      const { lock, effects } = vacated(seat, closed);
      return after(effects, wanting({ ...seat, lock }));
    }
    if (office !== undefined && compareTerms(office.term, term) === 0) return still(seat);
    const opening = [...cleared('central-lease.reclaim'), ...timed('central-lease.open', longest)];
    return after(opening, wanting({ ...seat, lock: { ...seat.lock, early: closed, office: { desk: kept(seat), term, count: 0 } } }));
  }

  /** Takes back what is held by a process that has crashed, or whose lease must be over. */
  function reclaim(seat: At, office: Office, freed: Desk, why: 'crashed' | 'lapsed', now: Reading): After {
    const { inside } = office.desk;
    const lost = inside !== undefined && freed.inside === undefined;
    const turn = serve(seat, office, freed, now);
    return lost ? after([{ kind: 'emit', event: { kind: 'mutex.reclaimed', from: inside.node, why } }], turn) : turn;
  }
}

const isOf = (lease: Lease | undefined, term: Term): boolean => lease !== undefined && compareTerms(lease.token.term, term) === 0;
const isRunning = (lease: Lease | undefined, count: number): boolean => lease !== undefined && !lease.lapsed && lease.token.count === count;

const isSameToken = (a: FencingToken | undefined, b: FencingToken): boolean =>
  a !== undefined && a.count === b.count && compareTerms(a.term, b.term) === 0;

/** Who has asked, for the next office: whoever is inside by a grant of this one has a lease, which that one waits out. */
const kept = ({ lock: { office, early } }: At): Desk => ({ ...shut(office?.desk ?? early), inside: undefined });

const vacated = ({ lock }: At, early: Desk): After => ({
  lock: { ...lock, office: undefined, early },
  effects: lock.office === undefined ? [] : cleared('central-lease.open', 'central-lease.reclaim'),
});

const timed = (timer: CentralLease['timer'], after: Duration): After['effects'] => [{ kind: 'set-timer', timer, after }];
const cleared = (...timers: readonly CentralLease['timer'][]): After['effects'] => timers.map((timer) => ({ kind: 'clear-timer', timer }));
