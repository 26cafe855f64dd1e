import { describe, expect, it } from 'vitest';
import { joined, newest, push, ring, window } from '../../../services/console/page/ring.ts';

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

describe('a ring and a past known from elsewhere', () => {
  const filled = (...instants: number[]) => {
    const r = ring(6, 1);
    for (const at of instants) push(r, at, [at]);
    return r;
  };

  it.each([
    ['the past of a page that has just been opened', [], [1, 2, 3], [1, 2, 3]],
    ['no past, of a console that has just started', [1, 2], [], [1, 2]],
    ['its own before the past, and what it missed', [1, 2], [4, 5], [1, 2, 4, 5]],
    ['the past in place of its own of the same time', [2, 3, 6], [1, 2, 3, 4, 5], [-1, -2, -3, -4, -5, 6]],
    ['the newest, where there is more than it holds', [1, 2, 3], [3, 4, 5, 6, 7, 8], [-3, -4, -5, -6, -7, -8]],
  ])('hold %s', (_, own, past, expected) => {
    // Values of a past that overlaps are told apart by their sign.
    const sign = expected.some((value) => value < 0) ? -1 : 1;
    const r = joined(filled(...own), past, [past.map((at) => sign * at)]);
    expect(window(r, 0, [0])).toEqual({ times: expected.map(Math.abs), curves: [expected] });
  });

  it('keep the gaps of both', () => {
    const own = ring(6, 1);
    push(own, 1, [null]);
    const r = joined(own, [2, 3], [[null, 3]]);
    expect(window(r, 0, [0]).curves).toEqual([[null, null, 3]]);
  });

  it('go on with live samples', () => {
    const r = joined(filled(1), [2, 3], [[2, 3]]);
    expect(push(r, 3, [33])).toBe(false);
    expect(push(r, 4, [4])).toBe(true);
    expect(window(r, 0, [0]).curves).toEqual([[1, 2, 3, 4]]);
  });
});
