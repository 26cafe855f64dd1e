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

  constructor(running: readonly string[], meters: Pick<Meters, 'add' | 'set'>) {
    this.#algorithm = running.join();
    this.#meters = meters;
    this.#is('idle');
  }

  /** Another algorithm guards the section from now on. Whoever waited under the old one asks anew. */
  run(running: readonly string[]): void {
    this.#algorithm = running.join();
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
