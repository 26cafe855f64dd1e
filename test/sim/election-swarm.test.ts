/**
 * Random clusters through random misfortunes: loss, delay, pauses, partitions, crashes, lost disks. The safe variant never
 * has two acting leaders, and no variant obeys a leader of an older term; once it is quiet, all follow the highest. A
 * failure names its seed, which is all that is needed to see it again.
 */
import { describe, expect, it } from 'vitest';
import type { Algorithm, Mode } from '../../shared/election/config.ts';
import { uniform } from '../../shared/faults/delay.ts';
import { partition, type Rule } from '../../shared/faults/rules.ts';
import { between, type Random, stream } from '../../shared/random.ts';
import { type Duration, microseconds, milliseconds, seconds, sum } from '../../shared/time.ts';
import { algorithms, Electorate } from './electorate.ts';

const trouble = seconds(40);
const quiet = seconds(30);

const whole = (random: Random, low: number, high: number): number => Math.floor(between(random, low, high + 1));
const within = (random: Random, most: Duration): Duration => microseconds(between(random, 0, most));

function play(seed: number, algorithm: Algorithm, mode: Mode): Electorate {
  const random = stream(seed, 'plan');
  const size = whole(random, 3, 7);
  const delay: Rule = { does: 'delay', delay: uniform(milliseconds(2), milliseconds(random() < 0.5 ? 8 : 25)) };
  const lossy: readonly Rule[] = [{ does: 'lose', probability: random() < 0.5 ? 0 : between(random, 0, 0.1) }, delay];
  const drifts = new Map(Array.from({ length: size }, (_, i) => [i + 1, between(random, -200, 200)]));
  const cluster = new Electorate({ seed, size, election: { algorithm, mode }, rules: lossy, driftOf: (id) => drifts.get(id) ?? 0 });
  for (let at = seconds(3); at < trouble; at = sum(at, within(random, seconds(3)))) misfortune(cluster, random, at, lossy);
  cluster.at(sum(trouble, seconds(5)), () => {
    cluster.sim.shape([delay]);
    for (const id of cluster.ids) {
      cluster.process(id).resume();
      cluster.process(id).start();
    }
  });
  return cluster.run(sum(trouble, quiet));
}

function misfortune(cluster: Electorate, random: Random, at: Duration, usual: readonly Rule[]): void {
  const id = whole(random, 1, cluster.ids.length);
  const process = cluster.process(id);
  const over = sum(at, within(random, seconds(4)));
  switch (whole(random, 1, 5)) {
    case 1:
      cluster.at(at, () => process.crash()).at(over, () => process.start());
      break;
    case 2:
      cluster
        .at(at, () => {
          process.crash();
          process.wipe();
        })
        .at(over, () => process.start());
      break;
    case 3:
      cluster.at(at, () => process.pause()).at(over, () => process.resume());
      break;
    case 4: {
      const side = cluster.ids.filter(() => random() < 0.5);
      const rest = cluster.ids.filter((other) => !side.includes(other));
      const cut = random() < 0.3 ? [{ from: side, to: rest, does: 'cut' } as const] : partition([side, rest]);
      cluster.at(at, () => cluster.sim.shape([...cut, ...usual])).at(over, () => cluster.sim.shape(usual));
      break;
    }
    default:
      cluster.at(at, () => cluster.call(id));
  }
}

const seeds = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => i + 1);

/** What was found that may not be, each with the seed that shows it. */
const bugs = (n: number, algorithm: Algorithm, mode: Mode): readonly string[] =>
  seeds(n).flatMap((seed) =>
    play(seed, algorithm, mode)
      .verdicts()
      .filter((v) => v.verdict === 'bug' || (v.verdict !== 'holds' && unconditional.includes(v.rule)))
      .map((v) => `seed ${seed}: ${v.verdict} ${v.rule}: ${v.detail}`),
  );

/** Whatever happens, these hold. */
const unconditional = ['election.one-lease', 'election.agreement', 'election.term-order', 'election.one-per-term', 'election.no-stale-command'];

describe('a swarm', () => {
  it('of the safe variant never has two acting leaders, and agrees in the end', () => {
    expect(bugs(120, 'bully', 'safe')).toEqual([]);
  });

  it.each(algorithms)('of %s never obeys an older leader, and agrees in the end', (algorithm) => {
    expect(bugs(40, algorithm, 'classic')).toEqual([]);
  });

  it('of the classic variant does have two leaders in some runs: the misfortunes are real', () => {
    expect(
      seeds(40).filter((seed) => play(seed, 'bully', 'classic').verdict('election.one-leader').verdict === 'expected-violation').length,
    ).toBeGreaterThan(5);
  });

  it('gives the same bytes for the same seed', () => {
    const bytes = (seed: number): string => JSON.stringify(play(seed, 'bully', 'safe').history);
    expect(bytes(7)).toBe(bytes(7));
  });
});
