/**
 * Every cluster of up to ten processes, every set of up to three crashed ones, every process that may notice: what an
 * election costs is exactly what the closed forms say, and the highest who lives leads.
 */
import { describe, expect, it } from 'vitest';
import { constant, type Delay, uniform } from '../../shared/faults/delay.ts';
import { type ElectionExperiment, type MeasuredElection, measureElection } from '../../shared/sim/measure-election.ts';
import { microseconds, milliseconds } from '../../shared/time.ts';
import { algorithms } from './electorate.ts';

const lan: Delay = uniform(milliseconds(5), milliseconds(25));
const numbers = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => i + 1);

/** Every choice of up to `most` of `from`. */
const choices = (from: readonly number[], most: number): readonly (readonly number[])[] =>
  most === 0 ? [[]] : [[], ...from.flatMap((id, i) => choices(from.slice(i + 1), most - 1).map((rest) => [id, ...rest]))];

const measure = (
  experiment: Pick<ElectionExperiment, 'algorithm' | 'nodes' | 'down' | 'initiators'> & Partial<ElectionExperiment>,
): MeasuredElection =>
  measureElection({ mode: 'classic', delay: constant(milliseconds(10)), loss: 0, span: undefined, runs: 1, seed: 1, ...experiment });

/** What is not as it should be about one election. */
function amiss(experiment: Parameters<typeof measure>[0]): readonly string[] {
  const { nodes, down, initiators } = experiment;
  const { leader, verdicts } = measure(experiment);
  const highest = Math.max(...numbers(nodes).filter((id) => !down.includes(id)));
  const told = `${experiment.algorithm} of ${nodes}, down ${down.join() || 'none'}, initiators ${initiators.join()}`;
  return [
    ...(leader === highest ? [] : [`${told}: ${leader} leads, not ${highest}`]),
    ...verdicts.filter((v) => v.verdict !== 'holds').map((v) => `${told}: ${v.verdict} ${v.rule}: ${v.detail}`),
  ];
}

const situations = numbers(10).flatMap((nodes) =>
  choices(numbers(nodes), 3)
    .filter((down) => down.length < nodes)
    .map((down) => ({ nodes, down, alive: numbers(nodes).filter((id) => !down.includes(id)) })),
);

describe.each(algorithms)('%s, equal delays', (algorithm) => {
  it('costs what its closed form says, whoever has crashed and whoever notices', () => {
    const elections = situations.flatMap(({ alive, ...s }) => alive.map((id) => ({ algorithm, ...s, initiators: [id] })));
    expect(elections.length).toBeGreaterThan(3_000);
    expect(elections.flatMap(amiss)).toEqual([]);
  });

  it('costs what its closed form says if all notice at once', () => {
    expect(situations.flatMap(({ alive, ...s }) => amiss({ algorithm, ...s, initiators: alive }))).toEqual([]);
  });
});

describe('random delays', () => {
  it('leave the cost of Bully as it is where the highest has crashed', () => {
    const { verdicts, delivered } = measure({ algorithm: 'bully', nodes: 10, down: [10], initiators: [5], delay: lan, runs: 300 });
    expect(verdicts.filter((v) => v.verdict !== 'holds')).toEqual([]);
    expect(delivered).toBe(300 * 28);
  });

  it('can only lower it where the highest lives: the outcome overtakes some of the calls', () => {
    const { verdicts, delivered } = measure({ algorithm: 'bully', nodes: 10, down: [9], initiators: [5], delay: lan, runs: 1_000 });
    expect(verdicts.filter((v) => v.verdict !== 'holds')).toEqual([]);
    expect(delivered / 1_000).toBeCloseTo(27.1, 0);
    expect(delivered).toBeLessThan(1_000 * 28);
  });

  it.each(['ring', 'chang-roberts', 'hirschberg-sinclair'] as const)('leave the limits of %s as they are', (algorithm) => {
    const { verdicts } = measure({ algorithm, nodes: 8, down: [4], initiators: [2, 6], delay: lan, runs: 100 });
    expect(verdicts.filter((v) => v.verdict !== 'holds')).toEqual([]);
  });
});

describe('time-outs that do not suit the links', () => {
  /** How often the initiator announces itself although `above` live processes are above it, below a crashed one. */
  const wrong = (above: number, answerWithinMs: number, loss: number): number => {
    let announced = 0;
    const runs = 5_000;
    measureElection(
      {
        algorithm: 'bully',
        mode: 'classic',
        nodes: above + 2,
        down: [above + 2],
        initiators: [1],
        delay: lan,
        loss,
        span: milliseconds(answerWithinMs + 5),
        runs,
        seed: 3,
        config: { answerWithin: milliseconds(answerWithinMs), coordinatorWithin: microseconds(2_000_000) },
      },
      (event) => {
        if (event.kind === 'election.elected' && event.node === 1 && event.leader === 1) announced += 1;
      },
    );
    return (100 * announced) / runs;
  };

  it.each([
    [1, 30, 0, 50, 2],
    [2, 30, 0, 25, 2],
    [4, 30, 0, 6.25, 2],
    [1, 60, 0, 0, 0],
    [4, 60, 0, 0, 0],
    [1, 60, 0.1, 19, 2],
    [2, 60, 0.1, 3.6, 1],
    [4, 60, 0.1, 0.13, 0.15],
  ])('%i above, T_ok %i ms, loss %d: the initiator is wrong in %d %% of elections', (above, within, loss, expected, tolerance) => {
    expect(Math.abs(wrong(above, within, loss) - expected)).toBeLessThanOrEqual(tolerance);
  });
});
