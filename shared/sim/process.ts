/**
 * One simulated process: a driver with a virtual clock, timers and a fate. It can crash, start again and be paused.
 *
 * Its oscillator goes on whatever happens to the process, as a real one would.
 */
import { type ClockFault, oscillator } from '../clock/oscillator.ts';
import type { Standing } from '../clock/standing.ts';
import { Driver, type Stamp, unstamped, type World } from '../driver.ts';
import type { Happening } from '../history.ts';
import { isHousekeeping, type Node, standingOf } from '../node.ts';
import { type Dials, type Incarnation, type Input, incarnation, type Keepsake, type Member, type NodeId, type Protocol } from '../protocol.ts';
import { type Random, stream } from '../random.ts';
import { type Duration, later, type MonoTime, microseconds, type Ppm, type TrueTime } from '../time.ts';
import { VirtualClock } from '../virtual-clock.ts';

export interface ProcessSpec {
  readonly id: NodeId;
  readonly name: string;
  readonly role: string;
  readonly protocol: Protocol<Node>;
  /** How far the raw clock is ahead of true time at the start, and how fast it runs. */
  readonly offset: Duration;
  readonly drift: Ppm;
  /** Not started with the others. */
  readonly down?: boolean;
}

/** What a process needs of the simulation around it. */
export interface Surroundings {
  now(): TrueTime;
  at(instant: TrueTime, run: () => void): void;
  transmit(from: NodeId, to: NodeId, message: Node['message'], stamp: Stamp): void;
  record(process: Process, at: TrueTime, stamp: Stamp, happening: Happening): void;
}

export class Process {
  readonly spec: ProcessSpec;
  readonly clock: VirtualClock;
  readonly #sim: Surroundings;
  readonly #members: readonly NodeId[];
  readonly #random: Random;
  readonly #timers = new Map<Node['timer'], symbol>();
  readonly #missed: (() => void)[] = [];
  #driver: Driver<Node> | undefined;
  #incarnation: Incarnation = incarnation(0);
  /** A new cluster's disks are blank, which is something else than lost. */
  #disk: Keepsake | undefined = { term: null };
  #paused = false;
  #published: Standing | undefined;
  #adjusted = false;
  #bend: symbol | undefined;

  constructor(sim: Surroundings, spec: ProcessSpec, members: readonly NodeId[], seed: number) {
    this.spec = spec;
    this.#sim = sim;
    this.#members = members;
    this.#random = stream(seed, 'chance', spec.id);
    this.clock = new VirtualClock(oscillator(sim.now(), spec.offset, spec.drift));
  }

  get incarnation(): Incarnation {
    return this.#incarnation;
  }
  get up(): boolean {
    return this.#driver !== undefined;
  }
  get state(): Node['state'] | undefined {
    return this.#driver?.state;
  }

