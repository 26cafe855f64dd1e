/**
 * The fourth dashboard: what became of the frames, and whether the programs themselves are well.
 *
 * Who hears whom comes last: it is repeated for each node, and pushes down whatever stands below it.
 */
import { dashboard } from './dashboard.ts';
import { averaged, counted, node, none, plain } from './expressions.ts';
import { heatmap, history, repeated, stat, timeSeries } from './panels.ts';

const delay = 'lockstep_link_delay_seconds';

const headline = [
  stat({
    title: 'Version',
    description: 'What runs. Two versions are a cluster in the middle of an update.',
    queries: [{ expr: 'count by (version) (lockstep_build_info)', legend: '{{version}}' }],
    steps: plain,
    shows: 'name',
  }),
  stat({
    title: 'Links up',
    description: 'Pairs of nodes of which the one believes the other alive.',
    queries: [{ expr: 'sum(lockstep_peer_up)', legend: 'links' }],
    steps: plain,
  }),
  stat({
    title: 'Messages per second',
    description: 'Delivered, of all nodes together. Heartbeats are not counted.',
    queries: [{ expr: 'sum(cluster:lockstep_messages:rate5s{outcome="delivered"})', legend: 'delivered' }],
    decimals: 1,
    steps: plain,
  }),
  stat({
    title: 'Lost',
    description: 'Share of all messages of the last minute that a loss or a cut link took.',
    queries: [
      {
        expr: 'sum(rate(lockstep_messages_total{outcome="dropped"}[1m])) / sum(rate(lockstep_messages_total[1m]))',
        legend: 'lost',
      },
    ],
    unit: 'percentunit',
    steps: [
      { color: 'green', value: null },
      { color: 'orange', value: 0.001 },
    ],
  }),
  stat({
    title: 'Faults in force',
    description: 'How many faults nodes know of in themselves. A pause or a crash they cannot tell.',
    queries: [{ expr: 'sum(lockstep_faults_active)', legend: 'faults' }],
    steps: [
      { color: 'green', value: null },
      { color: 'orange', value: 1 },
    ],
  }),
  stat({
    title: 'Stood still',
    description: 'Times in the last five minutes that a process did not run for half a second or more.',
    queries: [{ expr: 'sum(increase(lockstep_stalls_total[5m]))', legend: 'stalls' }],
    decimals: 0,
    steps: none,
  }),
];

const hears = history({
  title: 'Who hears $node',
  description: 'Green: the node named in the row is connected to it, and does not suspect it.',
  queries: [{ expr: 'lockstep_peer_up{peer=~"$node"}', legend: '{{node}}' }],
  yes: 'hears it',
  no: 'does not',
});

const means = timeSeries({
  title: 'True one-way delay of each link',
  description: 'Mean over ten seconds. The two directions of a link need not be equal, which no node can measure alone.',
  queries: [{ expr: averaged(`rate(${delay}_sum{${node}}[10s]) / (rate(${delay}_count{${node}}[10s]) > 0)`), legend: '{{peer}} to {{node}}' }],
  unit: 's',
  min: 0,
});

const delays = heatmap({
  title: 'True one-way delays',
  description: 'All links of the chosen nodes together. From these a node must guess the time of another.',
  queries: [{ expr: `sum by (le) (rate(${delay}_bucket{${node}}[$__rate_interval]))`, legend: '{{le}}' }],
  unit: 's',
});

const roundTrips = timeSeries({
  title: 'Round trip by peer',
  description: 'The last probe of each peer. Only who reads a clock probes: the leader under Berkeley, everybody under Cristian.',
  queries: [{ expr: `lockstep_peer_round_trip_seconds{${node}}`, legend: '{{node}} to {{peer}} and back' }],
  unit: 's',
  min: 0,
});

const kinds = timeSeries({
  title: 'Messages by kind',
  description: 'Delivered per second, of all nodes together. Heartbeats keep the cluster together, and are not counted.',
  queries: [{ expr: averaged('cluster:lockstep_messages:rate5s{outcome="delivered"}'), legend: '{{kind}}' }],
  min: 0,
});

