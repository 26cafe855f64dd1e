/**
 * Whether what happened was told completely, and in order. From the moment that it was not, nobody is found guilty any more:
 * a rule that fails then may fail for what was not heard. What was found before, was found.
 */
import type { Verdict } from '../../shared/checkers/verdict.ts';
import type { TrueTime } from '../../shared/time.ts';

export class Doubt {
  #why: string | undefined;
  /** Up to when what began before is doubted. */
  #until = 0 as TrueTime;
  #guilty: ReadonlySet<string> = new Set();

  /** Something told at `at` may be out of order. `found` are the verdicts until then. */
  raise(why: string, at: TrueTime, found: readonly Verdict[]): void {
    this.#until = at;
    if (this.#why !== undefined) return;
    this.#why = why;
    this.#guilty = new Set(found.flatMap(({ rule, verdict }) => (verdict === 'bug' ? [rule] : [])));
  }

  weigh(verdicts: readonly Verdict[]): readonly Verdict[] {
    return verdicts.map((verdict) => (this.#guilty.has(verdict.rule) ? verdict : this.#excused(verdict)));
  }

  /** The verdict on something that was over soon after it `began`. */
  ofWhat(began: TrueTime, verdict: Verdict): Verdict {
    return began <= this.#until ? this.#excused(verdict) : verdict;
  }

  #excused(verdict: Verdict): Verdict {
    if (this.#why === undefined || verdict.verdict !== 'bug') return verdict;
    return { ...verdict, verdict: 'inconclusive', detail: `${verdict.detail}; ${this.#why}` };
  }
}
