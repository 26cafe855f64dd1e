/**
 * How a decided correction reaches the clock: slowly, or at once, or not at all.
 *
 * Time should never jump under whoever reads it. So a correction is slewed in, except early after the start, when the clock
 * may be hopelessly wrong and nobody has relied on it yet. A leader that others may follow is never stepped: whatever they
 * claim of its clock would be false at once.
 */
import type { Adjustment } from '../protocol.ts';
import { type Duration, magnitude, milliseconds, type Ppm, ppm, seconds } from '../time.ts';
import type { Standing } from './standing.ts';

/** How fast corrections may be made, and when they may be made at once. */
export interface CorrectionPolicy {
  readonly follower: Ppm;
  /** A leader that others follow must not run away from them. */
  readonly leader: Ppm;
  readonly stepAbove: Duration;
  /** Only the first few corrections may be steps; afterwards time never jumps. */
  readonly stepsWithin: number;
}

export const defaultPolicy: CorrectionPolicy = { follower: ppm(50_000), leader: ppm(500), stepAbove: milliseconds(100), stepsWithin: 3 };

/** Beyond this a correction after the first few is not believed. */
const panic = seconds(1000);

/** How a correction of `by` is to be made; `undefined` where it is too large to be believed. */
export function correction(s: Standing, by: Duration, policy: CorrectionPolicy): Adjustment | undefined {
  const early = s.updates < policy.stepsWithin;
  if (s.leading) {
    // Nobody follows a leader before its first round is completed; afterwards others do, and it must not run away from them.
    if (s.status !== 'synchronized' && early) return { how: 'step', by };
    return magnitude(by) > panic ? undefined : { how: 'slew', by, rate: policy.leader };
  }
  if (early && magnitude(by) > policy.stepAbove) return { how: 'step', by };
  if (!early && magnitude(by) > panic) return undefined;
  return { how: 'slew', by, rate: policy.follower };
}
