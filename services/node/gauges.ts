/**
 * What is read off a node when Prometheus asks: all of it for one instant, so that an offset, the true one and the bound
 * that is claimed of it belong together. Prometheus never sees two of them from different moments.
 */

import type { Oscillator } from '../../shared/clock/oscillator.ts';
import type { Rule } from '../../shared/faults/rules.ts';
import type { HistoryEvent } from '../../shared/history.ts';
import { clockStates, type Fault } from '../../shared/metrics.ts';
import { standingOf } from '../../shared/node.ts';
import { driftOf } from '../../shared/view.ts';
import type { Peer } from './cluster.ts';
import type { OscillatorConfig } from './config.ts';
import type { Meters } from './metrics.ts';
import type { Glance } from './world.ts';

const inSeconds = (us: number | null | undefined, otherwise = Number.NaN): number => (us === null || us === undefined ? otherwise : us / 1e6);
const ratio = (ppm: number): number => ppm / 1e6;
const flag = (value: boolean): number => (value ? 1 : 0);

export function setClock(meters: Meters, { line, clock, state }: Glance): void {
  const standing = standingOf(state);
  // A claim is its sample's error, and what has grown since. Half a round trip is that error, in either algorithm.
  const error = standing.leading ? clock.boundUs : standing.claim?.error;
  const grown = clock.boundUs === null || error === null || error === undefined ? null : clock.boundUs - error;
  const gauges = {
    lockstep_clock_error_seconds: inSeconds(clock.errorUs),
    lockstep_clock_offset_seconds: inSeconds(clock.offsetUs),
    lockstep_clock_true_offset_seconds: inSeconds(clock.trueOffsetUs),
    lockstep_clock_offset_bound_seconds: inSeconds(clock.boundUs, Number.POSITIVE_INFINITY),
    lockstep_clock_drift_estimate_ratio: ratio(driftOf(state)?.rate ?? Number.NaN),
    lockstep_clock_frequency_error_ratio: ratio(line.driftPpm),
    lockstep_clock_correction_pending_seconds: inSeconds(line.pendingUs),
    lockstep_sync_root_delay_seconds: 2 * inSeconds(error),
    lockstep_sync_root_dispersion_seconds: inSeconds(grown),
    lockstep_election_is_leader: flag(standing.leading),
    lockstep_election_has_leader: flag(standing.leader !== undefined),
    lockstep_election_term: standing.term?.number ?? 0,
  } as const;
  for (const name of Object.keys(gauges) as (keyof typeof gauges)[]) meters.set(name, {}, gauges[name]);
  for (const [status, label] of Object.entries(clockStates)) meters.set('lockstep_clock_state', { state: label }, flag(line.status === status));
}

/** What is known of the link to a peer. */
export interface Links {
  isUp(id: Peer['id']): boolean;
  queued(id: Peer['id']): number;
}

export function setPeers(meters: Meters, peers: readonly Peer[], links: Links): void {
  for (const { id, name } of peers) {
    meters.set('lockstep_peer_up', { peer: name }, flag(links.isUp(id)));
    meters.set('lockstep_peer_send_queue_bytes', { peer: name }, links.queued(id));
  }
}

export interface Disturbed {
  readonly oscillator: Oscillator;
  /** As it was set up to run. */
  readonly configured: Pick<OscillatorConfig, 'drift' | 'wander'>;
  readonly rules: readonly Rule[];
  /** How many lies are told. */
  readonly lies: number;
}

/** The network's own delays are no fault, and neither is an oscillator that is as bad as it was set up to be. */
export function setFaults(meters: Meters, { oscillator, configured, rules, lies }: Disturbed): void {
  const { wobble } = oscillator;
  const faults = {
    drift: flag(oscillator.steady !== configured.drift),
    freeze: flag(oscillator.frozen),
    strobe: flag(wobble?.kind === 'strobe'),
    wander: flag(wobble?.kind === 'wander' && wobble.deviation !== configured.wander),
    lie: lies,
    loss: rules.filter((rule) => rule.does === 'lose' && rule.probability > 0).length,
  } satisfies Readonly<Record<Fault, number>>;
  for (const [kind, count] of Object.entries(faults)) meters.set('lockstep_faults_active', { kind }, count);
}

/** Peers that were never read, or that another leader reads now, have no reading. */
export function forgetReadings(meters: Meters, peers: readonly Pick<Peer, 'name'>[]): void {
  for (const { name } of peers) {
    meters.set('lockstep_peer_offset_seconds', { peer: name }, Number.NaN);
    meters.set('lockstep_peer_round_trip_seconds', { peer: name }, Number.NaN);
  }
}

/** What an event says of the last of something. */
export function noteReading(meters: Meters, event: HistoryEvent, wallUs: number, nameOf: (id: number) => string): void {
  switch (event.kind) {
    case 'berkeley.sampled':
    case 'marzullo.sampled':
      meters.set('lockstep_peer_offset_seconds', { peer: nameOf(event.of) }, inSeconds(event.offset));
      meters.set('lockstep_peer_round_trip_seconds', { peer: nameOf(event.of) }, inSeconds(event.roundTrip));
      break;
    case 'cristian.read':
      meters.set('lockstep_peer_offset_seconds', { peer: nameOf(event.of) }, inSeconds(event.by));
      meters.set('lockstep_peer_round_trip_seconds', { peer: nameOf(event.of) }, inSeconds(event.roundTrip));
      meters.set('lockstep_sync_last_success_timestamp_seconds', {}, inSeconds(wallUs));
      break;
    case 'berkeley.adjusted':
    case 'marzullo.selected':
      meters.set('lockstep_sync_last_success_timestamp_seconds', {}, inSeconds(wallUs));
      break;
  }
}
