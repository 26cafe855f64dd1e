/** The third dashboard: who is inside the critical section, who waits for it, and what each entry cost. */
import { dashboard } from './dashboard.ts';
import { algorithmOf, averaged, counted, kindOf, node, none, orNobody, plain, quantile, stateOf, verdictStates, verdictsOn } from './expressions.ts';
import { dashed, stat, timeline, timeSeries } from './panels.ts';

const algorithm = algorithmOf('mutex');
const kind = kindOf('mutex');
const member = `${node},role="member"`;

const headline = [
  stat({
    title: 'Inside',
    description: 'Who is in the critical section. Two names at once need not be an overlap: nodes are scraped one after the other.',
    queries: [{ expr: orNobody('lockstep_mutex_state{state="held"} == 1'), legend: '{{node}}' }],
    steps: [{ color: 'purple', value: null }],
    shows: 'name',
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
  description: 'Of each member, over ten seconds. Under the same load a fair algorithm gives all lines the same height.',
  queries: [{ expr: averaged(`sum by (node) (rate(lockstep_mutex_entries_total{${node},${algorithm}}[10s]))`), legend: '{{node}}' }],
  min: 0,
});

const total = timeSeries({
  title: 'Entries by algorithm',
  description: 'Of all members together, in ten seconds. Lines begin and end where the algorithm is switched.',
  queries: [{ expr: counted(`lockstep_mutex_entries_total{${algorithm}}`, 'algorithm'), legend: '{{algorithm}}' }],
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
    'Delivered over half a minute, for each entry, and dashed what the closed form says: the limits, and the means at a light load and in a crowd.',
  queries: [
    { expr: averaged(`algorithm:lockstep_mutex_messages_per_entry:ratio30s{${algorithm}}`), legend: '{{algorithm}}' },
    { expr: `lockstep_mutex_messages_per_entry_expected{${algorithm}}`, legend: '{{algorithm}}: {{edge}}' },
  ],
  min: 0,
  overrides: [dashed('/: /')],
});

const kinds = timeSeries({
  title: 'Messages by kind',
  description: 'Delivered in ten seconds, of all members together.',
  queries: [{ expr: counted(`lockstep_messages_total{outcome="delivered",${kind}}`, 'kind'), legend: '{{kind}}' }],
  min: 0,
});

const fates = timeSeries({
  title: 'Messages by what became of them',
  description: 'In ten seconds. Whoever lost one must send it again, or waits for ever.',
  queries: [{ expr: counted(`lockstep_messages_total{${kind}}`, 'outcome'), legend: '{{outcome}}' }],
  min: 0,
});

const writes = timeSeries({
  title: 'Writes to the ledger',
  description: 'In ten seconds, by what the ledger made of them.',
  queries: [{ expr: counted('lockstep_ledger_writes_total', 'result'), legend: '{{result}}' }],
  min: 0,
});

const incidents = timeSeries({
  title: 'Incidents',
  description: 'In ten seconds: waits for a suspected node, leases over inside, grants taken back, tokens made anew, writes refused or given up.',
  queries: [{ expr: counted(`lockstep_mutex_incidents_total{${node}}`, 'what'), legend: '{{what}}' }],
  min: 0,
});

const overlaps = timeSeries({
  title: 'Overlaps',
  description: 'Critical sections that overlapped another in true time, in ten seconds, as the console knows it for one instant.',
  queries: [{ expr: counted('lockstep_mutex_overlaps_total'), legend: 'overlaps' }],
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
  algorithms: { choice: 'mutex', label: 'Lock', counter: 'lockstep_mutex_entries_total' },
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
