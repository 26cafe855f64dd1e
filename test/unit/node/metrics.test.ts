/** The registry, and what events and scrapes make of it: every series from the start, and no label from the wire. */
import { describe, expect, it } from 'vitest';
import { meters } from '../../../services/node/metrics.ts';
import type { HistoryEvent } from '../../../shared/history.ts';
import { labelsOf } from '../../../shared/metrics/kinds.ts';
import { samples } from '../../../shared/metrics/samples.ts';
import { type Exporter, metrics } from '../../../shared/metrics.ts';
import { mutexAlgorithms } from '../../../shared/mutex/kinds.ts';

const event = (fields: object): HistoryEvent =>
  ({ seq: 1, node: 1, incarnation: 1, trueUs: 0, clockUs: 0, lamport: 1, vector: {}, ...fields }) as unknown as HistoryEvent;
const nameOf = (id: number): string => ['', 'kmc', 'mit'][id] ?? 'nobody';
const running = { clock: 'berkeley', election: { algorithm: 'bully', mode: 'classic' }, mutex: 'maekawa' } as const;
const own = { ...labelsOf('member', running), peers: ['kmc', 'mit'], members: ['kmc'], rules: ['clock.bound'] };
const series = async (exporter: Exporter): Promise<readonly string[]> =>
  (await meters(exporter, own).text()).split('\n').filter((l) => /^lockstep_/.test(l));

describe('the registry', () => {
  it.each(Object.entries(metrics))('%s is named and described by the rules', (name, { kind, help }) => {
    expect(name).toMatch(/^lockstep_[a-z_]+$/);
    expect(name.endsWith('_total')).toBe(kind === 'counter');
    expect(help).toMatch(/^\S.*\.$/);
  });

  it('says which kinds a node sends', () => {
    expect(labelsOf('device', { clock: 'cristian' }).kinds).toEqual(['cristian.request']);
    expect(labelsOf('member', { clock: 'cristian' }).kinds).toEqual(['cristian.request', 'cristian.reply']);
    expect(labelsOf('member', { clock: 'berkeley' }).kinds).toEqual(['berkeley.poll', 'berkeley.report', 'berkeley.adjust', 'cristian.reply']);
    expect(labelsOf('ledger', running).kinds).toEqual(['ledger.accepted', 'ledger.refused']);
    expect(labelsOf('member', running).kinds).toEqual(expect.arrayContaining(['bully.ok', 'maekawa.inquire', 'ledger.write']));
    expect(labelsOf('console', running).kinds).toEqual(['bully.election', 'bully.ok', 'bully.coordinator']);
  });
});

