/** What a node's own events come to as metrics of elections. */
import { expect, it } from 'vitest';
import { ElectionMeter } from '../../../services/node/election-meter.ts';
import { meters } from '../../../services/node/metrics.ts';
import type { HistoryEvent } from '../../../shared/history.ts';

const at = (trueUs: number, kind: string, more: object = {}) => ({ node: 2, trueUs, kind, ...more }) as unknown as HistoryEvent;

it('counts elections, and measures them from the first call to the leader', async () => {
  const m = meters('member', { peers: [], members: [], rules: [], kinds: [], clock: [], election: ['ring'], mutex: [] });
  const meter = new ElectionMeter(['ring'], m);
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
