/** How a flood is kept away: so many frames a second from one socket, so many in one turn of the event loop. */
import { describe, expect, it } from 'vitest';
import { backoff } from '../../../services/node/backoff.ts';
import { Allowance, Inbox } from '../../../services/node/flow.ts';
import type { TrueTime } from '../../../shared/time.ts';

const taken = (allowance: Allowance, at: number, tries: number): number =>
  Array.from({ length: tries }, () => allowance.take(at as TrueTime)).filter(Boolean).length;

describe('the allowance of a socket', () => {
  it('is a burst of a thousand, then five hundred a second, and never more than a burst', () => {
    const allowance = new Allowance(0 as TrueTime);
    expect(taken(allowance, 0, 1_500)).toBe(1_000);
    expect(taken(allowance, 1_000_000, 1_500)).toBe(500);
    expect(taken(allowance, 100_000_000, 1_500)).toBe(1_000);
  });
});

describe('the inbox', () => {
  it('handles two hundred frames in a turn, and the rest in later ones, in order', async () => {
    const inbox = new Inbox();
    const handled: number[] = [];
    for (let i = 0; i < 450; i++) inbox.take(() => handled.push(i));
    const turns = [handled.length];
    while (handled.length < 450) {
      await new Promise(setImmediate);
      turns.push(handled.length);
    }
    expect(turns).toEqual([200, 400, 450]);
    expect(handled).toEqual(handled.toSorted((a, b) => a - b));
  });
});

describe('the wait before another dial', () => {
  it.each([
    [1, 0, 100],
    [1, 1, 200],
    [2, 1, 400],
    [20, 1, 500],
    [20, 0.5, 300],
  ])('after %i failures with chance %f is %i ms', (failures, chance, ms) => expect(backoff(failures, chance)).toBe(ms));
});
