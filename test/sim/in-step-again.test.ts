/** A group whose clocks came apart while nobody was to blame is brought together by its next leader. */
import { describe, expect, it } from 'vitest';
import { constant } from '../../shared/faults/delay.ts';
import { partition, type Rule } from '../../shared/faults/rules.ts';
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

  it.each([150, 600])('that was split into two halves, each with a leader of its own, for %d s', (span) => {
    const cluster = new Electorate({ size: 4, driftOf: (id) => 80 * (id % 2) - 40 });
    cluster.run(seconds(8));
    cluster.sim.shape([
      ...partition([
        [nodeId(1), nodeId(3)],
        [nodeId(2), nodeId(4)],
      ]),
      ...links,
    ]);
    cluster.run(seconds(span));
    expect(cluster.leaders()).toEqual([3, 4]);
    cluster.sim.shape(links);
    // A leader that others follow is slewed slowly: by 500 ppm.
    cluster.run(seconds(100));
    expect(cluster.leaders()).toEqual([4]);
    expect(rounds(cluster, seconds(span + 10))).toBeGreaterThan(3);
    expect(spread(cluster, [1, 2, 3, 4])).toBeLessThan(10_000);
  });

  it('of which most stood still for a quarter of an hour, while its leader went on', () => {
    const cluster = new Electorate({ size: 5, driftOf: (id) => 50 * (id - 2) });
    cluster.run(seconds(8));
    for (const id of [1, 2, 3]) cluster.process(id).pause();
    cluster.run(seconds(900));
    expect(spread(cluster, [1, 2, 3, 5])).toBeGreaterThan(50_000);
    for (const id of [1, 2, 3]) cluster.process(id).resume();
    cluster.run(seconds(20));
    expect(cluster.leaders()).toEqual([5]);
    expect(rounds(cluster, seconds(910))).toBeGreaterThan(3);
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
