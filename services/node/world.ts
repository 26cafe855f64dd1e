/**
 * The seven verbs of a real node: the host's monotonic clock, sockets, timers, a disk, and a history that everything goes into.
 *
 * Inputs come from the event loop, one at a time. Nothing here calls back into the driver from inside an effect: frames
 * and timers come later by themselves. True time stays on this side; the protocol gets the readings of its own clocks.
 */
import { Driver, type Stamp, unstamped, type World } from '../../shared/driver.ts';
import { Fifo } from '../../shared/faults/fifo.ts';
import { type Lie, told } from '../../shared/faults/lies.ts';
import { judge, type Rule } from '../../shared/faults/rules.ts';
import type { Happening, HistoryEvent } from '../../shared/history.ts';
import { isForwarded, isHousekeeping, isOrdered, type Node, standingOf } from '../../shared/node.ts';
import { type ClockAt, type ClockLine, clockAt } from '../../shared/oracle.ts';
import type { Adjustment, Dials, Input, Keepsake, Member, NodeId, Protocol } from '../../shared/protocol.ts';
import { type Random, stream } from '../../shared/random.ts';
import { type ClockTime, type Duration, elapsed, later, none, type TrueTime } from '../../shared/time.ts';
import type { VirtualClock } from '../../shared/virtual-clock.ts';
import { encode, type Frame } from '../../shared/wire.ts';
import { Alarms } from './alarm.ts';
import { trueNow } from './clock.ts';
import type { Peer } from './cluster.ts';
import type { Order } from './commands.ts';
import type { Counts } from './counts.ts';
import { Instruments } from './instruments.ts';

/** What the world needs of the mesh. */
export interface Mesh {
  send(to: NodeId, text: string): boolean;
  broadcast(frame: Frame): void;
  isUp(id: NodeId): boolean;
}

export interface WorldSetup {
  readonly self: Peer;
  readonly member: Member;
  readonly protocol: Protocol<Node>;
  readonly clock: VirtualClock;
  readonly rules: readonly Rule[];
  readonly seed: number;
  readonly mesh: Mesh;
  readonly counts: Counts;
  /** What an earlier start kept, and where this one keeps its own. */
  readonly found: Keepsake | undefined;
  readonly keep: (keep: Keepsake) => void;
  readonly record: (event: HistoryEvent) => void;
}

/** The node at one instant, its clock as the oracle knows it. */
export interface Glance {
  readonly reading: Dials;
  readonly line: ClockLine;
  readonly clock: ClockAt;
  readonly state: Node['state'];
}

export class NodeWorld implements World<Node> {
  readonly #setup: WorldSetup;
  readonly #instruments: Instruments;
  readonly #driver: Driver<Node>;
  readonly #alarms = new Alarms();
  readonly #timers = new Map<Node['timer'], () => void>();
  readonly #links = new Map<NodeId, Random>();
  readonly #fifo = new Fifo();
  /** By receiver, what is to be handed over in the order in which it was sent. */
  readonly #inOrder = new Map<NodeId, (() => void)[]>();
  /** The newest line of each peer that is connected. Only the oracle looks at it. */
  readonly #lines = new Map<NodeId, ClockLine>();
  #awaited: () => void = () => undefined;
  /** Before the protocol has started, everything comes first. */
  #stamp: (clock: ClockTime) => Stamp = unstamped;
  #lies: readonly Lie[] = [];
  #seq = 0;
  #sent = 0;

  constructor(setup: WorldSetup) {
    this.#setup = setup;
    const { self, seed, member, protocol, clock, found } = setup;
    let driver: Driver<Node> | undefined;
    const standing = () => driver && standingOf(driver.state);
    this.#instruments = new Instruments(clock, trueNow(), stream(seed, 'chance', self.id), standing, (line) => this.#bent(line));
    this.#record({ kind: 'node.started', name: self.name, role: self.role });
    driver = new Driver(protocol, member, this, found);
    this.#driver = driver;
    this.#stamp = (shown) => this.#driver.stamp(shown);
    this.#instruments.settle();
    this.#awaitBend();
  }

  // The seven verbs.

  now(): Dials {
    return this.#instruments.reading();
  }

