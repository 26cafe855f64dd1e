/** A group whose clocks came apart while nobody was to blame is brought together by its next leader. */
import { describe, expect, it } from 'vitest';
import { constant } from '../../shared/faults/delay.ts';
import type { Rule } from '../../shared/faults/rules.ts';
import { nodeId } from '../../shared/protocol.ts';
import { milliseconds, seconds } from '../../shared/time.ts';
import { Electorate, links } from './electorate.ts';

describe('a group', () => {
  it('of which a busy leader read two clocks badly before it was lost', () => {
    const late: Rule = { does: 'delay', from: [nodeId(2), nodeId(3)], to: [nodeId(5)], delay: constant(milliseconds(70)) };
    const cluster = new Electorate({ size: 5, rules: [late, ...links], driftOf: (id) => 20 * id });
    cluster.run(seconds(8));
    expect(spread(cluster, [1, 2, 3, 4])).toBeGreaterThan(25_000);
    cluster.process(5).crash();
    cluster.run(seconds(12));
    expect(cluster.leaders()).toEqual([4]);
    expect(rounds(cluster, seconds(8))).toBeGreaterThan(3);
    expect(spread(cluster, [1, 2, 3, 4])).toBeLessThan(10_000);
  });

  it('of which a minority was left without a leader for a quarter of an hour', () => {
    const cluster = new Electorate({ size: 5, election: { mode: 'safe' }, driftOf: (id) => 60 * (id - 3) });
    cluster.run(seconds(8));
    for (const id of [3, 4, 5]) cluster.process(id).crash();
    cluster.run(seconds(900));
    expect(cluster.leaders()).toEqual([]);
    expect(spread(cluster, [1, 2])).toBeGreaterThan(25_000);
    for (const id of [3, 4, 5]) cluster.process(id).start();
    cluster.run(seconds(30));
    expect(cluster.leaders()).toEqual([5]);
    expect(rounds(cluster, seconds(908))).toBeGreaterThan(3);
    expect(spread(cluster, [1, 2, 3, 4, 5])).toBeLessThan(10_000);
  });
});

/** How many rounds came to an average after `since`. */
const rounds = (cluster: Electorate, since: number): number =>
  cluster.events('berkeley.round-finished').filter(({ trueUs }) => trueUs > since).length;

/** How far the clocks of `ids` are apart. */
function spread(cluster: Electorate, ids: readonly number[]): number {
  const clocks = ids.map((id) => cluster.process(id).clock.shown(cluster.sim.now()));
  return Math.max(...clocks) - Math.min(...clocks);
}
