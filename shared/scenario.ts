/**
 * A scenario: nodes, clocks, links, algorithms, a timeline of faults, and what is expected of the run.
 *
 * The same scenario runs in the simulator, as local processes and in containers. Whatever the world, the run leaves a
 * history, and the same checkers and expectations judge it here.
 */

import { type Assumed, ClockJudge } from './checkers/clock.ts';
import { ElectionJudge } from './checkers/election.ts';
import { called } from './checkers/held.ts';
import { MutexJudge } from './checkers/mutex.ts';
import type { Finding, Verdict } from './checkers/verdict.ts';
import { type Config as BerkeleyConfig, defaults as berkeleyDefaults } from './clock/berkeley.ts';
import { type Config as CristianConfig, defaults as cristianDefaults } from './clock/cristian.ts';
import type { ClockFault } from './clock/oscillator.ts';
import { type ElectionConfig, electionDefaults } from './election/config.ts';
import type { Delay } from './faults/delay.ts';
import type { Rule } from './faults/rules.ts';
import type { HistoryEvent } from './history.ts';
import { type MutexConfig, mutexDefaults } from './mutex/config.ts';
import type { ClockRule, NodeConfig, Role } from './node.ts';
import type { ClockAt } from './oracle.ts';
import type { NodeId } from './protocol.ts';
import { type Duration, later, type Ppm, type TrueTime } from './time.ts';

export interface ScenarioNode {
  readonly id: NodeId;
  readonly name: string;
  readonly role: Role;
  readonly offset: Duration;
  readonly drift: Ppm;
}

/** Something that is done to the cluster, `at` after the start. */
export type Deed = { readonly at: Duration } & (
  | { readonly verb: 'kill' | 'restart' | 'pause' | 'resume'; readonly node: string }
  /** The node calls for an election, or wants to enter the critical section. */
  | { readonly verb: 'elect' | 'enter'; readonly node: string }
  | { readonly verb: 'clock'; readonly node: string; readonly fault: ClockFault }
  /** The node tells a clock that is `by` ahead of its own, to everyone or to the nodes named. */
  | { readonly verb: 'lie'; readonly node: string; readonly by: Duration; readonly to?: readonly string[] }
  /** Frames between the sides are cut, until `heal`. */
  | { readonly verb: 'partition'; readonly sides: readonly (readonly string[])[] }
  | { readonly verb: 'heal' }
  /** A transaction begins there, and commits once its timestamp is surely past. */
  | { readonly verb: 'commit'; readonly node: string }
);

/** How a scenario departs from the live defaults. */
export interface Tuning {
  readonly cristian?: Partial<CristianConfig>;
  readonly berkeley?: Partial<BerkeleyConfig>;
  /** Whom devices ask. */
  readonly servers?: 'leader' | 'all';
}

export interface Scenario {
  readonly name: string;
  /** One sentence for the list of scenarios. */
  readonly title: string;
  readonly seed: number;
  readonly nodes: readonly ScenarioNode[];
  readonly clock: ClockRule;
  /** How the leader is elected, as it departs from the live defaults; without it the highest leads, and nobody is elected. */
  readonly election?: Partial<ElectionConfig>;
  /** How the critical section is guarded, as it departs from the live defaults; without it nobody wants to enter. */
  readonly mutex?: Partial<MutexConfig>;
  /** Whether the ledger refuses stale writes, as it does unless this says otherwise. */
  readonly fencing?: boolean;
  /** One-way delay of every link, drawn for each frame, and the share of frames that is lost. */
  readonly delay: Delay;
  readonly loss: number;
  /** Rules that stand before the delay of every link, such as another delay in one direction. */
  readonly links?: readonly Rule[];
  readonly tuning?: Tuning;
  readonly span: Duration;
  readonly timeline: readonly Deed[];
  readonly expectations: readonly Expectation[];
  /** Findings other than `holds` that a rule is expected to end in: the lesson of the scenario. */
  readonly lessons?: Readonly<Record<string, Finding>>;
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
  /** Every rule was found as it should be, which is `holds`, or `at-risk`, where the scenario does not teach otherwise, and every expectation is met. */
  readonly held: boolean;
}

export const namesOf = ({ nodes }: Scenario): ReadonlyMap<NodeId, string> => new Map(nodes.map((n) => [n.id, n.name]));

