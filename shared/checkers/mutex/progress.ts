/**
 * Whoever wants to enter enters within a limit. That takes everyone whose permission is needed, a coordinator or the
 * token; where one of them is gone, the rule names for whom is waited (`obstacles.ts`).
 *
 * Whatever happens to the cluster may cost a message, which is asked for again after a while. So a wait that is too long is
 * excused by the last trouble for as long as it takes to get over that, and by no trouble after that. What sections last
 * longer than they should, since the ledger does not answer, is no fault of a lock, and is not counted.
 */
import type { HistoryEvent } from '../../history.ts';
import type { NodeId } from '../../protocol.ts';
import { seconds, type TrueTime } from '../../time.ts';
import { finding, type Verdict } from '../verdict.ts';
import type { Census } from './census.ts';
import { Obstacles } from './obstacles.ts';
import { ms, type Scene, type Wanting } from './scene.ts';

/** What the messages of a queue take at most in this lab, besides the sections of those ahead. */
const slack = seconds(10);

interface Wait {
  readonly told: string;
  readonly excuse: string | undefined;
}

export class Progress {
  readonly #scene: Scene;
  readonly #obstacles: Obstacles;
  #longest = 0;
  #entered = 0;
  #late: Wait | undefined;
  /** What sections have lasted too long, all together; and how much of that each wait began with, and the last trouble. */
  #overtime = 0;
  readonly #before = new Map<NodeId, number>();
  #beforeTrouble = 0;

  constructor(scene: Scene, census: Census) {
    this.#scene = scene;
    this.#obstacles = new Obstacles(scene, census);
  }

  observe(event: HistoryEvent): void {
    const { node, trueUs } = event;
    // What has waited for too long until now is judged now: afterwards this would be its excuse.
    if (this.#scene.disturbance(event) !== undefined) {
      this.#late = this.#waiting(trueUs);
      this.#beforeTrouble = this.#overtime;
    }
    this.#obstacles.observe(event);
    switch (event.kind) {
      case 'mutex.requested':
        this.#before.set(node, this.#overtime);
        break;
      case 'mutex.exited':
      case 'node.stopped':
        this.#left(node, trueUs);
        break;
      case 'mutex.entered':
        this.#enter(node, trueUs);
        break;
    }
  }

  verdict(at: TrueTime): Verdict {
    const { wanting } = this.#scene;
    const late = this.#waiting(at);
    const blocked = [...wanting]
      .filter(([, { blockedOn }]) => blockedOn.length > 0)
      .map(([node, { blockedOn }]) => `${node} waits for ${blockedOn.join(', ')}`);
    const told = late === undefined ? `entered: ${this.#entered}, after ${ms(this.#longest)} at most; waiting: ${wanting.size}` : late.told;
    const detail = [told, late?.excuse, ...blocked].filter((d) => d !== undefined);
    return {
      rule: 'mutex.progress',
      verdict: finding(late === undefined, late === undefined ? blocked.length === 0 : late.excuse === undefined),
      detail: [...new Set(detail)].join('; '),
    };
  }

  #enter(node: NodeId, at: TrueTime): void {
    const waited = this.#scene.wanting.get(node);
    if (waited === undefined) return;
    this.#entered += 1;
    this.#longest = Math.max(this.#longest, at - waited.since);
    this.#late = worse(this.#late, this.#judge(node, waited, at));
  }

  #left(node: NodeId, at: TrueTime): void {
    const inside = this.#scene.inside.get(node);
    if (inside !== undefined) this.#overtime += Math.max(0, at - inside.since - this.#scene.judged.lock.workload.longest);
  }

  /** The worst wait so far, those that are not over among them. */
  #waiting(at: TrueTime): Wait | undefined {
    return [...this.#scene.wanting].map(([node, wants]) => this.#judge(node, wants, at)).reduce(worse, this.#late);
  }

  #judge(node: NodeId, wants: Wanting, at: TrueTime): Wait | undefined {
    const { queue, asksAgainAfter, trouble } = this.#scene;
    const limit = slack + queue + this.#overtime - (this.#before.get(node) ?? this.#overtime);
    if (at - wants.since <= limit) return undefined;
    const aftermath = asksAgainAfter + slack + queue + this.#overtime - this.#beforeTrouble;
    return {
      told: `${node} waited for ${ms(at - wants.since)}, longer than ${ms(limit)}`,
      excuse: this.#obstacles.of(node, wants) ?? (trouble !== undefined && at - trouble.at <= aftermath ? trouble.why : undefined),
    };
  }
}

/** One without an excuse outweighs any that has one. */
const worse = (a: Wait | undefined, b: Wait | undefined): Wait | undefined =>
  a === undefined || (b !== undefined && b.excuse === undefined && a.excuse !== undefined) ? b : a;
