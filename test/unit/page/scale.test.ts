import { describe, expect, it } from 'vitest';
import { angle, arc, extent, follow, niceRange, niceStep } from '../../../services/console/page/scale.ts';

describe('the gauge', () => {
  it('shows true time at the top, and the same error on either side alike', () => {
    expect(angle(0)).toBe(0);
    expect(angle(-7_000)).toBe(-angle(7_000));
  });

  it('rises all the way to a second, and stays there', () => {
    const angles = [100, 1_000, 10_000, 100_000, 1_000_000].map(angle);
    expect(angles).toEqual([...angles].sort((a, b) => a - b));
    expect(angle(1_000)).toBeGreaterThan(10);
    expect(angle(1_000_000)).toBe(150);
    expect(angle(60_000_000)).toBe(150);
  });

  it('draws an arc clockwise, the long way round where it must', () => {
    expect(arc(0, 90, 10)).toBe('M0.00 -10.00A10 10 0 0 1 10.00 -0.00');
    expect(arc(-150, 150, 10)).toContain('A10 10 0 1 1');
  });
});

describe('the range of a chart', () => {
  it.each([
    [0.9, 1],
    [1, 1],
    [3, 5],
    [7, 10],
    [250, 500],
  ])('takes round steps: at least %d is %d', (least, step) => expect(niceStep(least)).toBeCloseTo(step));

  it('holds the values, and is never narrower than asked for', () => {
    const [low, high] = niceRange([-44.2, -41.3], 4);
    expect(low).toBeLessThan(-44.2);
    expect(high).toBeGreaterThan(-41.3);
    expect(high - low).toBeLessThan(12);
    const [flatLow, flatHigh] = niceRange([3, 3], 4);
    expect(flatHigh - flatLow).toBeGreaterThanOrEqual(4);
  });

  it('stays while the values fit and fill it, and follows them when they do not', () => {
    const start = [-500, 500] as const;
    expect(follow(start, [-450, 300], 4)).toBe(start);
    expect(follow(start, [-450, 600], 4)[1]).toBeGreaterThan(600);
    const [low, high] = follow(start, [40, 46], 4);
    expect(low).toBeGreaterThan(30);
    expect(high).toBeLessThan(60);
  });

  it('passes over gaps and what is too old', () => {
    expect(
      extent(
        [
          [100, 1, null, 3],
          [null, 2, 5, null],
        ],
        1,
      ),
    ).toEqual([1, 5]);
    expect(extent([[null, null]], 0)).toBeUndefined();
  });
});