  start(): void {
    if (this.up) return;
    this.#incarnation = incarnation(this.#incarnation + 1);
    const member: Member = { self: this.spec.id, incarnation: this.#incarnation, members: this.#members };
    const now = this.#sim.now();
    this.clock.pass(now);
    this.#sim.record(this, now, unstamped(this.clock.shown(now)), { kind: 'node.started', name: this.spec.name, role: this.spec.role });
    const world: World<Node> = {
      now: () => this.reading(),
      send: (to, message, stamp) => this.#sim.transmit(this.spec.id, to, message, stamp),
      setTimer: (timer, after) => this.#setTimer(timer, after),
      clearTimer: (timer) => {
        this.#timers.delete(timer);
      },
      adjustClock: (adjustment) => {
        this.clock.adjust(this.#sim.now(), adjustment);
        this.#adjusted = true;
      },
      persist: (keep) => {
        this.#disk = keep;
      },
      observe: (event, stamp) => this.#sim.record(this, this.#sim.now(), stamp, event),
    };
    this.#driver = new Driver(this.spec.protocol, member, world, this.#disk);
    this.#publish();
  }

  /** SIGKILL: state, timers and correction are gone; the oscillator is not. */
  crash(): void {
    if (!this.up) return;
    this.record({ kind: 'node.stopped', how: 'crashed' });
    this.#driver = undefined;
    this.#timers.clear();
    this.#missed.length = 0;
    this.#paused = false;
    this.#published = undefined;
    this.#bend = undefined;
    this.clock.forget();
  }

  /** Its disk is lost, and with it what an earlier start kept. */
  wipe(): void {
    this.#disk = undefined;
  }

  /** SIGSTOP: inputs wait, the clock does not. */
  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    for (const input of this.#missed.splice(0)) input();
  }

  /** Something is done to the raw clock: what a fault does, never what synchronisation does. */
  disturb(fault: ClockFault): void {
    this.clock.disturb(this.#sim.now(), fault);
    this.record({ kind: 'clock.fault', ...fault });
    this.#adjusted = true;
    this.#publish();
  }

  /** A message arrives; `delay` is how long it truly took. */
  receive(from: NodeId, message: Node['message'], sent: Stamp, delay: Duration): void {
    this.#take(() => {
      if (this.#driver === undefined) return;
      const now = this.#sim.now();
      const stamp = this.#driver.receive(sent, this.clock.shown(now));
      if (!isHousekeeping(message.kind))
        this.#sim.record(this, now, stamp, { kind: 'message.received', from, message, delayUs: delay, sentLamport: sent.lamport });
      this.#driver.deliver({ kind: 'message', from, message }, this.reading());
    });
  }

  /** An input that is no message of another process: a command, a hint, or a message of its own that comes back. */
  deliver(input: Input<Node>): void {
    this.#take(() => this.#driver?.deliver(input, this.reading()));
  }

  /** Runs what this process itself is to do, once it is not paused. */
  awake(run: () => void): void {
    if (this.#paused) this.#missed.push(run);
    else run();
  }

  #take(input: () => void): void {
    if (this.#paused) {
      this.#missed.push(() => this.#take(input));
      return;
    }
    input();
    this.#publish();
  }

  /** Records what the world around the protocol observed. */
  record(happening: Happening, at: TrueTime = this.#sim.now()): void {
    if (this.#driver !== undefined) this.#sim.record(this, at, this.#driver.stamp(this.clock.shown(at)), happening);
  }

  /** What the node's instruments show now. */
  reading(): Dials {
    const now = this.#sim.now();
    return this.clock.reading(now, this.#mono(now), this.#random());
  }

  /** The counter of the same crystal, but one that no fault can move. */
  #mono(at: TrueTime): MonoTime {
    return microseconds(at * (1 + this.spec.drift / 1e6)) as number as MonoTime;
  }

  #setTimer(timer: Node['timer'], after: Duration): void {
    const armed = Symbol(timer);
    this.#timers.set(timer, armed);
    this.#sim.at(later(this.#sim.now(), microseconds(after / (1 + this.spec.drift / 1e6))), () => {
      // A timer that is due while the process is paused can still be cleared by what comes before it.
      this.#take(() => {
        if (this.#timers.get(timer) !== armed) return;
        this.#timers.delete(timer);
        this.#driver?.deliver({ kind: 'timer', timer }, this.reading());
      });
    });
  }

  /** Tells the oracle where the clock's line changes: now, if it did, and at the next bend. */
  #publish(): void {
    const { state } = this;
    if (state === undefined) return;
    const standing = standingOf(state);
    if (!this.#adjusted && standing === this.#published) return;
    this.#adjusted = false;
    this.#published = standing;
    this.#line(this.#sim.now(), standing);
    this.#awaitBend();
  }

  #awaitBend(): void {
    const at = this.clock.nextBend();
    const awaited = Symbol('bend');
    this.#bend = awaited;
    if (at === undefined) return;
    this.#sim.at(at, () => {
      if (this.#bend !== awaited || this.state === undefined) return;
      this.clock.pass(at);
      this.#line(at, standingOf(this.state));
      this.#awaitBend();
    });
  }

  #line(at: TrueTime, standing: Standing): void {
    const { trueUs, ...line } = this.clock.line(at, standing);
    this.record({ kind: 'clock.line', ...line }, trueUs);
  }
}
