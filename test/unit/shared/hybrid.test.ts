/** The hybrid clock: every case of the paper's figure 5, and what the paper proves of all runs (theorems 1 to 3, corollary 1). */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compare, furthest, type HybridTime, mostEvents, origin, receive, tick } from '../../../shared/logical/hybrid.ts';
import { type ClockTime, elapsed } from '../../../shared/time.ts';

const at = (us: number): ClockTime => us as ClockTime;
const time = (l: number, c: number): HybridTime => ({ l: at(l), c });

describe('an event of the process itself', () => {
  it.each<[string, HybridTime, number, HybridTime]>([
    ['takes the time of a clock that has moved on, and counts anew', time(10, 3), 11, time(11, 0)],
    ['counts on while the clock stands still', time(10, 3), 10, time(10, 4)],
    ['counts on while the clock is behind what it has heard of', time(10, 0), 4, time(10, 1)],
    ['is told of a clock that is behind zero as well', time(-20, 2), -7, time(-7, 0)],
  ])('%s', (_, own, physical, expected) => expect(tick(own, at(physical))).toEqual(expected));

  it('of a process that starts is later than its start', () => {
    const start = origin(at(5));
    expect([start, tick(start, at(5))]).toEqual([time(5, 0), time(5, 1)]);
  });
});

describe('a receipt', () => {
  it.each<[string, HybridTime, HybridTime, number, HybridTime]>([
    ['when all three agree on nothing: the clock is ahead', time(10, 3), time(11, 7), 12, time(12, 0)],
    ['of a message that is ahead', time(10, 3), time(12, 7), 11, time(12, 8)],
    ['of a message that is behind', time(12, 3), time(10, 7), 11, time(12, 4)],
    ['of a message of the same time, with the larger count', time(12, 3), time(12, 7), 11, time(12, 8)],
    ['of a message of the same time, with the smaller count', time(12, 9), time(12, 7), 11, time(12, 10)],
    ['when all three show the same time', time(12, 1), time(12, 1), 12, time(12, 2)],
    ['of a message that shows what the clock shows', time(10, 5), time(12, 0), 12, time(12, 1)],
  ])('%s', (_, own, received, physical, expected) => expect(receive(own, received, at(physical))).toEqual(expected));

  it('takes a time over that is as far ahead as clocks may be, and none beyond', () => {
    expect(receive(time(10, 3), time(11 + furthest, 7), at(11))).toEqual(time(11 + furthest, 8));
    expect(receive(time(10, 3), time(12 + furthest, 7), at(11))).toEqual(time(11, 0));
    expect(receive(time(10, 3), time(Number.MAX_SAFE_INTEGER, 7), at(11))).toEqual(time(11, 0));
  });

  it('takes no count over that no run leads to', () => {
    expect(receive(time(10, 3), time(12, mostEvents + 1), at(9))).toEqual(time(10, 4));
    expect(receive(time(10, 3), time(12, Number.MAX_SAFE_INTEGER), at(9))).toEqual(time(10, 4));
  });
});

/** The example of the paper's figure 6: process 0 is ten ahead of the others, and tells them. */
describe("the paper's example", () => {
  it('keeps the time of the clock that is ahead, counts, and lets go of it when its own clock arrives there', () => {
    const sent = tick(time(9, 0), at(10));
    const [one, two] = [receive(time(0, 0), sent, at(1)), tick(receive(time(0, 0), sent, at(1)), at(2))];
    const three = receive(time(0, 0), two, at(2));
    expect([sent, one, two, three, tick(three, at(11))]).toEqual([time(10, 0), time(10, 1), time(10, 2), time(10, 3), time(11, 0)]);
  });
});

interface Happened {
  readonly process: number;
  readonly physical: ClockTime;
  readonly hybrid: HybridTime;
  readonly after: readonly number[];
}

const processes = 4;
const turn = fc.record({
  process: fc.nat(processes - 1),
  does: fc.constantFrom('nothing', 'sends', 'receives'),
  which: fc.nat(50),
  later: fc.nat(3),
});
const skews = fc.array(fc.integer({ min: -20, max: 20 }), { minLength: processes, maxLength: processes });

/** Clocks run alike, each with its own offset from true time, and stand still within a turn as often as not. */
function run(turns: readonly { process: number; does: string; which: number; later: number }[], skew: readonly number[]): readonly Happened[] {
  const events: Happened[] = [];
  const sent: number[] = [];
  let now = 0;
  for (const { process, does, which, later } of turns) {
    now += later;
    const physical = at(now + (skew[process] ?? 0));
    const last = events.findLastIndex((e) => e.process === process);
    const own = events[last]?.hybrid ?? origin(at(skew[process] ?? 0));
    const cause = does === 'receives' && sent.length > 0 ? sent[which % sent.length] : undefined;
    const message = cause === undefined ? undefined : events[cause];
    if (does === 'sends') sent.push(events.length);
    const hybrid = message ? receive(own, message.hybrid, physical) : tick(own, physical);
    events.push({ process, physical, hybrid, after: [last, cause ?? -1].filter((i) => i >= 0) });
  }
  return events;
}

describe('on every run', () => {
  const runs = fc.tuple(fc.array(turn, { maxLength: 60 }), skews);

  it('what could have caused an event is earlier', () => {
    fc.assert(
      fc.property(runs, ([turns, skew]) => {
        const events = run(turns, skew);
        for (const { hybrid, after } of events) for (const i of after) expect(compare(events[i]?.hybrid ?? hybrid, hybrid)).toBeLessThan(0);
      }),
    );
  });

  it('an event is never earlier than its own clock, and ahead of it by at most the largest difference between two clocks', () => {
    fc.assert(
      fc.property(runs, ([turns, skew]) => {
        const largest = Math.max(...skew) - Math.min(...skew);
        for (const { physical, hybrid } of run(turns, skew)) {
          expect(elapsed(physical, hybrid.l)).toBeGreaterThanOrEqual(0);
          expect(elapsed(physical, hybrid.l)).toBeLessThanOrEqual(largest);
        }
      }),
    );
  });

  it('the time of an event is that of a clock at an event before it or at itself, and its count is at most the number of those', () => {
    fc.assert(
      fc.property(runs, ([turns, skew]) => {
        const events = run(turns, skew);
        const pasts: Set<number>[] = [];
        for (const [i, { after }] of events.entries()) pasts.push(new Set([i, ...after.flatMap((j) => [...(pasts[j] ?? [])])]));
        for (const [i, { hybrid }] of events.entries()) {
          const sharing = [...(pasts[i] ?? [])].filter((j) => events[j]?.hybrid.l === hybrid.l);
          const shown = sharing.some((j) => events[j]?.physical === hybrid.l);
          expect(shown || skew.includes(hybrid.l)).toBe(true);
          expect(hybrid.c).toBeLessThanOrEqual(sharing.length);
        }
      }),
    );
  });
});
