/**
 * Sections do not overlap in true time: the one promise that all nine locks make. A crash ends a section, a pause does
 * not. What the promise rests on differs, see `premises.ts`; where that was broken, an overlap is the lesson.
 */
import type { HistoryEvent } from '../../history.ts';
import { finding, type Verdict } from '../verdict.ts';
import { Premises } from './premises.ts';
import type { Scene } from './scene.ts';

export class Exclusion {
  readonly #scene: Scene;
  readonly #premises: Premises;
  #entries = 0;
  #overlaps = 0;
  #first: string | undefined;

  constructor(scene: Scene) {
    this.#scene = scene;
    this.#premises = new Premises(scene);
  }

  /** How many entries found somebody else inside. */
  get overlaps(): number {
    return this.#overlaps;
  }
  get entries(): number {
    return this.#entries;
  }
  /** What the lock rests on and did not have. */
  get broken(): string | undefined {
    return this.#overlaps === 0 ? this.#premises.broken : this.#premises.excuse;
  }

  observe(event: HistoryEvent): void {
    this.#premises.observe(event);
    if (event.kind !== 'mutex.entered') return;
    this.#entries += 1;
    const others = [...this.#scene.inside].filter(([id]) => id !== event.node);
    if (others.length === 0) return;
    this.#overlaps += 1;
    const [[other, { since }] = [event.node, { since: event.trueUs }]] = others;
    this.#first ??= `${event.node} entered, and ${other} was inside for ${((event.trueUs - since) / 1e3).toFixed(1)} ms by then`;
  }

  verdict(): Verdict {
    const { broken } = this;
    const told =
      this.#first === undefined ? `entries: ${this.#entries}, no overlap` : `overlaps: ${this.#overlaps} in ${this.#entries} entries; ${this.#first}`;
    return {
      rule: 'mutex.exclusion',
      verdict: finding(this.#overlaps === 0, broken === undefined),
      detail: [told, ...(broken === undefined ? [] : [broken])].join('; '),
    };
  }
}
