/**
 * Random clusters under random misfortunes. Every claim that any clock makes must be true at every instant, no clock may go
 * back, and no sound clock may be called faulty: drifts stay within rho, and no raw clock is touched.
 */
import { describe, expect, it } from 'vitest';
import type { Cluster } from './cluster.ts';
import { play } from './plan.ts';

const { LOCKSTEP_SEED } = process.env;
const seeds = LOCKSTEP_SEED === undefined ? Array.from({ length: 150 }, (_, i) => i + 1) : [Number(LOCKSTEP_SEED)];

/** What is wrong with the run, and how to see it again. */
function complaints(seed: number, cluster: Cluster): readonly string[] {
  const again = `replay with: LOCKSTEP_SEED=${seed} npx vitest run test/sim/swarm.test.ts`;
  // The plain mean has no guard against a clock that lies apart, and a cluster that starts is full of them.
  const verdicts = cluster.verdicts().filter((v) => v.verdict === 'bug' || (v.verdict !== 'holds' && v.rule !== 'berkeley.average'));
  const doubts = cluster.events('clock.status').filter((e) => e.status === 'disrupted');
  return [
    ...verdicts.map((v) => `${v.rule} is a ${v.verdict}: ${v.detail}; ${again}`),
    ...doubts.slice(0, 1).map((e) => `node ${e.node} at ${e.trueUs} us doubts a sound clock: ${e.why}; ${again}`),
  ];
}

describe('a swarm of random clusters', () => {
  it('claims nothing false, sets no clock back, and doubts no sound clock', () => {
    const judged = { complaints: [] as string[], claims: 0, rounds: 0, readings: 0, crashes: 0, lost: 0, stale: 0 };
    for (const seed of seeds) {
      const cluster = play(seed);
      judged.complaints.push(...complaints(seed, cluster));
      judged.claims += Number(cluster.verdicts()[0]?.detail.split(' ')[0]);
      judged.rounds += cluster.events('berkeley.round-finished').length;
      judged.readings += cluster.events('cristian.read').length + cluster.events('marzullo.selected').length;
      judged.crashes += cluster.events('node.stopped').length;
      judged.lost += cluster.events('message.dropped').length;
      judged.stale += cluster.events('berkeley.ignored').length + cluster.events('cristian.ignored').length;
    }
    expect(judged.complaints).toEqual([]);
    // A swarm in which little happens would prove little.
    if (LOCKSTEP_SEED !== undefined) return;
    expect(judged.claims).toBeGreaterThan(50_000);
    for (const happened of [judged.rounds, judged.readings, judged.lost, judged.stale]) expect(happened).toBeGreaterThan(500);
    expect(judged.crashes).toBeGreaterThan(100);
  });
});
