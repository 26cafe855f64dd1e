/** What is read off a node at one instant: each number under its own name, in seconds, and nothing made up where nothing is claimed. */
import { expect, it } from 'vitest';
import { setClock } from '../../../services/node/gauges.ts';
import type { Glance } from '../../../services/node/world.ts';
import type { DriftSample } from '../../../shared/clock/drift.ts';
import { type Standing, unheard } from '../../../shared/clock/standing.ts';
import type { MetricName } from '../../../shared/metrics.ts';
import { incarnation, nodeId } from '../../../shared/protocol.ts';
import { microseconds, ppm, type RawTime, seconds } from '../../../shared/time.ts';

function gauges({
  line = {},
  clock = {},
  standing = {},
}: {
  readonly line?: object;
  readonly clock?: object;
  readonly standing?: Partial<Standing>;
}) {
  const told: Record<string, number> = {};
  const set = (metric: MetricName, labels: Readonly<Record<string, string>>, value: number): void => {
    told[[metric.replace('lockstep_', ''), ...Object.values(labels)].join(' ')] = value;
  };
  const glance = { line, clock, state: { role: 'device', clock: { state: { standing: { ...unheard, ...standing } } } } };
  setClock({ set } as unknown as Parameters<typeof setClock>[0], glance as unknown as Glance);
  return told;
}

/** One reading a second, of a raw clock that runs fast by 40 ppm against its leader's. */
const samples = Array.from(
  { length: 8 },
  (_, second): DriftSample => ({
    at: seconds(second) as number as RawTime,
    correction: microseconds(-40 * second),
    pending: microseconds(0),
    error: microseconds(1),
    growth: ppm(0),
    free: microseconds(-40 * second),
    apart: ppm(0),
  }),
);

it('is every number of a follower, each under its own name', () => {
  const told = gauges({
    line: { driftPpm: 110, pendingUs: 1_200, status: 'free-running' },
    clock: { errorUs: -1_000, offsetUs: 2_000, trueOffsetUs: 3_000, boundUs: 9_000 },
    standing: {
      leader: nodeId(4),
      term: { number: 7, node: nodeId(4), incarnation: incarnation(9) },
      claim: { leaderPending: microseconds(0), error: microseconds(6_500), asOf: 0 as RawTime, growth: ppm(400) },
      samples,
    },
  });
  const { clock_drift_estimate_ratio: drift, ...rest } = told;
  expect(drift).toBeCloseTo(0.00004, 6);
  expect(rest).toEqual({
    clock_error_seconds: -0.001,
    clock_offset_seconds: 0.002,
    clock_true_offset_seconds: 0.003,
    clock_offset_bound_seconds: 0.009,
    clock_frequency_error_ratio: 0.00011,
    clock_correction_pending_seconds: 0.0012,
    sync_root_delay_seconds: 0.013,
    sync_root_dispersion_seconds: 0.0025,
    election_is_leader: 0,
    election_has_leader: 1,
    election_term: 7,
    'clock_state unknown': 0,
    'clock_state synchronized': 0,
    'clock_state free_running': 1,
    'clock_state disrupted': 0,
  });
});

it('is nought from a leader, which is its own reference', () => {
  const told = gauges({
    line: { driftPpm: 0, pendingUs: -500, status: 'synchronized' },
    clock: { errorUs: 4_000, offsetUs: 0, trueOffsetUs: 0, boundUs: 0 },
    standing: { leader: nodeId(1), leading: true },
  });
  expect(told).toMatchObject({
    clock_error_seconds: 0.004,
    clock_offset_seconds: 0,
    clock_offset_bound_seconds: 0,
    clock_correction_pending_seconds: -0.0005,
    sync_root_delay_seconds: 0,
    sync_root_dispersion_seconds: 0,
    election_is_leader: 1,
    election_has_leader: 1,
    'clock_state synchronized': 1,
  });
});

it('claims nothing where nothing is claimed: no offset, and a bound without end', () => {
  const told = gauges({
    line: { driftPpm: 0, pendingUs: 0, status: 'unknown' },
    clock: { errorUs: 1, offsetUs: null, trueOffsetUs: null, boundUs: null },
  });
  expect(told).toMatchObject({
    clock_offset_seconds: Number.NaN,
    clock_true_offset_seconds: Number.NaN,
    clock_offset_bound_seconds: Number.POSITIVE_INFINITY,
    clock_drift_estimate_ratio: Number.NaN,
    sync_root_delay_seconds: Number.NaN,
    sync_root_dispersion_seconds: Number.NaN,
    election_has_leader: 0,
    election_term: 0,
    'clock_state unknown': 1,
  });
});
