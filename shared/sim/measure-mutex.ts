/**
 * Many simulated critical sections, counted: what an entry costs beside the closed forms, how long processes wait, and how
 * often others enter meanwhile. A run ends once so many sections are over; what is still on its way then arrives.
 */
import { type Cost, costOf, quorumSize } from '../checkers/mutex/counts.ts';
import { MutexJudge } from '../checkers/mutex.ts';
import type { Verdict } from '../checkers/verdict.ts';
import { defaults as berkeleyDefaults } from '../clock/berkeley.ts';
import { defaults as cristianDefaults } from '../clock/cristian.ts';
import { type ElectionConfig, electionDefaults } from '../election/config.ts';
import { detectorDefaults } from '../election/failure-detector.ts';
import { type Delay, longestOf } from '../faults/delay.ts';
import type { HistoryEvent, MessageCount } from '../history.ts';
import { type MutexConfig, mutexDefaults } from '../mutex/config.ts';
import { mutexKinds } from '../mutex/kinds.ts';
import { type Node, node } from '../node.ts';
import { type NodeId, nodeId, type Protocol } from '../protocol.ts';
import { stream } from '../random.ts';
import { rulesOf } from '../scenario.ts';
import { type Duration, later, microseconds, milliseconds, none, ppm, seconds, sum, type TrueTime } from '../time.ts';
import { Simulator } from './simulator.ts';
import { added, nothing, worse } from './tally.ts';

export interface MutexExperiment {
  /** The algorithm, and how it departs from the defaults. A section takes 20 ms, and everyone wants in at once, unless this says otherwise. */
  readonly lock: Pick<MutexConfig, 'algorithm'> & Partial<MutexConfig>;
  /** Members 1 to this. */
  readonly nodes: number;
  readonly down: readonly number[];
  /** Of all members together. */
  readonly entries: number;
  readonly delay: Delay;
  readonly loss: number;
  /** Links do not keep the order of messages, not even for Lamport's lock. */
  readonly overtaking?: boolean;
  readonly runs: number;
  readonly seed: number;
  /** Replaces the protocol of a node, for example by one with a bug. */
  readonly mutate?: (protocol: Protocol<Node>) => Protocol<Node>;
}

export interface MeasuredMutex {
  readonly seed: number;
  readonly leader: NodeId | null;
  readonly messages: Readonly<Record<string, MessageCount>>;
  readonly delivered: number;
  readonly mutex: MutexFigures;
  readonly verdicts: readonly Verdict[];
}

export interface MutexFigures {
  readonly entries: number;
  readonly overlaps: number;
  /** Delivered, over those entries that nothing disturbed. */
  readonly messagesPerEntry: number;
  readonly expected: Cost;
  readonly waits: Times;
  readonly holds: Times;
  /** How often others entered while one waited. */
  readonly bypass: { readonly largest: number; readonly mean: number };
}

/** In milliseconds. */
export interface Times {
  readonly meanMs: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
}

/** Where nobody has entered for so long, nobody will. */
const patience = seconds(30);
const shortStay = milliseconds(20);

export function measureMutex(experiment: MutexExperiment, observe: (event: HistoryEvent) => void = () => undefined): MeasuredMutex {
  const { nodes, down, seed, runs, lock: asked } = experiment;
  const lock: MutexConfig = { ...mutexDefaults, workload: { think: 'saturated', shortest: shortStay, longest: shortStay }, ...asked };
  const seeds = stream(seed, 'runs');
  const messages: Record<string, MessageCount> = Object.fromEntries(mutexKinds(lock.algorithm).map((kind) => [kind, nothing]));
  const found = new Map<string, Verdict>();
  const waits: number[] = [];
  const holds: number[] = [];
  const totals = { entries: 0, overlaps: 0, judged: 0, cost: 0, largest: 0, bypassed: 0 };
  for (let run = 0; run < runs; run++) {
    const judge = new MutexJudge(lock);
    const { counts, at } = enterOften({ ...experiment, seed: Math.floor(seeds() * 0x1_0000_0000) }, lock, (event) => {
      judge.observe(event);
      observe(event);
      if (event.kind === 'mutex.entered') waits.push(event.waited);
      if (event.kind === 'mutex.exited') holds.push(event.held);
    });
    for (const [kind, count] of counts) messages[kind] = added(messages[kind] ?? nothing, count);
    for (const verdict of judge.verdicts(at)) found.set(verdict.rule, worse(found.get(verdict.rule), verdict));
    totals.entries += judge.entries;
    totals.overlaps += judge.overlaps;
    totals.judged += judge.cost.entries;
    totals.cost += judge.cost.entries * judge.cost.perEntry;
    totals.largest = Math.max(totals.largest, judge.bypass.largest);
    totals.bypassed += judge.bypass.mean / runs;
  }
  const alive = Array.from({ length: nodes }, (_, i) => nodeId(i + 1)).filter((id) => !down.includes(id));
  return {
    seed,
    leader: alive.at(-1) ?? null,
    messages,
    delivered: Object.values(messages).reduce((n, count) => n + count.delivered, 0),
    mutex: {
      entries: totals.entries,
      overlaps: totals.overlaps,
      messagesPerEntry: totals.judged === 0 ? 0 : totals.cost / totals.judged,
      expected: expectedOf(lock, nodes, alive.length),
      waits: timesOf(waits),
      holds: timesOf(holds),
      bypass: { largest: totals.largest, mean: totals.bypassed },
    },
    verdicts: [...found.values()],
  };
}

