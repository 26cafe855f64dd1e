/**
 * What a group of clocks agrees on: the averaging rules of Berkeley's algorithm.
 *
 * Gusella and Zatti (1989) average the largest set of clocks that lie within gamma of each other, so that one wild clock
 * does not move the rest. The other rules stand beside it to be compared with it.
 */
import { type Duration, half, mean, minus, sum } from '../time.ts';

export const averages = ['mean', 'gamma', 'median', 'trimmed', 'historical'] as const;
export type Average = (typeof averages)[number];

export type Agreement =
  | { readonly kind: 'agreed'; readonly average: Duration; readonly agreeing: number }
  | { readonly kind: 'refused'; readonly reason: string };

/** How many clocks the trimmed mean and the median are to survive. */
export const liars = 1;

/** How few clocks the rule can do with. */
export const fewest = (rule: Average): number => (rule === 'median' || rule === 'trimmed' ? 2 * liars + 1 : 1);

/** The average of `offsets` by the named rule, or why there is none. `gamma` is the tolerance of the rule `gamma`. */
export function agree(rule: Average, offsets: readonly Duration[], gamma: Duration): Agreement {
  switch (rule) {
    case 'mean':
      return { kind: 'agreed', average: mean(offsets), agreeing: offsets.length };
    case 'gamma':
      return majorityWithin(offsets, gamma);
    case 'historical':
      return { kind: 'agreed', average: mean(timed(offsets, gamma)), agreeing: timed(offsets, gamma).length };
    case 'median':
      return enough(rule, offsets, median);
    case 'trimmed':
      return enough(rule, offsets, (all) => mean(ascending(all).slice(liars, -liars)));
  }
}

/** The middle offset, or the mean of the middle two. */
export function median(offsets: readonly Duration[]): Duration {
  const sorted = ascending(offsets);
  const upper = sorted[Math.floor(sorted.length / 2)] as Duration;
  const lower = sorted[Math.floor((sorted.length - 1) / 2)] as Duration;
  return half(sum(lower, upper));
}

/** The most offsets that lie within `gamma` of each other; of several such sets the latest, as timed has it. */
export function largestSubset(offsets: readonly Duration[], gamma: Duration): readonly Duration[] {
  const sorted = ascending(offsets);
  return sorted
    .map((low, i) => sorted.slice(i).filter((o) => minus(o, low) <= gamma))
    .reduce((best, set) => (set.length >= best.length ? set : best), []);
}

/**
 * The averaging of the `timed` of 4.3BSD, which asks for no majority: two clocks that happen to agree outvote the rest, and
 * where none do, the two slowest are averaged. Made from its published results; kept to show why the majority is asked for.
 */
function timed(offsets: readonly Duration[], gamma: Duration): readonly Duration[] {
  const set = largestSubset(offsets, gamma);
  return set.length > 1 ? set : ascending(offsets).slice(0, 2);
}

function majorityWithin(offsets: readonly Duration[], gamma: Duration): Agreement {
  const set = largestSubset(offsets, gamma);
  return set.length * 2 > offsets.length
    ? { kind: 'agreed', average: mean(set), agreeing: set.length }
    : { kind: 'refused', reason: `no majority of clocks agree (${set.length} of ${offsets.length})` };
}

function enough(rule: Average, offsets: readonly Duration[], average: (offsets: readonly Duration[]) => Duration): Agreement {
  const needed = fewest(rule);
  return offsets.length >= needed
    ? { kind: 'agreed', average: average(offsets), agreeing: offsets.length }
    : { kind: 'refused', reason: `too few clocks were read (${offsets.length}, at least ${needed} are needed)` };
}

const ascending = (offsets: readonly Duration[]): Duration[] => offsets.toSorted((a, b) => a - b);
