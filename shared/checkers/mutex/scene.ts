/**
 * What every rule of mutual exclusion looks at: who lives, who waits for the critical section, who is inside, and what
 * went wrong last. It is told of an event after the rules, which therefore find it as it was just before.
 */
import type { HistoryEvent } from '../../history.ts';
import type { MutexConfig } from '../../mutex/config.ts';
import { isSpokenBy, mutexKinds } from '../../mutex/kinds.ts';
import type { FencingToken, NodeId } from '../../protocol.ts';
import { seconds, type TrueTime } from '../../time.ts';
import type { Verdict } from '../verdict.ts';

/** What is judged: the lock as it is configured, and whether the ledger refuses stale writes. */
export interface Judged {
  readonly lock: MutexConfig;
  readonly fencing: boolean;
}

/** One rule. It says nothing where there was nothing to judge. */
export interface MutexRule {
  observe(event: HistoryEvent): void;
  verdict(at: TrueTime): Verdict | undefined;
}

export interface Wanting {
  readonly incarnation: number;
  readonly request: number;
  readonly timestamp: number;
  readonly since: TrueTime;
  /** Suspected processes that it waits for, as it says. */
  readonly blockedOn: readonly NodeId[];
}

export interface Inside {
  readonly incarnation: number;
  readonly request: number;
  readonly generation: number;
  readonly token: FencingToken | null;
  readonly since: TrueTime;
}

export interface Trouble {
  readonly at: TrueTime;
  readonly why: string;
}

/** A wait may take so many sections of each member. */
const laps = 2;
/** Whoever waits in vain asks again after this long, and as many sections. */
const patience = seconds(2);

export class Scene {
  readonly judged: Judged;
  readonly members = new Set<NodeId>();
  readonly up = new Set<NodeId>();
  readonly wanting = new Map<NodeId, Wanting>();
  readonly inside = new Map<NodeId, Inside>();
  /** Who believes that it leads. */
  readonly leads = new Set<NodeId>();
  /** By process, who suspects it at this moment, and who believes that it lives. */
  readonly suspectedBy = new Map<NodeId, ReadonlySet<NodeId>>();
  readonly #trustedBy = new Map<NodeId, ReadonlySet<NodeId>>();
  #kinds: readonly string[];
  #trouble: Trouble | undefined;

  constructor(judged: Judged) {
    this.judged = judged;
    this.#kinds = mutexKinds(judged.lock.algorithm);
  }

  /** The last thing that a lock may be disturbed by: a crash, a suspicion, a lost message, a pause, another leader. */
  get trouble(): Trouble | undefined {
    return this.#trouble;
  }
  get down(): readonly NodeId[] {
    return [...this.members].filter((id) => !this.up.has(id));
  }

  /** Whoever lives has heard of whoever else lives, and suspects nobody of them. */
  get acquainted(): boolean {
    const live = [...this.members].filter((id) => this.up.has(id));
    return live.every((id) => (this.#trustedBy.get(id)?.size ?? 0) >= live.length - 1);
  }

  /** So long may the sections take that others ahead spend inside. */
  get queue(): number {
    return laps * this.members.size * this.judged.lock.workload.longest;
  }

  /** What was lost is asked for again by then. */
  get asksAgainAfter(): number {
    return patience + this.queue;
  }

  /** One of the lock's own messages. */
  isCounted(kind: string): boolean {
    return this.#kinds.includes(kind);
  }

  /** One of those, or one of its upkeep. */
  #isSpoken(kind: string): boolean {
    return isSpokenBy(this.judged.lock.algorithm, kind);
  }

  observe(event: HistoryEvent): void {
    const why = this.disturbance(event);
    if (why !== undefined) this.#trouble = { at: event.trueUs, why };
    const { node, incarnation, trueUs: since } = event;
    switch (event.kind) {
      case 'node.started':
        this.#gone(node);
        if (event.role === 'member') this.members.add(node);
        this.up.add(node);
        break;
      case 'node.stopped':
        this.#gone(node);
        this.up.delete(node);
        break;
      case 'node.switched':
        // Whoever waits while the lock is exchanged for another waits for that one, and asks anew.
        if (event.generation !== this.judged.lock.generation) this.wanting.delete(node);
        break;
      case 'heartbeat.suspected':
        this.suspectedBy.set(event.peer, and(this.suspectedBy.get(event.peer), node));
        this.#trustedBy.set(event.peer, without(this.#trustedBy.get(event.peer), node));
        break;
      case 'heartbeat.trusted':
        this.suspectedBy.set(event.peer, without(this.suspectedBy.get(event.peer), node));
        this.#trustedBy.set(event.peer, and(this.#trustedBy.get(event.peer), node));
        break;
      case 'election.elected':
        if (event.leader === node) this.leads.add(node);
        else this.leads.delete(node);
        break;
      case 'election.stepped-down':
        this.leads.delete(node);
        break;
      case 'mutex.requested':
        this.wanting.set(node, { incarnation, request: event.request, timestamp: event.timestamp, since, blockedOn: [] });
        break;
      case 'mutex.blocked': {
        const waits = this.wanting.get(node);
        if (waits !== undefined) this.wanting.set(node, { ...waits, blockedOn: event.on });
        break;
      }
      case 'mutex.entered':
        this.wanting.delete(node);
        this.inside.set(node, { incarnation, request: event.request, generation: event.generation, token: event.token, since });
        break;
      case 'mutex.exited':
        this.inside.delete(node);
        break;
    }
  }

  /** A crash ends whatever a process was about, and what it thought of others. */
  #gone(node: NodeId): void {
    this.wanting.delete(node);
    this.inside.delete(node);
    this.leads.delete(node);
    this.#trustedBy.delete(node);
    for (const opinions of [this.suspectedBy, this.#trustedBy]) for (const [peer, by] of opinions) opinions.set(peer, without(by, node));
  }

  /** What an event disturbs a lock by, if it may. */
  disturbance(event: HistoryEvent): string | undefined {
    const { node } = event;
    switch (event.kind) {
      case 'node.started':
        return event.role === 'member' ? `${node} started` : undefined;
      case 'node.stopped':
        return this.members.has(node) ? `${node} ${event.how}` : undefined;
      case 'heartbeat.suspected':
        return `${node} suspected ${event.peer}`;
      case 'heartbeat.trusted':
        return `${node} heard of ${event.peer}`;
      case 'heartbeat.stalled':
        return `${node} stood still for ${ms(event.gap)}`;
      case 'election.elected':
        return `${node} follows ${event.leader}`;
      case 'mutex.regenerated':
        return `${node} made a new token`;
      case 'message.dropped':
        return this.#isSpoken(event.message.kind) ? `${event.message.kind} from ${node} to ${event.to} was ${event.why}` : undefined;
      case 'message.unanswered':
        return this.#isSpoken(event.message.kind) ? `${event.message.kind} from ${node} found nobody at ${event.to}` : undefined;
      default:
        return undefined;
    }
  }
}

const and = (set: ReadonlySet<NodeId> = new Set(), one: NodeId): ReadonlySet<NodeId> => new Set([...set, one]);
const without = (set: ReadonlySet<NodeId> = new Set(), one: NodeId): ReadonlySet<NodeId> => new Set([...set].filter((id) => id !== one));
export const ms = (us: number): string => `${(us / 1e3).toFixed(1)} ms`;
