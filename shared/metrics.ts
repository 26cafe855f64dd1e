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

/** Who exports a metric. */
export type Exporter = 'member' | 'device' | 'ledger' | 'console';

/**
 * A closed list of values, or where the program that exports it finds them: in the membership (everybody it is linked to,
 * or the members among them), the kinds of messages it sends, the rules it judges, the clock rule, the election and the
 * exclusion that it runs, what it is.
 */
export type LabelValues = readonly string[] | 'peers' | 'members' | 'kinds' | 'rules' | 'clock' | 'election' | 'mutex' | 'own';

export interface Metric {
  readonly kind: 'gauge' | 'counter' | 'histogram';
  readonly help: string;
  readonly labels: Readonly<Record<string, LabelValues>>;
  readonly on: readonly Exporter[];
  /** Of a histogram, in seconds. There are no more of them than tell something: each is a series, for each peer where it has one. */
  readonly buckets?: readonly number[];
}

const nodes: readonly Exporter[] = ['member', 'device'];
const linked: readonly Exporter[] = ['member', 'device', 'ledger'];
const everyone: readonly Exporter[] = ['member', 'device', 'ledger', 'console'];
const members: readonly Exporter[] = ['member'];
const control: readonly Exporter[] = ['console'];
const register: readonly Exporter[] = ['ledger'];

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

/** Where a process stands with the critical section. */
export const mutexStates = ['idle', 'wanted', 'held'] as const;

/** What is done to a node from inside it, as its operator ordered or its environment says. A pause or a crash it cannot tell itself. */
const faults = ['drift', 'freeze', 'strobe', 'wander', 'lie', 'loss'] as const;
export type Fault = (typeof faults)[number];

/** What is done to a raw clock in one moment. A step is over at once, and so is in force at no time at which anybody asks. */
const clockFaults = ['step', 'drift', 'freeze', 'strobe', 'wander'] as const;

/** What a closed form says of one entry. */
const edges = ['least', 'most', 'light', 'saturated'] as const;
export type Edge = (typeof edges)[number];

/** What may happen around a critical section that is not in the books. */
const incidents = ['blocked', 'asked-again', 'skipped', 'lapsed', 'reclaimed', 'regenerated', 'fenced', 'unwritten'] as const;

const verdicts = ['holds', 'at-risk', 'expected-violation', 'bug', 'inconclusive'] as const;

