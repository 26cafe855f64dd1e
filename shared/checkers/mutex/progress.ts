/**
 * Whoever wants to enter enters within a limit. That takes everyone whose permission is needed, a coordinator or the
 * token; where one of them is down, the rule names for whom is waited.
 */
import type { HistoryEvent } from '../../history.ts';
import { byPermission } from '../../mutex/kinds.ts';
import type { NodeId } from '../../protocol.ts';
import { seconds, type TrueTime } from '../../time.ts';
import { finding, type Verdict } from '../verdict.ts';
import { ms, type Scene, type Wanting } from './scene.ts';

/** What the messages of a queue take at most in this lab, and how many sections of each member a wait may take besides. */
const [slack, laps] = [seconds(10), 2];

interface Wait {
  readonly told: string;
  readonly excuse: string | undefined;
}

export class Progress {
  readonly #scene: Scene;
  #longest = 0;
  #entered = 0;
  #late: Wait | undefined;

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  observe(event: HistoryEvent): void {
    if (event.kind !== 'mutex.entered') return;
    const waited = this.#scene.wanting.get(event.node);
    if (waited === undefined) return;
    this.#entered += 1;
    this.#longest = Math.max(this.#longest, event.trueUs - waited.since);
    this.#late = worse(this.#late, this.#judge(event.node, waited, event.trueUs));
  }

  verdict(at: TrueTime): Verdict {
    const { wanting } = this.#scene;
    const late = [...wanting].map(([node, wants]) => this.#judge(node, wants, at)).reduce(worse, this.#late);
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

  #judge(node: NodeId, { since, blockedOn }: Wanting, at: TrueTime): Wait | undefined {
    const { members, judged } = this.#scene;
    const limit = slack + laps * members.size * judged.lock.workload.longest;
    if (at - since <= limit) return undefined;
    return { told: `${node} waited for ${ms(at - since)}, longer than ${ms(limit)}`, excuse: this.#excuse(node, since, blockedOn) };
  }

  #excuse(node: NodeId, since: TrueTime, blockedOn: readonly NodeId[]): string | undefined {
    const { judged, down, suspectedBy, trouble, up } = this.#scene;
    const { algorithm, yields } = judged.lock;
    const silent = [...suspectedBy].find(([id, by]) => by.size > 0 && up.has(id));
    if (blockedOn.length > 0) return `${node} waits for ${blockedOn.join(', ')}, by design`;
    if (down.length > 0 && byPermission.includes(algorithm)) return `${down.join(', ')} is down`;
    if (algorithm === 'maekawa' && !yields) return 'arbiters do not ask their grants back';
    if (silent !== undefined) return `${silent[0]} lives and does not answer`;
    return trouble !== undefined && trouble.at >= since ? trouble.why : undefined;
  }
}

/** One without an excuse outweighs any that has one. */
const worse = (a: Wait | undefined, b: Wait | undefined): Wait | undefined =>
  a === undefined || (b !== undefined && b.excuse === undefined && a.excuse !== undefined) ? b : a;
