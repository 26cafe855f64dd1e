/** Mutual exclusion as Prometheus sees it: where this node stands with the critical section, and how often it entered, under which algorithm. */
import { mutexStates } from '../../shared/metrics.ts';
import type { Meters } from './metrics.ts';

type MutexState = (typeof mutexStates)[number];

/** What it needs to know of an event. */
interface Told {
  readonly kind: string;
}

export class MutexMeter {
  readonly #meters: Pick<Meters, 'add' | 'set'>;
  /** None where nobody wants the critical section. */
  #algorithm: string;
  /** With which change it came; two leaders of a partition may have given one number to different locks. */
  #generation = 0;

  constructor(running: readonly string[], meters: Pick<Meters, 'add' | 'set'>) {
    this.#algorithm = running.join();
    this.#meters = meters;
    this.#is('idle');
  }

  /** What guards the section from now on. Whoever waited under another lock asks anew; under the same one it goes on waiting. */
  run(running: readonly string[], generation: number): void {
    const algorithm = running.join();
    if (algorithm === this.#algorithm && generation === this.#generation) return;
    this.#algorithm = algorithm;
    this.#generation = generation;
    this.#is('idle');
  }

  observe({ kind }: Told): void {
    switch (kind) {
      case 'mutex.requested':
        this.#is('wanted');
        break;
      case 'mutex.entered':
        this.#is('held');
        this.#meters.add({ metric: 'lockstep_mutex_entries_total', labels: { algorithm: this.#algorithm }, value: 1 });
        break;
      case 'mutex.exited':
        this.#is('idle');
        break;
    }
  }

  #is(now: MutexState): void {
    for (const state of mutexStates) this.#meters.set('lockstep_mutex_state', { state }, state === now ? 1 : 0);
  }
}
