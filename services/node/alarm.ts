/**
 * Runs something once an instant of true time has come: never before it, and as soon after it as the event loop allows.
 *
 * The host's own timers count milliseconds, and may fire a fraction of one early or not at all beyond 24 days.
 */
import type { TrueTime } from '../../shared/time.ts';
import { trueNow } from './clock.ts';

const longestMs = 2 ** 31 - 1;

/** Answers how to call it off. */
function alarm(due: TrueTime, run: () => void): () => void {
  let timer = arm();
  return () => clearTimeout(timer);

  function arm(): NodeJS.Timeout {
    const remaining = Math.ceil((due - trueNow()) / 1_000);
    return setTimeout(
      () => {
        if (trueNow() >= due) run();
        else timer = arm();
      },
      Math.min(Math.max(remaining, 0), longestMs),
    );
  }
}

/** Alarms that all end together. */
export class Alarms {
  readonly #pending = new Set<() => void>();

  at(due: TrueTime, run: () => void): () => void {
    const clear = alarm(due, () => {
      this.#pending.delete(clear);
      run();
    });
    this.#pending.add(clear);
    return () => {
      this.#pending.delete(clear);
      clear();
    };
  }

  stop(): void {
    for (const clear of this.#pending) clear();
    this.#pending.clear();
  }
}
