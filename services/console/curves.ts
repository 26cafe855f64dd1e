/**
 * What charts draw of one node at one instant. The console keeps it for pages that come later, and a page draws it of
 * each tick: both must mean the same by it.
 */
import type { NodeView } from './live-frames.ts';

export interface CurvePoints {
  readonly errorUs: number | null;
  /** The offset that the node estimates minus the true one. */
  readonly deviationUs: number | null;
  readonly boundUs: number | null;
}

const nothing: CurvePoints = { errorUs: null, deviationUs: null, boundUs: null };

/** A node that is down has no curve, and where nothing is claimed there is no claim to draw. */
export function pointsOf(node: NodeView | undefined): CurvePoints {
  if (node === undefined || !node.up) return nothing;
  const { errorUs, offsetUs, trueOffsetUs, boundUs } = node.clock;
  return { errorUs, deviationUs: offsetUs === null || trueOffsetUs === null ? null : offsetUs - trueOffsetUs, boundUs };
}
