/**
 * Elections of a running cluster, laid beside the closed forms: told to, after a crash, and when the highest comes back,
 * over links whose delays are random.
 */
import { describe, expect, it } from 'vitest';
import { Elections, type Held } from '../../shared/checkers/held.ts';
import { electionDefaults } from '../../shared/election/config.ts';
import { seconds } from '../../shared/time.ts';
import { algorithms, Electorate } from './electorate.ts';

const seeds = Array.from({ length: 20 }, (_, i) => i + 1);

describe.each([...algorithms.map((algorithm) => [algorithm, 'classic'] as const), ['bully', 'safe'] as const])('%s, %s', (algorithm, mode) => {
  function held(seed: number, story: (cluster: Electorate) => void): Held {
    const cluster = new Electorate({ seed, size: 5, election: { algorithm, mode } });
    story(cluster);
    cluster.run(seconds(28));
    const elections = new Elections({ equalDelays: false, members: cluster.ids }, { ...electionDefaults, algorithm, mode });
    for (const event of cluster.history) elections.observe(event);
    return elections.last(cluster.sim.now()) ?? expect.fail('no election was over');
  }

  it.each([1, 3, 5])('%i is told to call: within the forms', (caller) => {
    for (const seed of seeds) {
      const found = held(seed, (cluster) => cluster.at(seconds(8), () => cluster.call(caller)));
      expect(found.verdict, `seed ${seed}`).toMatchObject({ verdict: 'holds' });
      expect(found).toMatchObject({ members: [1, 2, 3, 4, 5], crashed: [], initiators: [caller], term: { node: 5 } });
      expect(found.began).toBe(seconds(8));
    }
  });

  it('the leader crashes, and several notice: within the forms, or it says why they do not apply', () => {
    const found = seeds.map((seed) => held(seed, (cluster) => cluster.at(seconds(8.1), () => cluster.process(5).crash())));
    for (const { crashed, term, initiators, verdict } of found) {
      expect(crashed).toEqual([5]);
      expect(term?.node).toBe(4);
      expect(initiators).not.toContain(5);
      if (verdict.verdict !== 'holds') expect(verdict).toEqual({ ...verdict, verdict: expect.not.stringMatching('bug'), detail: excuse });
    }
    expect(found.filter(({ verdict }) => verdict.verdict === 'holds').length).toBeGreaterThanOrEqual(
      algorithm === 'bully' && mode === 'classic' ? 20 : 1,
    );
  });

  it('the highest comes back, and calls', () => {
    const { crashed, initiators, term, verdict } = held(1, (cluster) => {
      cluster.at(seconds(6), () => cluster.process(5).crash());
      cluster.at(seconds(14), () => cluster.process(5).start());
    });
    expect({ crashed, initiators, term }).toMatchObject({ crashed: [], initiators: [5], term: { node: 5, incarnation: 2 } });
    // Who suspects it still passes it over on a ring, and grants to another still run.
    if (verdict.verdict !== 'holds') expect(verdict).toEqual({ ...verdict, verdict: expect.not.stringMatching('bug'), detail: excuse });
    if (algorithm === 'bully' && mode === 'classic') expect(verdict).toMatchObject({ verdict: 'holds', detail: '4 delivered, expected 4' });
  });
});

const excuse: unknown = expect.stringMatching(/; (?:votes were refused|elections overlapped|\d is suspected, and lives)$/);