describe('what is exported', () => {
  it('exists from the start, with every combination of labels', async () => {
    const all = await series('member');
    for (const outcome of ['delivered', 'dropped', 'unanswered'])
      expect(all).toContain(`lockstep_messages_total{kind="berkeley.poll",outcome="${outcome}"} 0`);
    expect(all).toContain('lockstep_peer_up{peer="mit"} 0');
    expect(all).toContain('lockstep_link_delay_seconds_count{peer="kmc"} 0');
    expect(all).toContain('lockstep_frames_rejected_total{reason="overflow"} 0');
  });

  it('is what concerns the program that exports it', async () => {
    const exported = await Promise.all((['member', 'device', 'ledger', 'console'] as const).map(series));
    const has = (name: string) => exported.map((all) => all.some((line) => line.startsWith(name)));
    expect(has('lockstep_election_is_leader')).toEqual([true, false, false, false]);
    expect(has('lockstep_clock_error_seconds')).toEqual([true, true, false, false]);
    expect(has('lockstep_clock_spread_seconds')).toEqual([false, false, false, true]);
    expect(has('lockstep_ledger_writes_total')).toEqual([false, false, true, false]);
    expect(has('lockstep_messages_total')).toEqual([true, true, true, false]);
  });

  it.each(mutexAlgorithms)('stays below 300 series for a member of ten, with two devices, a ledger, votes and %s', async (mutex) => {
    const members = Array.from({ length: 9 }, (_, i) => `p${i}`);
    const peers = [...members, 'mobile', 'laptop', 'ledger'];
    const m = meters('member', {
      peers,
      members,
      rules: [],
      ...labelsOf('member', { ...running, election: { algorithm: 'bully', mode: 'safe' }, mutex }),
    });
    m.set('lockstep_build_info', { version: '1', node_version: '24' }, 1);
    const exported = (await m.text()).split('\n').filter((l) => /^lockstep_/.test(l));
    expect(exported.length).toBeGreaterThan(200);
    expect(exported.length).toBeLessThan(300);
  });

  it('does not grow by what a frame says', async () => {
    const before = (await series('member')).length;
    const m = meters('member', own);
    for (const label of ['p1', '', '__proto__', 'x'.repeat(1_000)]) {
      m.add({ metric: 'lockstep_messages_total', labels: { kind: label, outcome: 'delivered' }, value: 1 });
      m.add({ metric: 'lockstep_link_delay_seconds', labels: { peer: label }, value: 1 });
      m.set('lockstep_peer_up', { peer: label }, 1);
    }
    expect((await m.text()).split('\n').filter((l) => /^lockstep_/.test(l))).toHaveLength(before);
  });

  it('follows what is switched on: the new kinds at nought, the old ones gone, and on from where they were when they come back', async () => {
    const m = meters('member', own);
    const entered = { metric: 'lockstep_mutex_entries_total', labels: { algorithm: 'maekawa' }, value: 2 } as const;
    m.add(entered);
    m.run(labelsOf('member', { ...running, mutex: 'raymond' }));
    const between = await m.text();
    expect(between).toContain('lockstep_messages_total{kind="raymond.token",outcome="delivered"} 0\n');
    expect(between).toContain('lockstep_mutex_entries_total{algorithm="raymond"} 0\n');
    expect(between).not.toContain('maekawa');
    m.add(entered);
    m.run(labelsOf('member', running));
    expect(await m.text()).toContain('lockstep_mutex_entries_total{algorithm="maekawa"} 4\n');
  });

  it('counts and observes samples, and sets gauges', async () => {
    const m = meters('member', own);
    m.add({ metric: 'lockstep_stalls_total', labels: {}, value: 2 });
    m.add({ metric: 'lockstep_link_delay_seconds', labels: { peer: 'kmc' }, value: 0.005 });
    m.set('lockstep_clock_offset_bound_seconds', {}, Number.POSITIVE_INFINITY);
    const text = await m.text();
    expect(text).toContain('lockstep_stalls_total 2\n');
    expect(text).toContain('lockstep_link_delay_seconds_bucket{le="0.008",peer="kmc"} 1');
    expect(text).toContain('lockstep_link_delay_seconds_bucket{le="0.002",peer="kmc"} 0');
    expect(text).toContain('lockstep_clock_offset_bound_seconds +Inf');
  });
});

