/** Scenarios of mutual exclusion by real processes over real sockets, judged as in the simulator. */
import { expect, it, vi } from 'vitest';
import { perform } from '../../services/lab/stage.ts';
import { judge } from '../../shared/scenario.ts';
import { scenarios } from '../../shared/scenarios/index.ts';

// The test runner sets a MODE of its own, which is none of ours.
vi.stubEnv('MODE', undefined);

it.each(['mutual-exclusion', 'mutual-exclusion-lamport', 'holder-paused', 'holder-killed-token-ring'])(
  '%s holds',
  { timeout: 90_000 },
  async (name) => {
    const scenario = scenarios.find((s) => s.name === name) ?? expect.fail(`no scenario ${name}`);
    const judgement = judge(await perform(scenario, 'processes', scenario.seed));
    expect(judgement.expectations.filter((e) => !e.met)).toEqual([]);
    expect(judgement.verdicts.filter((v) => v.verdict === 'bug')).toEqual([]);
    expect(judgement.held).toBe(true);
  },
);
