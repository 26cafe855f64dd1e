/** What several dashboards ask in the same words. */
import type { Step } from './panels.ts';

/** The nodes that are chosen. */
export const node = 'node=~"$node"';
/** Kinds of messages begin with the name of their algorithm, of those that are chosen. */
export const kind = 'kind=~"$algorithm[.].+"';

export const plain: readonly Step[] = [{ color: 'text', value: null }];
export const none: readonly Step[] = [
  { color: 'green', value: null },
  { color: 'red', value: 1 },
];

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
