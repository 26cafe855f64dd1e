/**
 * The locks of Lamport and of Ricart and Agrawala let processes enter in the order of their requests: by Lamport time, and
 * by number where two times are equal. A process that starts again counts from zero, and one that is done without has no
 * place in the order.
 */
import type { HistoryEvent } from '../../history.ts';
import { finding, type Verdict } from '../verdict.ts';
import { Premises } from './premises.ts';
import type { Scene } from './scene.ts';

export class Order {
  readonly #scene: Scene;
  readonly #premises: Premises;
  #entries = 0;
  #inversions = 0;
  #first: string | undefined;
  #restarted: string | undefined;

  constructor(scene: Scene) {
    this.#scene = scene;
    this.#premises = new Premises(scene);
  }

  observe(event: HistoryEvent): void {
    this.#premises.observe(event);
    const { node } = event;
    if (event.kind === 'node.started' && this.#scene.members.has(node)) this.#restarted ??= `${node} started again, and counts from zero`;
    const own = this.#scene.wanting.get(node);
    if (event.kind !== 'mutex.entered' || own === undefined) return;
    this.#entries += 1;
    const earlier = [...this.#scene.wanting].find(
      ([id, wants]) => wants.timestamp < own.timestamp || (wants.timestamp === own.timestamp && id < node),
    );
    if (earlier === undefined) return;
    this.#inversions += 1;
    this.#first ??= `${node} (${own.timestamp}) entered before ${earlier[0]} (${earlier[1].timestamp})`;
  }

  /** Nothing to say of locks that promise no order. */
  verdict(): Verdict | undefined {
    const { algorithm } = this.#scene.judged.lock;
    if (algorithm !== 'lamport' && algorithm !== 'ricart-agrawala') return undefined;
    const broken = (this.#inversions === 0 ? this.#premises.broken : this.#premises.excuse) ?? this.#restarted;
    const detail = [`entries out of order: ${this.#inversions} of ${this.#entries}`, this.#first, broken].filter((d) => d !== undefined);
    return { rule: 'mutex.order', verdict: finding(this.#inversions === 0, broken === undefined), detail: detail.join('; ') };
  }
}
