/**
 * Judges mutual exclusion while the cluster runs, with the checkers that also judge recorded runs, whichever lock is run.
 *
 * A crash ends a critical section, a pause does not: of a node that is silent while its connection stays open, nobody can
 * say that it is not inside any more.
 */
import { LockJudge } from '../../shared/checkers/locks.ts';
import type { JudgedMutex } from '../../shared/checkers/mutex.ts';
import type { Verdict } from '../../shared/checkers/verdict.ts';
import type { NodeId } from '../../shared/protocol.ts';
import type { TrueTime } from '../../shared/time.ts';
import { Doubt } from './doubt.ts';
import { InOrder } from './in-order.ts';
import type { HistoryEvent } from './live-frames.ts';
import type { Watched } from './watched.ts';

export class LiveExclusion {
  readonly #judge: LockJudge;
  #doubt = new Doubt();
  readonly #order = new InOrder(
    (event) => this.#judge.observe(event),
    (why) => this.#doubt.raise(why, this.#order.at, this.#judge.verdicts()),
  );

  /** How the nodes guard the critical section at first; `undefined` where nobody takes it. */
  constructor(config: JudgedMutex | undefined) {
    // Of a lock that opens now, nothing was missed yet.
    this.#judge = new LockJudge(config, () => {
      this.#doubt = new Doubt();
    });
  }

  happened(event: HistoryEvent): void {
    this.#order.happened(event);
  }

  /** Judges everything up to `at`, the instant of a picture on which the nodes `up` are up. */
  judge(nodes: readonly Watched[], at: TrueTime, up: ReadonlySet<NodeId>): void {
    this.#order.moveTo(nodes, at, up, new Set([...up, ...nodes.flatMap(({ id, connected }) => (connected ? [id] : []))]));
  }

  verdicts(): readonly Verdict[] {
    return this.#doubt.weigh(this.#judge.verdicts(this.#order.at));
  }

  /** Critical sections that overlapped another. */
  get overlaps(): number {
    return this.#judge.overlaps;
  }
}
