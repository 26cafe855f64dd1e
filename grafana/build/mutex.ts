/** The third dashboard: who is inside the critical section, who waits for it, and what each entry cost. */
import { dashboard } from './dashboard.ts';
import { kind, node, none, plain, quantile, stateOf, verdictStates, verdictsOn } from './expressions.ts';
import { dashed, stat, timeline, timeSeries } from './panels.ts';

const algorithm = 'algorithm=~"$algorithm"';
const member = `${node},role="member"`;

const headline = [
  stat({
    title: 'Inside',
    description: 'Who is in the critical section. Two names at once need not be an overlap: nodes are scraped one after the other.',
    queries: [{ expr: 'lockstep_mutex_state{state="held"} == 1', legend: '{{node}}' }],
    steps: [{ color: 'purple', value: null }],
    shows: 'name',
    none: 'nobody',
  }),
  stat({
    title: 'Waiting',
    description: 'How many want to enter.',
    queries: [{ expr: 'sum(lockstep_mutex_state{state="wanted"})', legend: 'waiting' }],
    steps: plain,
  }),
  stat({
    title: 'Entries',
    description: 'In the last five minutes, of all members.',
    queries: [{ expr: 'sum(increase(lockstep_mutex_entries_total[5m]))', legend: 'entries' }],
    decimals: 0,
    steps: plain,
  }),
  stat({
    title: 'Overlaps',
    description: 'Critical sections that overlapped in true time, in the last five minutes, as the console saw them.',
    queries: [{ expr: 'sum(increase(lockstep_mutex_overlaps_total[5m]))', legend: 'overlaps' }],
    decimals: 0,
    steps: none,
  }),
  stat({
    title: 'Writes refused',
    description: 'By the ledger in the last five minutes, for an old fencing token: a holder that was late, and did no harm.',
    queries: [{ expr: 'sum(increase(lockstep_ledger_writes_total{result="refused"}[5m]))', legend: 'refused' }],
    decimals: 0,
    steps: [
      { color: 'green', value: null },
      { color: 'orange', value: 1 },
    ],
  }),
  stat({
    title: 'Stale writes accepted',
    description: 'With an old fencing token, in the last five minutes, because fencing is off: what it is there to prevent.',
    queries: [{ expr: 'sum(increase(lockstep_ledger_writes_total{result="stale_accepted"}[5m]))', legend: 'accepted' }],
    decimals: 0,
    steps: none,
  }),
];

const holders = timeline({
  title: 'Who holds it',
  description: 'Where each member stands, each second; shorter stays fall between two scrapes, and show in the control room. A gap: it was down.',
  queries: [{ expr: stateOf('lockstep_mutex_state', 'state', ['idle', 'wanted', 'held'], 'node', member), legend: '{{node}}' }],
  states: [
    { text: 'idle', color: 'gray' },
    { text: 'waits', color: 'yellow' },
    { text: 'inside', color: 'purple' },
  ],
});

const entries = timeSeries({
  title: 'Entries per second',
  description: 'Of each member. Under the same load a fair algorithm gives all lines the same height.',
  queries: [{ expr: `sum by (node) (rate(lockstep_mutex_entries_total{${node},${algorithm}}[10s]))`, legend: '{{node}}' }],
  min: 0,
});

const total = timeSeries({
  title: 'Entries by algorithm',
  description: 'Of all members together, in the last ten seconds. Lines begin and end where the algorithm is switched.',
  queries: [{ expr: `sum by (algorithm) (increase(lockstep_mutex_entries_total{${algorithm}}[10s]))`, legend: '{{algorithm}}' }],
  min: 0,
});

const times = (title: string, description: string, metric: string) =>
  timeSeries({
    title,
    description,
    queries: [0.5, 0.95].map((q) => ({ expr: quantile(q, metric), legend: `${100 * q} %` })),
    unit: 's',
    min: 0,
  });

const waits = times('Waits', 'From wanting the critical section to entering it, over the last minute.', 'lockstep_mutex_wait_seconds');
const holds = times('Stays', 'From entering the critical section to leaving it, over the last minute.', 'lockstep_mutex_hold_seconds');

const cost = timeSeries({
  title: 'Messages per entry',
  description:
    'Delivered over the last half minute, for each entry, and dashed what the closed form says: the limits, and the means at a light load and in a crowd.',
  queries: [
    { expr: `algorithm:lockstep_mutex_messages_per_entry:ratio30s{${algorithm}}`, legend: '{{algorithm}}' },
    { expr: `lockstep_mutex_messages_per_entry_expected{${algorithm}}`, legend: '{{algorithm}}: {{edge}}' },
  ],
  min: 0,
  overrides: [dashed('/: /')],
});

const kinds = timeSeries({
  title: 'Messages by kind',
  description: 'Delivered in the last ten seconds, of all members together.',
  queries: [{ expr: `sum by (kind) (increase(lockstep_messages_total{outcome="delivered",${kind}}[10s]))`, legend: '{{kind}}' }],
  min: 0,
});

const fates = timeSeries({
  title: 'Messages by what became of them',
  description: 'In the last ten seconds. Whoever lost one must send it again, or waits for ever.',
  queries: [{ expr: `sum by (outcome) (increase(lockstep_messages_total{${kind}}[10s]))`, legend: '{{outcome}}' }],
  min: 0,
});

const writes = timeSeries({
  title: 'Writes to the ledger',
  description: 'In the last ten seconds, by what the ledger made of them.',
  queries: [{ expr: 'sum by (result) (increase(lockstep_ledger_writes_total[10s]))', legend: '{{result}}' }],
  min: 0,
});

const incidents = timeSeries({
  title: 'Incidents',
  description:
    'In the last ten seconds: waits for a suspected node, leases over inside, grants taken back, tokens made anew, writes refused or given up.',
  queries: [{ expr: `sum by (what) (increase(lockstep_mutex_incidents_total{${node}}[10s]))`, legend: '{{what}}' }],
  min: 0,
});

const overlaps = timeSeries({
  title: 'Overlaps',
  description: 'Critical sections that overlapped another in true time, in the last ten seconds, as the console knows it for one instant.',
  queries: [{ expr: 'sum(increase(lockstep_mutex_overlaps_total[10s]))', legend: 'overlaps' }],
  min: 0,
});

const verdicts = timeline({
  title: 'Verdicts on mutual exclusion',
  description: 'What the checkers find of each promise. An expected violation is the lesson: what the rule needs was taken away.',
  queries: [{ expr: verdictsOn('(mutex|ledger)[.].+'), legend: '{{rule}}' }],
  states: verdictStates,
});

export const mutex = dashboard({
  uid: 'lockstep-mutex',
  title: 'Mutual exclusion',
  description: 'Who is inside, who waits, and what does an entry cost?',
  algorithms: 'lockstep_mutex_entries_total',
  rows: [
    { height: 4, panels: headline },
    { height: 8, panels: [holders] },
    { height: 7, panels: [entries, total, cost] },
    { height: 7, panels: [waits, holds] },
    { height: 7, panels: [kinds, fates] },
    { height: 7, panels: [writes, incidents, overlaps] },
    { height: 8, panels: [verdicts] },
  ],
});
