/**
 * What exclusion rests on, for each lock: the first thing that was assumed and did not hold.
 *
 * Lamport's lock needs links that keep the order of messages, and all permission-based locks need links that lose none,
 * and nobody's permission done without. A lease needs clocks that drift less than it allows for, grants that do not
 * travel longer than its margin, and holders that do not stand still past its end. A token is the only one as long as
 * none is made anew while somebody who lives is taken for crashed.
 *
 * Some of what goes wrong is provided for, and puts nothing at risk by itself; but it may be what a lock failed by. A
 * process that stood still, one that was taken for crashed and lives, two leaders at a time, and a frame that found nobody
 * where somebody lives, are an excuse for what fails afterwards.
 */
import type { HistoryEvent } from '../../history.ts';
import { byPermission } from '../../mutex/kinds.ts';
import { formatTerm, type NodeId, type Term } from '../../protocol.ts';
import { atMost } from '../../time.ts';
import { ms, type Scene } from './scene.ts';

export class Premises {
  readonly #scene: Scene;
  /** By link, the latest Lamport time of sending among the frames that have arrived. */
  readonly #newest = new Map<string, number>();
  readonly #reigns = new Map<NodeId, Term>();
  #broken: string | undefined;
  #excuse: string | undefined;

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  get broken(): string | undefined {
    return this.#broken;
  }

  /** What may be blamed where the lock has failed, whether or not it was to be expected of that alone. */
  get excuse(): string | undefined {
    return this.#broken ?? this.#excuse;
  }

  observe(event: HistoryEvent): void {
    this.#broken ??= this.#breaks(event);
    this.#excuse ??= this.#excuses(event);
  }

  /** Locks that need everyone's permission do not rest on who is believed to live. */
  #excuses(event: HistoryEvent): string | undefined {
    const { algorithm } = this.#scene.judged.lock;
    const { node } = event;
    const unanswered = event.kind === 'message.unanswered' && this.#scene.isCounted(event.message.kind) && this.#scene.up.has(event.to);
    if (unanswered) return `${event.message.kind} from ${node} found nobody at ${event.to}, which lives`;
    if (byPermission.includes(algorithm)) return undefined;
    if (event.kind === 'heartbeat.stalled') return `${node} stood still for ${ms(event.gap)}`;
    if (event.kind === 'heartbeat.suspected' && this.#scene.up.has(event.peer)) return `${node} suspected ${event.peer}, which lives`;
    return this.#twoLeaders(event);
  }

  #twoLeaders(event: HistoryEvent): string | undefined {
    const { node } = event;
    if (event.kind === 'node.started' || event.kind === 'node.stopped' || event.kind === 'election.stepped-down') this.#reigns.delete(node);
    if (event.kind !== 'election.elected') return undefined;
    this.#reigns.delete(node);
    if (event.leader !== node) return undefined;
    const [other] = this.#reigns;
    this.#reigns.set(node, event.term);
    return other && `${other[0]} (term ${formatTerm(other[1])}) and ${node} (term ${formatTerm(event.term)}) both led`;
  }

  #breaks(event: HistoryEvent): string | undefined {
    switch (this.#scene.judged.lock.algorithm) {
      case 'central':
        return this.#lost(event) ?? this.#tookForDead(event);
      case 'central-lease':
        return this.#lapsed(event);
      case 'lamport':
        return this.#overtaken(event) ?? this.#lost(event) ?? skipped(event);
      case 'ricart-agrawala':
      case 'roucairol-carvalho':
      case 'maekawa':
        return this.#lost(event) ?? skipped(event);
      case 'token-ring':
      case 'suzuki-kasami':
      case 'raymond':
        return this.#madeAnew(event);
    }
  }

  /** Over a link that keeps the order of its messages, what was sent later arrives later. */
  #overtaken(event: HistoryEvent): string | undefined {
    if (event.kind !== 'message.received' || !this.#scene.isCounted(event.message.kind)) return undefined;
    const link = `${event.from}/${event.node}`;
    const newest = this.#newest.get(link) ?? 0;
    this.#newest.set(link, Math.max(newest, event.sentLamport));
    return event.sentLamport < newest ? `${event.message.kind} from ${event.from} to ${event.node} was overtaken: links are not FIFO` : undefined;
  }

  #lost(event: HistoryEvent): string | undefined {
    const isLost = event.kind === 'message.dropped' && this.#scene.isCounted(event.message.kind);
    return isLost ? `${event.message.kind} from ${event.node} to ${event.to} was ${event.why}` : undefined;
  }

  #lapsed(event: HistoryEvent): string | undefined {
    const { leaseRho, leaseMargin, lease } = this.#scene.judged.lock;
    const { node } = event;
    switch (event.kind) {
      case 'mutex.lapsed':
        return `the lease of ${node} was over while it was inside`;
      case 'mutex.reclaimed':
        return this.#scene.inside.has(event.from) ? `the grant of ${event.from} was taken back while it was inside (${event.why})` : undefined;
      case 'heartbeat.stalled':
        return event.gap > lease - 2 * atMost(lease, leaseRho) ? `${node} stood still for ${ms(event.gap)}, longer than a lease` : undefined;
      case 'clock.line':
        return Math.abs(event.driftPpm) > leaseRho
          ? `${node} drifts by ${event.driftPpm} ppm, more than the ${leaseRho} ppm leases allow for`
          : undefined;
      case 'message.received': {
        const late = event.message.kind === 'central-lease.grant' && event.delayUs > leaseMargin;
        return late ? `a grant to ${node} took ${ms(event.delayUs)}, more than the margin of ${ms(leaseMargin)}` : undefined;
      }
      default:
        return undefined;
    }
  }

  /** Whoever had the token may live, and be inside. */
  #madeAnew(event: HistoryEvent): string | undefined {
    if (event.kind !== 'mutex.regenerated' || event.instead === null) return undefined;
    const wronged = [...this.#scene.suspectedBy].find(([id, by]) => by.size > 0 && this.#scene.up.has(id));
    return wronged && `${event.node} made a new token while ${wronged[0]} was suspected, which lives`;
  }

  /** Where a coordinator is replaced, whoever was taken for crashed must have crashed. */
  #tookForDead(event: HistoryEvent): string | undefined {
    const { node } = event;
    if (event.kind === 'heartbeat.stalled') return `${node} stood still for ${ms(event.gap)}`;
    return event.kind === 'heartbeat.suspected' && this.#scene.up.has(event.peer) ? `${node} suspected ${event.peer}, which lives` : undefined;
  }
}

const skipped = (event: HistoryEvent): string | undefined =>
  event.kind === 'mutex.skipped' ? `${event.node} did without the permission of ${event.past}: safety rests on the failure detector` : undefined;
