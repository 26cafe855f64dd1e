/**
 * The lab sheet's elections by real processes: ten and eight of them, of whom some are killed. The same checkers and
 * expectations judge them as judge the simulator, and each costs exactly what its closed form says.
 */
import { describe, expect, it, vi } from 'vitest';
import { perform } from '../../../services/lab/stage.ts';
import { judge } from '../../../shared/scenario.ts';
import { scenarios } from '../../../shared/scenarios/index.ts';

// The test runner sets a MODE of its own, which is none of ours.
vi.stubEnv('MODE', undefined);

describe.each([
  ['bully-10-crashed', ['Process 5 noticed the crash', 'Message from process 10 to 5 is NIL', 'Process 9 is new coordinator']],
  ['bully-9-crashed', ['Process 9 is crashed', 'Message from process 9 to 5 is NIL', 'Process 10 is new coordinator']],
  ['ring-8-crashed', ['process 5 noticed the crash', 'Election message is [5, 6, 7]', 'Process 7 is the new coordinator']],
  ['ring-678-crashed', ['process 6 is crashed', 'Election message is [5, 1, 2, 3, 4]', 'Process 5 is the new coordinator']],
])('%s', (name, lines) => {
  it('holds as processes', { timeout: 90_000 }, async () => {
    const scenario = scenarios.find((s) => s.name === name) ?? expect.fail(`no scenario ${name}`);
    const run = await perform(scenario, 'processes', scenario.seed);
    const { verdicts, expectations, held } = judge(run);
    expect(expectations.filter(({ met }) => !met)).toEqual([]);
    // Where all call at once a frame may be late on a busy machine. What the election has cost is exact all the same: that is expected above.
    expect(verdicts.map(({ rule }) => rule)).toContain('election.counts');
    expect(verdicts.filter(({ verdict }) => verdict !== 'holds' && verdict !== 'at-risk')).toEqual([]);
    expect(held).toBe(true);
    expect(scenario.labSheet?.(run)).toEqual(expect.arrayContaining(lines));
  });
});
