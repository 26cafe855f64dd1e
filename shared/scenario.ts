/**
 * A scenario: nodes, clocks, links, algorithms, a timeline of faults, and what is expected of the run.
 *
 * The same scenario runs in the simulator, as local processes and in containers. Whatever the world, the run leaves a
 * history, and the same checkers and expectations judge it here.
 */
import { ClockJudge } from './checkers/clock.ts';
import type { Verdict } from './checkers/verdict.ts';
import { defaults as berkeleyDefaults } from './clock/berkeley.ts';
import { defaults as cristianDefaults } from './clock/cristian.ts';
import type { Delay } from './faults/delay.ts';
import type { Rule } from './faults/rules.ts';
import type { HistoryEvent } from './history.ts';
import type { ClockRule, NodeConfig, Role } from './node.ts';
import type { ClockAt } from './oracle.ts';
import type { NodeId } from './protocol.ts';
import type { Duration, Ppm, TrueTime } from './time.ts';

export interface ScenarioNode {
  readonly id: NodeId;
  readonly name: string;
  readonly role: Role;
  readonly offset: Duration;
  readonly drift: Ppm;
}

/** What happens to a process from outside, `at` after the start. */
export interface Deed {
  readonly at: Duration;
  readonly verb: 'kill' | 'restart' | 'pause' | 'resume';
  readonly node: string;
}

export interface Scenario {
  readonly name: string;
  /** One sentence for the list of scenarios. */
  readonly title: string;
  readonly seed: number;
  readonly nodes: readonly ScenarioNode[];
  readonly clock: ClockRule;
  /** One-way delay of every link, drawn for each frame, and the share of frames that is lost. */
  readonly delay: Delay;
  readonly loss: number;
  readonly span: Duration;
  readonly timeline: readonly Deed[];
  readonly expectations: readonly Expectation[];
  /** What happened, worded as on the lab sheet; none for a scenario that the sheet does not have. */
  readonly labSheet?: (run: Run) => readonly string[];
}

export interface Expectation {
  readonly says: string;
  readonly met: (run: Run) => boolean;
}

/** What a world made of a scenario. The history is in the order of true time. */
export interface Run {
  readonly scenario: Scenario;
  readonly history: readonly HistoryEvent[];
  readonly from: TrueTime;
  /** Wall-clock microseconds since 1970 at true time zero, to print clocks as times of day. */
  readonly epoch: number;
}

export interface Judgement {
  readonly verdicts: readonly Verdict[];
  readonly expectations: readonly { readonly says: string; readonly met: boolean }[];
  /** Every rule holds, or failed only as an expected lesson, and every expectation is met. */
  readonly held: boolean;
}

export const namesOf = ({ nodes }: Scenario): ReadonlyMap<NodeId, string> => new Map(nodes.map((n) => [n.id, n.name]));

export const rulesOf = ({ delay, loss }: Pick<Scenario, 'delay' | 'loss'>): readonly Rule[] => [
  ...(loss > 0 ? [{ does: 'lose', probability: loss } as const] : []),
  { does: 'delay', delay },
];

/** Scenarios run with the live defaults, so that what holds in the simulator is what the live lab does. */
export const nodeConfig = (role: Role, clock: ClockRule): NodeConfig => ({ role, clock, cristian: cristianDefaults, berkeley: berkeleyDefaults });

export function judge(run: Run): Judgement {
  const judged = new ClockJudge(berkeleyDefaults.rho);
  for (const event of run.history) judged.observe(event);
  const verdicts = judged.verdicts();
  const expectations = run.scenario.expectations.map(({ says, met }) => ({ says, met: met(run) }));
  const sound = verdicts.every((v) => v.verdict !== 'bug' && v.verdict !== 'inconclusive');
  return { verdicts, expectations, held: sound && expectations.every((e) => e.met) };
}

/** Every clock that runs and claims something at the end of the history. */
export function finalClocks({ history, scenario }: Run): ReadonlyMap<NodeId, ClockAt> {
  const judged = new ClockJudge(berkeleyDefaults.rho);
  for (const event of history) judged.observe(event);
  const end = history.at(-1)?.trueUs;
  const clocks = scenario.nodes.map((n) => [n.id, end === undefined ? undefined : judged.bound.at(n.id, end)] as const);
  return new Map(clocks.filter((entry): entry is readonly [NodeId, ClockAt] => entry[1] !== undefined));
}
