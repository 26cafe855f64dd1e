/**
 * Hands events on in the order of true time over all nodes, as checkers want them.
 *
 * They wait here until the picture's instant has passed them. Nothing is handed on before everybody has told what it keeps,
 * or is given up: a control room that comes to a cluster at work hears one node after the other. What lies before the
 * instant from which all of them tell is handed on in short (`checkers/background.ts`). While somebody is not heard, we stay a
 * little behind, so that one who is late, or who starts anew, can still be put in order.
 *
 * A real node that is killed says nothing: the control room sees that it is gone, and puts its end where it was last heard
 * of. Who tells even later than that, or of whom events were lost, leaves a doubt: from then on nobody is found guilty.
 */

import { leftBy } from '../../shared/checkers/background.ts';
import type { HistoryEvent } from '../../shared/history.ts';
import type { ClockLine } from '../../shared/oracle.ts';
import type { NodeId } from '../../shared/protocol.ts';
import type { TrueTime } from '../../shared/time.ts';
import type { HistoryEvent as Told } from './live-frames.ts';
import { lineOf } from './node-frames.ts';
import { parseTerm } from './picture.ts';
import { lineAt, type Watched } from './watched.ts';

/** For so long we wait at first for nodes that do not answer. */
const patienceUs = 5_000_000;
/** Longer than a node that starts anew, on a machine that is busy, goes unheard. */
const behindUs = 2_000_000;

export class InOrder {
  readonly #observe: (event: HistoryEvent) => void;
  readonly #doubted: (why: string) => void;
  #waiting: HistoryEvent[] = [];
  readonly #heard = new Map<NodeId, { readonly incarnation: number; readonly seq: number }>();
  /** Starts that were told of, or noticed, and whose end was not. */
  readonly #starts = new Map<NodeId, number>();
  #up = new Map<NodeId, number>();
  #first: TrueTime | undefined;
  #begun = false;
  #at = 0 as TrueTime;

  /** `doubted` is told before anything is handed on that is not certain to be in order. */
  constructor(observe: (event: HistoryEvent) => void, doubted: (why: string) => void) {
    this.#observe = observe;
    this.#doubted = doubted;
  }

  /** Everything up to here has been handed on. */
  get at(): TrueTime {
    return this.#at;
  }

  happened(event: Told): void {
    // What the console itself did is noted under the name of a node.
    if (event.kind === 'command.result') return;
    const told = event as unknown as HistoryEvent;
    const { node, incarnation, seq } = told;
    const before = this.#heard.get(node);
    if (before?.incarnation === incarnation && seq > before.seq + 1) this.#doubted(`${seq - before.seq - 1} events of ${node} were never heard`);
    this.#heard.set(node, { incarnation, seq });
    if (told.kind === 'node.started') this.#starts.set(node, incarnation);
    this.#waiting.push(told);
  }

