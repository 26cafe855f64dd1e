/**
 * One token in each epoch, held or on its way, however often its transfer is sent; no transfer is taken twice; and a new
 * one is made only where the old one is believed lost.
 *
 * A token of which the history does not tell how it was made is believed to be where it is seen first. One that arrives
 * counts as taken unless the receiver says in the same step that it refuses it.
 */
import type { HistoryEvent } from '../../history.ts';
import { compareTerms, formatTerm, type NodeId, type Term } from '../../protocol.ts';
import type { TrueTime } from '../../time.ts';
import { finding, type Verdict } from '../verdict.ts';
import { Premises } from './premises.ts';
import type { Scene } from './scene.ts';

export interface Place {
  readonly epoch: Term;
  readonly hop: number;
  /** Who has it; nobody while it is on its way, or where it was lost. */
  readonly holder: NodeId | undefined;
  readonly sender: NodeId;
}
interface Arrival {
  readonly node: NodeId;
  readonly from: NodeId;
  readonly at: TrueTime;
  readonly epoch: Term;
  readonly hop: number;
}

const tokens: readonly string[] = ['token-ring', 'suzuki-kasami', 'raymond'];

export class Census {
  readonly #scene: Scene;
  readonly #premises: Premises;
  readonly #places = new Map<string, Place>();
  #arrived: readonly Arrival[] = [];
  #transfers = 0;
  #renewed: string[] = [];
  #first: string | undefined;

  constructor(scene: Scene) {
    this.#scene = scene;
    this.#premises = new Premises(scene);
  }

  /** Where the token of the newest epoch is. */
  get newest(): Place | undefined {
    return [...this.#places.values()].toSorted((a, b) => compareTerms(b.epoch, a.epoch))[0];
  }

  observe(event: HistoryEvent): void {
    if (!tokens.includes(this.#scene.judged.lock.algorithm)) return;
    this.#premises.observe(event);
    this.#settle(event);
    const { node } = event;
    switch (event.kind) {
      case 'node.stopped':
      case 'node.started':
        for (const [epoch, place] of this.#places) if (place.holder === node) this.#places.set(epoch, { ...place, holder: undefined });
        break;
      case 'message.sent': {
        const token = this.#tokenOf(event.message);
        if (token !== undefined) this.#sent(node, token);
        break;
      }
      case 'message.received': {
        const token = this.#tokenOf(event.message);
        if (token !== undefined) this.#arrived = [...this.#arrived, { node, from: event.from, at: event.trueUs, ...token }];
        break;
      }
      case 'mutex.regenerated':
        this.#made(node, event.term, event.instead);
        break;
      case 'mutex.entered': {
        const place = event.token === null ? undefined : this.#places.get(formatTerm(event.token.term));
        if (place !== undefined && place.holder !== node)
          this.#broke(`${node} entered at ${event.trueUs} us without the token, which is ${where(place)}`);
        break;
      }
    }
  }

  /** Nothing to say of locks without a token. */
  verdict(): Verdict | undefined {
    if (!tokens.includes(this.#scene.judged.lock.algorithm)) return undefined;
    const told = `tokens: one in each of ${this.#places.size} epochs, handed over ${this.#transfers} times, never taken twice`;
    const detail = [this.#first ?? told, ...this.#renewed];
    return { rule: 'mutex.census', verdict: finding(this.#first === undefined, true), detail: detail.join('; ') };
  }

  /** What arrived was taken, unless the very next thing that its receiver says is that it refuses it. */
  #settle(event: HistoryEvent): void {
    const due = this.#arrived.filter(({ node, at }) => node === event.node || at !== event.trueUs);
    this.#arrived = this.#arrived.filter((arrival) => !due.includes(arrival));
    for (const arrival of due) {
      const refused = event.kind === 'mutex.refused' && event.node === arrival.node && event.message.endsWith('.token');
      if (!refused) this.#take(arrival);
    }
  }

  #take({ node, from, epoch, hop }: Arrival): void {
    const name = formatTerm(epoch);
    const place = this.#places.get(name);
    if (place !== undefined && (hop < place.hop || (hop === place.hop && place.holder !== undefined)))
      this.#broke(`${node} took transfer ${hop} of token ${name} again, which is ${where(place)}`);
    else this.#places.set(name, { epoch, hop, holder: node, sender: from });
    this.#transfers += 1;
  }

  /** Sent for the first time by whoever has it, and then again until it is acknowledged. */
  #sent(node: NodeId, { epoch, hop }: Pick<Place, 'epoch' | 'hop'>): void {
    const name = formatTerm(epoch);
    const place = this.#places.get(name);
    const again = place !== undefined && place.hop >= hop && (place.sender === node || place.hop > hop);
    if (again) return;
    if (place !== undefined && (place.holder !== node || hop !== place.hop + 1))
      this.#broke(`${node} hands over token ${name}, which is ${where(place)}`);
    this.#places.set(name, { epoch, hop, holder: undefined, sender: node });
  }

  /** A token that is in the hands of somebody who lives, and whom nobody suspects, is not lost. */
  #made(node: NodeId, epoch: Term, instead: Term | null): void {
    const name = formatTerm(epoch);
    if (this.#places.has(name)) this.#broke(`${node} made a second token of epoch ${name}`);
    const holder = this.newest?.holder;
    // Who was taken for dead a moment ago, and is heard again, was counted as gone all the same.
    const blameless = this.#premises.excuse === undefined && (holder === undefined || (this.#scene.suspectedBy.get(holder)?.size ?? 0) === 0);
    if (holder !== undefined && blameless) {
      this.#broke(`${node} made a token although ${holder} has one, and nobody suspects it`);
    }
    if (instead !== null && this.#renewed.length < mostTold) this.#renewed.push(`regenerated by ${node}, term ${formatTerm(instead)} -> ${name}`);
    this.#places.set(name, { epoch, hop: 0, holder: node, sender: node });
  }

  /** One of the lock before may still be on its way. */
  #tokenOf(message: Extract<HistoryEvent, { kind: 'message.sent' }>['message']): Pick<Place, 'epoch' | 'hop'> | undefined {
    const isOwn = message.kind === `${this.#scene.judged.lock.algorithm}.token`;
    return isOwn && 'token' in message && message.token !== null && 'hop' in message.token ? message.token : undefined;
  }

  #broke(what: string): void {
    this.#first ??= what;
  }
}

const mostTold = 3;

const where = ({ holder, sender }: Place): string => (holder === undefined ? `on its way from ${sender}` : `with ${holder}`);
