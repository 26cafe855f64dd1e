/**
 * Every metric of the lab, and how an event becomes a sample: one of the renderings that are derived from events.
 *
 * Pure data, so that programs register it, dashboards and alerts are checked against it, and nothing is exported that is
 * not named here. Label values come from closed lists or from the membership, never from the wire, so that every series
 * exists from the start, at nought, and their number is known.
 *
 * Signs: *offset* is the leader's or peer's clock minus this one, positive where the other is ahead; *error* is a clock
 * minus true time, positive where it is fast; a *correction* is positive where the clock is moved forward.
 */
import type { Status } from './clock/standing.ts';
import type { ElectionConfig } from './election/config.ts';
import { electionKinds } from './election/kinds.ts';
import type { HistoryEvent } from './history.ts';
import type { ClockRule, Node } from './node.ts';
import type { Duration } from './time.ts';

/** Who exports a metric. */
export type Exporter = 'member' | 'device' | 'console';

/** A closed list of values, or where the program that exports it finds them: in the membership, the kinds of messages it sends, the rules it judges, the election it holds, its own version. */
export type LabelValues = readonly string[] | 'peers' | 'kinds' | 'rules' | 'election' | 'own';

export interface Metric {
  readonly kind: 'gauge' | 'counter' | 'histogram';
  readonly help: string;
  readonly labels: Readonly<Record<string, LabelValues>>;
  readonly on: readonly Exporter[];
}

export type MessageKind = Node['message']['kind'];
type ClockKind = Extract<MessageKind, `${ClockRule}.${string}`>;

/** Who sends which kinds: a kind that is switched off is not exported, and what keeps the cluster together is not counted. */
const sentBy: Readonly<Record<ClockKind, (exporter: Exporter, rule: ClockRule) => boolean>> = {
  'cristian.request': (exporter, rule) => exporter === 'device' || rule === 'cristian',
  // Whoever leads answers devices, whatever the members' own rule.
  'cristian.reply': (exporter) => exporter === 'member',
  'berkeley.poll': (exporter, rule) => exporter === 'member' && rule === 'berkeley',
  'berkeley.report': (exporter, rule) => exporter === 'member' && rule === 'berkeley',
  'berkeley.adjust': (exporter, rule) => exporter === 'member' && rule === 'berkeley',
};

export const kindsOf = (exporter: Exporter, rule: ClockRule, held?: Pick<ElectionConfig, 'algorithm' | 'mode'>): readonly MessageKind[] => [
  ...(Object.keys(sentBy) as ClockKind[]).filter((kind) => sentBy[kind](exporter, rule)),
  ...(exporter === 'member' && held !== undefined ? electionKinds(held.algorithm, held.mode) : []),
];

const nodes: readonly Exporter[] = ['member', 'device'];
const everyone: readonly Exporter[] = ['member', 'device', 'console'];
const members: readonly Exporter[] = ['member'];
const control: readonly Exporter[] = ['console'];

/** As labels, where a hyphen would be in the way. */
export const clockStates: Readonly<Record<Status, string>> = {
  unknown: 'unknown',
  synchronized: 'synchronized',
  'free-running': 'free_running',
  disrupted: 'disrupted',
};

/** What part a node plays in elections. */
export const electionParts = ['follower', 'candidate', 'leader'] as const;
export type ElectionPart = (typeof electionParts)[number];

const algorithms = ['cristian', 'berkeley'] as const;
const verdicts = ['holds', 'at-risk', 'expected-violation', 'bug', 'inconclusive'] as const;

const gauge = (on: readonly Exporter[], help: string, labels: Metric['labels'] = {}): Metric => ({ kind: 'gauge', help, labels, on });
const counter = (on: readonly Exporter[], help: string, labels: Metric['labels'] = {}): Metric => ({ kind: 'counter', help, labels, on });
const histogram = (on: readonly Exporter[], help: string, labels: Metric['labels'] = {}): Metric => ({ kind: 'histogram', help, labels, on });

