/**
 * Many simulated runs of one clock rule, measured: how wide the claimed bounds are, how far the estimates truly lie from
 * the truth, and how many messages that cost. Each run has a seed of its own, drawn from the seed of the whole.
 */
import { ClockJudge } from '../checkers/clock.ts';
import type { Verdict } from '../checkers/verdict.ts';
import type { Average } from '../clock/agreement.ts';
import { defaults as berkeleyDefaults } from '../clock/berkeley.ts';
import type { Estimator } from '../clock/cristian/estimators.ts';
import { defaults as cristianDefaults } from '../clock/cristian.ts';
import type { Delay } from '../faults/delay.ts';
import type { Lie } from '../faults/lies.ts';
import type { HistoryEvent, MessageCount } from '../history.ts';
import { type ClockRule, type NodeConfig, node, standingOf } from '../node.ts';
import { type NodeId, nodeId } from '../protocol.ts';
import { between, stream } from '../random.ts';
import { rulesOf } from '../scenario.ts';
import { type Duration, microseconds, milliseconds, type Ppm, ppm, seconds, sum, type TrueTime } from '../time.ts';
import { type Committed, commitInTurn } from './commit-wait.ts';
import { Simulator } from './simulator.ts';

export interface Experiment {
  readonly clock: ClockRule;
  readonly nodes: number;
  readonly delay: Delay;
  readonly loss: number;
  /** Drifts alternate between plus and minus this; the clocks start within `offset` of true time. */
  readonly drift: Ppm;
  readonly offset: Duration;
  readonly samples: number;
  /** How many exchanges are tried for a reading, and the longest round trip that makes a sample. */
  readonly attempts: number;
  readonly acceptWithin: Duration;
  /** The smallest one-way delay that the estimators assume. */
  readonly leastDelay: Duration;
  readonly gamma: Duration;
  readonly estimator: Estimator;
  readonly average: Average;
  /** How many members lie about their clocks, the lowest first. */
  readonly liars: number;
  /** Transactions that the last run ends with, each stamped by its node's clock; with commit wait or without. */
  readonly transactions?: number;
  readonly wait?: boolean;
  /** How long each run lasts; without it, one reading of Cristian's, or a minute of Berkeley's rounds. */
  readonly span: Duration | undefined;
  readonly runs: number;
  readonly seed: number;
}

export interface Measured {
  readonly seed: number;
  /** Who led at the end of the last run; nobody if that is null. */
  readonly leader: NodeId | null;
  readonly messages: Readonly<Record<string, MessageCount>>;
  readonly delivered: number;
  readonly clock: ClockFigures;
  readonly commits?: Committed;
  readonly verdicts: readonly Verdict[];
}

/** Over all readings that were accepted and judged, the moment they were; spread is between members, as each run ended. */
export interface ClockFigures {
  readonly samples: number;
  readonly contained: number;
  readonly boundMeanUs: number;
  readonly errorRmsUs: number;
  readonly errorMaxUs: number;
  readonly spreadUs: number;
}

export function measure(experiment: Experiment): Measured {
  const { seed, runs } = experiment;
  const seeds = stream(seed, 'runs');
  const judge = new ClockJudge({ rho: rhoOf(experiment), leastDelay: experiment.leastDelay, average: experiment.average });
  const readings = new Readings(judge);
  const messages: Record<string, MessageCount> = {};
  let leader: NodeId | null = null;
  let spread = 0;
  let commits: Committed | undefined;
  for (let run = 0; run < runs; run++) {
    const sim = simulator(experiment, Math.floor(seeds() * 0x1_0000_0000), (event) => readings.observe(event));
    sim.deceive(liesOf(experiment));
    sim.run(spanOf(experiment));
    judge.bound.judge(sim.now());
    for (const [kind, count] of sim.counts) messages[kind] = added(messages[kind], count);
    spread = Math.max(spread, spreadOf(sim, experiment));
    if (run === runs - 1 && experiment.transactions)
      commits = commitInTurn(sim, followers(experiment), experiment.transactions, experiment.wait ?? true);
    const { state } = sim.process(nodeId(experiment.nodes));
    leader = (state && standingOf(state).leader) ?? null;
  }
  const delivered = Object.values(messages).reduce((n, count) => n + count.delivered, 0);
  return {
    seed,
    leader,
    messages,
    delivered,
    clock: { ...readings.figures(), spreadUs: spread },
    ...(commits && { commits }),
    verdicts: judge.verdicts(),
  };
}

