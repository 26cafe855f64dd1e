/**
 * How long to wait before dialling again: full jitter, so that two hundred pages do not come back in step.
 * The cap doubles from the least to the most; the wait is anywhere below it.
 */
export interface Patience {
  readonly leastMs: number;
  readonly mostMs: number;
}

export const patience: Patience = { leastMs: 100, mostMs: 5_000 };

/** The wait before the given attempt, the first being 1; `chance` is uniform in [0, 1). */
export function backoff(attempt: number, chance: number, { leastMs, mostMs }: Patience = patience): number {
  const cap = Math.min(mostMs, leastMs * 2 ** Math.min(attempt, 30));
  return leastMs + chance * (cap - leastMs);
}
