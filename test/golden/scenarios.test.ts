/**
 * The transcripts of the named scenarios, line by line. A change of behaviour shows here as a change of text: read it aloud,
 * and where it is right, let `npx vitest run --project golden --update` write the new one.
 */
import { describe, expect, it } from 'vitest';
import { judge } from '../../shared/scenario.ts';
import { scenarios } from '../../shared/scenarios/index.ts';
import { play } from '../../shared/sim/play.ts';
import { report } from '../../shared/sim/report.ts';

describe.each(scenarios.map((s) => [s.name, s] as const))('%s', (name, scenario) => {
  const run = play(scenario);
  const judgement = judge(run);

  it('is printed as before', async () => {
    await expect(`${report(run, judgement, { course: true }).join('\n')}\n`).toMatchFileSnapshot(`${name}.txt`);
  });

  it('ends as it should', () => {
    expect(judgement).toMatchObject({ held: true });
    expect(judgement.verdicts.map((v) => v.verdict)).not.toContain('bug');
  });

  it('gives the same bytes with the same seed, and others with another where chance has a part', () => {
    const bytes = (seed: number): string => JSON.stringify(play(scenario, seed).history);
    expect(bytes(7)).toBe(bytes(7));
    expect(bytes(7) === bytes(8)).toBe(scenario.delay.distribution === 'constant');
  });
});