const lost = timeSeries({
  title: 'Messages not delivered',
  description: 'In ten seconds, by sender: dropped by a loss or a cut link, or sent to a process that had crashed.',
  queries: [{ expr: counted(`lockstep_messages_total{${node},outcome=~"dropped|unanswered"}`, 'node, outcome'), legend: '{{node}} {{outcome}}' }],
  min: 0,
});

const rejected = timeSeries({
  title: 'Frames not used',
  description: 'In ten seconds, by why. Stale ones are what a change of leader leaves behind; malformed ones are an attack or a fault.',
  queries: [{ expr: counted(`lockstep_frames_rejected_total{${node}}`, 'reason'), legend: '{{reason}}' }],
  min: 0,
});

const links = timeSeries({
  title: 'Links opened again, and peers refused',
  description: 'In ten seconds. Whoever is refused could not prove who it is.',
  queries: [
    { expr: counted(`lockstep_peer_reconnects_total{${node}}`, 'node'), legend: '{{node}} again' },
    { expr: counted('lockstep_peer_auth_failures_total', 'reason'), legend: 'refused: {{reason}}' },
  ],
  min: 0,
});

const queue = timeSeries({
  title: 'Send queues',
  description: 'Bytes that wait in the socket to a peer that does not read: of one that is paused they pile up.',
  queries: [{ expr: `lockstep_peer_send_queue_bytes{${node}}`, legend: '{{node}} to {{peer}}' }],
  unit: 'bytes',
  min: 0,
});

const faults = timeSeries({
  title: 'Faults in force',
  description: 'By kind, as the nodes know them: what was done to their clocks, what they are made to say, what their links lose.',
  queries: [{ expr: `sum by (node, kind) (lockstep_faults_active{${node}}) > 0`, legend: '{{node}}: {{kind}}' }],
  min: 0,
});

const lag = timeSeries({
  title: 'Event-loop lag, 99 %',
  description: 'How late a program comes to its work. Above 20 ms the host is overloaded, and timings do not count.',
  queries: [{ expr: 'nodejs_eventloop_lag_p99_seconds{job="lockstep"}', legend: '{{node}}' }],
  unit: 's',
  min: 0,
  thresholds: [
    { color: 'transparent', value: null },
    { color: 'red', value: 0.02 },
  ],
});

/** As the alert reads it: whoever stands still is asked in vain, tells of it afterwards, and is held against what it told last. */
const stalled =
  'max_over_time(sum by (node) (clamp_min(lockstep_stalls_total - last_over_time(lockstep_stalls_total[10m] offset 10s), 0))[$__interval:1s])';

const stalls = timeSeries({
  title: 'Stood still',
  description: 'Gaps of half a second or more in ten seconds: paused, frozen, or blocked. Whoever is paused tells of it afterwards.',
  queries: [{ expr: stalled, legend: '{{node}}' }],
  min: 0,
});

const memory = timeSeries({
  title: 'Resident memory',
  description: 'Of each program. A container is given 192 MB.',
  queries: [{ expr: 'process_resident_memory_bytes{job="lockstep"}', legend: '{{node}}' }],
  unit: 'bytes',
  min: 0,
});

const ntp = timeSeries({
  title: 'NTP requests',
  description: 'In ten seconds, by what became of them. Nodes answer ordinary NTP clients with their disciplined clock.',
  queries: [{ expr: counted(`lockstep_ntp_requests_total{${node}}`, 'result'), legend: '{{result}}' }],
  min: 0,
});

const viewers = timeSeries({
  title: 'The control room',
  description: 'Pages connected, and frames that in ten seconds slow pages were spared.',
  queries: [
    { expr: 'lockstep_console_viewers', legend: 'pages' },
    { expr: counted('lockstep_console_frames_dropped_total'), legend: 'frames not sent' },
  ],
  min: 0,
});

export const network = dashboard({
  uid: 'lockstep-network',
  title: 'Network and processes',
  description: 'What became of the frames, and are the programs themselves well?',
  rows: [
    { height: 4, panels: headline },
    { height: 8, panels: [means, delays, roundTrips] },
    { height: 7, panels: [kinds, lost, rejected] },
    { height: 7, panels: [links, queue, faults] },
    { height: 7, panels: [lag, stalls, memory] },
    { height: 6, panels: [ntp, viewers] },
    { height: 6, panels: [repeated(hears, 'node', 4)] },
  ],
});
