/** The elections of the lab sheet and of the textbooks, message by message: what they cost, and who wins. */
import { describe, expect, it } from 'vitest';
import { delivered, theory } from '../../../shared/checkers/counts.ts';
import type { Algorithm } from '../../../shared/election/config.ts';
import { constant } from '../../../shared/faults/delay.ts';
import type { HistoryEvent } from '../../../shared/history.ts';
import { nodeId } from '../../../shared/protocol.ts';
import { type ElectionExperiment, measureElection } from '../../../shared/sim/measure-election.ts';
import { milliseconds } from '../../../shared/time.ts';

const ids = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => i + 1);

const run = (algorithm: Algorithm, nodes: number, down: readonly number[], initiators: readonly number[], more: Partial<ElectionExperiment> = {}) => {
  const history: HistoryEvent[] = [];
  const experiment = { algorithm, mode: 'classic', nodes, down, initiators, delay: constant(milliseconds(10)), loss: 0, span: undefined } as const;
  const measured = measureElection({ ...experiment, runs: 1, seed: 1, ...more }, (event) => history.push(event));
  const counts = Object.fromEntries(Object.entries(measured.messages).map(([kind, c]) => [kind.slice(kind.indexOf('.') + 1), c]));
  return { ...measured, counts, history };
};

describe('Bully', () => {
  it.each([
    ['the lab sheet: 10 crashed, 5 notices', [10], 5, [15, 10], 10, [9, 8], 28, 9],
    ['the lab sheet: 9 crashed, 10 alive, 5 notices', [9], 5, [14, 10], 10, [9, 8], 28, 10],
    ['0..9, 9 crashed, 5 notices, which is 1..10, 10 crashed, 6 notices', [10], 6, [10, 6], 6, [9, 8], 20, 9],
    ['9 and 10 crashed, 5 notices', [9, 10], 5, [14, 6], 6, [9, 7], 19, 8],
    ['7 and 10 crashed, 5 notices', [7, 10], 5, [12, 6], 6, [9, 7], 19, 9],
    ['8, 9 and 10 crashed, 5 notices', [8, 9, 10], 5, [12, 3], 3, [9, 6], 12, 7],
    ['10 crashed, 1 notices: the worst', [10], 1, [45, 36], 36, [9, 8], 80, 9],
    ['10 crashed, 9 notices: the best', [10], 9, [1, 0], 0, [9, 8], 8, 9],
    ['none crashed, 1 starts', [], 1, [45, 45], 45, [9, 9], 99, 10],
  ] as const)('%s', (_, down, initiator, [asked, heard], ok, [told, followed], total, leader) => {
    const { counts, delivered: sum, leader: won, verdicts } = run('bully', 10, down, [initiator]);
    expect(counts.election).toEqual({ attempted: asked, delivered: heard, dropped: 0, unanswered: asked - heard });
    expect(counts.ok).toMatchObject({ attempted: ok, delivered: ok });
    expect(counts.coordinator).toMatchObject({ attempted: told, delivered: followed });
    expect([sum, won]).toEqual([total, leader]);
    expect(verdicts.filter((v) => v.verdict !== 'holds')).toEqual([]);
  });

  it('is the closed form of ids from 0 to 9', () => {
    const expected = theory({ algorithm: 'bully', mode: 'classic', ids: ids(10).map((i) => i - 1), down: [9], initiators: [5], equalDelays: true });
    expect(delivered(expected)).toEqual({ least: 20, most: 20 });
  });

  it.each(ids(9).map((i) => i + 1))('%i alive below a crashed one: n^2 - 1 at worst and if all start, n - 1 at best', (n) => {
    const costs = [[1], ids(n), [n]].map((initiators) => run('bully', n + 1, [n + 1], initiators).delivered);
    expect(costs).toEqual([n ** 2 - 1, n ** 2 - 1, n - 1]);
  });

  it('costs 2(n - 1) more in the safe variant', () => {
    const { delivered: sum, counts, leader, verdicts } = run('bully', 10, [10], [5], { mode: 'safe' });
    expect([sum, leader]).toEqual([44, 9]);
    expect(counts.propose).toMatchObject({ attempted: 9, delivered: 8, unanswered: 1 });
    expect(counts.accept).toMatchObject({ attempted: 8, delivered: 8 });
    expect(verdicts.filter((v) => v.verdict !== 'holds')).toEqual([]);
  });

  it('compares numbers: 9 < 10', () => expect(run('bully', 10, [], [9]).leader).toBe(10));
});

