/**
 * Judges the elections of the running cluster, with the checker that also judges recorded ones.
 *
 * It takes events in the order of true time over all nodes, so they wait here until the picture's instant has passed
 * them; what a node tells too late counts as of the instant that was judged last. A real node that is killed says
 * nothing: the control room sees that it is gone, and puts its end where it was last heard of.
 */
import { ElectionJudge } from '../../shared/checkers/election.ts';
import { Elections, type Held } from '../../shared/checkers/held.ts';
import type { Verdict } from '../../shared/checkers/verdict.ts';
import type { ElectionConfig } from '../../shared/election/config.ts';
import type { HistoryEvent } from '../../shared/history.ts';
import type { NodeId } from '../../shared/protocol.ts';
import type { TrueTime } from '../../shared/time.ts';
import type { HistoryEvent as Told } from './live-frames.ts';
import { parseTerm } from './picture.ts';
import { lineAt, type Watched } from './watched.ts';

/** What goes round on rings only; nothing does at the start. */
const onRings: readonly Verdict[] = ['ring.winner', 'ring.hops'].map((rule) => ({ rule, verdict: 'holds', detail: 'nothing went round yet' }));

export class LiveElections {
  readonly #judge: ElectionJudge;
  readonly #costs: Elections;
  readonly #ring: boolean;
  #waiting: HistoryEvent[] = [];
  #up = new Map<NodeId, number>();
  #at = 0 as TrueTime;

  /** By default elections are as those of the nodes are. */
  constructor(nodes: readonly Watched[], config: ElectionConfig | undefined) {
    this.#judge = new ElectionJudge(config);
    this.#costs = new Elections({ equalDelays: false, members: nodes.filter(({ role }) => role === 'member').map(({ id }) => id) }, config);
    this.#ring = config !== undefined && config.algorithm !== 'bully';
  }

  happened(event: Told): void {
    // What the console itself did is noted under the name of a node.
    if (event.kind !== 'command.result') this.#waiting.push(event as unknown as HistoryEvent);
  }

  /** Judges everything up to `at`, the instant of a picture on which the nodes `up` are up. */
  judge(nodes: readonly Watched[], at: TrueTime, up: ReadonlySet<NodeId>): void {
    const members = nodes.filter(({ role }) => role === 'member');
    for (const node of members) {
      const before = this.#up.get(node.id);
      const now = up.has(node.id) ? node.incarnation : undefined;
      if (before === now) continue;
      if (before !== undefined) this.#ended(node, before);
      if (now !== undefined) this.#began(node, at);
    }
    const due = this.#waiting.filter(({ trueUs }) => trueUs <= at).toSorted((a, b) => a.trueUs - b.trueUs);
    this.#waiting = this.#waiting.filter(({ trueUs }) => trueUs > at);
    for (const told of due) {
      const event = told.trueUs < this.#at ? { ...told, trueUs: this.#at } : told;
      this.#judge.observe(event);
      this.#costs.observe(event);
    }
    this.#up = new Map(members.flatMap(({ id, incarnation }) => (up.has(id) && incarnation !== undefined ? [[id, incarnation] as const] : [])));
    this.#at = at;
  }

  /** What the last election that is over has cost. */
  last(): Held | undefined {
    return this.#costs.last(this.#at);
  }

  verdicts(): readonly Verdict[] {
    const found = this.#judge.verdicts(this.#at);
    return [...found, ...(this.#ring ? onRings.filter(({ rule }) => !found.some((v) => v.rule === rule)) : [])];
  }

  #ended(node: Watched, incarnation: number): void {
    const last = this.#waiting.findLast((e) => e.node === node.id && e.incarnation === incarnation);
    this.#notice(node, incarnation, last?.trueUs ?? this.#at, { kind: 'node.stopped', how: 'crashed' });
  }

  /** A start tells of itself, but one that was only silent for a while goes on where it was. */
  #began(node: Watched, at: TrueTime): void {
    const incarnation = node.incarnation ?? 0;
    if (this.#waiting.some((e) => e.node === node.id && e.incarnation === incarnation && e.kind === 'node.started')) return;
    const line = lineAt(node, at);
    const term = line?.term == null ? undefined : parseTerm(line.term);
    // The later notice stands before the earlier one.
    if (line?.leader != null && term !== undefined)
      this.#notice(node, incarnation, this.#at, { kind: 'election.elected', leader: line.leader, term });
    this.#notice(node, incarnation, this.#at, { kind: 'node.started', name: node.name, role: node.role });
  }

  /** Something that the node itself did not tell. It stands behind what it did tell of that instant, or before all that is new. */
  #notice({ id }: Watched, incarnation: number, trueUs: number, fields: object): void {
    const event = {
      seq: 0,
      node: id,
      incarnation,
      trueUs,
      clockUs: trueUs,
      lamport: 0,
      vector: {},
      hybrid: { l: trueUs, c: 0 },
      ...fields,
    } as unknown as HistoryEvent;
    this.#waiting = trueUs === this.#at ? [event, ...this.#waiting] : [...this.#waiting, event];
  }
}
