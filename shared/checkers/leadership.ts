/**
 * One leader at a time. Plain Bully promises that only outside faults: two processes that both believe that they lead,
 * for longer than an election takes to settle, are a bug then, and otherwise what the algorithm does. The safe variant
 * promises it always: at no instant do two hold a majority's lease, and nobody acts as a leader without one.
 */
import type { HistoryEvent } from '../history.ts';
import { formatTerm, type NodeId, type Term } from '../protocol.ts';
import type { Duration, TrueTime } from '../time.ts';
import { finding, type Verdict } from './verdict.ts';

interface Reign {
  readonly term: Term;
  readonly since: TrueTime;
  /** Until when its lease runs; it has none in the classic variant. */
  readonly until: TrueTime;
}

/** At most one process believes that it leads, for longer than an election among so many takes to settle. */
export class OneLeader {
  readonly #settle: (members: number) => Duration;
  readonly #reigns = new Map<NodeId, Reign>();
  #violation: string | undefined;
  #excuse: string | undefined;
  #broken: string | undefined;
  #leaders = 0;

  constructor(settle: (members: number) => Duration) {
    this.#settle = settle;
  }

  began(node: NodeId, term: Term, since: TrueTime): void {
    this.#leaders += 1;
    this.#reigns.set(node, { term, since, until: since });
  }

  /** Whatever overlapped with this reign did so until now. */
  ended(node: NodeId, at: TrueTime, members: number): void {
    this.judge(at, members);
    this.#reigns.delete(node);
  }

  broken(why: string): void {
    this.#broken ??= why;
  }

  judge(at: TrueTime, members: number): void {
    const [first, second] = [...this.#reigns].toSorted(([, a], [, b]) => b.since - a.since);
    if (first === undefined || second === undefined || this.#violation !== undefined) return;
    if (at - first[1].since <= this.#settle(members)) return;
    this.#violation = `${told(second)} and ${told(first)} both led for ${ms(at - first[1].since)}`;
    this.#excuse = this.#broken;
  }

  verdict(): Verdict {
    const held = this.#violation === undefined;
    const excuse = held ? this.#broken : this.#excuse;
    const detail = [this.#violation ?? `leaders: ${this.#leaders}, one at a time`, ...(excuse === undefined ? [] : [excuse])];
    return { rule: 'election.one-leader', verdict: finding(held, excuse === undefined), detail: detail.join('; ') };
  }
}

/** At most one process holds a majority's lease, and a leader acts only while it does. Leases allow for some drift only. */
export class OneLease {
  readonly #mostDrift: number;
  readonly #reigns = new Map<NodeId, Reign>();
  #violation: string | undefined;
  #broken: string | undefined;
  #leases = 0;

  constructor(mostDrift: number) {
    this.#mostDrift = mostDrift;
  }

  observe(event: HistoryEvent, members: number): void {
    const { node, trueUs: at } = event;
    switch (event.kind) {
      case 'clock.line':
        if (Math.abs(event.driftPpm) > this.#mostDrift) this.#broken ??= `${node} drifts by ${event.driftPpm} ppm, more than leases allow for`;
        break;
      case 'election.lease':
        this.#leased(node, { term: event.term, since: at, until: (at + event.lasts) as TrueTime });
        break;
      case 'election.stepped-down':
      case 'node.started':
      case 'node.stopped':
        this.#reigns.delete(node);
        break;
      case 'message.sent': {
        const term = commandOf(event.message);
        if (term?.node === node && members > 1) this.#acted(node, term, event.message.kind, at);
        break;
      }
    }
  }

  verdict(): Verdict {
    const detail = [this.#violation ?? `leases: ${this.#leases}, one holder at a time`, ...(this.#broken === undefined ? [] : [this.#broken])];
    return { rule: 'election.one-lease', verdict: finding(this.#violation === undefined, this.#broken === undefined), detail: detail.join('; ') };
  }

  #leased(node: NodeId, reign: Reign): void {
    this.#leases += 1;
    this.#reigns.set(node, reign);
    for (const other of this.#reigns) {
      if (other[0] !== node && other[1].until > reign.since) this.#violation ??= `${told(other)} and ${told([node, reign])} both hold a lease`;
    }
  }

  #acted(node: NodeId, term: Term, what: string, at: TrueTime): void {
    const lease = this.#reigns.get(node);
    if (lease === undefined || lease.until < at) this.#violation ??= `${node} sent ${what} in term ${formatTerm(term)} without a lease`;
  }
}

/** The term in whose name a leader acts on others. Whoever says that its clock may not be followed acts on nobody. */
export function commandOf(message: Extract<HistoryEvent, { kind: 'message.sent' }>['message']): Term | undefined {
  switch (message.kind) {
    case 'berkeley.poll':
    case 'berkeley.adjust':
    case 'bully.coordinator':
      return message.term;
    case 'cristian.reply':
      return message.synchronized ? message.term : undefined;
    default:
      return undefined;
  }
}

const told = ([node, { term }]: readonly [NodeId, Reign]): string => `${node} (term ${formatTerm(term)})`;
const ms = (us: number): string => `${(us / 1e3).toFixed(1)} ms`;
