/** Critical sections of a whole simulated cluster, with the judge of mutual exclusion attached, for the suites of this room. */

import type { Verdict } from '../../shared/checkers/verdict.ts';
import { uniform } from '../../shared/faults/delay.ts';
import type { HistoryEvent } from '../../shared/history.ts';
import type { Run, Scenario } from '../../shared/scenario.ts';
import { judge } from '../../shared/scenario.ts';
import { type MeasuredMutex, type MutexExperiment, measureMutex } from '../../shared/sim/measure-mutex.ts';
import { play } from '../../shared/sim/play.ts';
import { milliseconds } from '../../shared/time.ts';

type Asked = Pick<MutexExperiment, 'lock' | 'nodes' | 'entries'> & Partial<MutexExperiment>;

export interface Found extends MeasuredMutex {
  /** The rules that were found to be a bug. */
  readonly bugs: readonly string[];
  finding(rule: string): Verdict['verdict'] | undefined;
}

export function sections(asked: Asked, observe?: (event: HistoryEvent) => void): Found {
  const delay = uniform(milliseconds(5), milliseconds(25));
  const measured = measureMutex({ down: [], delay, loss: 0, runs: 1, seed: 1, ...asked }, observe);
  return {
    ...measured,
    bugs: measured.verdicts.flatMap(({ rule, verdict }) => (verdict === 'bug' ? [rule] : [])),
    finding: (rule) => measured.verdicts.find((v) => v.rule === rule)?.verdict,
  };
}

export interface Played {
  readonly run: Run;
  readonly held: boolean;
  finding(rule: string): Verdict['verdict'] | undefined;
}

export function played(scenario: Scenario, seed: number): Played {
  const run = play(scenario, seed);
  const { verdicts, held } = judge(run);
  return { run, held, finding: (rule) => verdicts.find((v) => v.rule === rule)?.verdict };
}
