/** The registry, and what events and scrapes make of it: every series from the start, and no label from the wire. */
import { describe, expect, it } from 'vitest';
import { meters } from '../../../services/node/metrics.ts';
import type { HistoryEvent } from '../../../shared/history.ts';
import { type Exporter, kindsOf, metrics, samples } from '../../../shared/metrics.ts';

const event = (fields: object): HistoryEvent =>
  ({ seq: 1, node: 1, incarnation: 1, trueUs: 0, clockUs: 0, lamport: 1, vector: {}, ...fields }) as unknown as HistoryEvent;
const nameOf = (id: number): string => ['', 'kmc', 'mit'][id] ?? 'nobody';
const own = { peers: ['kmc', 'mit'], kinds: ['cristian.reply', 'berkeley.poll'], rules: ['clock.bound'] };
const series = async (exporter: Exporter): Promise<readonly string[]> =>
  (await meters(exporter, own).text()).split('\n').filter((l) => /^lockstep_/.test(l));

describe('the registry', () => {
  it.each(Object.entries(metrics))('%s is named and described by the rules', (name, { kind, help }) => {
    expect(name).toMatch(/^lockstep_[a-z_]+$/);
    expect(name.endsWith('_total')).toBe(kind === 'counter');
    expect(help).toMatch(/^\S.*\.$/);
  });

  it('says which kinds a node sends', () => {
    expect(kindsOf('device', 'berkeley')).toEqual(['cristian.request']);
    expect(kindsOf('member', 'cristian')).toEqual(['cristian.request', 'cristian.reply']);
    expect(kindsOf('member', 'berkeley')).toEqual(['cristian.reply', 'berkeley.poll', 'berkeley.report', 'berkeley.adjust']);
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
    const exported = await Promise.all((['member', 'device', 'console'] as const).map(series));
    const has = (name: string) => exported.map((all) => all.some((line) => line.startsWith(name)));
    expect(has('lockstep_election_is_leader')).toEqual([true, false, false]);
    expect(has('lockstep_clock_error_seconds')).toEqual([true, true, false]);
    expect(has('lockstep_clock_spread_seconds')).toEqual([false, false, true]);
  });

  it('stays below 300 series for a node of sixteen', async () => {
    const peers = Array.from({ length: 6 }, (_, i) => `p${i}`);
    const text = await meters('member', { ...own, peers, kinds: kindsOf('member', 'berkeley') }).text();
    expect(text.split('\n').filter((l) => /^lockstep_/.test(l)).length).toBeLessThan(300);
  });

  it('counts and observes samples, and sets gauges', async () => {
    const m = meters('member', own);
    m.add({ metric: 'lockstep_stalls_total', labels: {}, value: 2 });
    m.add({ metric: 'lockstep_link_delay_seconds', labels: { peer: 'kmc' }, value: 0.005 });
    m.set('lockstep_clock_offset_bound_seconds', {}, Number.POSITIVE_INFINITY);
    const text = await m.text();
    expect(text).toContain('lockstep_stalls_total 2\n');
    expect(text).toContain('lockstep_link_delay_seconds_bucket{le="0.0064",peer="kmc"} 1');
    expect(text).toContain('lockstep_link_delay_seconds_bucket{le="0.0032",peer="kmc"} 0');
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
    [{ kind: 'berkeley.ignored', reason: 'stale-term', from: 2 }, ['lockstep_frames_rejected_total/stale 1']],
    [{ kind: 'berkeley.ignored', reason: 'stale-round', from: 2 }, ['lockstep_sync_samples_discarded_total/stale 1']],
    [{ kind: 'message.received', from: 2, delayUs: 4_000 }, ['lockstep_link_delay_seconds/mit 0.004']],
    [{ kind: 'message.received', from: 2, delayUs: -4_000 }, []],
    [{ kind: 'election.elected', leader: 2 }, ['lockstep_election_leader_changes_seen_total 1']],
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
