/**
 * Failover, measured: every cluster stands beside the others, and one at a time loses its leader.
 *
 * A cluster that has just elected somebody puts further elections off, and that is not what is to be measured here; so
 * each rests before its leader is taken away, and while one rests the others have their turn. All are up for the whole
 * run, which makes the machine the same for each of them.
 */

import { type Etcd, etcd } from './etcd.ts';
import { type Case, type Compared, compared } from './figures.ts';
import { lockstep, settings } from './lockstep.ts';
import { faults, type Subject, type Trial } from './subject.ts';

export interface Plan {
  readonly trials: number;
  readonly seed: number;
  readonly restMs: number;
  /** The version of etcd to compare with; none where ours is measured alone. */
  readonly etcd: string | undefined;
}

export interface Measured {
  readonly cases: readonly Compared[];
  readonly resolutionMs: number | null;
}

const modes = ['classic', 'safe'] as const;
const paces = Object.keys(settings) as (keyof typeof settings)[];

export async function failover(plan: Plan, say: (line: string) => void): Promise<Measured> {
  const subjects: Subject[] = [];
  try {
    for (const settings of paces) {
      for (const mode of modes) subjects.push(await lockstep({ mode, settings, seed: plan.seed, restMs: plan.restMs }));
    }
    const other: Etcd | undefined = plan.etcd === undefined ? undefined : await etcd(plan.etcd);
    if (other !== undefined) subjects.push(other);
    const cases = await rounds(subjects, plan.trials, say);
    return { cases: compared(cases), resolutionMs: other?.resolutionMs() ?? null };
  } finally {
    await Promise.all(subjects.map((subject) => subject.stop()));
  }
}

async function rounds(subjects: readonly Subject[], trials: number, say: (line: string) => void): Promise<readonly Case[]> {
  const cases = subjects.flatMap((subject) => faults.map((fault) => ({ subject, fault, trials: [] as Trial[] })));
  for (let round = 1; round <= trials; round += 1) {
    for (const fault of faults) {
      for (const one of cases.filter((c) => c.fault === fault)) {
        const { system, mode, settings } = one.subject;
        const trial = await one.subject.trial(fault);
        one.trials.push(trial);
        say(
          `${round} of ${trials}: ${[system, mode, settings].filter(Boolean).join(' ')}, ${fault} ${trial.before}: ${trial.after} after ${Math.round(trial.ms)} ms`,
        );
      }
    }
  }
  return cases.map(({ subject: { system, mode, settings }, fault, trials: taken }) => ({ system, mode, settings, fault, trials: taken }));
}
