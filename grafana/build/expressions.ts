/** What several dashboards ask in the same words. */
import type { Step } from './panels.ts';

/** The nodes that are chosen. */
export const node = 'node=~"$node"';
/**
 * What can be chosen beside the nodes. The names differ, because what is chosen goes along to the other dashboards, and an
 * election by Bully is none of the locks.
 */
export type Choice = 'clock' | 'election' | 'mutex';
export const algorithmOf = (choice: Choice): string => `algorithm=~"$${choice}"`;
/** Kinds of messages begin with the name of their algorithm, of those that are chosen. */
export const kindOf = (choice: Choice): string => `kind=~"$${choice}[.].+"`;

export const plain: readonly Step[] = [{ color: 'text', value: null }];
export const none: readonly Step[] = [
  { color: 'green', value: null },
  { color: 'red', value: 1 },
];

/**
 * How much counters grew in ten seconds, to the last message: between eleven scrapes lie ten seconds. `increase` is an
 * estimate, which stretches what it saw to the whole of its window, and makes ten of nine. A program that began since
 * counts from nought, and what it counted before it was first scraped belongs to it.
 *
 * Where a step of the graph is longer than a second this is the most in any ten seconds of it, so that nothing is lost
 * from sight by looking at more. It is asked at every second then: hence sums first, and functions that stay with one series.
 */
export function counted(counter: string, by?: string): string {
  const sum = by === undefined ? 'sum' : `sum by (${by})`;
  const since = '(last_over_time(process_start_time_seconds[11s]) < bool time() - 10)';
  const before = `${sum} (min_over_time(${counter}[11s]) * on (node) group_left() ${since})`;
  return `max_over_time((${sum} (last_over_time(${counter}[11s])) - ${before})[$__interval:1s])`;
}

/** What is a mean already, as it was at every second of a step of the graph, and not only at the last. */
export const averaged = (expr: string): string => `avg_over_time((${expr})[$__interval:1s])`;

/** Who is so; where there is none, a series of that name, since a tile without a series stays empty. */
export const orNobody = (expr: string): string => `${expr} or on () label_replace(vector(0), "node", "nobody", "", "")`;

/** The share `q` of what a histogram observed that was at most this long. */
export const quantile = (q: number, histogram: string, by = 'le', matchers = node): string =>
  `histogram_quantile(${q}, sum by (${by}) (rate(${histogram}_bucket{${matchers}}[1m])))`;

/** One number for the state that is in force, in the order of the states; the first is 0. */
export const stateOf = (metric: string, label: string, states: readonly string[], by: string, matchers = ''): string =>
  states
    .map((state, value) => ({ series: `${metric}{${[matchers, `${label}="${state}"`].filter((each) => each !== '').join(',')}}`, value }))
    .slice(1)
    .map(({ series, value }) => (value === 1 ? series : `(${value} * ${series})`))
    .join(` + on (${by}) `);

/** The verdicts on rules, as a timeline reads them. */
export const verdictsOn = (rules: string): string =>
  stateOf('lockstep_rule_verdict', 'verdict', ['holds', 'at-risk', 'expected-violation', 'bug', 'inconclusive'], 'rule', `rule=~"${rules}"`);

export const verdictStates = [
  { text: 'holds', color: 'green' },
  { text: 'at risk', color: 'yellow' },
  { text: 'expected violation', color: 'orange' },
  { text: 'bug', color: 'red' },
  { text: 'inconclusive', color: 'gray' },
] as const;
