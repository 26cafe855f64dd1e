/**
 * A whole cluster in one thread, in virtual time. The same seed and set-up give the same history, byte for byte.
 *
 * True time starts at zero and jumps from one scheduled thing to the next, so an hour of a small cluster takes well
 * under a second. Things scheduled for the same instant happen in the order in which they were scheduled.
 */
import TinyQueue from 'tinyqueue';
import type { Stamp } from '../driver.ts';
import { Fifo } from '../faults/fifo.ts';
import { told as asTold, type Lie } from '../faults/lies.ts';
import { judge, type Rule } from '../faults/rules.ts';
import type { Happening, HistoryEvent, MessageCount } from '../history.ts';
import { isForwarded, isHousekeeping, isOrdered, type Node } from '../node.ts';
import type { NodeId } from '../protocol.ts';
import { type Random, stream } from '../random.ts';
import { type Duration, elapsed, later, type TrueTime } from '../time.ts';
import { Process, type ProcessSpec, type Surroundings } from './process.ts';

export interface Setup {
  readonly seed: number;
  readonly processes: readonly ProcessSpec[];
  /** Judge every frame between driver and link. */
  readonly rules: readonly Rule[];
  /** No link keeps the order of its frames, not even for messages that rely on it: for the lesson. */
  readonly overtaking?: boolean;
  /**
   * The delay of a link runs in its sender, as between real nodes: what a paused process has sent and what has not left it yet
   * waits there. Otherwise the delay is the network's, and frames travel on.
   */
  readonly delayedBySender?: boolean;
  /** Hears of everything that happens, in the order in which it does. */
  readonly observe: (event: HistoryEvent) => void;
}

interface Scheduled {
  readonly at: TrueTime;
  readonly order: number;
  readonly run: () => void;
}

export class Simulator implements Surroundings {
  readonly #seed: number;
  readonly #observe: (event: HistoryEvent) => void;
  readonly #processes = new Map<NodeId, Process>();
  readonly #queue = new TinyQueue<Scheduled>([], (a, b) => a.at - b.at || a.order - b.order);
  readonly #links = new Map<string, Random>();
  readonly #fifo = new Fifo();
  readonly #overtaking: boolean;
  readonly #delayedBySender: boolean;
  readonly #counts = new Map<string, { attempted: number; delivered: number; dropped: number; unanswered: number }>();
  #rules: readonly Rule[];
  #lies: readonly Lie[] = [];
  #now = 0 as TrueTime;
  #order = 0;
  #seq = 0;

  constructor({ seed, processes, rules, overtaking = false, delayedBySender = false, observe }: Setup) {
    this.#seed = seed;
    this.#overtaking = overtaking;
    this.#delayedBySender = delayedBySender;
    this.#rules = rules;
    this.#observe = observe;
    const members = processes.filter((p) => p.role === 'member').map((p) => p.id);
    for (const spec of processes)
      this.#processes.set(
        spec.id,
        new Process(
          this,
          spec,
          members.toSorted((a, b) => a - b),
          seed,
        ),
      );
    for (const process of this.#processes.values()) if (process.spec.down !== true) process.start();
  }

  get counts(): ReadonlyMap<string, MessageCount> {
    return this.#counts;
  }

  now(): TrueTime {
    return this.#now;
  }

  process(id: NodeId): Process {
    const process = this.#processes.get(id);
    if (process === undefined) throw new Error(`no process ${id}`);
    return process;
  }

  /** From now on these rules judge the frames. */
  shape(rules: readonly Rule[]): void {
    this.#rules = rules;
  }

  /** From now on these lies are told. */
  deceive(lies: readonly Lie[]): void {
    for (const lie of lies.filter((l) => !this.#lies.includes(l))) this.process(lie.from).record({ kind: 'node.lies', by: lie.by, to: lie.to ?? [] });
    this.#lies = lies;
  }

  at(instant: TrueTime, run: () => void): void {
    this.#queue.push({ at: instant, order: this.#order++, run });
  }

  /** For this long, or until it is over: that is asked for after each thing that happens. */
  run(span: Duration, isOver: () => boolean = () => false): void {
    const until = later(this.#now, span);
    for (let next = this.#queue.peek(); next !== undefined && next.at <= until; next = this.#queue.peek()) {
      this.#queue.pop();
      this.#now = next.at;
      next.run();
      if (isOver()) return;
    }
    this.#now = until;
  }

  transmit(from: NodeId, to: NodeId, honest: Node['message'], stamp: Stamp): void {
    const message = asTold(this.#lies, from, to, honest);
    const sender = this.process(from);
    // What keeps the cluster together is neither counted nor told: it would drown everything else.
    const told = !isHousekeeping(message.kind);
    const count = told ? this.#count(message.kind) : none();
    count.attempted += 1;
    if (told) this.record(sender, this.#now, stamp, { kind: 'message.sent', to, message });
    const verdict = judge(this.#rules, { from, to, kind: message.kind }, this.#link(from, to));
    if (verdict.kind === 'drop') {
      count.dropped += 1;
      if (told) sender.record({ kind: 'message.dropped', to, message, why: verdict.why });
      return;
    }
    const sent = this.#now;
    const { incarnation } = sender;
    verdict.after.forEach((after, copy) => {
      const due = later(sent, after);
      const arrive = (): void => {
        const receiver = this.#processes.get(to);
        if (receiver?.up !== true) {
          // The sender cannot know, but whoever reads the history should. Only what was to be passed on comes back.
          if (copy > 0) return;
          count.unanswered += 1;
          if (told) sender.record({ kind: 'message.unanswered', to, message });
          if (isForwarded(message) && sender.incarnation === incarnation) sender.deliver({ kind: 'undelivered', to, message });
          return;
        }
        if (copy === 0) count.delivered += 1;
        receiver.receive(from, message, stamp, elapsed(sent, this.#now));
      };
      const at = isOrdered(message.kind) && !this.#overtaking ? this.#fifo.arrival(from, to, due) : due;
      this.at(at, () => (this.#delayedBySender ? sender.awake(arrive) : arrive()));
    });
  }

  record(process: Process, at: TrueTime, stamp: Stamp, happening: Happening): void {
    const { id: node } = process.spec;
    const header = { seq: ++this.#seq, node, incarnation: process.incarnation, trueUs: at, clockUs: process.clock.shown(at), ...stamp };
    this.#observe({ ...header, ...happening });
  }

  #link(from: NodeId, to: NodeId): Random {
    const name = `${from}/${to}`;
    const random = this.#links.get(name) ?? stream(this.#seed, 'link', from, to);
    this.#links.set(name, random);
    return random;
  }

  #count(kind: string): { attempted: number; delivered: number; dropped: number; unanswered: number } {
    const count = this.#counts.get(kind) ?? none();
    this.#counts.set(kind, count);
    return count;
  }
}

const none = () => ({ attempted: 0, delivered: 0, dropped: 0, unanswered: 0 });