export const rulesOf = ({ links = [], delay, loss }: Pick<Scenario, 'links' | 'delay' | 'loss'>): readonly Rule[] => [
  ...(loss > 0 ? [{ does: 'lose', probability: loss } as const] : []),
  ...links,
  { does: 'delay', delay },
];

/** Scenarios run with the live defaults where they say nothing else, so that what holds here is what the live lab does. */
export const nodeConfig = (
  role: Role,
  clock: ClockRule,
  { cristian, berkeley, servers = 'leader' }: Tuning = {},
  election?: ElectionConfig,
): NodeConfig => ({
  role,
  ...(election === undefined ? {} : { election }),
  clock,
  servers,
  cristian: { ...cristianDefaults, ...cristian },
  berkeley: { ...berkeleyDefaults, ...berkeley },
});

export const electionOf = ({ election }: Pick<Scenario, 'election'>): ElectionConfig => ({ ...electionDefaults, ...election });

export const mutexOf = (mutex: Partial<MutexConfig>): MutexConfig => ({ ...mutexDefaults, ...mutex });

/** What one node of the scenario runs. */
export const configOf = (scenario: Scenario, role: Role): NodeConfig => ({
  ...nodeConfig(role, scenario.clock, scenario.tuning, scenario.election === undefined ? undefined : electionOf(scenario)),
  ...(scenario.mutex === undefined ? {} : { mutex: mutexOf({ ...ledgerIn(scenario), ...scenario.mutex }) }),
  ledger: { fencing: scenario.fencing ?? true },
});

function ledgerIn({ nodes }: Scenario): Pick<MutexConfig, 'ledger'> {
  const ledger = nodes.find(({ role }) => role === 'ledger')?.id;
  return ledger === undefined ? {} : { ledger };
}

/** What the algorithms assume, as the scenario has tuned them. */
function assumedBy({ clock, tuning = {} }: Scenario): Assumed {
  const config = nodeConfig('member', clock, tuning);
  return { rho: config[clock].rho, leastDelay: config.cristian.leastDelay, average: config.berkeley.average };
}

export function judge(run: Run): Judgement {
  const verdicts = [...judged(run).verdicts(), ...judgedElections(run), ...judgedSections(run)];
  const expectations = run.scenario.expectations.map(({ says, met }) => ({ says, met: met(run) }));
  const { lessons = {} } = run.scenario;
  // On a busy machine a frame may take longer than was assumed: what held all the same, held.
  const found = verdicts.every(
    ({ rule, verdict }) => verdict === lessons[rule] || (lessons[rule] === undefined && /^(?:holds|at-risk)$/.test(verdict)),
  );
  return { verdicts, expectations, held: found && expectations.every((e) => e.met) };
}

/** What the checkers find of the elections, and of what the one that was called by command cost. */
function judgedElections({ history, scenario, from }: Run): readonly Verdict[] {
  if (scenario.election === undefined) return [];
  const config = electionOf(scenario);
  const judge = new ElectionJudge(config);
  for (const event of history) judge.observe(event);
  const counted = config.begins === 'when-told' ? called(history, config, scenario.delay.distribution === 'constant') : undefined;
  return [...judge.verdicts(later(from, scenario.span)), ...(counted === undefined ? [] : [counted.verdict])];
}

/** What the checkers find of the critical sections. */
function judgedSections({ history, scenario, from }: Run): readonly Verdict[] {
  if (scenario.mutex === undefined) return [];
  const judge = new MutexJudge({ ...scenario.mutex, fencing: scenario.fencing ?? true });
  for (const event of history) judge.observe(event);
  return judge.verdicts(later(from, scenario.span));
}

/** A checker that has seen the whole run. */
function judged({ history, scenario }: Run): ClockJudge {
  const judge = new ClockJudge(assumedBy(scenario));
  for (const event of history) judge.observe(event);
  // Lines are judged where they bend; the last ones end with the history.
  const end = history.at(-1)?.trueUs;
  if (end !== undefined) judge.bound.judge(end);
  return judge;
}

/** Every clock that runs at the end of the history. */
export function finalClocks(run: Run): ReadonlyMap<NodeId, ClockAt> {
  const end = run.history.at(-1)?.trueUs;
  if (end === undefined) return new Map();
  const { bound } = judged(run);
  const clocks = run.scenario.nodes.map((n) => [n.id, bound.at(n.id, end)] as const);
  return new Map(clocks.filter((entry): entry is readonly [NodeId, ClockAt] => entry[1] !== undefined));
}
