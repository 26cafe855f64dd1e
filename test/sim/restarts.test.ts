/** A group stays in step, or comes back into step, whichever of its members starts anew and whatever it averages by. */
import { describe, expect, it } from 'vitest';
import { averages, fewest } from '../../shared/clock/agreement.ts';
import { nodeId } from '../../shared/protocol.ts';
import { milliseconds, ppm, seconds } from '../../shared/time.ts';
import { Cluster } from './cluster.ts';

/** Median and trimmed mean cannot do with fewer than three clocks. */
const cases = averages.flatMap((average) =>
  [2, 3, 5].filter((size) => size >= fewest(average)).flatMap((size) => [1, size].map((restarted) => ({ average, size, restarted }))),
);

describe.each(cases)('a group of $size by the rule $average', ({ average, size, restarted }) => {
  it(`is in step again after member ${restarted} has started anew`, () => {
    const members = Array.from({ length: size }, (_, i) => ({ offset: milliseconds(90 * (i - 1)), drift: ppm(100 - 50 * i) }));
    const cluster = new Cluster({ rule: 'berkeley', members, berkeley: { average } });
    const process = cluster.sim.process(nodeId(restarted));
    cluster.at(seconds(6), () => process.crash()).at(seconds(9), () => process.start());
    cluster.run(seconds(30));
    const clocks = cluster.members.map((id) => cluster.clock(id));
    for (const { boundUs, offsetUs } of clocks) {
      expect(boundUs).toBeLessThan(20_000);
      expect(Math.abs(offsetUs ?? Number.NaN)).toBeLessThan(20_000);
    }
    expect(cluster.finding('clock.bound')).toBe('holds');
    expect(cluster.finding('clock.monotonic')).toBe('holds');
  });
});