  /** Hands on what is due at `at`, the instant of a picture on which the nodes `up` are up; those `living` may only be silent. */
  moveTo(nodes: readonly Watched[], at: TrueTime, up: ReadonlySet<NodeId>, living: ReadonlySet<NodeId> = up): void {
    const members = nodes.filter(({ role }) => role !== 'device');
    const all = members.every((node) => up.has(node.id) && this.#isKnown(node, at));
    if (!this.#begun && !this.#begins(members, at, up, all)) return;
    const lives = new Map(members.flatMap((node) => (living.has(node.id) && this.#isKnown(node, at) ? [[node.id, node.incarnation as number]] : [])));
    for (const node of members) {
      const before = this.#up.get(node.id);
      const now = lives.get(node.id);
      if (before === now) continue;
      if (before !== undefined) this.#ended(node, before);
      if (now !== undefined) this.#began(node, now, at);
    }
    this.#up = lives;
    this.#handOn(nodes, all ? at : (Math.max(this.#at, at - behindUs) as TrueTime));
  }

  /** Of one that tells neither of its start nor of its clock, nobody can say yet whom it follows. */
  #isKnown({ id, incarnation, lines }: Watched, at: TrueTime): boolean {
    return incarnation !== undefined && (this.#starts.get(id) === incarnation || lines.some(({ trueUs }) => trueUs <= at));
  }

  #begins(members: readonly Watched[], at: TrueTime, up: ReadonlySet<NodeId>, all: boolean): boolean {
    if (up.size === 0) return false;
    this.#first ??= at;
    if (!all && at - this.#first < patienceUs) return false;
    this.#begun = true;
    const told = ordered(this.#waiting);
    // Of a node that does not keep its whole history any more, this is the first that it tells.
    const cut = new Map(told.toReversed().map((event) => [event.node, event]));
    const since = Math.max(0, ...[...cut.values()].map(({ seq, trueUs }) => (seq > 1 ? trueUs : 0)));
    const [before, rest] = [told.filter(({ trueUs }) => trueUs < since), told.filter(({ trueUs }) => trueUs >= since)];
    // Whoever is configured and down belongs to the cluster.
    const absent = members.filter((node) => !(up.has(node.id) && this.#isKnown(node, at)) && !this.#starts.has(node.id));
    this.#waiting = [
      ...absent.map((node) => notice(node, 0, since, { kind: 'node.started', name: node.name, role: node.role })),
      ...absent.map((node) => notice(node, 0, since, { kind: 'node.stopped', how: 'crashed' })),
      ...leftBy(before, since),
      ...rest,
    ];
    return true;
  }

  #handOn(nodes: readonly Watched[], to: TrueTime): void {
    const due = ordered(this.#waiting.filter(({ trueUs }) => trueUs <= to));
    this.#waiting = this.#waiting.filter(({ trueUs }) => trueUs > to);
    const late = due.filter((event) => this.#isLate(event));
    if (late.length > 0) this.#setRight(nodes, late);
    for (const event of due) if (!this.#isLate(event)) this.#observe(event.trueUs < this.#at ? { ...event, trueUs: this.#at } : event);
    this.#at = to;
  }

  /** The line of a clock is known whenever it is told. */
  #isLate({ trueUs, kind }: HistoryEvent): boolean {
    return trueUs < this.#at && !kind.startsWith('clock.');
  }

  /** A member that tells so late counts as started anew, with what all that has led to; what others tell goes before the rest. */
  #setRight(nodes: readonly Watched[], late: readonly HistoryEvent[]): void {
    const latest = late.at(-1) as HistoryEvent;
    this.#doubted(`${latest.node} told ${((this.#at - latest.trueUs) / 1e3).toFixed(1)} ms too late what it did`);
    for (const node of nodes) {
      const own = late.filter((event) => event.node === node.id);
      const last = own.at(-1);
      if (last === undefined) continue;
      if (node.role !== 'member') for (const event of own) this.#observe({ ...event, trueUs: this.#at });
      else {
        const left = leftBy(own, this.#at);
        if (last.kind !== 'node.stopped') this.#observe(notice(node, last.incarnation, this.#at, { kind: 'node.stopped', how: 'crashed' }));
        if (!left.some(({ kind }) => kind === 'node.started' || kind === 'node.stopped'))
          this.#observe(notice(node, last.incarnation, this.#at, { kind: 'node.started', name: node.name, role: node.role }));
        const led = left.some(({ kind }) => kind.startsWith('election.'))
          ? undefined
          : this.#leads(node, last.incarnation, this.#at, lineAt(node, this.#at), []);
        for (const event of [...left, ...(led ?? [])]) this.#observe(event);
      }
    }
  }

  #ended(node: Watched, incarnation: number): void {
    const last = this.#waiting.findLast((e) => e.node === node.id && e.incarnation === incarnation);
    if (this.#starts.get(node.id) === incarnation) this.#starts.delete(node.id);
    // It stands behind what the node did tell of that instant, or before all that is new.
    const end = notice(node, incarnation, last?.trueUs ?? this.#at, { kind: 'node.stopped', how: 'crashed' });
    this.#waiting = last === undefined ? [end, ...this.#waiting] : [...this.#waiting, end];
  }

  /** A start tells of itself, but one that was only silent for a while, or began long ago, goes on where it was. */
  #began(node: Watched, incarnation: number, at: TrueTime): void {
    const own = this.#waiting.filter((e) => e.node === node.id && e.incarnation === incarnation);
    const [first] = own;
    // What is late is set right when it is handed on.
    if (this.#starts.get(node.id) === incarnation || own.some((event) => this.#isLate(event))) return;
    this.#starts.set(node.id, incarnation);
    const since = Math.max(this.#at, first?.trueUs ?? at);
    const start = notice(node, incarnation, since, { kind: 'node.started', name: node.name, role: node.role });
    const place = first === undefined ? this.#waiting.length : this.#waiting.indexOf(first);
    this.#waiting = this.#waiting.toSpliced(place, 0, start, ...this.#leads(node, incarnation, since, lineAt(node, at), own));
  }

  /** Whom it followed at first, of which its clock tells where nothing else does. */
  #leads(node: Watched, incarnation: number, since: number, newest: ClockLine | undefined, own: readonly HistoryEvent[]): readonly HistoryEvent[] {
    const first = own.find(({ kind }) => kind === 'election.elected' || kind === 'clock.line');
    if (first?.kind === 'election.elected') return [];
    const line = first === undefined ? newest : lineOf(first as unknown as Told);
    const term = line?.term == null ? undefined : parseTerm(line.term);
    return line?.leader == null || term === undefined
      ? []
      : [notice(node, incarnation, since, { kind: 'election.elected', leader: line.leader, term })];
  }
}

const ordered = (events: readonly HistoryEvent[]): readonly HistoryEvent[] => events.toSorted((a, b) => a.trueUs - b.trueUs);

/** Something that the node itself did not tell. */
const notice = ({ id }: Watched, incarnation: number, trueUs: number, fields: object): HistoryEvent =>
  ({
    seq: 0,
    node: id,
    incarnation,
    trueUs,
    clockUs: trueUs,
    lamport: 0,
    vector: {},
    hybrid: { l: trueUs, c: 0 },
    ...fields,
  }) as unknown as HistoryEvent;
