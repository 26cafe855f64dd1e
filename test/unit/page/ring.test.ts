import { describe, expect, it } from 'vitest';
import { newest, push, ring, window } from '../../../services/console/page/ring.ts';

describe('a ring of samples', () => {
  it('hands out what was put in, oldest first', () => {
    const r = ring(4, 2);
    push(r, 1, [10, 100]);
    push(r, 2, [20, 200]);
    expect(window(r, 0, [0, 1])).toEqual({
      times: [1, 2],
      curves: [
        [10, 20],
        [100, 200],
      ],
    });
  });

  it('keeps the newest samples when it is full', () => {
    const r = ring(3, 1);
    for (let at = 1; at <= 8; at += 1) push(r, at, [at * 10]);
    expect(window(r, 0, [0])).toEqual({ times: [6, 7, 8], curves: [[60, 70, 80]] });
  });

  it('leaves out what is older than asked for', () => {
    const r = ring(9, 1);
    for (let at = 1; at <= 5; at += 1) push(r, at, [at]);
    expect(window(r, 4, [0]).times).toEqual([4, 5]);
  });

  it('hands out a gap where nothing was known', () => {
    const r = ring(4, 2);
    push(r, 1, [null, 5]);
    push(r, 2, [0]);
    expect(window(r, 0, [0, 1]).curves).toEqual([
      [null, 0],
      [5, null],
    ]);
  });

  it('refuses an instant that is not later than the newest', () => {
    const r = ring(4, 1);
    expect(newest(r)).toBe(Number.NEGATIVE_INFINITY);
    expect(push(r, 5, [1])).toBe(true);
    expect(push(r, 5, [2])).toBe(false);
    expect(push(r, 4, [3])).toBe(false);
    expect(newest(r)).toBe(5);
    expect(window(r, 0, [0]).curves).toEqual([[1]]);
  });
});
