/**
 * How fast a raw clock drifts against the leader, by weighted regression over the samples of the last minutes, as chrony does
 * it (its regress.c and sourcestats.c): the surer a sample, the more it weighs, and a runs test throws away what lies before
 * a bend of the line.
 */
import { type Duration, elapsed, type Ppm, ppm, type RawTime } from '../time.ts';

/**
 * At `at` on our raw clock the leader's target clock was `correction` ahead of it, give or take `error`, and the leader's
 * disciplined clock had `pending` still to go to its target.
 */
export interface DriftSample {
  readonly at: RawTime;
  readonly correction: Duration;
  readonly pending: Duration;
  readonly error: Duration;
  /** How fast the leader's disciplined clock and our raw one can move apart from here on. */
  readonly growth: Ppm;
  /** The leader's raw clock minus ours, in which no correction is, and how fast two sound raw clocks can move apart. */
  readonly free: Duration;
  readonly apart: Ppm;
}

export interface Drift {
  /** Our raw clock against the leader's clock: positive, ours is fast. */
  readonly rate: Ppm;
  /** With 99.9 % confidence, if the residuals are normal, `rate` is not further off than this. */
  readonly uncertainty: Ppm;
  /**
   * If only every sample lies within its error, `rate` is not further off than this. Samples of a short while may happen to
   * lie on a steep line; this says how steep a line they can make of clocks that do not drift at all.
   */
  readonly worst: Ppm;
  readonly samples: number;
}

const fewest = 6;
const most = 64;

/** The samples to keep when another one comes. */
export const kept = (samples: readonly DriftSample[], next: DriftSample): readonly DriftSample[] => [...samples, next].slice(-most);

/** `undefined` where there are too few samples to tell. */
export function estimateDrift(samples: readonly DriftSample[]): Drift | undefined {
  for (let from = 0; samples.length - from >= fewest; from++) {
    const recent = samples.slice(from);
    const line = regression(recent);
    if (line !== undefined && isStraight(line.residuals)) return { ...line.drift, samples: recent.length };
  }
  return undefined;
}

interface Line {
  readonly drift: Omit<Drift, 'samples'>;
  readonly residuals: readonly number[];
}

/** Weighted least squares; `undefined` where all samples were taken at one instant. */
function regression(samples: readonly DriftSample[]): Line | undefined {
  const [first] = samples;
  if (first === undefined) return undefined;
  const x = samples.map((s) => elapsed(first.at, s.at));
  // The leader's corrections would bend the line; between raw clocks there are none.
  const y = samples.map((s) => s.free as number);
  const w = weights(samples);
  const total = add(w);
  const meanX = add(w.map((wi, i) => wi * at(x, i))) / total;
  const meanY = add(w.map((wi, i) => wi * at(y, i))) / total;
  const spread = add(w.map((wi, i) => wi * (at(x, i) - meanX) ** 2));
  if (spread === 0) return undefined;
  const slope = add(w.map((wi, i) => wi * (at(x, i) - meanX) * (at(y, i) - meanY))) / spread;
  const residuals = samples.map((_, i) => at(y, i) - meanY - slope * (at(x, i) - meanX));
  const freedom = samples.length - 2;
  const variance = add(w.map((wi, i) => wi * at(residuals, i) ** 2)) / freedom;
  const worst = add(samples.map((s, i) => at(w, i) * Math.abs(at(x, i) - meanX) * s.error)) / spread;
  // The leader seems to run away from a clock that is slow, so the sign turns.
  return {
    drift: { rate: ppm(-slope * 1e6), uncertainty: ppm(student(freedom) * Math.sqrt(variance / spread) * 1e6), worst: ppm(worst * 1e6) },
    residuals,
  };
}

/** 1 / (1 + distance)^2, the distance from the surest sample counted in standard deviations of the corrections. */
function weights(samples: readonly DriftSample[]): readonly number[] {
  const surest = Math.min(...samples.map((s) => s.error));
  const mean = add(samples.map((s) => s.correction)) / samples.length;
  const deviation = Math.sqrt(add(samples.map((s) => (s.correction - mean) ** 2)) / (samples.length - 1));
  return samples.map((s) => (deviation === 0 ? 1 : 1 / (1 + (s.error - surest) / deviation) ** 2));
}

/** The runs test (5 %, one-sided): residuals that keep their sign for too long belong to a line that has bent. */
function isStraight(residuals: readonly number[]): boolean {
  const signs = residuals.map((r) => r >= 0);
  const positive = signs.filter((s) => s).length;
  const negative = signs.length - positive;
  if (positive === 0 || negative === 0) return true;
  const runs = 1 + signs.filter((s, i) => i > 0 && s !== signs[i - 1]).length;
  const mean = (2 * positive * negative) / signs.length + 1;
  const variance = ((mean - 1) * (mean - 2)) / (signs.length - 1);
  return runs >= mean - 1.645 * Math.sqrt(variance);
}

/** Two-sided 99.9 % quantiles of Student's t, for 1, 2, ... degrees of freedom; the normal one beyond the table. */
const quantiles = [
  636.6, 31.6, 12.92, 8.61, 6.869, 5.959, 5.408, 5.041, 4.781, 4.587, 4.437, 4.318, 4.221, 4.14, 4.073, 4.015, 3.965, 3.922, 3.883, 3.85, 3.819,
  3.792, 3.768, 3.745, 3.725, 3.707, 3.69, 3.674, 3.659, 3.646,
];
const student = (freedom: number): number => quantiles[freedom - 1] ?? 3.551;

const add = (ns: readonly number[]): number => ns.reduce((a, n) => a + n, 0);
const at = (ns: readonly number[], i: number): number => ns[i] ?? 0;
