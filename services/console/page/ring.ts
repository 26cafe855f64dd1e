/**
 * The last minute of every curve: one ring of samples, all curves over the same instants.
 *
 * Typed arrays of a fixed length, so that a page left open for a whole lecture neither grows nor collects garbage. A
 * value that is not known is kept as NaN and handed out as `null`, which a chart draws as a gap.
 */
export interface Ring {
  readonly size: number;
  readonly columns: readonly Float64Array[];
  readonly times: Float64Array;
  /** Samples taken so far, including those that have been overwritten. */
  taken: number;
}

export const ring = (size: number, columns: number): Ring => ({
  size,
  columns: Array.from({ length: columns }, () => new Float64Array(size)),
  times: new Float64Array(size),
  taken: 0,
});

/** Adds one sample. An instant no later than the newest one is refused: a chart's curves run forward. */
export function push(r: Ring, at: number, values: readonly (number | null)[]): boolean {
  if (at <= newest(r)) return false;
  const slot = r.taken % r.size;
  r.times[slot] = at;
  r.columns.forEach((column, i) => {
    column[slot] = values[i] ?? Number.NaN;
  });
  r.taken += 1;
  return true;
}

/** The ring with a past that is known from elsewhere: its own samples before it, that past, and its own after it. */
export function joined(r: Ring, times: readonly number[], columns: readonly (readonly (number | null)[])[]): Ring {
  const own = window(r, Number.NEGATIVE_INFINITY, [...r.columns.keys()]);
  const next = ring(r.size, r.columns.length);
  const add = (instants: readonly number[], curves: readonly (readonly (number | null)[])[]): void => {
    for (const [i, at] of instants.entries()) {
      const values = curves.map((curve) => curve[i] ?? null);
      push(next, at, values);
    }
  };
  const earlier = own.times.filter((at) => at < (times[0] ?? Number.POSITIVE_INFINITY));
  add(earlier, own.curves);
  add(times, columns);
  // Of these, the ring refuses what it has.
  add(own.times, own.curves);
  return next;
}

/** The instant of the newest sample; before the first there is none, and everything is later. */
export const newest = (r: Ring): number => (r.taken === 0 ? Number.NEGATIVE_INFINITY : (r.times[(r.taken - 1) % r.size] as number));

/** The samples from `since` on, oldest first: their instants, and the columns asked for. */
export function window(r: Ring, since: number, columns: readonly number[]): { times: number[]; curves: (number | null)[][] } {
  const times: number[] = [];
  const curves = columns.map((): (number | null)[] => []);
  for (let i = Math.max(0, r.taken - r.size); i < r.taken; i += 1) {
    const slot = i % r.size;
    const at = r.times[slot] as number;
    if (at < since) continue;
    times.push(at);
    columns.forEach((column, k) => {
      const value = r.columns[column]?.[slot] as number;
      curves[k]?.push(Number.isNaN(value) ? null : value);
    });
  }
  return { times, curves };
}
