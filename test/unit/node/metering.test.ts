/** What a node is measured by follows what it runs, whom it suspects, and what is done to it. */
import { expect, it } from 'vitest';
import { metering } from '../../../services/node/metering.ts';
import type { Glance } from '../../../services/node/world.ts';
import { afflicted, oscillator, wander } from '../../../shared/clock/oscillator.ts';
import { type Standing, unheard } from '../../../shared/clock/standing.ts';
import { electionDefaults } from '../../../shared/election/config.ts';
import type { HistoryEvent } from '../../../shared/history.ts';
import { mutexDefaults } from '../../../shared/mutex/config.ts';
import { nodeId } from '../../../shared/protocol.ts';
import { stream } from '../../../shared/random.ts';
import { microseconds, ppm, type TrueTime } from '../../../shared/time.ts';

const peer = (id: number, name: string, role: 'member' | 'device' | 'ledger' = 'member') => ({ id: nodeId(id), name, role, host: name, port: 4100 });
const self = peer(1, 'kmc');
const peers = [peer(2, 'mit'), peer(101, 'mobile', 'device'), peer(103, 'ledger', 'ledger')];
const links = { isUp: () => true, queued: () => 0 };
const standing: Standing = unheard;
const glance = { line: {}, clock: {}, reading: {}, state: { role: 'device', clock: { state: { standing } } } } as unknown as Glance;
const at = (kind: string, more: object = {}) => ({ node: 1, trueUs: 1_000, kind, ...more }) as unknown as HistoryEvent;

const drift = ppm(80);
const start = 0 as TrueTime;

function measured(wanders = ppm(0)) {
  let raw = oscillator(start, microseconds(0), drift, wanders === 0 ? undefined : wander(wanders, stream(1, 'wander')));
  const node = { role: 'member', clock: 'berkeley', election: electionDefaults, mutex: { ...mutexDefaults, algorithm: 'maekawa' } } as const;
  const config = {
    self,
    node,
    oscillator: { offset: microseconds(0), drift, wander: wanders },
    rules: [{ does: 'lose', probability: 0.1 }],
  } as const;
  const metered = metering({ config, peers, version: '1', oscillator: () => raw, nameOf: String } as unknown as Parameters<typeof metering>[0], 0);
  return {
    observe: (event: HistoryEvent) => metered.observe(event, 0),
    disturb: (fault: Parameters<typeof afflicted>[2]) => {
      raw = afflicted(raw, start, fault);
    },
    text: () => metered.text(glance, links),
  };
}

it('believes nobody alive whom it suspects', async () => {
  const { observe, text } = measured();
  expect(await text()).toContain('lockstep_peer_up{peer="mit"} 1');
  observe(at('heartbeat.suspected', { peer: 2, why: 'missed' }));
  expect(await text()).toContain('lockstep_peer_up{peer="mit"} 0');
  observe(at('heartbeat.trusted', { peer: 2, start: 1 }));
  expect(await text()).toContain('lockstep_peer_up{peer="mit"} 1');
});

it('counts what is switched on from nought, and what was switched off no more', async () => {
  const { observe, text } = measured();
  observe(at('mutex.entered', { waited: 1 }));
  expect(await text()).toContain('lockstep_mutex_entries_total{algorithm="maekawa"} 1');
  observe(at('node.switched', { number: 1, generation: 1, clock: 'cristian', election: 'ring', mode: 'classic', mutex: 'raymond' }));
  observe(at('mutex.entered', { waited: 1 }));
  const after = await text();
  for (const series of [
    'rounds_total{algorithm="cristian",result="ok"} 0',
    'election_started_total{algorithm="ring"} 0',
    'entries_total{algorithm="raymond"} 1',
  ])
    expect(after).toContain(series);
  for (const gone of ['maekawa', 'berkeley', 'bully']) expect(after).not.toContain(`"${gone}`);
});

