/** The second dashboard: who leads, since when, and what it cost to find out. */
import { dashboard } from './dashboard.ts';
import { algorithmOf, counted, kindOf, node, none, plain, quantile, stateOf, verdictStates, verdictsOn } from './expressions.ts';
import { leader, term } from './headline.ts';
import { dashed, history, stat, timeline, timeSeries } from './panels.ts';

const algorithm = algorithmOf('election');
const kind = kindOf('election');
const parts = stateOf('lockstep_election_state', 'state', ['follower', 'leader', 'candidate'], 'node', node);

const headline = [
  leader,
  stat({
    title: 'Leaders now',
    description: 'How many lead by their own account. More than one at once is a lesson where the network is parted, and a fault where it is not.',
    queries: [{ expr: 'cluster:lockstep_election_is_leader:sum', legend: 'leaders' }],
    steps: [
      { color: 'orange', value: null },
      { color: 'green', value: 1 },
      { color: 'red', value: 2 },
    ],
  }),
  term,
  stat({
    title: 'Know a leader',
    description: 'Members and devices that know whom to follow.',
    queries: [{ expr: 'sum(lockstep_election_has_leader)', legend: 'know one' }],
    steps: plain,
  }),
  stat({
    title: 'Changes',
    description: 'Leader changes in the last five minutes, as the node saw them that saw most.',
    queries: [{ expr: 'max(increase(lockstep_election_leader_changes_seen_total[5m]))', legend: 'changes' }],
    decimals: 0,
    steps: plain,
  }),
  stat({
    title: 'False suspicions',
    description: 'Nodes that were suspected in the last five minutes while they ran: the price of a short time-out.',
    queries: [{ expr: 'sum(increase(lockstep_false_suspicions_total[5m]))', legend: 'false' }],
    decimals: 0,
    steps: none,
  }),
];

const leadership = timeline({
  title: 'Leadership',
  description: 'What part each member plays. A gap: it was down. Candidates are those who wait for the outcome of an election.',
  queries: [{ expr: parts, legend: '{{node}}' }],
  states: [
    { text: 'follower', color: 'gray' },
    { text: 'leader', color: 'purple' },
    { text: 'candidate', color: 'yellow' },
  ],
});

const knows = history({
  title: 'Who knows a leader',
  description: 'Red: this node follows nobody, and claims nothing of its clock beyond what it last knew.',
  queries: [{ expr: `lockstep_election_has_leader{${node}}`, legend: '{{node}}' }],
  yes: 'knows one',
  no: 'knows none',
});

const terms = timeSeries({
  title: 'Term of each node',
  description: 'Terms only ever rise. Nodes of different terms follow different leaderships until the lower one hears of the higher.',
  queries: [{ expr: `lockstep_election_term{${node}}`, legend: '{{node}}' }],
  decimals: 0,
});

const started = timeSeries({
  title: 'Elections begun',
  description: 'How many each node called or was drawn into in ten seconds.',
  queries: [{ expr: counted(`lockstep_election_started_total{${node},${algorithm}}`, 'node'), legend: '{{node}}' }],
  min: 0,
});

const duration = timeSeries({
  title: 'How long elections took',
  description: 'From the first call of a node until it knew the leader, over the last minute.',
  queries: [0.5, 0.95].map((q) => ({
    expr: quantile(q, 'lockstep_election_duration_seconds', 'le', `${node},${algorithm}`),
    legend: `${100 * q} %`,
  })),
  unit: 's',
  min: 0,
});

const messages = timeSeries({
  title: 'Messages of elections, delivered',
  description: 'Delivered in ten seconds, and dashed what the closed form says of one election, the last one whose course it covers.',
  queries: [
    { expr: counted(`lockstep_messages_total{outcome="delivered",${kind}}`, 'kind'), legend: '{{kind}}' },
    { expr: `lockstep_messages_expected{${kind}}`, legend: '{{kind}} expected' },
  ],
  min: 0,
  overrides: [dashed('/expected$/')],
});

const fates = timeSeries({
  title: 'Messages of elections, by what became of them',
  description: 'In ten seconds. Unanswered is what was sent to a process that had crashed: an answer that never comes.',
  queries: [{ expr: counted(`lockstep_messages_total{${kind}}`, 'outcome'), legend: '{{outcome}}' }],
  min: 0,
});

const suspicions = timeSeries({
  title: 'Suspicions',
  description: 'Peers that a node began to suspect in ten seconds, and those suspected although they ran.',
  queries: [
    { expr: counted(`lockstep_suspicions_total{${node}}`, 'node, why'), legend: '{{node}} {{why}}' },
    { expr: counted('lockstep_false_suspicions_total'), legend: 'false' },
  ],
  min: 0,
});

const detection = timeSeries({
  title: 'From the last sign of life to the first suspicion',
  description: 'Of nodes that stopped, over the last five minutes: median and worst. No failover is faster than this.',
  queries: [0.5, 1].map((q) => ({
    expr: `histogram_quantile(${q}, sum by (le) (increase(lockstep_failure_detection_seconds_bucket[5m])))`,
    legend: q === 1 ? 'worst' : 'median',
  })),
  unit: 's',
  min: 0,
});

const verdicts = timeline({
  title: 'Verdicts on elections',
  description: 'What the checkers find of each promise. An expected violation is the lesson: what the rule needs was taken away.',
  queries: [{ expr: verdictsOn('(election|ring)[.].+'), legend: '{{rule}}' }],
  states: verdictStates,
});

export const elections = dashboard({
  uid: 'lockstep-elections',
  title: 'Elections',
  description: 'Who leads, since when, and what did it cost to find out?',
  algorithms: { choice: 'election', label: 'Election', counter: 'lockstep_election_started_total' },
  rows: [
    { height: 4, panels: headline },
    { height: 8, panels: [leadership, knows] },
    { height: 7, panels: [terms, started, duration] },
    { height: 8, panels: [messages, fates] },
    { height: 7, panels: [suspicions, detection] },
    { height: 8, panels: [verdicts] },
  ],
});