const gauge = (on: readonly Exporter[], help: string, labels: Metric['labels'] = {}): Metric => ({ kind: 'gauge', help, labels, on });
const counter = (on: readonly Exporter[], help: string, labels: Metric['labels'] = {}): Metric => ({ kind: 'counter', help, labels, on });
const histogram = (on: readonly Exporter[], buckets: readonly number[], help: string, labels: Metric['labels'] = {}): Metric => ({
  kind: 'histogram',
  help,
  labels,
  on,
  buckets,
});
const doubling = (first: number, count: number): readonly number[] => Array.from({ length: count }, (_, i) => first * 2 ** i);

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
  lockstep_clock_steps_total: counter(nodes, 'Corrections made at once. A jump by command is none: see lockstep_clock_faults_total.', {
    direction: ['forward', 'backward'],
  }),
  lockstep_clock_spread_seconds: gauge(
    control,
    "Largest difference between two members' disciplined clocks, at one instant. NaN while fewer than two are up.",
  ),

  lockstep_sync_rounds_total: counter(nodes, 'Rounds of Berkeley, readings of Cristian and surveys of Marzullo, by how they ended.', {
    algorithm: 'clock',
    result: ['ok', 'timeout', 'rejected', 'refused'],
  }),
  lockstep_sync_samples_discarded_total: counter(
    nodes,
    'Readings of other clocks that were not used: outside the largest group, too late, or of an older round.',
    {
      reason: ['outlier', 'slow', 'stale'],
    },
  ),
  lockstep_sync_round_trip_seconds: histogram(nodes, doubling(0.001, 10), 'Round trip of clock probes, on the raw clock of whoever asked.', {
    algorithm: 'clock',
  }),
  lockstep_sync_root_delay_seconds: gauge(
    nodes,
    'Round trip to the leader, as the last accepted sample implies it; 0 for the leader. NaN where nothing is claimed.',
  ),
  lockstep_sync_root_dispersion_seconds: gauge(
    nodes,
    'Uncertainty that has grown since the last accepted sample; 0 for the leader. NaN where nothing is claimed.',
  ),
  lockstep_sync_last_success_timestamp_seconds: gauge(nodes, 'Host time of the last accepted round; process start before the first.'),

  lockstep_peer_up: gauge(linked, '1 if this node believes the peer is alive: it is connected to it, and does not suspect it.', { peer: 'peers' }),
  lockstep_peer_offset_seconds: gauge(
    nodes,
    'Clock of the peer, a member, minus this clock, as last read; positive: the peer is ahead. NaN where it was not read.',
    { peer: 'members' },
  ),
  lockstep_peer_round_trip_seconds: gauge(nodes, 'Last round trip of a clock probe to the peer, a member. NaN where there was none.', {
    peer: 'members',
  }),
  lockstep_peer_send_queue_bytes: gauge(linked, 'Bytes waiting in the socket to the peer.', { peer: 'peers' }),
  lockstep_peer_reconnects_total: counter(linked, 'Links to peers that were opened again.'),
  lockstep_peer_auth_failures_total: counter(linked, 'Peers refused in the handshake, by why.', {
    reason: ['bad_proof', 'replay', 'version', 'cluster', 'peer', 'malformed', 'timeout'],
  }),
  lockstep_link_delay_seconds: histogram(linked, [0.002, 0.008, 0.032], 'True one-way delay of frames from the peer.', { peer: 'peers' }),

  lockstep_messages_total: counter(linked, 'Messages sent by this node, by what became of them.', {
    kind: 'kinds',
    outcome: ['delivered', 'dropped', 'unanswered'],
  }),
  lockstep_messages_expected: gauge(
    control,
    'Messages that the closed form says the last election had to deliver, at most where it names a range. NaN before the first to which it applies.',
    { kind: 'kinds' },
  ),
  lockstep_frames_rejected_total: counter(linked, 'Frames not used, by why.', {
    reason: ['stale', 'duplicate', 'malformed', 'unknown_kind', 'switched_off', 'rate', 'overflow'],
  }),
  lockstep_ntp_requests_total: counter(nodes, 'Datagrams of NTP clients, by what became of them.', { result: ['answered', 'ignored', 'limited'] }),
  lockstep_stalls_total: counter(linked, 'Event-loop gaps beyond the stall limit (pause, freeze, blocking).'),

  lockstep_election_is_leader: gauge(members, '1 if this node leads.'),
  lockstep_election_has_leader: gauge(nodes, '1 if this node knows a leader.'),
  lockstep_election_term: gauge(nodes, 'Number part of the accepted term; terms compare as (number, node id, incarnation).'),
  lockstep_election_state: gauge(members, 'What part this node plays: 1 for the one it plays now.', { state: electionParts }),
  lockstep_election_started_total: counter(members, 'Elections that this node called, or was drawn into.', { algorithm: 'election' }),
  lockstep_election_duration_seconds: histogram(members, doubling(0.01, 10), 'From the first call of this node until it knew the leader.', {
    algorithm: 'election',
  }),
  lockstep_election_leader_changes_seen_total: counter(
    nodes,
    'How often this node saw another node lead than the one before. The same one elected again is no change, and neither is the first of which it hears.',
  ),

  lockstep_suspicions_total: counter(members, 'Peers that this node began to suspect: they were silent for too long, or could not be reached.', {
    why: ['missed', 'unreachable'],
  }),
  lockstep_failure_detection_seconds: histogram(
    control,
    [0.25, 0.5, 0.75, 1, 1.25, 1.5, 2, 3, 5, 10],
    'From the last sign of life of a node that stopped to the first suspicion.',
  ),
  lockstep_false_suspicions_total: counter(control, 'Suspicions of nodes that were alive, and ran.'),

  lockstep_mutex_state: gauge(members, 'Where this node stands with the critical section: 1 for the state it is in.', { state: mutexStates }),
  lockstep_mutex_entries_total: counter(members, 'Critical sections that this node entered.', { algorithm: 'mutex' }),
  lockstep_mutex_wait_seconds: histogram(members, doubling(0.005, 11), 'From wanting the critical section to entering it.'),
  lockstep_mutex_hold_seconds: histogram(members, doubling(0.01, 8), 'From entering the critical section to leaving it.'),
  lockstep_mutex_incidents_total: counter(
    members,
    'What happened around critical sections: waits for a suspected node began, one in vain was asked for again, one was passed over, a lease ended inside, a grant was taken back, a token made anew, a write refused, a write given up.',
    { what: incidents },
  ),
  lockstep_mutex_overlaps_total: counter(control, 'Critical sections that overlapped another in true time.'),
  lockstep_mutex_messages_per_entry_expected: gauge(
    control,
    'Messages that the closed form allows for one entry, at least and at most, and the mean at a light load and in a crowd. NaN where there is none.',
    { algorithm: 'mutex', edge: edges },
  ),
  lockstep_ledger_writes_total: counter(
    register,
    'Writes to the register: accepted, refused for a fencing token older than one seen before, or accepted in spite of that, because fencing is off.',
    { result: ['accepted', 'refused', 'stale_accepted'] },
  ),

  lockstep_faults_active: gauge(linked, 'Faults in force inside this node, by kind: how many. What it was set up with is no fault, except loss.', {
    kind: faults,
  }),
  lockstep_clock_faults_total: counter(
    linked,
    'What was done to the raw clock by command, by kind. A step is a jump, and no correction of the node: those are in lockstep_clock_steps_total.',
    { kind: clockFaults },
  ),

  lockstep_rule_verdict: gauge(control, 'What the checkers find of each rule: 1 for the verdict in force.', { rule: 'rules', verdict: verdicts }),
  lockstep_rule_violations_total: counter(control, 'Rules found violated, counted once each.', {
    rule: 'rules',
    verdict: ['expected-violation', 'bug'],
  }),
  lockstep_console_info: gauge(control, 'Where a browser finds the control room; always 1.', { url: 'own' }),
  lockstep_console_viewers: gauge(control, 'Pages connected.'),
  lockstep_console_frames_dropped_total: counter(control, 'Frames not sent to slow pages.'),
} as const satisfies Readonly<Record<string, Metric>>;

export type MetricName = keyof typeof metrics;
