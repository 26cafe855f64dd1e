/**
 * The first dashboard: are the clocks in step, and does every node keep what it claims?
 *
 * Clocks of two targets are never subtracted here: scrapes lie up to a second apart, and a clock that is slewed at 5 %
 * moves 50 ms in that time. A node exports its offset, the true one and its bound together, and the spread comes from
 * the console, for one instant.
 */
import { dashboard } from './dashboard.ts';
import { algorithmOf, counted, node, none, orNobody, plain, quantile, stateOf, verdictStates, verdictsOn } from './expressions.ts';
import { leader, term } from './headline.ts';
import { dashed, heatmap, type Override, repeated, type Step, stat, timeline, timeSeries } from './panels.ts';

const algorithm = algorithmOf('clock');
const offset = `lockstep_clock_offset_seconds{${node}}`;
const trueOffset = `lockstep_clock_true_offset_seconds{${node}}`;
/** A claim that is withdrawn is infinite, and is a gap. */
const bound = `(lockstep_clock_offset_bound_seconds{${node}} < Inf)`;
const roundTrip = 'lockstep_sync_round_trip_seconds';
const share = 'abs(lockstep_clock_offset_seconds - lockstep_clock_true_offset_seconds) / (lockstep_clock_offset_bound_seconds > 0)';

const much: readonly Step[] = [
  { color: 'red', value: null },
  { color: 'transparent', value: -0.05 },
  { color: 'red', value: 0.05 },
];

const edge = (name: string, more: Override['properties'] = []): Override => ({
  matcher: { id: 'byName', options: name },
  properties: [
    { id: 'color', value: { mode: 'fixed', fixedColor: 'green' } },
    { id: 'custom.lineWidth', value: 0 },
    { id: 'custom.hideFrom', value: { legend: true, tooltip: false, viz: false } },
    ...more,
  ],
});

const headline = [
  leader,
  term,
  stat({
    title: 'Spread',
    description: "The largest difference between two members' disciplined clocks, at one instant, as the console knows it.",
    queries: [{ expr: 'lockstep_clock_spread_seconds', legend: 'spread' }],
    unit: 's',
    steps: [
      { color: 'green', value: null },
      { color: 'orange', value: 0.02 },
      { color: 'red', value: 0.1 },
    ],
  }),
  stat({
    title: 'Nodes up',
    description: 'Members, devices and the ledger, as far as they answered the last scrape.',
    queries: [{ expr: 'sum(up{job="lockstep",role!="console"})', legend: 'up' }],
    steps: plain,
  }),
  stat({
    title: 'Lock holder',
    description: 'Who is in the critical section.',
    queries: [{ expr: orNobody('lockstep_mutex_state{state="held"} == 1'), legend: '{{node}}' }],
    steps: [{ color: 'purple', value: null }],
    shows: 'name',
  }),
  stat({
    title: 'Largest claim',
    description: 'The widest bound that any node claims now.',
    queries: [{ expr: 'max(lockstep_clock_offset_bound_seconds < Inf)', legend: 'bound' }],
    unit: 's',
    steps: plain,
  }),
  stat({
    title: 'Share of its bound',
    description: 'How much of its claimed bound the worst estimate needs. Above 100 % a claim is false.',
    queries: [{ expr: `max(${share})`, legend: 'share' }],
    unit: 'percentunit',
    steps: [
      { color: 'green', value: null },
      { color: 'red', value: 1 },
    ],
  }),
  stat({
    title: 'Rules violated',
    description: 'How often, in the last five minutes, the checkers found a rule violated.',
    queries: [{ expr: 'sum(increase(lockstep_rule_violations_total[5m]))', legend: 'violations' }],
    decimals: 0,
    steps: none,
  }),
];

const errors = timeSeries({
  title: 'Error to true time',
  description: 'Disciplined clock minus true time; positive: this clock is fast. Clocks in step lie on one line, which need not be nought.',
  queries: [{ expr: `lockstep_clock_error_seconds{${node}}`, legend: '{{node}}' }],
  unit: 's',
});