  send(to: NodeId, honest: Node['message'], stamp: Stamp): void {
    const { self, rules, counts, mesh } = this.#setup;
    const message = told(this.#lies, self.id, to, honest);
    const { kind } = message;
    const counted = !isHousekeeping(kind);
    if (counted) {
      counts.attempted(kind);
      this.#record({ kind: 'message.sent', to, message }, stamp);
    }
    const verdict = judge(rules, { from: self.id, to, kind }, this.#link(to));
    if (verdict.kind === 'drop') {
      if (counted) counts.ended(kind, 'dropped');
      if (counted) this.#record({ kind: 'message.dropped', to, message, why: verdict.why });
      return;
    }
    if (!mesh.isUp(to)) {
      this.#unanswered(to, message);
      return;
    }
    const sentUs = trueNow();
    const text = encode({ type: 'message', seq: ++this.#sent, stamp, message, oracle: { sentUs } });
    verdict.after.forEach((after, copy) => {
      const handOver = (): void => {
        const taken = mesh.send(to, text);
        if (copy > 0) return;
        if (!taken) this.#unanswered(to, message);
        else if (counted) counts.ended(kind, 'delivered');
      };
      if (isOrdered(kind)) this.#handOverInTurn(to, later(sentUs, after), handOver);
      else if (after === none) handOver();
      else this.#alarms.at(later(sentUs, after), () => this.#take(trueNow(), handOver));
    });
  }

  /** Alarms that are due together fire in any order: whichever fires hands over the frame that was sent first. */
  #handOverInTurn(to: NodeId, due: TrueTime, handOver: () => void): void {
    const waiting = this.#inOrder.get(to) ?? [];
    this.#inOrder.set(to, waiting);
    waiting.push(handOver);
    this.#alarms.at(this.#fifo.arrival(this.#setup.self.id, to, due), () => this.#take(trueNow(), () => waiting.shift()?.()));
  }

  setTimer(timer: Node['timer'], after: Duration): void {
    this.clearTimer(timer);
    const due = later(this.#instruments.now, after);
    const clear = this.#alarms.at(due, () => {
      this.#timers.delete(timer);
      this.#deliver({ kind: 'timer', timer });
    });
    this.#timers.set(timer, clear);
  }

  clearTimer(timer: Node['timer']): void {
    this.#timers.get(timer)?.();
    this.#timers.delete(timer);
  }

  adjustClock(adjustment: Adjustment): void {
    this.#instruments.adjust(adjustment);
  }

  persist(keep: Keepsake): void {
    this.#setup.keep(keep);
  }

  observe(event: Node['event'], stamp: Stamp): void {
    this.#record(event, stamp);
  }

  // What comes from outside.

  receive(from: NodeId, { stamp, message, oracle }: Extract<Frame, { type: 'message' }>, arrived: TrueTime): void {
    this.#take(arrived, () => {
      const delayUs = elapsed(oracle.sentUs, arrived);
      const received = this.#driver.receive(stamp, this.#setup.clock.shown(this.#instruments.now));
      if (!isHousekeeping(message.kind)) this.#record({ kind: 'message.received', from, message, delayUs, sentLamport: stamp.lamport }, received);
      this.#driver.deliver({ kind: 'message', from, message });
    });
  }

  /** A link opened: its other end is told where our clock is. */
  connected(to: NodeId): void {
    const { line } = this.glance();
    this.#setup.mesh.send(to, encode({ type: 'line', line }));
  }

  disconnected(from: NodeId): void {
    this.#lines.delete(from);
  }

  /** A peer whose connection closed did not answer when it was dialled again. */
  unreachable(peer: NodeId): void {
    if (this.#setup.member.members.includes(peer)) this.#deliver({ kind: 'unreachable', peer });
  }

  heard(from: NodeId, line: ClockLine): void {
    this.#lines.set(from, line);
  }

  /** Carries out what an operator ordered, at once. */
  obey(order: Order): void {
    if (order.kind === 'command') {
      this.#deliver(order);
      return;
    }
    this.#take(trueNow(), () => {
      if (order.kind === 'clock') {
        this.#instruments.disturb(order.fault);
        this.#record({ kind: 'clock.fault', ...order.fault });
      } else {
        const { by, to } = order;
        // A lie of nothing is the truth again.
        this.#lies = by === none ? [] : [...this.#lies, { from: this.#setup.self.id, by, ...(to === undefined ? {} : { to }) }];
        this.#record({ kind: 'node.lies', by, to: to ?? [] });
      }
    });
  }

  /** Everything up to the instant that is answered has been recorded. */
  recorded(): TrueTime {
    this.#take(trueNow(), () => undefined);
    return this.#instruments.now;
  }

  glance(at: TrueTime = trueNow()): Glance {
    this.#take(at, () => undefined);
    const { state } = this.#driver;
    const { now } = this.#instruments;
    const line = this.#instruments.line() as ClockLine;
    const { leader, leading } = standingOf(state);
    const leaders = leading ? line : leader === undefined ? undefined : this.#lines.get(leader);
    return { reading: this.#instruments.reading(), line, clock: clockAt(line, leaders, now), state };
  }

  /** The last word of a node that is asked to leave. */
  stop(): void {
    this.#take(trueNow(), () => this.#record({ kind: 'node.stopped', how: 'left' }));
    this.#awaited();
    this.#alarms.stop();
  }

  #deliver(input: Input<Node>): void {
    this.#take(trueNow(), () => this.#driver.deliver(input));
  }

  #take(at: TrueTime, run: () => void): void {
    this.#instruments.moveTo(at);
    run();
    this.#instruments.settle();
    this.#awaitBend();
  }

  /** A bend that nothing else happens at is published all the same. */
  #awaitBend(): void {
    this.#awaited();
    const bend = this.#instruments.nextBend();
    if (bend !== undefined) this.#awaited = this.#alarms.at(bend, () => this.#take(trueNow(), () => undefined));
  }

  #bent(line: ClockLine): void {
    const { trueUs, ...rest } = line;
    this.#record({ kind: 'clock.line', ...rest }, undefined, trueUs);
    this.#setup.mesh.broadcast({ type: 'line', line });
  }

  #unanswered(to: NodeId, message: Node['message']): void {
    // What goes from one to the next comes back, after the effects of this input are done.
    if (isForwarded(message)) this.#alarms.at(trueNow(), () => this.#deliver({ kind: 'undelivered', to, message }));
    if (isHousekeeping(message.kind)) return;
    this.#setup.counts.ended(message.kind, 'unanswered');
    this.#record({ kind: 'message.unanswered', to, message });
  }

  #record(happening: Happening, stamp?: Stamp, trueUs: TrueTime = this.#instruments.now): void {
    const { self, member, clock, record } = this.#setup;
    const clockUs = clock.shown(trueUs);
    const stamped = stamp ?? this.#stamp(clockUs);
    record({ seq: ++this.#seq, node: self.id, incarnation: member.incarnation, trueUs, clockUs, ...stamped, ...happening });
  }

  #link(to: NodeId): Random {
    const { seed, self } = this.#setup;
    const random = this.#links.get(to) ?? stream(seed, 'link', self.id, to);
    this.#links.set(to, random);
    return random;
  }
}