interface Entered {
  readonly counts: ReadonlyMap<string, MessageCount>;
  readonly at: TrueTime;
}

/** Until then processes get to know each other, a coordinator opens its desk, and the first token is made. Nobody asks yet. */
const settled = seconds(3);

/** One run: nobody asks any more once so many have asked, and it ends when all of them have left, or nobody enters. */
function enterOften(experiment: MutexExperiment, lock: MutexConfig, observe: (event: HistoryEvent) => void): Entered {
  const { nodes, down, entries, delay, overtaking, seed, mutate } = experiment;
  let requested = 0;
  let left = 0;
  let since: number = none;
  const protocol = node({
    role: 'member',
    election: electionOf(experiment),
    clock: 'cristian',
    cristian: noClock,
    berkeley: berkeleyDefaults,
    mutex: lock,
  });
  const content: Protocol<Node> = {
    start(member, now, found) {
      const { state, effects } = protocol.start(member, now, found);
      return { state, effects: effects.filter((effect) => effect.kind !== 'set-timer' || effect.timer !== 'mutex.want') };
    },
    step: (state, input, now) =>
      input.kind === 'timer' && input.timer === 'mutex.want' && requested >= entries ? { state, effects: [] } : protocol.step(state, input, now),
  };
  const processes = Array.from({ length: nodes }, (_, i) => ({
    id: nodeId(i + 1),
    name: `p${i + 1}`,
    role: 'member',
    protocol: mutate?.(content) ?? content,
    offset: milliseconds(0),
    drift: ppm(0),
    down: down.includes(i + 1),
  }));
  const heard = (event: HistoryEvent): void => {
    if (event.kind === 'mutex.requested') requested += 1;
    if (event.kind === 'mutex.exited') left += 1;
    if (event.kind === 'mutex.entered' || event.kind === 'mutex.exited') since = event.trueUs;
    observe(event);
  };
  const sim = new Simulator({ seed, processes, rules: rulesOf(experiment), ...(overtaking === undefined ? {} : { overtaking }), observe: heard });
  sim.run(settled);
  since = settled;
  const before = new Map([...sim.counts].map(([kind, count]) => [kind, { ...count }]));
  const chance = stream(seed, 'thoughts');
  for (const { id, down: isDown } of processes) {
    const after =
      lock.workload.think === 'saturated' || lock.workload.think === 'off' ? none : microseconds(-Math.log(1 - chance()) * lock.workload.think);
    if (!isDown) sim.at(later(sim.now(), after), () => sim.process(id).deliver({ kind: 'timer', timer: 'mutex.want' }));
  }
  sim.run(
    seconds(1_000_000),
    () => left >= entries || sim.now() - since > patience + (lock.workload.think === 'saturated' ? 0 : longestThought(lock)),
  );
  // A token that goes round has nowhere to arrive.
  if (lock.algorithm !== 'token-ring') sim.run(sum(longestOf(delay), longestOf(delay)));
  return { counts: new Map([...sim.counts].map(([kind, count]) => [kind, less(count, before.get(kind) ?? nothing)])), at: sim.now() };
}

/** A token that has been going round since before anybody asked is no cost of an entry. */
const less = (a: MessageCount, b: MessageCount): MessageCount => ({
  attempted: a.attempted - b.attempted,
  delivered: a.delivered - b.delivered,
  dropped: a.dropped - b.dropped,
  unanswered: a.unanswered - b.unanswered,
});

/** Where nothing is lost and everyone lives, heartbeats only make processes known to each other, and suspect nobody. */
function electionOf({ down, loss, nodes, lock }: MutexExperiment): ElectionConfig {
  const troubled = loss > 0 || down.length > 0 || lock.onCrash === 'suspect';
  const detector = troubled ? detectorDefaults : { every: seconds(1), missed: 1_000_000 };
  return { ...electionDefaults, begins: down.includes(nodes) ? 'by-itself' : 'when-told', detector };
}

/** Nobody keeps time here: the first reading would be after the end. */
const noClock = { ...cristianDefaults, settle: seconds(1_000_000_000) };

const longestThought = ({ workload: { think } }: MutexConfig): Duration => (typeof think === 'number' ? ((20 * think) as Duration) : milliseconds(0));

function expectedOf({ algorithm, tree, quorums }: MutexConfig, nodes: number, n: number): Cost {
  return costOf({ algorithm, n, tree, quorum: algorithm === 'maekawa' ? quorumSize(quorums, nodes) : 1 });
}

function timesOf(us: readonly number[]): Times {
  const sorted = us.toSorted((a, b) => a - b);
  const at = (share: number): number => (sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0) / 1e3;
  return { meanMs: sorted.length === 0 ? 0 : sorted.reduce((a, b) => a + b, 0) / sorted.length / 1e3, p50Ms: at(0.5), p95Ms: at(0.95) };
}