const offsets = timeSeries({
  title: 'Offset to the leader, as estimated',
  description: "The leader's clock minus this clock, unfinished slews included; positive: the leader is ahead. Dashed: 50 ms.",
  queries: [{ expr: offset, legend: '{{node}}' }],
  unit: 's',
  thresholds: much,
});

const spread = timeSeries({
  title: 'Spread of the members',
  description: "The largest difference between two members' disciplined clocks, at one instant.",
  queries: [{ expr: 'lockstep_clock_spread_seconds', legend: 'spread' }],
  unit: 's',
  min: 0,
});

const pending = timeSeries({
  title: 'Pending correction',
  description: 'What has been decided but not yet slewed in; positive: the clock is being moved forward. No clock jumps.',
  queries: [{ expr: `lockstep_clock_correction_pending_seconds{${node}}`, legend: '{{node}}' }],
  unit: 's',
});

const drift = timeSeries({
  title: 'Drift of the raw clock',
  description:
    'How much faster than true time each oscillator runs, and dashed what the node estimates against its leader. Synchronisation does not change it: it corrects the clock on top.',
  queries: [
    { expr: `1e6 * lockstep_clock_frequency_error_ratio{${node}}`, legend: '{{node}}' },
    { expr: `1e6 * lockstep_clock_drift_estimate_ratio{${node}}`, legend: '{{node}} estimated' },
  ],
  unit: 'ppm',
  overrides: [dashed('/ estimated$/')],
});

const status = timeline({
  title: 'Status of the clocks',
  description: 'What each node says of its own clock. A gap: the node was down.',
  queries: [
    { expr: stateOf('lockstep_clock_state', 'state', ['unknown', 'synchronized', 'free_running', 'disrupted'], 'node', node), legend: '{{node}}' },
  ],
  states: [
    { text: 'unknown', color: 'gray' },
    { text: 'synchronized', color: 'green' },
    { text: 'free-running', color: 'orange' },
    { text: 'disrupted', color: 'red' },
  ],
});

const roundTrips = heatmap({
  title: 'Round trips of clock probes',
  description: 'All nodes together, on the raw clock of whoever asked. The error of one reading is at most half its round trip.',
  queries: [{ expr: `sum by (le) (rate(${roundTrip}_bucket{${node},${algorithm}}[$__rate_interval]))`, legend: '{{le}}' }],
  unit: 's',
});

const quantiles = timeSeries({
  title: 'Round trips, median and 95 %',
  description: 'Over the last minute. The estimator prefers the fastest of several probes, so the bound is nearer the lower edge than the median.',
  queries: [0.5, 0.95].map((q) => ({ expr: quantile(q, roundTrip, 'le', `${node},${algorithm}`), legend: `${100 * q} %` })),
  unit: 's',
  min: 0,
});

const seen = timeSeries({
  title: 'Offsets as the leader sees them',
  description: "Each peer's clock minus the leader's, as last read. From these a coordinator takes the average that everybody moves to.",
  queries: [{ expr: 'lockstep_peer_offset_seconds and on (node) (lockstep_election_is_leader == 1)', legend: '{{peer}} as {{node}} sees it' }],
  unit: 's',
});

const rounds = timeSeries({
  title: 'Rounds by result',
  description: 'Rounds of Berkeley and readings of Cristian that ended in ten seconds, by how they ended.',
  queries: [{ expr: counted(`lockstep_sync_rounds_total{${node},${algorithm}}`, 'algorithm, result'), legend: '{{algorithm}} {{result}}' }],
  min: 0,
});

const discarded = timeSeries({
  title: 'Samples not used',
  description: 'Readings of other clocks that were left out in ten seconds: outside the largest group, too late, or of an older round.',
  queries: [{ expr: counted(`lockstep_sync_samples_discarded_total{${node}}`, 'reason'), legend: '{{reason}}' }],
  min: 0,
});