it('leaves a wait, and an election, as they are where only the clock rule is switched', async () => {
  const { observe, text } = measured();
  const switched = { generation: 0, election: 'bully', mode: 'classic', mutex: 'maekawa' };
  observe(at('mutex.requested'));
  observe(at('election.started', { number: 1, trueUs: 1_000_000 }));
  observe(at('node.switched', { ...switched, number: 1, clock: 'cristian' }));
  observe(at('election.elected', { leader: 2, trueUs: 1_500_000 }));
  const after = await text();
  expect(after).toContain('lockstep_mutex_state{state="wanted"} 1');
  expect(after).toContain('lockstep_election_duration_seconds_sum{algorithm="bully"} 0.5');
  observe(at('node.switched', { ...switched, number: 2, generation: 2, clock: 'cristian', mutex: 'raymond' }));
  expect(await text()).toContain('lockstep_mutex_state{state="idle"} 1');
});

it('counts what is done to its clock by command apart from the corrections that it makes itself', async () => {
  const { observe, text } = measured();
  const before = await text();
  for (const kind of ['step', 'drift', 'freeze', 'strobe', 'wander']) expect(before).toContain(`lockstep_clock_faults_total{kind="${kind}"} 0`);
  observe(at('clock.fault', { fault: 'step', by: 500_000 }));
  observe(at('clock.fault', { fault: 'freeze' }));
  observe(at('clock.fault', { fault: 'thaw' }));
  const after = await text();
  expect([...after.matchAll(/lockstep_clock_faults_total\{kind="(\w+)"\} 1/g)].map(([, kind]) => kind)).toEqual(['step', 'freeze']);
  expect(after).toContain('lockstep_clock_steps_total{direction="forward"} 0');
  observe(at('berkeley.adjusted', { by: -500_000, how: 'step' }));
  expect(await text()).toContain('lockstep_clock_steps_total{direction="backward"} 1');
});

it('shows of a device that asks several servers what it read of each', async () => {
  const node = { role: 'device', clock: 'berkeley', servers: 'all' };
  const config = { self: peer(101, 'mobile', 'device'), node, oscillator: { drift, wander: 0 }, rules: [] };
  const device = metering(
    { config, peers, version: '1', oscillator: () => oscillator(start, microseconds(0), drift), nameOf: () => 'mit' } as never,
    0,
  );
  device.observe(at('marzullo.sampled', { of: 2, offset: -500, error: 4_501, roundTrip: 9_000 }), 0);
  const text = await device.text(glance, links);
  for (const told of [
    'lockstep_peer_offset_seconds{peer="mit"} -0.0005',
    'lockstep_peer_round_trip_seconds{peer="mit"} 0.009',
    'lockstep_sync_round_trip_seconds_sum{algorithm="marzullo"} 0.009',
  ])
    expect(text).toContain(told);
});

it('does not take for a fault what its oscillator was set up to be', async () => {
  const { disturb, text } = measured(ppm(5));
  const wanders = async () => /lockstep_faults_active\{kind="wander"\} (\d)/.exec(await text())?.[1];
  expect(await wanders()).toBe('0');
  disturb({ fault: 'wander', deviation: ppm(20), seed: 1 });
  expect(await wanders()).toBe('1');
  disturb({ fault: 'steady' });
  expect(await wanders()).toBe('0');
});

it('knows the faults that are in force inside it, and forgets those that are over', async () => {
  const { observe, disturb, text } = measured();
  const inForce = async () =>
    [...(await text()).matchAll(/lockstep_faults_active\{kind="(\w+)"\} ([1-9])/g)].map(([, kind, count]) => `${kind} ${count}`);
  expect(await inForce()).toEqual(['loss 1']);
  observe(at('node.lies', { by: 5_000, to: [] }));
  observe(at('node.lies', { by: 9_000, to: [2] }));
  disturb({ fault: 'freeze' });
  disturb({ fault: 'strobe', by: microseconds(50) });
  disturb({ fault: 'drift', rate: ppm(300) });
  expect(await inForce()).toEqual(['drift 1', 'freeze 1', 'strobe 1', 'lie 2', 'loss 1']);
  observe(at('node.lies', { by: 0, to: [] }));
  disturb({ fault: 'thaw' });
  disturb({ fault: 'drift', rate: drift });
  disturb({ fault: 'steady' });
  expect(await inForce()).toEqual(['loss 1']);
});