const lists = (history: readonly HistoryEvent[]): readonly string[] =>
  history.flatMap((e) => (e.kind === 'message.received' && e.message.kind === 'ring.election' ? [e.message.list.join()] : []));
const carried = (history: readonly HistoryEvent[]): number =>
  history.reduce((sum, e) => (e.kind === 'message.received' && 'list' in e.message ? sum + e.message.list.length : sum), 0);
const failed = (counts: Readonly<Record<string, { readonly unanswered: number }>>): number =>
  Object.values(counts).reduce((n, c) => n + c.unanswered, 0);

describe('the ring with a list', () => {
  it('goes past 8, which has crashed, and wraps', () => {
    const { delivered: sum, leader, counts, history } = run('ring', 8, [8], [5]);
    expect(lists(history)).toEqual(['5', '5,6', '5,6,7', '5,6,7,1', '5,6,7,1,2', '5,6,7,1,2,3', '5,6,7,1,2,3,4']);
    expect([sum, failed(counts), leader, carried(history)]).toEqual([14, 2, 7, 77]);
  });

  it('goes past 6, 7 and 8', () => {
    const { delivered: sum, leader, counts, history } = run('ring', 8, [6, 7, 8], [5]);
    expect(lists(history).at(-1)).toBe('5,1,2,3,4');
    expect([sum, failed(counts), leader, carried(history)]).toEqual([10, 6, 5, 40]);
  });

  it('costs 2n for each of several initiators, and all lists name the same leader', () => {
    const { delivered: sum, leader, verdicts } = run('ring', 8, [8], [3, 6]);
    expect([sum, leader]).toEqual([28, 7]);
    expect(verdicts.filter((v) => v.verdict !== 'holds')).toEqual([]);
  });
});

/** Every way to seat n processes in a ring, up to turning it. */
const rings = (rest: readonly number[]): readonly (readonly number[])[] =>
  rest.length < 2 ? [rest] : rest.flatMap((first) => rings(rest.filter((id) => id !== first)).map((others) => [first, ...others]));
const seated = (order: readonly number[]) => ({ config: { ring: order.map(nodeId) } });
const mean = (ns: readonly number[]): number => ns.reduce((a, b) => a + b, 0) / ns.length;

describe('Chang and Roberts', () => {
  it('costs 2n - 1 on a rising ring, n(n + 1)/2 on a falling one, and n more for the outcome', () => {
    expect(run('chang-roberts', 8, [], ids(8)).delivered).toBe(15 + 8);
    expect(run('chang-roberts', 8, [], ids(8), seated(ids(8).toReversed())).counts.election?.delivered).toBe(36);
  });

  it('costs n H(n) in the mean over all rings', () => {
    const all = rings(ids(6)).map((rest) => run('chang-roberts', 7, [], ids(7), seated([7, ...rest])).counts.election?.delivered ?? 0);
    const harmonic = mean(ids(7).map((k) => 7 / k)) * 7;
    expect(mean(all)).toBeCloseTo(harmonic, 6);
  });

  it('costs 2n to 3n - 1 with one initiator', () => {
    const costs = ids(8).map((initiator) => run('chang-roberts', 8, [], [initiator]).delivered);
    expect(costs).toEqual([23, 22, 21, 20, 19, 18, 17, 16]);
  });
});

describe('Hirschberg and Sinclair', () => {
  it('stays within the limits of a phase-synchronous run of eight', () => {
    const costs = rings(ids(6)).map((rest) => {
      const { counts, leader } = run('hirschberg-sinclair', 8, [], ids(8), seated([8, 7, ...rest]));
      expect(leader).toBe(8);
      return (counts.probe?.delivered ?? 0) + (counts.reply?.delivered ?? 0);
    });
    expect(Math.min(...costs)).toBeGreaterThanOrEqual(64);
    expect(Math.max(...costs)).toBeLessThanOrEqual(89);
  });
});
