/** Whoever enters has asked to, whoever leaves was inside, and nobody speaks for an earlier start of a process. */
import type { HistoryEvent } from '../../history.ts';
import type { NodeId } from '../../protocol.ts';
import { finding, type Verdict } from '../verdict.ts';
import type { Scene } from './scene.ts';

export class Entries {
  readonly #scene: Scene;
  readonly #newest = new Map<NodeId, number>();
  #entries = 0;
  #first: string | undefined;

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  observe(event: HistoryEvent): void {
    const { node, incarnation } = event;
    if (event.kind === 'node.started') this.#newest.set(node, incarnation);
    if (event.kind !== 'mutex.requested' && event.kind !== 'mutex.entered' && event.kind !== 'mutex.exited') return;
    const newest = this.#newest.get(node);
    // A history that begins later does not tell what went before.
    if (newest === undefined) return;
    if (incarnation < newest) this.#broke(event, `by an earlier start of ${node}`);
    switch (event.kind) {
      case 'mutex.requested':
        if (this.#scene.inside.has(node)) this.#broke(event, `while ${node} was inside`);
        break;
      case 'mutex.entered':
        this.#entries += 1;
        if (this.#scene.wanting.get(node)?.request !== event.request) this.#broke(event, `${node} had not asked for that`);
        break;
      case 'mutex.exited':
        if (this.#scene.inside.get(node)?.request !== event.request) this.#broke(event, `${node} was not inside`);
        break;
    }
  }

  verdict(): Verdict {
    return {
      rule: 'mutex.entries',
      verdict: finding(this.#first === undefined, true),
      detail: this.#first ?? `entries: ${this.#entries}, each asked for`,
    };
  }

  #broke({ kind, trueUs }: HistoryEvent, why: string): void {
    this.#first ??= `${kind} at ${trueUs} us: ${why}`;
  }
}
