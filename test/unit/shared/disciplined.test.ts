import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  adjust,
  carried,
  type Discipline,
  fastestSlew,
  pending,
  read,
  settlesAt,
  slewRate,
  undisciplined,
} from '../../../shared/clock/disciplined.ts';
import type { Adjustment } from '../../../shared/protocol.ts';
import { type Duration, microseconds, milliseconds, ppm, type RawTime, seconds } from '../../../shared/time.ts';

const at = (s: number): RawTime => seconds(s) as number as RawTime;
const slew = (by: Duration, rate = 50_000): Adjustment => ({ how: 'slew', by, rate: ppm(rate) });
const step = (by: Duration): Adjustment => ({ how: 'step', by });
const applied = (d: Discipline, raw: RawTime): number => read(d, raw) - raw;
const target = (d: Discipline, raw: RawTime): number => read(d, raw) + pending(d, raw) - raw;

describe('a clock that nobody corrected', () => {
  it('shows what the raw clock shows', () => {
    expect(read(undisciplined, at(-7))).toBe(-7_000_000);
    expect([pending(undisciplined, at(7)), slewRate(undisciplined, at(7)), settlesAt(undisciplined, at(7))]).toEqual([0, 0, undefined]);
  });
});

describe.each([milliseconds(100), milliseconds(-100)])('a slew of %d us at 50,000 ppm', (by) => {
  const d = adjust(undisciplined, at(10), slew(by));

  it('takes two seconds, and ends exactly at the target', () => {
    expect(settlesAt(d, at(10))).toBe(at(12));
    expect([applied(d, at(10)), applied(d, at(11)), applied(d, at(12)), applied(d, at(100))]).toEqual([0, by / 2, by, by]);
    expect([pending(d, at(10)), pending(d, at(11)), pending(d, at(12))]).toEqual([by, by / 2, 0]);
    expect([slewRate(d, at(11)), slewRate(d, at(12))]).toEqual([Math.sign(by) * 50_000, 0]);
  });

  it('is strictly increasing over 100,000 reads, within 5 % of the rate of the raw clock', () => {
    const raws = Array.from({ length: 100_001 }, (_, i) => at(10 + i * 25e-6));
    const ticks = raws.slice(1).map((raw, i) => ({ raw: raw - (raws[i] ?? raw), clock: read(d, raw) - read(d, raws[i] ?? raw) }));
    expect(ticks.filter((tick) => tick.clock <= 0)).toEqual([]);
    expect(ticks.filter((tick) => Math.abs(tick.clock - tick.raw) > 0.05 * tick.raw + 1)).toEqual([]);
  });
});

describe('a new correction', () => {
  it('is added to one that is not finished', () => {
    const first = adjust(undisciplined, at(0), slew(milliseconds(100)));
    const second = adjust(first, at(1), slew(milliseconds(-20)));
    expect(read(second, at(1))).toBe(read(first, at(1)));
    expect(pending(second, at(1))).toBe(30_000);
    expect(applied(second, at(100))).toBe(80_000);
  });

  it('that is a step takes effect at once and leaves the slew to go on', () => {
    const slewing = adjust(undisciplined, at(0), slew(milliseconds(100)));
    const stepped = adjust(slewing, at(1), step(seconds(3)));
    expect(read(stepped, at(1)) - read(slewing, at(1))).toBe(3_000_000);
    expect(pending(stepped, at(1))).toBe(50_000);
    expect(slewRate(stepped, at(1))).toBe(50_000);
    expect(applied(stepped, at(100))).toBe(3_100_000);
  });

  it('of nothing changes nothing', () => {
    const d = adjust(undisciplined, at(1), slew(microseconds(0)));
    expect([read(d, at(2)), pending(d, at(2)), settlesAt(d, at(2))]).toEqual([2_000_000, 0, undefined]);
  });
});

describe('the rate of a slew', () => {
  it('is never more than a tenth, whatever is asked for', () => {
    const d = adjust(undisciplined, at(0), slew(seconds(10), 2_000_000));
    expect(slewRate(d, at(1))).toBe(fastestSlew);
    expect(applied(d, at(1))).toBe(100_000);
  });

  it('is the new one for all that is pending', () => {
    const fast = adjust(undisciplined, at(0), slew(milliseconds(100)));
    const slow = adjust(fast, at(1), slew(microseconds(0), 500));
    expect(settlesAt(slow, at(1))).toBe(at(101));
    expect(applied(slow, at(2)) - applied(slow, at(1))).toBe(500);
  });
});

describe('a raw clock that jumps in the middle of a slew', () => {
  it.each([-5, 5])('by %d s takes the disciplined clock along by as much, and what is pending stays so', (jump) => {
    const d = adjust(undisciplined, at(0), slew(milliseconds(100)));
    const after = carried(d, at(1), at(1 + jump));
    expect(read(after, at(1 + jump)) - read(d, at(1))).toBe(seconds(jump));
    expect(pending(after, at(1 + jump))).toBe(50_000);
    expect(settlesAt(after, at(1 + jump))).toBe(at(2 + jump));
  });
});

describe('the end of a slow slew', () => {
  it('is still to come while what is pending rounds to nothing already', () => {
    const d = adjust(undisciplined, at(0), slew(milliseconds(2), 500));
    expect(pending(d, at(3.9995))).toBe(0);
    expect([settlesAt(d, at(3.9995)), settlesAt(d, at(4)), settlesAt(d, at(5))]).toEqual([at(4), undefined, undefined]);
  });
});

describe('any sequence of corrections', () => {
  const corrections = fc.array(
    fc.record({
      after: fc.integer({ min: 0, max: 5_000_000 }),
      by: fc.integer({ min: -2_000_000, max: 2_000_000 }),
      rate: fc.integer({ min: 1, max: 3_000_000 }),
      reads: fc.array(fc.integer({ min: 0, max: 1_000_000 }), { maxLength: 5 }),
      steps: fc.boolean(),
    }),
    { maxLength: 30 },
  );

  it('never sets the clock back, if all are slews', () => {
    fc.assert(
      fc.property(corrections, (all) => {
        let [d, raw, last] = [undisciplined, at(0), read(undisciplined, at(0))];
        for (const { after, by, rate, reads } of all) {
          for (const ahead of [...reads, after].toSorted((a, b) => a - b)) {
            if (ahead > after) break;
            const clock = read(d, (raw + ahead) as RawTime);
            expect(clock).toBeGreaterThanOrEqual(last);
            last = clock;
          }
          raw = (raw + after) as RawTime;
          d = adjust(d, raw, slew(microseconds(by), rate));
          expect(read(d, raw)).toBe(last);
        }
      }),
    );
  });

  it('ends at the sum of all', () => {
    fc.assert(
      fc.property(corrections, (all) => {
        let [d, raw, sum] = [undisciplined, at(0), 0];
        for (const { after, by, rate, steps } of all) {
          raw = (raw + after) as RawTime;
          d = adjust(d, raw, steps ? step(microseconds(by)) : slew(microseconds(by), rate));
          sum += by;
          expect(target(d, raw)).toBe(sum);
        }
        expect(target(d, (raw + 1e15) as RawTime)).toBe(sum);
        if (settlesAt(d, raw) !== undefined) expect(applied(d, settlesAt(d, raw) as RawTime)).toBe(sum);
      }),
    );
  });
});
