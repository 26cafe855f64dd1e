/**
 * Hands events on in the order of true time over all nodes, as checkers want them.
 *
 * They wait here until the picture's instant has passed them; what a node tells too late counts as of the instant that
 * was judged last. A real node that is killed says nothing: the control room sees that it is gone, and puts its end where
 * it was last heard of.
 */
import type { HistoryEvent } from '../../shared/history.ts';
import type { NodeId } from '../../shared/protocol.ts';
import type { TrueTime } from '../../shared/time.ts';
import type { HistoryEvent as Told } from './live-frames.ts';
import { parseTerm } from './picture.ts';
import { lineAt, type Watched } from './watched.ts';

export class InOrder {
  readonly #observe: (event: HistoryEvent) => void;
  #waiting: HistoryEvent[] = [];
  #up = new Map<NodeId, number>();
  #at = 0 as TrueTime;

  constructor(observe: (event: HistoryEvent) => void) {
    this.#observe = observe;
  }

  /** Everything up to here has been handed on. */
  get at(): TrueTime {
    return this.#at;
  }

  happened(event: Told): void {
    // What the console itself did is noted under the name of a node.
    if (event.kind !== 'command.result') this.#waiting.push(event as unknown as HistoryEvent);
  }

  /** Hands on everything up to `at`, the instant of a picture on which the nodes `up` are up. */
  moveTo(nodes: readonly Watched[], at: TrueTime, up: ReadonlySet<NodeId>): void {
    const members = nodes.filter(({ role }) => role === 'member');
    for (const node of members) {
      const before = this.#up.get(node.id);
      const now = up.has(node.id) ? node.incarnation : undefined;
      if (before === now) continue;
      if (before !== undefined) this.#ended(node, before);
      if (now !== undefined) this.#began(node);
    }
    const due = this.#waiting.filter(({ trueUs }) => trueUs <= at).toSorted((a, b) => a.trueUs - b.trueUs);
    this.#waiting = this.#waiting.filter(({ trueUs }) => trueUs > at);
    for (const told of due) this.#observe(told.trueUs < this.#at ? { ...told, trueUs: this.#at } : told);
    this.#up = new Map(members.flatMap(({ id, incarnation }) => (up.has(id) && incarnation !== undefined ? [[id, incarnation] as const] : [])));
    this.#at = at;
  }

  #ended(node: Watched, incarnation: number): void {
    const last = this.#waiting.findLast((e) => e.node === node.id && e.incarnation === incarnation);
    this.#notice(node, incarnation, last?.trueUs ?? this.#at, { kind: 'node.stopped', how: 'crashed' });
  }

  /** A start tells of itself, but one that was only silent for a while goes on where it was. */
  #began(node: Watched): void {
    const incarnation = node.incarnation ?? 0;
    const late = this.#waiting.filter((e) => e.node === node.id && e.incarnation === incarnation && e.trueUs <= this.#at);
    if (this.#waiting.some((e) => e.node === node.id && e.incarnation === incarnation && e.kind === 'node.started')) return;
    const line = lineAt(node, this.#at);
    const term = line?.term == null ? undefined : parseTerm(line.term);
    // The later notice stands before the earlier one. Whoever tells of it late tells it itself.
    if (line?.leader != null && term !== undefined && !late.some(({ kind }) => kind === 'election.elected'))
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
