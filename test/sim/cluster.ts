/**
 * A simulated cluster with its judge attached, for the suites of this room: the checkers hear of everything as it happens,
 * and judge every claim at regular instants as well, so that no claim escapes between two bends or at the end of a run.
 */
import { ClockJudge } from '../../shared/checkers/clock.ts';
import type { Verdict } from '../../shared/checkers/verdict.ts';
import { defaults as berkeleyDefaults } from '../../shared/clock/berkeley.ts';
import { defaults as cristianDefaults } from '../../shared/clock/cristian.ts';
import { defaults as marzulloDefaults } from '../../shared/clock/marzullo.ts';
import { type Delay, uniform } from '../../shared/faults/delay.ts';
import type { Rule } from '../../shared/faults/rules.ts';
import type { HistoryEvent } from '../../shared/history.ts';
import { type ClockRule, type Node, type NodeConfig, node, type Role } from '../../shared/node.ts';
import type { ClockAt } from '../../shared/oracle.ts';
import { type NodeId, nodeId, type Protocol } from '../../shared/protocol.ts';
import { Simulator } from '../../shared/sim/simulator.ts';
import { type Duration, later, milliseconds, none, type Ppm, ppm, type TrueTime } from '../../shared/time.ts';

export interface Clock {
  readonly offset?: Duration;
  readonly drift?: Ppm;
}

export interface Setup {
  readonly seed?: number;
  readonly rule: ClockRule;
  /** Members 1, 2, ... and devices 101, 102, ...; the last member leads. */
  readonly members: readonly Clock[];
  readonly devices?: readonly Clock[];
  readonly berkeley?: Partial<NodeConfig['berkeley']>;
  readonly cristian?: Partial<NodeConfig['cristian']>;
  /** Whom devices ask: the leader alone, or every member. */
  readonly servers?: 'leader' | 'all';
  readonly rules?: readonly Rule[];
  /** Replaces the protocol of a node, for example by one with a bug. */
  readonly mutate?: (protocol: Protocol<Node>, id: NodeId) => Protocol<Node>;
  /** Replaces an event before it is judged. */
  readonly report?: (event: HistoryEvent) => HistoryEvent;
  readonly rho?: Ppm;
}

export const lan: Delay = uniform(milliseconds(5), milliseconds(25));
export const delayed = (delay: Delay): readonly Rule[] => [{ does: 'delay', delay }];

export class Cluster {
  readonly sim: Simulator;
  readonly history: HistoryEvent[] = [];
  readonly ids: readonly NodeId[];
  readonly members: readonly NodeId[];
  readonly #judge: ClockJudge;

  constructor(setup: Setup) {
    const rho = setup.rho ?? ppm(200);
    this.#judge = new ClockJudge({ rho, average: setup.berkeley?.average ?? berkeleyDefaults.average });
    this.members = setup.members.map((_, i) => nodeId(i + 1));
    const process = (id: NodeId, role: Role, { offset = none, drift = ppm(0) }: Clock) => {
      const protocol = node({
        role,
        clock: setup.rule,
        cristian: { ...cristianDefaults, rho, ...setup.cristian },
        berkeley: { ...berkeleyDefaults, rho, ...setup.berkeley },
        marzullo: { ...marzulloDefaults, rho },
        servers: setup.servers ?? 'leader',
      });
      return { id, name: `${role}-${id}`, role, offset, drift, protocol: setup.mutate?.(protocol, id) ?? protocol };
    };
    const processes = [
      ...setup.members.map((clock, i) => process(nodeId(i + 1), 'member', clock)),
      ...(setup.devices ?? []).map((clock, i) => process(nodeId(i + 101), 'device', clock)),
    ];
    this.ids = processes.map((p) => p.id);
    const report = setup.report ?? ((event) => event);
    this.sim = new Simulator({
      seed: setup.seed ?? 1,
      processes,
      rules: setup.rules ?? delayed(lan),
      observe: (event) => {
        this.history.push(event);
        this.#judge.observe(report(event));
      },
    });
  }

  get leader(): NodeId {
    return this.members.at(-1) as NodeId;
  }

  /** Runs for `span`, and judges every claim each `every` on the way. */
  run(span: Duration, every: Duration = milliseconds(100)): this {
    for (let left = span; left > 0; left = (left - every) as Duration) {
      this.sim.run(Math.min(every, left) as Duration);
      this.#judge.bound.judge(this.sim.now());
    }
    return this;
  }

  at(after: Duration, run: () => void): this {
    this.sim.at(later(0 as TrueTime, after), run);
    return this;
  }

  clock(id: NodeId): ClockAt {
    const clock = this.#judge.bound.at(id, this.sim.now());
    if (clock === undefined) throw new Error(`node ${id} is down`);
    return clock;
  }

  verdicts(): readonly Verdict[] {
    return this.#judge.verdicts();
  }

  /** What was found of one rule. */
  finding(rule: string): Verdict['verdict'] | undefined {
    return this.verdicts().find((v) => v.rule === rule)?.verdict;
  }

  /** The verdicts other than that a rule holds. */
  failed(): readonly Verdict[] {
    return this.verdicts().filter((v) => v.verdict !== 'holds');
  }

  events<K extends HistoryEvent['kind']>(kind: K, of?: NodeId): readonly Extract<HistoryEvent, { kind: K }>[] {
    return this.history.filter((e): e is Extract<HistoryEvent, { kind: K }> => e.kind === kind && (of === undefined || e.node === of));
  }
}
