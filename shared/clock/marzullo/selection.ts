/**
 * Marzullo's selection: the interval that most servers agree on (Marzullo 1984, and Marzullo and Owicki 1983, "Maintaining the
 * time in a distributed system").
 *
 * Every sound server's interval contains the truth, so all of theirs overlap there. Where more than half of the configured
 * servers overlap, whoever misses the overlap is a falseticker. Colluding liars in the majority do win, whatever the rule.
 */
import type { NodeId } from '../../protocol.ts';
import type { Duration } from '../../time.ts';

export interface Interval {
  readonly of: NodeId;
  readonly low: Duration;
  readonly high: Duration;
}

export type Selection =
  | {
      readonly kind: 'agreed';
      readonly low: Duration;
      readonly high: Duration;
      readonly truechimers: readonly NodeId[];
      readonly falsetickers: readonly NodeId[];
    }
  | { readonly kind: 'refused'; readonly reason: string };

/** `configured` is how many servers there are, whether they answered or not. */
export function select(intervals: readonly Interval[], configured: number): Selection {
  const best = overlap(intervals);
  const agreeing = best === undefined ? 0 : best.agreeing;
  if (best === undefined || agreeing * 2 <= configured) return { kind: 'refused', reason: `no majority, only ${agreeing} of ${configured} agree` };
  const { low, high } = best;
  const sorted = intervals.toSorted((a, b) => a.of - b.of);
  const chimes = (i: Interval): boolean => i.low <= high && i.high >= low;
  return {
    kind: 'agreed',
    low,
    high,
    truechimers: sorted.filter(chimes).map((i) => i.of),
    falsetickers: sorted.filter((i) => !chimes(i)).map((i) => i.of),
  };
}

/** The first stretch that the most intervals have in common: from the edge where their count peaks to the next one. */
function overlap(intervals: readonly Interval[]): { readonly low: Duration; readonly high: Duration; readonly agreeing: number } | undefined {
  const opening = -1;
  const edges = intervals
    .flatMap(({ low, high }) => [
      { at: low, kind: opening },
      { at: high, kind: -opening },
    ])
    // At equal values openings come first: intervals that touch do overlap.
    .sort((a, b) => a.at - b.at || a.kind - b.kind);
  let open = 0;
  let best: { low: Duration; high: Duration; agreeing: number } | undefined;
  for (const [i, edge] of edges.entries()) {
    open -= edge.kind;
    const next = edges[i + 1];
    if (next !== undefined && open > (best?.agreeing ?? 0)) best = { low: edge.at, high: next.at, agreeing: open };
  }
  return best;
}