const containment = timeSeries({
  title: 'Share of its bound',
  description: 'How much of what it claims the estimate of each node needs. Below 100 % the true offset lies within the claim.',
  queries: [{ expr: `abs(${offset} - ${trueOffset}) / (lockstep_clock_offset_bound_seconds{${node}} > 0)`, legend: '{{node}}' }],
  unit: 'percentunit',
  min: 0,
  thresholds: [
    { color: 'transparent', value: null },
    { color: 'red', value: 1 },
  ],
});

const made = timeSeries({
  title: 'What a bound is made of',
  description:
    'Half the round trip to the leader, and what has grown since the last sample; dashed what the node claims, which is at least their sum.',
  queries: [
    { expr: `node:lockstep_sync_root_distance_seconds:sum{${node}}`, legend: '{{node}}' },
    { expr: bound, legend: '{{node}} claims' },
  ],
  unit: 's',
  min: 0,
  overrides: [dashed('/ claims$/')],
});

const age = timeSeries({
  title: 'Since the last accepted round',
  description: 'Of those who follow: until the next one the claim grows by what two clocks may drift apart. A leader claims 0, and waits for none.',
  queries: [
    {
      expr: `time() - lockstep_sync_last_success_timestamp_seconds{${node}} unless on (node) lockstep_election_is_leader == 1`,
      legend: '{{node}}',
    },
  ],
  unit: 's',
  min: 0,
});

const corrected = timeSeries({
  title: 'Corrections',
  description: 'Slewed in ten seconds, by direction, and steps. A step is for a clock that is far off when it starts, and never once it is set.',
  queries: [
    { expr: counted(`lockstep_clock_slewed_seconds_total{${node}}`, 'node, direction'), legend: '{{node}} {{direction}}' },
    { expr: counted(`lockstep_clock_steps_total{${node}}`, 'node, direction'), legend: '{{node}} steps {{direction}}' },
  ],
  unit: 's',
  min: 0,
  overrides: [{ matcher: { id: 'byRegexp', options: '/ steps /' }, properties: [{ id: 'unit', value: 'none' }] }],
});

const verdicts = timeline({
  title: 'Verdicts on the clocks',
  description: 'What the checkers find of each promise. An expected violation is the lesson: what the rule needs was taken away.',
  queries: [{ expr: verdictsOn('(clock|berkeley|cristian)[.].+'), legend: '{{rule}}' }],
  states: verdictStates,
});

const claim = timeSeries({
  title: 'The claim of $node',
  description: 'Offset as estimated minus the true offset, inside the band that the node claims. A line that leaves the band is a false claim.',
  queries: [
    { expr: bound, legend: 'bound' },
    { expr: `-1 * ${bound}`, legend: 'bound, below' },
    { expr: `${offset} - ${trueOffset}`, legend: 'estimate minus truth' },
  ],
  unit: 's',
  overrides: [
    edge('bound', [
      { id: 'custom.fillBelowTo', value: 'bound, below' },
      { id: 'custom.fillOpacity', value: 20 },
    ]),
    edge('bound, below'),
    { matcher: { id: 'byName', options: 'estimate minus truth' }, properties: [{ id: 'color', value: { mode: 'fixed', fixedColor: 'blue' } }] },
  ],
});

/** The claims come last: they are repeated for each node, and push down whatever stands below them. */
export const clocks = dashboard({
  uid: 'lockstep-clocks',
  title: 'Clocks',
  description: 'Are the clocks in step, and does every node keep what it claims?',
  algorithms: { choice: 'clock', label: 'Clock rule', counter: 'lockstep_sync_rounds_total' },
  rows: [
    { height: 4, panels: headline },
    { height: 9, panels: [errors, offsets] },
    { height: 7, panels: [spread, pending, drift] },
    { height: 8, panels: [status, roundTrips, quantiles] },
    { height: 7, panels: [containment, made, age] },
    { height: 7, panels: [seen, rounds, discarded] },
    { height: 6, panels: [corrected, verdicts] },
    { height: 6, panels: [repeated(claim, 'node', 4)] },
  ],
});
