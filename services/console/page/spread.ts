/**
 * Whether the spread of the members' clocks is as small as they themselves claim it to be.
 *
 * Two clocks that each are within a bound of the leader's are within the sum of the two bounds of each other. The leader's own bound
 * is 0. While a member claims nothing, or still slews, the clocks are on their way.
 */
import type { StateView } from '../live-frames.ts';

export type SpreadMood = 'unknown' | 'converging' | 'calm';

export function moodOf({ nodes, spreadUs }: Pick<StateView, 'nodes' | 'spreadUs'>): SpreadMood {
  if (spreadUs === null) return 'unknown';
  const bounds = nodes.filter((n) => n.role === 'member' && n.up).map((n) => n.clock.boundUs);
  const claimed = bounds.filter((b) => b !== null).sort((a, b) => b - a);
  if (claimed.length < bounds.length) return 'converging';
  return spreadUs <= (claimed[0] ?? 0) + (claimed[1] ?? 0) ? 'calm' : 'converging';
}