export const metrics = {
  lockstep_build_info: gauge(everyone, 'Versions; always 1.', { version: 'own', node_version: 'own' }),

  lockstep_clock_error_seconds: gauge(nodes, 'Disciplined clock minus true time; positive: this clock is fast.'),
  lockstep_clock_offset_seconds: gauge(
    nodes,
    "Leader's clock minus this clock, unfinished slews included, as this node estimates it; positive: the leader is ahead. Opposite in sign to an error of this clock. NaN where nothing is claimed.",
  ),
  lockstep_clock_true_offset_seconds: gauge(
    nodes,
    "Leader's clock minus this clock, as it truly is; positive: the leader is ahead. NaN while the leader is not heard.",
  ),
  lockstep_clock_offset_bound_seconds: gauge(nodes, 'How far the node claims its offset may be from the true one; +Inf when withdrawn.'),
  lockstep_clock_state: gauge(nodes, 'What the node says of its clock: 1 for the state it is in.', { state: Object.values(clockStates) }),
  lockstep_clock_drift_estimate_ratio: gauge(
    nodes,
    'Rate of the raw clock minus 1 as this node estimates it against its leader (0.0001 is 100 ppm fast).',
  ),
  lockstep_clock_frequency_error_ratio: gauge(nodes, 'Rate of the raw clock minus 1 (0.0001 is 100 ppm fast).'),
  lockstep_clock_correction_pending_seconds: gauge(nodes, 'Correction that is decided but not yet slewed in; positive: forward.'),
  lockstep_clock_slewed_seconds_total: counter(nodes, 'Time corrected by slewing.', { direction: ['forward', 'backward'] }),
  lockstep_clock_steps_total: counter(nodes, 'Corrections made at once.', { direction: ['forward', 'backward'] }),
  lockstep_clock_spread_seconds: gauge(
    control,
    "Largest difference between two members' disciplined clocks, at one instant. NaN while fewer than two are up.",
  ),

  lockstep_sync_rounds_total: counter(nodes, 'Rounds of Berkeley, and readings of Cristian, by how they ended.', {
    algorithm: algorithms,
    result: ['ok', 'timeout', 'rejected', 'refused'],
  }),
  lockstep_sync_samples_discarded_total: counter(
    nodes,
    'Readings of other clocks that were not used: outside the largest group, too late, or of an older round.',
    {
      reason: ['outlier', 'slow', 'stale'],
    },
  ),
  lockstep_sync_round_trip_seconds: histogram(nodes, 'Round trip of clock probes, on the raw clock of whoever asked.', { algorithm: algorithms }),
  lockstep_sync_root_delay_seconds: gauge(
    nodes,
    'Round trip to the leader, as the last accepted sample implies it; 0 for the leader. NaN where nothing is claimed.',
  ),
  lockstep_sync_root_dispersion_seconds: gauge(
    nodes,
    'Uncertainty that has grown since the last accepted sample; 0 for the leader. NaN where nothing is claimed.',
  ),
  lockstep_sync_last_success_timestamp_seconds: gauge(nodes, 'Host time of the last accepted round; process start before the first.'),

  lockstep_peer_up: gauge(nodes, '1 if this node believes the peer is alive.', { peer: 'peers' }),
  lockstep_peer_offset_seconds: gauge(nodes, "Peer's clock minus this clock, as last read; positive: the peer is ahead. NaN where it was not read.", {
    peer: 'peers',
  }),
  lockstep_peer_round_trip_seconds: gauge(nodes, 'Last round trip of a clock probe to the peer. NaN where there was none.', { peer: 'peers' }),
  lockstep_peer_send_queue_bytes: gauge(nodes, 'Bytes waiting in the socket to the peer.', { peer: 'peers' }),
  lockstep_peer_reconnects_total: counter(nodes, 'Links to peers that were opened again.'),
  lockstep_peer_auth_failures_total: counter(nodes, 'Peers refused in the handshake, by why.', {
    reason: ['bad_proof', 'replay', 'version', 'cluster', 'peer', 'malformed', 'timeout'],
  }),
  lockstep_link_delay_seconds: histogram(nodes, 'True one-way delay of frames from the peer.', { peer: 'peers' }),

  lockstep_messages_total: counter(nodes, 'Messages sent by this node, by what became of them.', {
    kind: 'kinds',
    outcome: ['delivered', 'dropped', 'unanswered'],
  }),
  lockstep_frames_rejected_total: counter(nodes, 'Frames not used, by why.', { reason: ['stale', 'malformed', 'unknown_kind', 'rate', 'overflow'] }),
  lockstep_ntp_requests_total: counter(nodes, 'Datagrams of NTP clients, by what became of them.', { result: ['answered', 'ignored', 'limited'] }),
  lockstep_stalls_total: counter(nodes, 'Event-loop gaps beyond the stall limit (pause, freeze, blocking).'),

  lockstep_election_is_leader: gauge(members, '1 if this node leads.'),
  lockstep_election_has_leader: gauge(nodes, '1 if this node knows a leader.'),
  lockstep_election_term: gauge(nodes, 'Number part of the accepted term; terms compare as (number, node id, incarnation).'),
  lockstep_election_state: gauge(members, 'What part this node plays: 1 for the one it plays now.', { state: electionParts }),
  lockstep_election_started_total: counter(members, 'Elections that this node called, or was drawn into.', { algorithm: 'election' }),
  lockstep_election_duration_seconds: histogram(members, 'From the first call of this node until it knew the leader.', { algorithm: 'election' }),
  lockstep_election_leader_changes_seen_total: counter(nodes, 'Leader changes this node has seen.'),

  lockstep_rule_verdict: gauge(control, 'What the checkers find of each rule: 1 for the verdict in force.', { rule: 'rules', verdict: verdicts }),
  lockstep_rule_violations_total: counter(control, 'Rules found violated, counted once each.', {
    rule: 'rules',
    verdict: ['expected-violation', 'bug'],
  }),
  lockstep_console_viewers: gauge(control, 'Pages connected.'),
  lockstep_console_frames_dropped_total: counter(control, 'Frames not sent to slow pages.'),
} as const satisfies Readonly<Record<string, Metric>>;

