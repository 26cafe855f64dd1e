/** Logical time in print: the shortest scenario once more, each line with its Lamport, vector and hybrid time. */
import { expect, it } from 'vitest';
import { judge } from '../../shared/scenario.ts';
import { scenarios } from '../../shared/scenarios/index.ts';
import { play } from '../../shared/sim/play.ts';
import { report } from '../../shared/sim/report.ts';

it('the textbook average is printed as before, with its logical time', async () => {
  const run = play(scenarios.find(({ name }) => name === 'lab-sheet-average') ?? expect.fail());
  const printed = report(run, judge(run), { course: true, stamps: true }).join('\n');
  await expect(`${printed}\n`).toMatchFileSnapshot('logical-time.txt');
});
