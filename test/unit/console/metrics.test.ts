/** What the console exports is what its page shows: the same picture, the same verdicts, at the same instant. */
import { describe, expect, it } from 'vitest';
import { ControlRoom } from '../../../services/console/control-room.ts';
import { consoleMetrics } from '../../../services/console/metrics.ts';
import { electionDefaults } from '../../../shared/election/config.ts';
import { ppm } from '../../../shared/time.ts';
import { cluster, steady } from './cast.ts';

function exported() {
  const room = new ControlRoom(cluster, 'processes', ppm(200), electionDefaults);
  const scrape = consoleMetrics(room, { viewers: () => 2, dropped: () => 7 }, { version: '1', url: 'http://localhost:8080' });
  const value = async (series: string) =>
    (await scrape.text())
      .split('\n')
      .find((line) => line.startsWith(`${series} `))
      ?.slice(series.length + 1);
  return { room, value };
}

describe('the console exports', () => {
  it('what its page shows', async () => {
    const { room, value } = exported();
    steady(room, { kmc: 700, mit: -300 });
    const { state } = room.tick(100_000);
    expect(state.spreadUs).toBe(1_000);
    expect(await value('lockstep_clock_spread_seconds')).toBe('0.001');
    expect(await value('lockstep_console_viewers')).toBe('2');
    expect(await value('lockstep_console_frames_dropped_total')).toBe('7');
    expect(await value('lockstep_console_frames_dropped_total')).toBe('7');
    expect(await value('lockstep_console_info{url="http://localhost:8080"}')).toBe('1');
    for (const { rule, verdict } of state.verdicts) expect(await value(`lockstep_rule_verdict{rule="${rule}",verdict="${verdict}"}`)).toBe('1');
  });

  it('how soon a node that stopped was suspected, and who was suspected although it ran', async () => {
    const { room, value } = exported();
    const { kmc, mit, master, mobile } = steady(room, {});
    expect(await value('lockstep_failure_detection_seconds_count')).toBe('0');
    for (let at = 200_000; at <= 3_000_000; at += 100_000) {
      for (const speaker of [kmc, mit, mobile]) speaker?.upto(at);
      if (at <= 1_000_000) master?.upto(at);
      if (at === 1_900_000) for (const peer of [5, 2]) kmc?.event('heartbeat.suspected', { peer, silent: 875_000, why: 'missed' });
    }
    room.tick(3_000_000);
    expect(await value('lockstep_failure_detection_seconds_count')).toBe('1');
    expect(await value('lockstep_failure_detection_seconds_sum')).toBe('0.9');
    expect(await value('lockstep_false_suspicions_total')).toBe('1');
  });

  it('what the closed form says of the election that runs, once one was seen, and of another where that is switched on', async () => {
    const { room, value } = exported();
    const { master } = steady(room, {});
    expect(await value('lockstep_messages_expected{kind="bully.ok"}')).toBe('Nan');
    expect(await value('lockstep_messages_expected{kind="ring.election"}')).toBeUndefined();
    const choice = { election: 'ring', mode: 'classic', clock: 'berkeley', mutex: 'lamport' };
    master?.event('node.switched', { number: 1, generation: 1, ...choice });
    room.tick(100_000);
    expect(await value('lockstep_messages_expected{kind="bully.ok"}')).toBeUndefined();
    expect(await value('lockstep_messages_expected{kind="ring.election"}')).toBe('Nan');
  });

  it('what one entry of the critical section may cost, under the lock that runs', async () => {
    const { room, value } = exported();
    const { master } = steady(room, {});
    const of = (edge: string, algorithm = 'lamport') => value(`lockstep_mutex_messages_per_entry_expected{algorithm="${algorithm}",edge="${edge}"}`);
    expect(await of('most')).toBeUndefined();
    const choice = { election: 'bully', mode: 'classic', clock: 'berkeley' };
    master?.event('node.switched', { number: 1, generation: 1, ...choice, mutex: 'lamport' });
    room.tick(100_000);
    // Three members: 3(n - 1).
    for (const edge of ['least', 'most', 'light', 'saturated']) expect(await of(edge)).toBe('6');
    master?.event('node.switched', { number: 2, generation: 2, ...choice, mutex: 'token-ring' });
    room.tick(100_000);
    expect(await of('most', 'token-ring')).toBe('Nan');
    expect(await of('saturated', 'token-ring')).toBe('1');
  });
});
