/**
 * One suite, two worlds: the same scenarios in the simulator and as real processes over real sockets, judged by the same
 * checkers and held to the same expectations.
 */
import { describe, expect, it, vi } from 'vitest';
import { perform } from '../../services/lab/stage.ts';
import { judge, type Run, type Scenario } from '../../shared/scenario.ts';
import { scenarios } from '../../shared/scenarios/index.ts';
import { play } from '../../shared/sim/play.ts';

const worlds: Readonly<Record<string, (scenario: Scenario) => Promise<Run>>> = {
  simulator: async (scenario) => play(scenario),
  processes: (scenario) => perform(scenario, 'processes', scenario.seed),
};

// The test runner sets a MODE of its own, which is none of ours.
vi.stubEnv('MODE', undefined);

/** Those that need nothing that only the simulator has. */
const everywhere = scenarios.filter((s) => ['cristian-devices', 'berkeley-four', 'member-returns'].includes(s.name));

describe.each(Object.entries(worlds))('in the world %s', (_, run) => {
  it.each(everywhere.map((s) => [s.name, s] as const))('%s holds', { timeout: 90_000 }, async (_name, scenario) => {
    const judgement = judge(await run(scenario));
    expect(judgement.expectations.filter((e) => !e.met)).toEqual([]);
    expect(judgement.verdicts.filter((v) => v.verdict !== 'holds')).toEqual([]);
    // A claim that was never made cannot have been false.
    expect(Number(/^\d+/.exec(judgement.verdicts[0]?.detail ?? '')?.[0])).toBeGreaterThan(10);
  });
});