/** Judges each accepted reading at the moment it became a claim, by the line that the clock follows from there. */
class Readings {
  readonly #judge: ClockJudge;
  readonly #accepted = new Set<NodeId>();
  #samples = 0;
  #contained = 0;
  #bounds = 0;
  #squares = 0;
  #largest = 0;

  constructor(judge: ClockJudge) {
    this.#judge = judge;
  }

  observe(event: HistoryEvent): void {
    this.#judge.observe(event);
    if (event.kind === 'cristian.read' || event.kind === 'berkeley.adjusted') this.#accepted.add(event.node);
    if (event.kind === 'clock.line' && this.#accepted.delete(event.node) && event.leader !== event.node) this.#take(event.node, event.trueUs);
  }

  figures(): Omit<ClockFigures, 'spreadUs'> {
    const n = Math.max(1, this.#samples);
    return {
      samples: this.#samples,
      contained: this.#contained,
      boundMeanUs: Math.round(this.#bounds / n),
      errorRmsUs: Math.round(Math.sqrt(this.#squares / n)),
      errorMaxUs: this.#largest,
    };
  }

  #take(node: NodeId, at: TrueTime): void {
    const clock = this.#judge.bound.at(node, at);
    if (clock === undefined || clock.offsetUs === null || clock.trueOffsetUs === null || clock.boundUs === null) return;
    const error = Math.abs(clock.offsetUs - clock.trueOffsetUs);
    this.#samples += 1;
    this.#contained += error <= clock.boundUs ? 1 : 0;
    this.#bounds += clock.boundUs;
    this.#squares += error ** 2;
    this.#largest = Math.max(this.#largest, error);
  }
}

function simulator(experiment: Experiment, seed: number, observe: (event: HistoryEvent) => void): Simulator {
  const chance = stream(seed, 'clocks');
  const protocol = node(configOf(experiment));
  const processes = Array.from({ length: experiment.nodes }, (_, i) => ({
    id: nodeId(i + 1),
    name: `p${i + 1}`,
    role: 'member',
    protocol,
    offset: microseconds(between(chance, -experiment.offset, experiment.offset)),
    drift: ppm(i % 2 === 0 ? experiment.drift : -experiment.drift),
  }));
  return new Simulator({ seed, processes, rules: rulesOf(experiment), observe });
}

function configOf(experiment: Experiment): NodeConfig {
  const { samples, attempts, acceptWithin, leastDelay, estimator, average, gamma, clock } = experiment;
  const rho = rhoOf(experiment);
  const period = sum(seconds(1), longestReading(experiment));
  return {
    role: 'member',
    clock,
    cristian: { ...cristianDefaults, rho, samples, attempts, acceptWithin, leastDelay, estimator, patience, period },
    berkeley: { ...berkeleyDefaults, rho, average, gamma, period: berkeleyPeriod },
  };
}

const patience = milliseconds(200);
const berkeleyPeriod = seconds(10);

/** A bound must allow for the drift that is asked for. */
const rhoOf = ({ drift }: Experiment): Ppm => ppm(Math.max(50, Math.abs(drift)));

const longestReading = ({ attempts }: Experiment): Duration => (attempts * patience) as Duration;

const spanOf = (e: Experiment): Duration => e.span ?? (e.clock === 'cristian' ? sum(cristianDefaults.settle, longestReading(e)) : seconds(60));

/** The lowest members lie, each by another second. */
const liesOf = ({ liars }: Experiment): readonly Lie[] => Array.from({ length: liars }, (_, i) => ({ from: nodeId(i + 1), by: seconds(i + 1) }));

const followers = ({ nodes }: Experiment): readonly NodeId[] => Array.from({ length: nodes - 1 }, (_, i) => nodeId(i + 1));

/** Between those who do not lie. */
function spreadOf(sim: Simulator, { nodes, liars }: Experiment): number {
  const clocks = Array.from({ length: nodes - liars }, (_, i) => sim.process(nodeId(liars + i + 1)).reading().clock);
  return Math.max(...clocks) - Math.min(...clocks);
}

const added = (a: MessageCount | undefined, b: MessageCount): MessageCount => ({
  attempted: (a?.attempted ?? 0) + b.attempted,
  delivered: (a?.delivered ?? 0) + b.delivered,
  dropped: (a?.dropped ?? 0) + b.dropped,
  unanswered: (a?.unanswered ?? 0) + b.unanswered,
});
