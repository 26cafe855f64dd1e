/**
 * Judges the cluster while it runs, with the checkers that also judge recorded runs.
 *
 * A claim compares two clocks, so lines must reach the checker in the order of true time over all nodes: they wait here
 * until the picture's instant has passed them. What a node did while it counted as down, or before the console knew it,
 * comes too late for that; it is then judged from the instant at which it is up again. That a clock never goes back
 * concerns one node alone and is judged in the order in which it tells.
 */
import { brokenBy, ClockBound, ClockMonotonic, isStep } from '../../shared/checkers/clock.ts';
import type { JudgedMutex } from '../../shared/checkers/mutex.ts';
import type { Verdict } from '../../shared/checkers/verdict.ts';
import type { ElectionConfig } from '../../shared/election/config.ts';
import type { ClockLine } from '../../shared/oracle.ts';
import type { NodeId } from '../../shared/protocol.ts';
import type { Ppm, TrueTime } from '../../shared/time.ts';
import { LiveElections } from './elections.ts';
import { LiveExclusion } from './exclusion.ts';
import { lastElection } from './last-election.ts';
import type { ElectionView, HistoryEvent, SetupView } from './live-frames.ts';
import { lineOf } from './node-frames.ts';
import { newestSetup, truthOf } from './picture.ts';
import { lineAt, type Watched } from './watched.ts';

export class Judge {
  readonly #bound: ClockBound;
  readonly #config: ElectionConfig | undefined;
  #elections: LiveElections;
  /** What the elections that are judged are held by. */
  #held: Pick<SetupView, 'election' | 'mode'> | undefined;
  readonly #monotonic = new ClockMonotonic();
  readonly #exclusion: LiveExclusion;
  #waiting: { readonly node: NodeId; readonly line: ClockLine }[] = [];
  #up: ReadonlySet<NodeId> = new Set();

  constructor(rho: Ppm, nodes: readonly Watched[], election?: ElectionConfig, mutex?: JudgedMutex) {
    this.#bound = new ClockBound(rho);
    this.#config = election;
    this.#exclusion = new LiveExclusion(mutex);
    this.#elections = new LiveElections(nodes, election);
    this.#held = election && { election: election.algorithm, mode: election.mode };
  }

  /** Critical sections that overlapped another. */
  get overlaps(): number {
    return this.#exclusion.overlaps;
  }

  /** The node starts anew, or events of it were lost: no earlier line tells of its clock. */
  broke(node: NodeId): void {
    this.#monotonic.gone(node);
    this.#bound.gone(node);
    this.#waiting = this.#waiting.filter((w) => w.node !== node);
    this.#up = this.#up.difference(new Set([node]));
  }

  happened(node: NodeId, event: HistoryEvent): void {
    this.#elections.happened(event);
    this.#exclusion.happened(event);
    if (isStep(event)) this.#monotonic.stepped(node);
    const why = brokenBy(event);
    if (why !== undefined) this.#bound.broken(why);
    const line = event.kind === 'clock.line' ? lineOf(event) : undefined;
    if (line === undefined) return;
    this.#monotonic.bend(node, line);
    this.#waiting.push({ node, line });
  }

  /** Judges everything up to `at`, the instant of a picture on which the nodes `up` are up. */
  judge(nodes: readonly Watched[], at: TrueTime, up: ReadonlySet<NodeId>): void {
    for (const node of this.#up) if (!up.has(node)) this.#bound.gone(node);
    const due = this.#waiting.filter(({ line }) => line.trueUs <= at).sort((a, b) => a.line.trueUs - b.line.trueUs);
    this.#waiting = this.#waiting.filter(({ line }) => line.trueUs > at);
    for (const { node, line } of due) if (up.has(node) && this.#up.has(node)) this.#bound.bend(node, line);
    for (const node of nodes) {
      const line = up.has(node.id) && !this.#up.has(node.id) ? lineAt(node, at) : undefined;
      if (line !== undefined) this.#bound.back(node.id, line);
    }
    this.#bound.judge(at);
    this.#follow(nodes, up);
    this.#elections.judge(nodes, at, up);
    this.#exclusion.judge(nodes, at, up);
    this.#up = up;
  }

  /** Elections that are held in another way from now on are judged anew: other promises are made of them. */
  #follow(nodes: readonly Watched[], up: ReadonlySet<NodeId>): void {
    const setup = newestSetup(nodes, up);
    if (setup === null || this.#config === undefined || (setup.election === this.#held?.election && setup.mode === this.#held.mode)) return;
    this.#held = setup;
    this.#elections = new LiveElections(nodes, { ...this.#config, algorithm: setup.election, mode: setup.mode });
  }

  verdicts(nodes: readonly Watched[]): readonly Verdict[] {
    return [this.#bound.verdict(), this.#monotonic.verdict(), ...this.#elections.verdicts(), ...this.#exclusion.verdicts()].map((verdict) =>
      doubted(verdict, nodes),
    );
  }

  /** The last election that is over; `null` for none yet. */
  lastElection(nodes: readonly Watched[]): ElectionView | null {
    const held = this.#elections.last();
    return held === undefined ? null : lastElection(held, nodes, doubted(held.verdict, nodes));
  }
}

/** What was seen with gaps, or against several true times, proves nothing: it neither holds nor is it a bug. */
function doubted(verdict: Verdict, nodes: readonly Watched[]): Verdict {
  if (truthOf(nodes) === 'several-hosts') {
    return {
      ...verdict,
      verdict: 'inconclusive',
      detail: `nodes run on several hosts, whose own clocks differ by an unknown amount; ${verdict.detail}`,
    };
  }
  const gaps = nodes.filter(({ missing }) => missing > 0).map(({ name, missing }) => `${missing} events of ${name} were never heard`);
  const failed = verdict.verdict === 'bug' || verdict.verdict === 'expected-violation';
  return gaps.length === 0 || failed ? verdict : { ...verdict, verdict: 'inconclusive', detail: [...gaps, verdict.detail].join('; ') };
}
