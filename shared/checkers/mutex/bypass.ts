/**
 * How often others enter while one waits. A queue of the token that is first come, first served lets everyone else pass
 * once at most, from the moment at which all have heard of the request; a token that goes round passes everyone once a
 * lap. The other locks promise no number, and the largest is told. Whenever something happens to the cluster, and
 * until all know of each other, counting begins anew.
 */
import type { HistoryEvent } from '../../history.ts';
import type { NodeId } from '../../protocol.ts';
import { finding, type Verdict } from '../verdict.ts';
import type { Scene, Trouble } from './scene.ts';

interface Passed {
  readonly request: number;
  /** Since the process began to want, and since all others had heard of it. */
  readonly since: number;
  readonly heard: ReadonlySet<NodeId>;
  readonly sinceHeard: number;
  readonly trouble: Trouble | undefined;
}

export class Bypass {
  readonly #scene: Scene;
  readonly #waiting = new Map<NodeId, Passed>();
  #largest = 0;
  #sum = 0;
  #entered = 0;
  #first: string | undefined;

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  get figures(): { readonly largest: number; readonly mean: number } {
    return { largest: this.#largest, mean: this.#entered === 0 ? 0 : this.#sum / this.#entered };
  }

  observe(event: HistoryEvent): void {
    const { node } = event;
    switch (event.kind) {
      case 'node.started':
      case 'node.stopped':
        this.#waiting.delete(node);
        break;
      case 'mutex.requested':
        this.#waiting.set(node, { request: event.request, since: 0, heard: new Set(), sinceHeard: 0, trouble: this.#scene.trouble });
        break;
      case 'message.received':
        if (event.message.kind === 'suzuki-kasami.request') this.#heard(event.from, event.message.request, node);
        break;
      case 'mutex.entered':
        this.#enter(node);
        break;
    }
  }

  verdict(): Verdict {
    const limit = this.#limit();
    const told = `passed by at most ${this.#largest} times${limit === undefined ? '' : `, ${limit} allowed`}`;
    return { rule: 'mutex.bypass', verdict: finding(this.#first === undefined, true), detail: this.#first ?? told };
  }

  #heard(of: NodeId, request: number, by: NodeId): void {
    const waiting = this.#waiting.get(of);
    if (waiting?.request === request) this.#waiting.set(of, { ...waiting, heard: new Set(waiting.heard).add(by) });
  }

  #enter(node: NodeId): void {
    const own = this.#waiting.get(node);
    this.#waiting.delete(node);
    if (own !== undefined) {
      this.#entered += 1;
      this.#sum += own.since;
    }
    for (const [other, passed] of this.#waiting) this.#waiting.set(other, this.#pass(other, passed, node));
  }

  #pass(node: NodeId, passed: Passed, by: NodeId): Passed {
    const { trouble, members, acquainted } = this.#scene;
    if (trouble !== passed.trouble || !acquainted) return { ...passed, since: 0, sinceHeard: 0, trouble };
    const everyone = passed.heard.size >= members.size - 1;
    const next = { ...passed, since: passed.since + 1, sinceHeard: passed.sinceHeard + (everyone ? 1 : 0) };
    this.#largest = Math.max(this.#largest, next.since);
    const limit = this.#limit();
    const counted = this.#scene.judged.lock.algorithm === 'suzuki-kasami' ? next.sinceHeard : next.since;
    if (limit !== undefined && counted > limit) this.#first ??= `${node} was passed by ${counted} times, last by ${by}; ${limit} allowed`;
    return next;
  }

  #limit(): number | undefined {
    const { algorithm } = this.#scene.judged.lock;
    return algorithm === 'suzuki-kasami' || algorithm === 'token-ring' ? this.#scene.members.size - 1 : undefined;
  }
}
