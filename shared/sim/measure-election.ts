/**
 * Many simulated elections, counted: who is down is known from the start, some processes notice it at time zero, and what
 * it costs until there is a leader is laid beside the closed forms.
 */
import { judgeCounts, type Theory, theory } from '../checkers/counts.ts';
import { ElectionJudge, settleOf } from '../checkers/election.ts';
import type { Verdict } from '../checkers/verdict.ts';
import { defaults as berkeleyDefaults } from '../clock/berkeley.ts';
import { defaults as cristianDefaults } from '../clock/cristian.ts';
import { type Algorithm, appointed, type ElectionConfig, electionDefaults, type Mode } from '../election/config.ts';
import { electionKinds } from '../election/kinds.ts';
import { type Delay, longestOf } from '../faults/delay.ts';
import type { HistoryEvent, MessageCount } from '../history.ts';
import { type Node, node } from '../node.ts';
import { compareTerms, type NodeId, nodeId, type Protocol, type Term } from '../protocol.ts';
import { stream } from '../random.ts';
import { rulesOf } from '../scenario.ts';
import { type Duration, microseconds, milliseconds, ppm, seconds } from '../time.ts';
import { Simulator } from './simulator.ts';
import { added, nothing, worse } from './tally.ts';

export interface ElectionExperiment {
  readonly algorithm: Algorithm;
  readonly mode: Mode;
  /** Members 1 to this. */
  readonly nodes: number;
  readonly down: readonly number[];
  readonly initiators: readonly number[];
  readonly delay: Delay;
  readonly loss: number;
  /** How long each run lasts; without it, until an election has settled. */
  readonly span: Duration | undefined;
  readonly runs: number;
  readonly seed: number;
  /** Departures from the defaults, such as a time-out that is too short. */
  readonly config?: Partial<ElectionConfig>;
  /** Replaces the protocol of a node, for example by one with a bug. */
  readonly mutate?: (protocol: Protocol<Node>) => Protocol<Node>;
}

export interface MeasuredElection {
  readonly seed: number;
  /** Who led at the end of the last run; nobody if that is null. */
  readonly leader: NodeId | null;
  readonly messages: Readonly<Record<string, MessageCount>>;
  readonly delivered: number;
  /** What the closed forms say of one run. */
  readonly expected: Theory;
  readonly verdicts: readonly Verdict[];
}

export function measureElection(experiment: ElectionExperiment, observe: (event: HistoryEvent) => void = () => undefined): MeasuredElection {
  const { algorithm, mode, nodes, down, initiators, delay, loss, seed, runs } = experiment;
  const config = configOf(experiment);
  const protocol = node({ role: 'member', election: config, clock: 'cristian', cristian: noClock, berkeley: berkeleyDefaults });
  const seeds = stream(seed, 'runs');
  const messages: Record<string, MessageCount> = Object.fromEntries(electionKinds(algorithm, mode).map((kind) => [kind, nothing]));
  const found = new Map<string, Verdict>();
  let leader: NodeId | null = null;
  for (let run = 0; run < runs; run++) {
    const judge = new ElectionJudge(config);
    const processes = Array.from({ length: nodes }, (_, i) => ({
      id: nodeId(i + 1),
      name: `p${i + 1}`,
      role: 'member',
      protocol: experiment.mutate?.(protocol) ?? protocol,
      offset: milliseconds(0),
      drift: ppm(0),
      down: down.includes(i + 1),
    }));
    const heard = (event: HistoryEvent): void => {
      judge.observe(event);
      observe(event);
    };
    const sim = new Simulator({ seed: Math.floor(seeds() * 0x1_0000_0000), processes, rules: rulesOf(experiment), observe: heard });
    for (const id of initiators) sim.process(nodeId(id)).deliver({ kind: 'command', command: { kind: 'election.call' } });
    sim.run(experiment.span ?? settleOf(config, nodes));
    for (const [kind, count] of sim.counts) messages[kind] = added(messages[kind] ?? nothing, count);
    leader = leaderOf(processes.map(({ id }) => sim.process(id).state));
    for (const verdict of judge.verdicts(sim.now())) found.set(verdict.rule, worse(found.get(verdict.rule), verdict));
  }
  const ids = Array.from({ length: nodes }, (_, i) => i + 1);
  const expected = theory({ algorithm, mode, ids, down, initiators, equalDelays: delay.distribution === 'constant' });
  const broken =
    loss > 0 ? 'frames are lost' : delay.distribution === 'normal' || delay.distribution === 'exponential' ? 'delays have no bound' : undefined;
  const delivered = Object.values(messages).reduce((n, count) => n + count.delivered, 0);
  return { seed, leader, messages, delivered, expected, verdicts: [...found.values(), judgeCounts(expected, messages, runs, broken)] };
}

/** Nobody keeps time here: the first reading would be after the end. */
const noClock = { ...cristianDefaults, settle: seconds(1_000_000) };

function configOf({ algorithm, mode, delay, loss, span, config }: ElectionExperiment): ElectionConfig {
  const most = Math.max(longestOf(delay), milliseconds(1));
  // Where nothing is lost and no lease must be renewed, nobody needs to look after anybody.
  const detector = loss > 0 || mode === 'safe' || span !== undefined ? electionDefaults.detector : appointed.detector;
  const within = { answerWithin: microseconds(3 * most), coordinatorWithin: microseconds(6 * most) };
  return { ...electionDefaults, algorithm, mode, begins: 'when-told', detector, ...within, ...config };
}

/** The one of the highest term among those who believe that they lead. */
function leaderOf(states: readonly (Node['state'] | undefined)[]): NodeId | null {
  const terms = states.flatMap((state): readonly Term[] => {
    if (state?.role !== 'member') return [];
    const { leader, term, member } = state.election.office;
    return leader === member.self && term !== undefined ? [term] : [];
  });
  return terms.toSorted(compareTerms).at(-1)?.node ?? null;
}
