/**
 * How long to wait before dialling again: full jitter, so that nodes which lost the same peer do not come back in step.
 * The cap doubles with each attempt that failed; the wait is anywhere below it, but never nothing.
 *
 * It stays low. Whoever comes back suspects those that it has not heard within three and a half heartbeats, 0.9 s, and
 * they can only be heard once they have dialled it.
 */
const leastMs = 100;
const mostMs = 500;

/** In milliseconds, after `failures` attempts in a row have failed; `chance` is uniform in [0, 1). */
export function backoff(failures: number, chance: number): number {
  const cap = Math.min(mostMs, leastMs * 2 ** Math.min(failures, 16));
  return leastMs + chance * (cap - leastMs);
}
