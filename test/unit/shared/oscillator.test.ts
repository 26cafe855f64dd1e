import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { advance, afflicted, type Oscillator, oscillator, periodic, rateOf, reaches, read, wander } from '../../../shared/clock/oscillator.ts';
import { stream } from '../../../shared/random.ts';
import { microseconds, milliseconds, ppm, type RawTime, seconds, type TrueTime } from '../../../shared/time.ts';

const at = (s: number): TrueTime => seconds(s) as number as TrueTime;
const error = (o: Oscillator, t: TrueTime): number => read(advance(o, t), t) - t;
const steady = oscillator(at(0), milliseconds(300), ppm(50));

describe('a steady oscillator', () => {
  it('starts off by its offset and gains its drift', () => {
    expect(error(steady, at(0))).toBe(300_000);
    expect(error(steady, at(60))).toBe(303_000);
    expect(error(oscillator(at(100), milliseconds(-1), ppm(-100)), at(110))).toBe(-2_000);
  });

  it('never bends', () => {
    expect(steady.bendsAt).toBeUndefined();
    expect(advance(steady, at(1e6))).toBe(steady);
  });
});

describe('an oscillator that wanders', () => {
  const wanderer = (deviation: number) => oscillator(at(0), microseconds(0), ppm(10), wander(ppm(deviation), stream(1, 'wander')));

  it('bends every second, and is joined there to the microsecond', () => {
    let o = wanderer(5);
    for (let i = 1; i <= 1_000; i++) {
      expect(o.bendsAt).toBe(at(i));
      const before = read(o, at(i));
      o = advance(o, at(i));
      expect(read(o, at(i))).toBe(before);
    }
  });

  it('walks: after n bends the rate has deviated by the root of n steps', () => {
    const random = stream(2, 'wander');
    const ends = Array.from({ length: 1_000 }, () => rateOf(advance(oscillator(at(0), microseconds(0), ppm(10), wander(ppm(1), random)), at(25))));
    const mean = ends.reduce((a, r) => a + r, 0) / ends.length;
    const deviation = Math.sqrt(ends.reduce((a, r) => a + (r - mean) ** 2, 0) / ends.length);
    expect(Math.abs(mean - 10)).toBeLessThan(0.8);
    expect(Math.abs(deviation / 5 - 1)).toBeLessThan(0.12);
  });

  it('passes the same bends whether it is advanced at once or bit by bit', () => {
    const atOnce = advance(wanderer(5), at(30));
    let o = wanderer(5);
    for (let t = 0; t <= 30; t += 0.25) o = advance(o, at(t));
    expect(read(o, at(30))).toBe(read(atOnce, at(30)));
    expect(rateOf(o)).toBe(rateOf(atOnce));
  });
});

describe('an oscillator that follows the warmth of the day', () => {
  const o = oscillator(at(0), microseconds(0), ppm(10), periodic(ppm(40), seconds(100), at(0)));

  it('swings by the amplitude to both sides of its steady rate', () => {
    const rates = Array.from({ length: 101 }, (_, i) => rateOf(advance(o, at(i))));
    expect(Math.max(...rates)).toBeCloseTo(50, 6);
    expect(Math.min(...rates)).toBeCloseTo(-30, 6);
  });

  it('gains over a whole period what its steady rate gains', () => expect(Math.abs(error(o, at(100)) - 1_000)).toBeLessThan(60));

  it('is joined at every bend', () => {
    let now = o;
    for (let i = 1; i <= 200; i++) {
      const before = read(now, at(i));
      now = advance(now, at(i));
      expect(Math.abs(read(now, at(i)) - before)).toBe(0);
    }
  });
});

describe('an oscillator that misbehaves', () => {
  it('jumps by as much as it is told, and goes on at its rate', () => {
    const jumped = afflicted(steady, at(10), { fault: 'step', by: seconds(-5) });
    expect(read(jumped, at(10)) - read(steady, at(10))).toBe(-5_000_000);
    expect(read(jumped, at(20)) - read(steady, at(20))).toBe(-5_000_000);
  });

  it('takes another drift without a jump', () => {
    const faster = afflicted(steady, at(10), { fault: 'drift', rate: ppm(200) });
    expect(read(faster, at(10))).toBe(read(steady, at(10)));
    expect(error(faster, at(20)) - error(steady, at(10))).toBe(2_000);
  });

  it('stands still while it is frozen, and goes on from there', () => {
    const frozen = afflicted(steady, at(10), { fault: 'freeze' });
    expect(read(frozen, at(15))).toBe(read(steady, at(10)));
    expect(rateOf(frozen)).toBe(-1_000_000);
    const thawed = afflicted(frozen, at(15), { fault: 'thaw' });
    expect(read(thawed, at(15))).toBe(read(frozen, at(15)));
    expect(rateOf(thawed)).toBe(50);
    expect(read(thawed, at(16)) - read(thawed, at(15))).toBe(1_000_050);
  });

  it('stays frozen over the bends of its wobble', () => {
    const frozen = afflicted(oscillator(at(0), microseconds(0), ppm(10), wander(ppm(5), stream(1))), at(0.5), { fault: 'freeze' });
    expect(read(advance(frozen, at(9)), at(9))).toBe(read(frozen, at(0.5)));
  });

  it('keeps a jump that happens while it is frozen', () => {
    const jumped = afflicted(afflicted(steady, at(10), { fault: 'freeze' }), at(12), { fault: 'step', by: milliseconds(7) });
    expect(read(jumped, at(13)) - read(steady, at(10))).toBe(7_000);
  });
});

describe('the instant at which an oscillator reaches a reading', () => {
  it('is the first at which it shows it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -1e6, max: 1e6 }),
        fc.double({ min: -5e4, max: 5e4, noNaN: true }),
        fc.integer({ min: 1, max: 1e9 }),
        (offset, rate, ahead) => {
          const o = oscillator(at(3), microseconds(offset), ppm(rate));
          const raw = (read(o, at(3)) + ahead) as RawTime;
          const reached = reaches(o, raw) as TrueTime;
          expect(read(o, reached)).toBeGreaterThanOrEqual(raw);
          expect(read(o, (reached - 2) as TrueTime)).toBeLessThan(raw);
        },
      ),
    );
  });

  it('never comes for a frozen one', () =>
    expect(reaches(afflicted(steady, at(1), { fault: 'freeze' }), (read(steady, at(1)) + 1) as RawTime)).toBeUndefined());
});