export type MetricName = keyof typeof metrics;

/** 0.1 ms to 3.3 s, doubling: a probe on loopback and one over a bad link both have room. */
export const buckets: readonly number[] = Array.from({ length: 16 }, (_, i) => 0.0001 * 2 ** i);

/** A counter to raise by `value`, or an observation of `value` by a histogram. */
export interface Sample {
  readonly metric: MetricName;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What an event adds to counters and histograms. `name` tells the name of a peer, which is its label. */
export function samples(event: HistoryEvent, name: (id: number) => string): readonly Sample[] {
  switch (event.kind) {
    case 'berkeley.sampled':
      return [roundTrip('berkeley', event.roundTrip)];
    case 'cristian.sampled':
      return [roundTrip('cristian', event.roundTrip)];
    case 'berkeley.round-finished':
      return [
        round('berkeley', 'ok'),
        one('lockstep_sync_samples_discarded_total', { reason: 'outlier' }, Math.max(0, event.heard - event.agreeing)),
      ];
    case 'berkeley.round-refused':
      return [round('berkeley', 'refused')];
    case 'berkeley.adjusted':
      return [corrected(event.how, event.by)];
    case 'cristian.read':
      return [round('cristian', 'ok'), corrected(event.how, event.by)];
    case 'cristian.failed':
      return [round('cristian', failures[event.reason])];
    case 'berkeley.ignored':
    case 'cristian.ignored':
      return ignored(event.reason);
    case 'message.received':
      // Below nought, the sender's true time is another host's.
      return event.delayUs < 0 ? [] : [one('lockstep_link_delay_seconds', { peer: name(event.from) }, inSeconds(event.delayUs))];
    case 'election.elected':
      return [one('lockstep_election_leader_changes_seen_total', {})];
    default:
      return [];
  }
}

const failures = { timeout: 'timeout', contradiction: 'rejected', panic: 'rejected', 'server-not-synchronized': 'refused' } as const;

const inSeconds = (us: number): number => us / 1e6;

const one = (metric: MetricName, labels: Sample['labels'], value = 1): Sample => ({ metric, labels, value });
const round = (algorithm: (typeof algorithms)[number], result: string): Sample => one('lockstep_sync_rounds_total', { algorithm, result });
const roundTrip = (algorithm: (typeof algorithms)[number], of: Duration): Sample =>
  one('lockstep_sync_round_trip_seconds', { algorithm }, inSeconds(of));

function corrected(how: 'step' | 'slew', by: Duration): Sample {
  const direction = by < 0 ? 'backward' : 'forward';
  return how === 'step'
    ? one('lockstep_clock_steps_total', { direction })
    : one('lockstep_clock_slewed_seconds_total', { direction }, inSeconds(Math.abs(by)));
}

/** A stale command is a frame not used; a late or unasked answer is a reading not used. */
function ignored(reason: Extract<HistoryEvent, { kind: 'berkeley.ignored' | 'cristian.ignored' }>['reason']): readonly Sample[] {
  switch (reason) {
    case 'stale-term':
      return [one('lockstep_frames_rejected_total', { reason: 'stale' })];
    case 'stale-round':
      return [one('lockstep_sync_samples_discarded_total', { reason: 'stale' })];
    case 'unasked':
    case 'slow':
      return [one('lockstep_sync_samples_discarded_total', { reason: 'slow' })];
    case 'not-leader':
    case 'panic':
      return [];
  }
}
