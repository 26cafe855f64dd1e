/** Judges the elections of the running cluster, with the checker that also judges recorded ones. */
import { ElectionJudge } from '../../shared/checkers/election.ts';
import { Elections, type Held } from '../../shared/checkers/held.ts';
import type { Verdict } from '../../shared/checkers/verdict.ts';
import type { ElectionConfig } from '../../shared/election/config.ts';
import type { NodeId } from '../../shared/protocol.ts';
import type { TrueTime } from '../../shared/time.ts';
import { Doubt } from './doubt.ts';
import { InOrder } from './in-order.ts';
import type { HistoryEvent } from './live-frames.ts';
import type { Watched } from './watched.ts';

/** What goes round on rings only; nothing does at the start. */
const onRings: readonly Verdict[] = ['ring.winner', 'ring.hops'].map((rule) => ({ rule, verdict: 'holds', detail: 'nothing went round yet' }));

export class LiveElections {
  readonly #judge: ElectionJudge;
  readonly #costs: Elections;
  readonly #ring: boolean;
  readonly #doubt = new Doubt();
  readonly #order = new InOrder(
    (event) => {
      this.#judge.observe(event);
      this.#costs.observe(event);
    },
    (why) => this.#doubt.raise(why, this.#order.at, this.#judge.verdicts()),
  );

  /** By default elections are as those of the nodes are. */
  constructor(nodes: readonly Watched[], config: ElectionConfig | undefined) {
    this.#judge = new ElectionJudge(config);
    this.#costs = new Elections({ equalDelays: false, members: nodes.filter(({ role }) => role === 'member').map(({ id }) => id) }, config);
    this.#ring = config !== undefined && config.algorithm !== 'bully';
  }

  happened(event: HistoryEvent): void {
    this.#order.happened(event);
  }

  /** Judges everything up to `at`, the instant of a picture on which the nodes `up` are up. */
  judge(nodes: readonly Watched[], at: TrueTime, up: ReadonlySet<NodeId>): void {
    this.#order.moveTo(nodes, at, up);
  }

  /** What the last election that is over has cost. */
  last(): Held | undefined {
    const held = this.#costs.last(this.#order.at);
    return held && { ...held, verdict: this.#doubt.ofWhat(held.began, held.verdict) };
  }

  verdicts(): readonly Verdict[] {
    const found = this.#judge.verdicts(this.#order.at);
    return [...this.#doubt.weigh(found), ...(this.#ring ? onRings.filter(({ rule }) => !found.some((v) => v.rule === rule)) : [])];
  }
}
