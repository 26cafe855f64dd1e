/** Waits for a condition, never for a time: a machine may be as slow as it is, up to a deadline. */
import { setTimeout as passed } from 'node:timers/promises';
import { Failure } from './failure.ts';

const everyMs = 100;

/** The first answer that is one. `otherwise` says what did not happen. */
export async function eventually<T>(withinMs: number, otherwise: string, ask: () => Promise<T | false | undefined>): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() > deadline) throw new Failure(`${otherwise} within ${withinMs / 1_000} s`);
    await passed(everyMs);
  }
}
