/**
 * What only the oracle knows: every clock's true error, at every instant.
 *
 * A node's clock is a straight line between bends, so a world publishes a line at each bend, and the oracle evaluates
 * it wherever it is asked. No algorithm may import this file, and a test proves that none does.
 */
import type { Status } from './clock/standing.ts';
import type { NodeId } from './protocol.ts';
import { type Duration, elapsed, gained, type Ppm, ppm, type TrueTime } from './time.ts';

/** One node's clock from `trueUs` on, until its next line. Times in microseconds, rates against true time. */
export interface ClockLine {
  readonly trueUs: TrueTime;
  /** Disciplined clock minus true time: positive, the clock is fast. */
  readonly errorUs: Duration;
  readonly ratePpm: Ppm;
  /** The rate of the raw clock: positive is fast. */
  readonly driftPpm: Ppm;
  /** Correction that is not yet slewed in. */
  readonly pendingUs: Duration;
  readonly slewing: boolean;
  /** The leader's clock minus this one, as the node estimates it; `null` where it claims nothing. */
  readonly offsetUs: Duration | null;
  readonly offsetPpm: Ppm;
  /** How far the node claims `offsetUs` may be from the truth. */
  readonly boundUs: Duration | null;
  readonly boundPpm: Ppm;
  readonly status: Status;
  readonly leader: NodeId | null;
  readonly term: string | null;
}

/** A clock at one instant. */
export interface ClockAt {
  readonly errorUs: Duration;
  readonly offsetUs: Duration | null;
  readonly trueOffsetUs: Duration | null;
  readonly boundUs: Duration | null;
}

/** What of the correction is not yet slewed in: it shrinks as fast as the disciplined clock departs from the raw one. */
export const pendingAt = (line: ClockLine, at: TrueTime): Duration => extrapolated(line, line.pendingUs, ppm(line.driftPpm - line.ratePpm), at);

export const errorAt = (line: ClockLine, at: TrueTime): Duration => extrapolated(line, line.errorUs, line.ratePpm, at);

/**
 * `leader` is the line of the clock that `line` follows, in force at the same instant; its own for the leader itself. A
 * claim about one term says nothing of the same node's clock in another, so there is no true offset then.
 */
export function clockAt(line: ClockLine, leader: ClockLine | undefined, at: TrueTime): ClockAt {
  return {
    errorUs: errorAt(line, at),
    offsetUs: line.offsetUs === null ? null : extrapolated(line, line.offsetUs, line.offsetPpm, at),
    trueOffsetUs:
      leader === undefined || leader.term !== line.term
        ? null
        : elapsed(errorAt(line, at) as number as TrueTime, errorAt(leader, at) as number as TrueTime),
    boundUs: line.boundUs === null ? null : extrapolated(line, line.boundUs, line.boundPpm, at),
  };
}

/**
 * Whether a claim is true, where one is made. Each of the readings compared is rounded to a microsecond, the claim
 * included, so they may disagree by as much in total without any clock being wrong.
 */
export function holds({ offsetUs, trueOffsetUs, boundUs }: Pick<ClockAt, 'offsetUs' | 'trueOffsetUs' | 'boundUs'>): boolean | undefined {
  if (offsetUs === null || trueOffsetUs === null || boundUs === null) return undefined;
  return Math.abs(offsetUs - trueOffsetUs) <= boundUs + rounding;
}

const rounding = 3;

const extrapolated = (line: ClockLine, value: Duration, rate: Ppm, at: TrueTime): Duration =>
  (value + gained(elapsed(line.trueUs, at), rate)) as Duration;
