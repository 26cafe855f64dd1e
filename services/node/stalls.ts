/**
 * Notices when this process did not run: it was paused, its machine was asleep or overloaded, or something blocked it.
 * A node must know, since to itself no time has passed.
 */
import { elapsed, milliseconds } from '../../shared/time.ts';
import { trueNow } from './clock.ts';

const everyMs = 100;
const limit = milliseconds(500);

/** Tells how long each gap was, in microseconds. Answers how to stop watching. */
export function watchStalls(stalled: (forUs: number) => void): () => void {
  let last = trueNow();
  const timer = setInterval(() => {
    const now = trueNow();
    const gap = elapsed(last, now) - everyMs * 1_000;
    last = now;
    if (gap > limit) stalled(gap);
  }, everyMs);
  return () => clearInterval(timer);
}
