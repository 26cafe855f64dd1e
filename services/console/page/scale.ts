/**
 * Scales: where a number of microseconds goes on a gauge or a chart.
 *
 * Errors span four orders of magnitude in the first seconds, half a second at the start and a millisecond soon after.
 * The gauge therefore is logarithmic on both sides of zero; the chart is linear, and its range follows the data.
 */

/** Either side of the gauge, in degrees from the top. */
const reach = 150;
const full = 1_000_000;
const knee = 1_000;

/** The angle at which an error is shown, in degrees clockwise from the top: 0 is true time, to the right is fast. */
export const angle = (us: number): number => Math.sign(us) * reach * Math.min(1, Math.log1p(Math.abs(us) / knee) / Math.log1p(full / knee));

/** The point at `degrees` clockwise from the top of a circle around the origin. */
export const onCircle = (degrees: number, radius: number): readonly [x: number, y: number] => [
  radius * Math.sin((degrees * Math.PI) / 180),
  -radius * Math.cos((degrees * Math.PI) / 180),
];

/** The path of an arc around the origin, clockwise. */
export function arc(from: number, to: number, radius: number): string {
  const [x1, y1] = onCircle(from, radius);
  const [x2, y2] = onCircle(to, radius);
  const large = to - from > 180 ? 1 : 0;
  return `M${x1.toFixed(2)} ${y1.toFixed(2)}A${radius} ${radius} 0 ${large} 1 ${x2.toFixed(2)} ${y2.toFixed(2)}`;
}

export type Range = readonly [low: number, high: number];

/** A step of 1, 2 or 5 times a power of ten, at least `least`. */
export function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return power * ([1, 2, 5, 10].find((m) => m * power >= least * 0.999) ?? 10);
}

/** The smallest range of round numbers around the values, at least `narrowest` wide. */
export function niceRange([low, high]: Range, narrowest: number): Range {
  const wide = Math.max(high - low, narrowest);
  const middle = (low + high) / 2;
  const step = niceStep(wide / 5);
  return [Math.floor((middle - wide * 0.55) / step) * step, Math.ceil((middle + wide * 0.55) / step) * step];
}

/** Keeps the range while the values fit and fill a fair part of it, so that the axis moves rarely. */
export function follow(current: Range, values: Range, narrowest: number): Range {
  const fits = values[0] >= current[0] && values[1] <= current[1];
  const fills = Math.max(values[1] - values[0], narrowest) > (current[1] - current[0]) * 0.3;
  return fits && fills ? current : niceRange(values, narrowest);
}

/** The smallest and the largest of the curves from index `from` on; `undefined` where they hold no number. */
export function extent(curves: readonly (readonly (number | null)[])[], from: number): Range | undefined {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const curve of curves)
    for (let i = from; i < curve.length; i += 1) {
      const value = curve[i] ?? Number.NaN;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  return low <= high ? [low, high] : undefined;
}
