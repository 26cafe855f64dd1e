/**
 * A node's clocks, moved on to one instant at a time, and the lines by which the oracle knows them.
 *
 * A step of the protocol happens at one instant, the arrival of its input; everything it reads and decides belongs to it.
 * Instants never run back: an input that arrived before the last one was handled is taken at that one's instant. Before
 * the clock is read anywhere, every bend up to there is passed and published with the instant at which it happened.
 */
import type { ClockFault } from '../../shared/clock/oscillator.ts';
import type { Standing } from '../../shared/clock/standing.ts';
import type { ClockLine } from '../../shared/oracle.ts';
import type { Adjustment, Dials } from '../../shared/protocol.ts';
import type { Random } from '../../shared/random.ts';
import { elapsed, type MonoTime, type TrueTime } from '../../shared/time.ts';
import type { VirtualClock } from '../../shared/virtual-clock.ts';

export class Instruments {
  readonly #clock: VirtualClock;
  readonly #chance: Random;
  /** The monotonic counter begins with the process. */
  readonly #origin: TrueTime;
  readonly #standing: () => Standing | undefined;
  readonly #bent: (line: ClockLine) => void;
  #now: TrueTime;
  #published: Standing | undefined;
  #adjusted = false;

  /** `standing` is what the node says of its clock now; `bent` hears of each line, in order. */
  constructor(clock: VirtualClock, now: TrueTime, chance: Random, standing: () => Standing | undefined, bent: (line: ClockLine) => void) {
    clock.pass(now);
    this.#clock = clock;
    this.#now = now;
    this.#origin = now;
    this.#chance = chance;
    this.#standing = standing;
    this.#bent = bent;
  }

  get now(): TrueTime {
    return this.#now;
  }

  /** Moves on to `at`, or stays where it is already later. */
  moveTo(at: TrueTime): void {
    for (let bend = this.#clock.nextBend(); bend !== undefined && bend <= at; bend = this.#clock.nextBend()) {
      this.#clock.pass(bend);
      this.#now = bend;
      this.#publish();
    }
    if (at <= this.#now) return;
    this.#now = at;
    this.#clock.pass(at);
  }

  reading(): Dials {
    return this.#clock.reading(this.#now, elapsed(this.#origin, this.#now) as number as MonoTime, this.#chance());
  }

  adjust(adjustment: Adjustment): void {
    this.#clock.adjust(this.#now, adjustment);
    this.#adjusted = true;
  }

  /** Something is done to the oscillator itself. */
  disturb(fault: ClockFault): void {
    this.#clock.disturb(this.#now, fault);
    this.#adjusted = true;
  }

  /** Publishes the line, if what was done at this instant changed it. */
  settle(): void {
    if (this.#adjusted || this.#standing() !== this.#published) this.#publish();
  }

  /** The line in force; none before the protocol has started. */
  line(): ClockLine | undefined {
    const standing = this.#standing();
    return standing && this.#clock.line(this.#now, standing);
  }

  nextBend(): TrueTime | undefined {
    return this.#clock.nextBend();
  }

  #publish(): void {
    const standing = this.#standing();
    if (standing === undefined) return;
    this.#adjusted = false;
    this.#published = standing;
    this.#bent(this.#clock.line(this.#now, standing));
  }
}
