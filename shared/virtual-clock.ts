/**
 * The clock that a world gives to one node: an oscillator with a correction over it, and what the oracle says of both.
 *
 * Simulated and real worlds use it alike; they differ only in where true time comes from. Before a world reads the
 * clock at an instant it passes the bends up to there, one by one with `nextBend` and `pass` where it publishes lines.
 */
import * as disciplined from './clock/disciplined.ts';
import * as oscillators from './clock/oscillator.ts';
import { boundOf, offsetOf, type Standing } from './clock/standing.ts';
import type { ClockLine } from './oracle.ts';
import { type Adjustment, type Dials, formatTerm } from './protocol.ts';
import { type ClockTime, elapsed, type MonoTime, type Ppm, ppm, type RawTime, type TrueTime } from './time.ts';

export class VirtualClock {
  #oscillator: oscillators.Oscillator;
  #discipline: disciplined.Discipline = disciplined.undisciplined;
  #passed: TrueTime;

  constructor(oscillator: oscillators.Oscillator) {
    this.#oscillator = oscillator;
    this.#passed = oscillator.since;
  }

  get oscillator(): oscillators.Oscillator {
    return this.#oscillator;
  }

  /** The instruments of the node at `at`. */
  reading(at: TrueTime, mono: MonoTime, chance: number): Dials {
    const raw = this.#raw(at);
    const d = this.#discipline;
    return {
      mono,
      raw,
      clock: disciplined.read(d, raw),
      pending: disciplined.pending(d, raw),
      slewing: magnitudeOf(disciplined.slewRate(d, raw)),
      chance,
    };
  }

  /** What the disciplined clock shows at `at`. */
  shown(at: TrueTime): ClockTime {
    return disciplined.read(this.#discipline, this.#raw(at));
  }

  adjust(at: TrueTime, adjustment: Adjustment): void {
    this.#discipline = disciplined.adjust(this.#discipline, this.#raw(at), adjustment);
  }

  /** Something is done to the oscillator itself. */
  disturb(at: TrueTime, fault: oscillators.ClockFault): void {
    const before = this.#raw(at);
    this.#oscillator = oscillators.afflicted(this.#oscillator, at, fault);
    this.#discipline = disciplined.carried(this.#discipline, before, this.#raw(at));
  }

  /** The next instant at which the disciplined clock's rate changes by itself: a bend of the oscillator, or the end of a slew. */
  nextBend(): TrueTime | undefined {
    const settles = disciplined.settlesAt(this.#discipline, this.#raw(this.#passed));
    const settled = settles === undefined ? undefined : oscillators.reaches(this.#oscillator, settles);
    const bends = [settled, this.#oscillator.bendsAt].filter((at) => at !== undefined && at > this.#passed) as TrueTime[];
    return bends.length === 0 ? undefined : (Math.min(...bends) as TrueTime);
  }

  /** Passes every bend up to `at`. */
  pass(at: TrueTime): void {
    this.#oscillator = oscillators.advance(this.#oscillator, at);
    this.#passed = at;
  }

  /** The process that corrected this clock is gone, and its corrections with it. */
  forget(): void {
    this.#discipline = disciplined.undisciplined;
  }

  /** The oracle's line from `at` on: what this clock shows, truly is, and claims, until the next bend. */
  line(at: TrueTime, standing: Standing): ClockLine {
    const { raw, clock, pending } = this.reading(at, 0 as MonoTime, 0);
    const drift = oscillators.rateOf(this.#oscillator);
    const slew = disciplined.slewRate(this.#discipline, raw);
    const perTrue = (rate: Ppm): Ppm => ppm(rate * (1 + drift / 1e6));
    return {
      trueUs: at,
      errorUs: elapsed(at, clock as number as TrueTime),
      ratePpm: ppm(drift + perTrue(slew)),
      driftPpm: drift,
      pendingUs: pending,
      slewing: slew !== 0,
      offsetUs: offsetOf(standing, { pending }) ?? null,
      offsetPpm: standing.leading ? ppm(0) : ppm(-perTrue(slew)),
      boundUs: boundOf(standing, { raw }) ?? null,
      boundPpm: perTrue(standing.claim?.growth ?? ppm(0)),
      status: standing.status,
      leader: standing.leader ?? null,
      term: standing.term === undefined ? null : formatTerm(standing.term),
    };
  }

  #raw(at: TrueTime): RawTime {
    return oscillators.read(this.#oscillator, at);
  }
}

const magnitudeOf = (rate: Ppm): Ppm => ppm(Math.abs(rate));
