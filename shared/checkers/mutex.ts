/**
 * Judges the critical sections of a run, simulated or real: each rule of exclusion that applies to the lock in use.
 * Events must come in the order of true time.
 */
import type { HistoryEvent } from '../history.ts';
import { type MutexConfig, mutexDefaults } from '../mutex/config.ts';
import type { TrueTime } from '../time.ts';
import { Bypass } from './mutex/bypass.ts';
import { Census } from './mutex/census.ts';
import { Costs } from './mutex/cost.ts';
import { Entries } from './mutex/entries.ts';
import { Exclusion } from './mutex/exclusion.ts';
import { Fencing } from './mutex/fencing.ts';
import { Order } from './mutex/order.ts';
import { Progress } from './mutex/progress.ts';
import { type MutexRule, Scene } from './mutex/scene.ts';
import { LedgerValue } from './mutex/value.ts';
import { Votes } from './mutex/votes.ts';
import type { Verdict } from './verdict.ts';

export interface JudgedMutex extends Partial<MutexConfig> {
  /** Whether the ledger refuses stale writes, as it does by default. */
  readonly fencing?: boolean;
}

export class MutexJudge {
  readonly #scene: Scene;
  readonly #exclusion: Exclusion;
  readonly #bypass: Bypass;
  readonly #costs: Costs;
  readonly #rules: readonly MutexRule[];
  #now = 0 as TrueTime;
  #asked = false;

  constructor({ fencing = true, ...lock }: JudgedMutex = {}) {
    const judged = { lock: { ...mutexDefaults, ...lock }, fencing };
    this.#scene = new Scene(judged);
    this.#exclusion = new Exclusion(this.#scene);
    this.#bypass = new Bypass(this.#scene);
    this.#costs = new Costs(this.#scene);
    const census = new Census(this.#scene);
    this.#rules = [
      this.#exclusion,
      new Fencing(judged),
      new Progress(this.#scene, census),
      this.#bypass,
      new Entries(this.#scene),
      new LedgerValue(judged, this.#exclusion),
      new Votes(this.#scene),
      census,
      new Order(this.#scene),
      this.#costs,
    ];
  }

  observe(event: HistoryEvent): void {
    this.#now = event.trueUs;
    if (event.kind === 'mutex.requested') this.#asked = true;
    for (const rule of this.#rules) rule.observe(event);
    this.#scene.observe(event);
  }

  /** As of `at`, where nothing has happened since the last event; nothing to say where nobody ever wanted to enter. */
  verdicts(at?: TrueTime): readonly Verdict[] {
    if (!this.#asked) return [];
    const now = Math.max(at ?? this.#now, this.#now) as TrueTime;
    return this.#rules.map((rule) => rule.verdict(now)).filter((verdict) => verdict !== undefined);
  }

  /** How many entries there were, and how many of them found somebody else inside. */
  get entries(): number {
    return this.#exclusion.entries;
  }
  get overlaps(): number {
    return this.#exclusion.overlaps;
  }
  /** How often others entered while one waited. */
  get bypass(): { readonly largest: number; readonly mean: number } {
    return this.#bypass.figures;
  }
  /** Messages delivered for an entry, over those entries that nothing disturbed. */
  get cost(): { readonly entries: number; readonly perEntry: number } {
    return this.#costs.figures;
  }
}
