/** What a node's own events come to as metrics of elections. */
import { expect, it } from 'vitest';
import { ElectionMeter } from '../../../services/node/election-meter.ts';
import { meters } from '../../../services/node/metrics.ts';
import type { HistoryEvent } from '../../../shared/history.ts';

const at = (trueUs: number, kind: string, more: object = {}) => ({ node: 2, trueUs, kind, ...more }) as unknown as HistoryEvent;

function measured(exporter: 'member' | 'device' = 'member') {
  const m = meters(exporter, { peers: [], members: [], rules: [], kinds: [], clock: [], election: ['ring'], mutex: [] });
  return { m, meter: new ElectionMeter(['ring'], 'classic', m) };
}

it('counts elections, and measures them from the first call to the leader', async () => {
  const { m, meter } = measured();
  const states = async () => [...(await m.text()).matchAll(/lockstep_election_state\{state="(\w+)"\} 1/g)].map(([, state]) => state);
  expect(await states()).toEqual(['follower']);

  meter.observe(at(1_000_000, 'election.started', { number: 1 }));
  expect(await states()).toEqual(['candidate']);
  meter.observe(at(1_300_000, 'election.started', { number: 2 }));
  meter.observe(at(1_500_000, 'election.elected', { leader: 2 }));
  expect(await states()).toEqual(['leader']);
  // Another's announcement ends no election of this node's own.
  meter.observe(at(2_000_000, 'election.stepped-down'));
  meter.observe(at(2_500_000, 'election.elected', { leader: 5 }));
  expect(await states()).toEqual(['follower']);

  const text = await m.text();
  expect(text).toContain('lockstep_election_started_total{algorithm="ring"} 2');
  expect(text).not.toContain('algorithm="bully"');
  expect(text).toContain('lockstep_election_duration_seconds_sum{algorithm="ring"} 0.5');
  expect(text).toContain('lockstep_election_duration_seconds_count{algorithm="ring"} 1');
});

it.each(['member', 'device'] as const)('counts at a %s how often another one leads, and not how often the same one is elected', async (exporter) => {
  const { m, meter } = measured(exporter);
  const changes = async () => Number(/lockstep_election_leader_changes_seen_total (\d+)/.exec(await m.text())?.[1]);
  for (const number of [1, 2, 3, 4, 5]) meter.observe(at(number, 'election.elected', { leader: 5, term: { number, node: 5, incarnation: 1 } }));
  expect(await changes()).toBe(0);
  meter.observe(at(6, 'election.elected', { leader: 4 }));
  meter.observe(at(7, 'election.elected', { leader: 4 }));
  expect(await changes()).toBe(1);
  // That nobody leads for a while is no change by itself.
  meter.observe(at(8, 'election.stepped-down'));
  meter.observe(at(9, 'election.elected', { leader: 4 }));
  expect(await changes()).toBe(1);
  meter.observe(at(10, 'election.elected', { leader: 5 }));
  expect(await changes()).toBe(2);
});

it('goes on with an election while something else is switched, and gives it up with the way in which it is held', async () => {
  const { m, meter } = measured();
  const duration = async (what: 'sum' | 'count') =>
    Number(new RegExp(`duration_seconds_${what}\\{algorithm="ring"\\} ([\\d.]+)`).exec(await m.text())?.[1]);
  meter.observe(at(1_000_000, 'election.started', { number: 1 }));
  meter.run(['ring'], 'classic');
  meter.observe(at(1_500_000, 'election.elected', { leader: 5 }));
  expect([await duration('count'), await duration('sum')]).toEqual([1, 0.5]);

  meter.observe(at(2_000_000, 'election.started', { number: 2 }));
  meter.run(['ring'], 'safe');
  meter.observe(at(2_500_000, 'election.elected', { leader: 5 }));
  expect(await duration('count')).toBe(1);
});