describe('an event', () => {
  it.each([
    [
      { kind: 'cristian.read', of: 2, by: -1_500, how: 'slew' },
      ['lockstep_sync_rounds_total/cristian/ok 1', 'lockstep_clock_slewed_seconds_total/backward 0.0015'],
    ],
    [{ kind: 'berkeley.adjusted', round: 1, by: 200_000, how: 'step' }, ['lockstep_clock_steps_total/forward 1']],
    [
      { kind: 'berkeley.round-finished', round: 1, average: 0, agreeing: 3, heard: 5 },
      ['lockstep_sync_rounds_total/berkeley/ok 1', 'lockstep_sync_samples_discarded_total/outlier 2'],
    ],
    [{ kind: 'berkeley.round-refused', round: 1, reason: 'x' }, ['lockstep_sync_rounds_total/berkeley/refused 1']],
    [{ kind: 'cristian.failed', reason: 'timeout', of: 2 }, ['lockstep_sync_rounds_total/cristian/timeout 1']],
    [{ kind: 'cristian.failed', reason: 'contradiction', of: 2 }, ['lockstep_sync_rounds_total/cristian/rejected 1']],
    [{ kind: 'berkeley.sampled', of: 2, roundTrip: 9_000 }, ['lockstep_sync_round_trip_seconds/berkeley 0.009']],
    [{ kind: 'marzullo.sampled', of: 2, offset: 500, error: 4_501, roundTrip: 9_000 }, ['lockstep_sync_round_trip_seconds/marzullo 0.009']],
    [{ kind: 'berkeley.ignored', reason: 'stale-term', from: 2 }, ['lockstep_frames_rejected_total/stale 1']],
    [{ kind: 'berkeley.ignored', reason: 'stale-round', from: 2 }, ['lockstep_sync_samples_discarded_total/stale 1']],
    [{ kind: 'message.received', from: 2, delayUs: 4_000 }, ['lockstep_link_delay_seconds/mit 0.004']],
    [{ kind: 'message.received', from: 2, delayUs: -4_000 }, []],
    [{ kind: 'clock.fault', fault: 'step', by: 500_000 }, ['lockstep_clock_faults_total/step 1']],
    [{ kind: 'clock.fault', fault: 'steady' }, []],
    [
      { kind: 'marzullo.selected', by: 500, how: 'slew', error: 100, truechimers: [1, 2], falsetickers: [3] },
      [
        'lockstep_sync_rounds_total/marzullo/ok 1',
        'lockstep_sync_samples_discarded_total/outlier 1',
        'lockstep_clock_slewed_seconds_total/forward 0.0005',
      ],
    ],
    [{ kind: 'election.stale', from: 2 }, ['lockstep_frames_rejected_total/stale 1']],
    [{ kind: 'node.ignored', from: 2 }, ['lockstep_frames_rejected_total/switched_off 1']],
    [{ kind: 'heartbeat.suspected', peer: 2, why: 'missed' }, ['lockstep_suspicions_total/missed 1']],
    [{ kind: 'mutex.entered', request: 1, token: null, waited: 20_000 }, ['lockstep_mutex_wait_seconds 0.02']],
    [{ kind: 'mutex.exited', request: 1, held: 50_000 }, ['lockstep_mutex_hold_seconds 0.05']],
    [{ kind: 'mutex.blocked', request: 1, on: [2] }, ['lockstep_mutex_incidents_total/blocked 1']],
    [{ kind: 'mutex.blocked', request: 1, on: [] }, []],
    [{ kind: 'mutex.fenced', request: 1 }, ['lockstep_mutex_incidents_total/fenced 1']],
    [{ kind: 'mutex.refused', from: 2, why: 'outdated' }, ['lockstep_frames_rejected_total/stale 1']],
    [{ kind: 'mutex.refused', from: 2, why: 'duplicate' }, ['lockstep_frames_rejected_total/duplicate 1']],
    [{ kind: 'ledger.accepted', stale: false }, ['lockstep_ledger_writes_total/accepted 1']],
    [{ kind: 'ledger.accepted', stale: true }, ['lockstep_ledger_writes_total/stale_accepted 1']],
    [{ kind: 'ledger.refused' }, ['lockstep_ledger_writes_total/refused 1']],
    [{ kind: 'clock.line' }, []],
  ])('%o becomes %j', (fields, expected) => {
    const told = samples(event(fields), nameOf).map(({ metric, labels, value }) => `${[metric, ...Object.values(labels)].join('/')} ${value}`);
    expect(told).toEqual(expected);
  });

  it('names only labels that its metric has', async () => {
    const m = meters('member', own);
    const kinds = [
      { kind: 'cristian.read', of: 2, by: 1, how: 'slew' },
      { kind: 'berkeley.round-finished', round: 1, average: 0, agreeing: 1, heard: 2 },
      { kind: 'message.received', from: 1, delayUs: 4_000 },
    ];
    for (const fields of kinds) for (const sample of samples(event(fields), nameOf)) m.add(sample);
    expect(await m.text()).toContain('lockstep_sync_samples_discarded_total{reason="outlier"} 1');
  });
});
