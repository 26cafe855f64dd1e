/**
 * Maekawa's arbiters give one grant at a time, any two quorums meet, and nobody waits in a circle for long.
 *
 * Grants are read off the frames. A process is its own arbiter as well, and what it says to itself is no frame; but it
 * needs its own grant to enter, so that while it is inside its arbiter must have granted nobody else. And where it has
 * heard a request and granted nothing, although it has granted nobody else, it keeps its grant for itself.
 */
import type { HistoryEvent } from '../../history.ts';
import { quorumsOf } from '../../mutex/maekawa/quorums.ts';
import type { NodeId } from '../../protocol.ts';
import { type Duration, seconds, type TrueTime } from '../../time.ts';
import { finding, type Verdict } from '../verdict.ts';
import { ms, type Scene } from './scene.ts';

/** A request as an arbiter knows it: whose it is, which start made it, and how often it has yielded there. */
interface Granted {
  readonly to: NodeId;
  readonly start: number;
  readonly request: number;
  readonly turn: number;
}
type Received = Extract<HistoryEvent, { kind: 'message.received' }>['message'];
interface Edge {
  readonly to: NodeId;
  readonly since: TrueTime;
}

/** Circles that are younger are about to be undone. */
const limit: Duration = seconds(1);

export class Votes {
  readonly #scene: Scene;
  readonly #granted = new Map<NodeId, Granted>();
  /** By arbiter, the requests that it has heard of. */
  readonly #heard = new Map<NodeId, ReadonlyMap<NodeId, number>>();
  /** When a message was lost last, or whoever was to say one. */
  #lost: TrueTime | undefined;
  #grants = 0;
  #first: string | undefined;

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  observe(event: HistoryEvent): void {
    const { node } = event;
    switch (event.kind) {
      case 'message.dropped':
      case 'message.unanswered':
        if (this.#scene.isCounted(event.message.kind)) this.#lost = event.trueUs;
        break;
      case 'node.started':
      case 'node.stopped':
        if (event.kind === 'node.stopped') this.#lost = event.trueUs;
        this.#granted.delete(node);
        this.#heard.delete(node);
        for (const [arbiter, { to }] of this.#granted) if (to === node) this.#granted.delete(arbiter);
        break;
      case 'message.sent':
        if (event.message.kind === 'maekawa.grant') this.#grant(node, { ...event.message, to: event.to }, event.trueUs);
        break;
      case 'heartbeat.trusted':
        this.#met(node, event.peer, event.start);
        break;
      case 'message.received':
        this.#told(node, event.from, event.message);
        break;
      case 'mutex.entered':
        if (this.#granted.has(node)) this.#broke(`${node} entered, and its own arbiter has granted ${this.#granted.get(node)?.to}`);
        break;
    }
  }

  /** Nothing to say of other locks. */
  verdict(at: TrueTime): Verdict | undefined {
    const { lock } = this.#scene.judged;
    if (lock.algorithm !== 'maekawa') return undefined;
    const { yields } = lock;
    const circle = this.#circle(at);
    const apart = this.#apart();
    const held = this.#first === undefined && circle === undefined && apart === undefined;
    const excused = this.#first === undefined && apart === undefined && !yields;
    const told = [this.#first, apart, circle].filter((d) => d !== undefined);
    const detail = [
      ...(told.length === 0 ? [`grants: ${this.#grants}, one at a time by each arbiter`] : told),
      ...(yields ? [] : ['arbiters do not ask their grants back']),
    ];
    return { rule: 'mutex.votes', verdict: finding(held, !excused), detail: detail.join('; ') };
  }

  #grant(arbiter: NodeId, { to, start, request, turn }: Granted, at: TrueTime): void {
    const before = this.#granted.get(arbiter);
    this.#grants += before?.to === to && before.start === start && before.request === request ? 0 : 1;
    if (before !== undefined && before.to !== to) this.#broke(`${arbiter} granted ${to} at ${at} us, while ${before.to} had its grant`);
    if (this.#scene.inside.has(arbiter)) this.#broke(`${arbiter} granted ${to} at ${at} us, while it was inside by its own grant`);
    this.#granted.set(arbiter, { to, start, request, turn });
  }

  /** An arbiter that hears of a later start takes back what an earlier one was granted, also where that was said too late for it. */
  #met(arbiter: NodeId, peer: NodeId, start: number): void {
    const granted = this.#granted.get(arbiter);
    if (granted?.to === peer && granted.start < start) this.#granted.delete(arbiter);
  }

  #told(arbiter: NodeId, from: NodeId, message: Received): void {
    if (!message.kind.startsWith('maekawa.') || !('incarnation' in message)) return;
    this.#met(arbiter, from, message.incarnation);
    if (message.kind === 'maekawa.request') this.#heard.set(arbiter, new Map(this.#heard.get(arbiter)).set(from, message.request));
    const granted = this.#granted.get(arbiter);
    if (granted?.to === from && granted.start === message.incarnation && isOver(granted, message)) this.#granted.delete(arbiter);
  }

  /**
   * Who waits for whom, as a circle in which everyone has waited for long. One that stands since an inquiry or a yielding
   * was lost is undone when it is asked for again.
   */
  #circle(at: TrueTime): string | undefined {
    if (this.#lost !== undefined && at - this.#lost <= this.#scene.asksAgainAfter + limit) return undefined;
    const edges = new Map(
      [...this.#scene.wanting.keys()].map((node) => [node, this.#waitsFor(node).filter(({ since }) => at - since > limit)] as const),
    );
    const path = this.#scene.members.size === 0 ? undefined : [...edges.keys()].map((from) => walk(edges, [from])).find((p) => p !== undefined);
    if (path === undefined) return undefined;
    const age = Math.min(...path.slice(0, -1).map((node) => at - (this.#scene.wanting.get(node)?.since ?? at)));
    return `${path.join(' -> ')} wait for each other since ${ms(age)}`;
  }

  #waitsFor(node: NodeId): readonly Edge[] {
    const wants = this.#scene.wanting.get(node);
    if (wants === undefined) return [];
    return this.#quorum(node).flatMap((arbiter): readonly Edge[] => {
      const holder = this.#granted.get(arbiter);
      const later = (other: NodeId): Edge => ({ to: other, since: Math.max(wants.since, this.#scene.wanting.get(other)?.since ?? 0) as TrueTime });
      if (holder !== undefined) return holder.to === node ? [] : [later(holder.to)];
      const keeps = arbiter !== node && this.#scene.wanting.has(arbiter) && this.#heard.get(arbiter)?.get(node) === wants.request;
      return keeps ? [later(arbiter)] : [];
    });
  }

  #quorum(node: NodeId): readonly NodeId[] {
    const members = this.#members();
    return quorumsOf(this.#scene.judged.lock.quorums, members)[members.indexOf(node)] ?? [];
  }

  #members(): readonly NodeId[] {
    return [...this.#scene.members].toSorted((a, b) => a - b);
  }

  #apart(): string | undefined {
    const quorums = quorumsOf(this.#scene.judged.lock.quorums, this.#members());
    const pair = quorums.flatMap((a, i) => quorums.slice(i + 1).map((b) => [a, b] as const)).find(([a, b]) => !a.some((id) => b.includes(id)));
    return pair === undefined ? undefined : `the quorums ${pair.map((q) => `{${q.join(', ')}}`).join(' and ')} have no member in common`;
  }

  #broke(what: string): void {
    this.#first ??= what;
  }
}

/** What a process asks later says as well that it has given back what it was granted before: its release or yielding may be lost. */
function isOver({ request, turn }: Granted, message: Received): boolean {
  switch (message.kind) {
    case 'maekawa.request':
      return request < message.request || (request === message.request && turn < message.turn);
    case 'maekawa.yield':
      return request < message.request || (request === message.request && turn <= message.turn);
    case 'maekawa.release':
      return request <= message.request;
    default:
      return false;
  }
}

/** The first way from the last of `path` back to its first, if there is one. */
function walk(edges: ReadonlyMap<NodeId, readonly Edge[]>, path: readonly NodeId[]): readonly NodeId[] | undefined {
  for (const { to } of edges.get(path.at(-1) as NodeId) ?? []) {
    if (to === path[0]) return [...path, to];
    if (path.includes(to)) continue;
    const further = walk(edges, [...path, to]);
    if (further !== undefined) return further;
  }
  return undefined;
}
