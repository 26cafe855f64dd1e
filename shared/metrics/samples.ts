/** What an event adds to counters and histograms: one of the five renderings of an event. */
import type { HistoryEvent } from '../history.ts';
import type { MetricName } from '../metrics.ts';
import type { LedgerEvent } from '../mutex/ledger.ts';
import type { MutexEvent } from '../mutex/outcome.ts';
import type { Duration } from '../time.ts';

/** A counter to raise by `value`, or an observation of `value` by a histogram. */
export interface Sample {
  readonly metric: MetricName;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What an event adds to counters and histograms. `name` tells the name of a peer, which is its label. */
export function samples(event: HistoryEvent | MutexEvent | LedgerEvent, name: (id: number) => string): readonly Sample[] {
  switch (event.kind) {
    case 'berkeley.sampled':
      return [roundTrip('berkeley', event.roundTrip)];
    case 'cristian.sampled':
      return [roundTrip('cristian', event.roundTrip)];
    case 'marzullo.sampled':
      return [roundTrip('marzullo', event.roundTrip)];
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
    case 'marzullo.selected':
      return [
        round('marzullo', 'ok'),
        one('lockstep_sync_samples_discarded_total', { reason: 'outlier' }, event.falsetickers.length),
        corrected(event.how, event.by),
      ];
    case 'marzullo.refused':
      return [round('marzullo', 'refused')];
    case 'berkeley.ignored':
    case 'cristian.ignored':
    case 'marzullo.ignored':
      return ignored(event.reason);
    case 'clock.fault':
      // What ends a fault is none.
      return event.fault === 'thaw' || event.fault === 'steady' ? [] : [one('lockstep_clock_faults_total', { kind: event.fault })];
    case 'message.received':
      // Below nought, the sender's true time is another host's.
      return event.delayUs < 0 ? [] : [one('lockstep_link_delay_seconds', { peer: name(event.from) }, inSeconds(event.delayUs))];
    case 'election.stale':
      return [rejected('stale')];
    case 'node.ignored':
      return [rejected('switched_off')];
    case 'heartbeat.suspected':
      return [one('lockstep_suspicions_total', { why: event.why })];
    case 'mutex.entered':
      return [one('lockstep_mutex_wait_seconds', {}, inSeconds(event.waited))];
    case 'mutex.exited':
      return [one('lockstep_mutex_hold_seconds', {}, inSeconds(event.held))];
    case 'mutex.blocked':
      // For nobody any more: that is the end of what was counted when it began.
      return event.on.length === 0 ? [] : [incident('blocked')];
    case 'mutex.asked-again':
    case 'mutex.skipped':
    case 'mutex.lapsed':
    case 'mutex.reclaimed':
    case 'mutex.regenerated':
    case 'mutex.fenced':
    case 'mutex.unwritten':
      return [incident(event.kind.slice('mutex.'.length))];
    case 'mutex.refused':
      return [rejected(event.why === 'duplicate' ? 'duplicate' : 'stale')];
    case 'ledger.accepted':
      return [one('lockstep_ledger_writes_total', { result: event.stale ? 'stale_accepted' : 'accepted' })];
    case 'ledger.refused':
      return [one('lockstep_ledger_writes_total', { result: 'refused' })];
    default:
      return [];
  }
}

const failures = { timeout: 'timeout', contradiction: 'rejected', panic: 'rejected', 'server-not-synchronized': 'refused' } as const;

const inSeconds = (us: number): number => us / 1e6;

const one = (metric: MetricName, labels: Sample['labels'], value = 1): Sample => ({ metric, labels, value });
const incident = (what: string): Sample => one('lockstep_mutex_incidents_total', { what });
const rejected = (reason: 'stale' | 'duplicate' | 'switched_off'): Sample => one('lockstep_frames_rejected_total', { reason });
const round = (algorithm: 'cristian' | 'berkeley' | 'marzullo', result: string): Sample => one('lockstep_sync_rounds_total', { algorithm, result });
const roundTrip = (algorithm: 'cristian' | 'berkeley' | 'marzullo', of: Duration): Sample =>
  one('lockstep_sync_round_trip_seconds', { algorithm }, inSeconds(of));

function corrected(how: 'step' | 'slew', by: Duration): Sample {
  const direction = by < 0 ? 'backward' : 'forward';
  return how === 'step'
    ? one('lockstep_clock_steps_total', { direction })
    : one('lockstep_clock_slewed_seconds_total', { direction }, inSeconds(Math.abs(by)));
}

/** A stale command is a frame not used; a late or unasked answer is a reading not used. */
function ignored(reason: Extract<HistoryEvent, { kind: 'berkeley.ignored' | 'cristian.ignored' | 'marzullo.ignored' }>['reason']): readonly Sample[] {
  switch (reason) {
    case 'stale-term':
      return [rejected('stale')];
    case 'stale-round':
      return [one('lockstep_sync_samples_discarded_total', { reason: 'stale' })];
    case 'unasked':
    case 'slow':
      return [one('lockstep_sync_samples_discarded_total', { reason: 'slow' })];
    case 'not-leader':
    case 'not-synchronized':
    case 'panic':
      return [];
  }
}
