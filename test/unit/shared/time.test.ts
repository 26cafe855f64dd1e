import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  atMost,
  type ClockTime,
  elapsed,
  format,
  formatBound,
  gained,
  half,
  later,
  longest,
  magnitude,
  mean,
  microseconds,
  milliseconds,
  minus,
  negated,
  parseDuration,
  ppm,
  seconds,
  shortest,
  sum,
} from '../../../shared/time.ts';

const us = microseconds;

describe('durations', () => {
  it('are whole microseconds, however they are made', () => {
    expect([us(1.4), us(1.6), milliseconds(1.2345), seconds(0.0000015)]).toEqual([1, 2, 1235, 2]);
  });

  it('add, subtract and compare with their signs', () => {
    expect(sum(us(1), us(-3), us(7))).toBe(5);
    expect(sum()).toBe(0);
    expect(minus(us(2), us(5))).toBe(-3);
    expect([magnitude(us(-3)), magnitude(us(3))]).toEqual([3, 3]);
    expect([shortest(us(-5), us(2)), longest(us(-5), us(2))]).toEqual([-5, 2]);
  });

  it('have no negative zero, which would print and compare differently', () => {
    expect(Object.is(negated(us(0)), 0)).toBe(true);
    expect(Object.is(us(-0.4), 0)).toBe(true);
    expect(Object.is(gained(us(-1), ppm(1)), 0)).toBe(true);
    expect(Object.is(half(us(-1)), 0)).toBe(true);
  });

  it('round a mean of a third to the nearest microsecond', () => {
    expect(mean([0, 3000, -4000].map(us))).toBe(-333);
    expect(mean([1, 2].map(us))).toBe(2);
  });

  it('is what lies between two instants of one clock', () => {
    const at = 1_000 as ClockTime;
    expect(elapsed(at, later(at, us(250)))).toBe(250);
    expect(elapsed(later(at, us(250)), at)).toBe(-250);
  });

  it('stay exact for wall clocks until the year 2255', () => {
    const end = (Date.UTC(2255, 0, 1) * 1_000) as ClockTime;
    expect(Number.isSafeInteger(end + 1)).toBe(true);
    expect(elapsed(end, later(end, us(1)))).toBe(1);
  });
});

describe('what a wrong rate gains', () => {
  it('is 50 microseconds a second at 50 ppm, and as much is lost at -50 ppm', () => {
    expect(gained(seconds(1), ppm(50))).toBe(50);
    expect(gained(seconds(60), ppm(-50))).toBe(-3_000);
  });

  it('never exceeds what it is bounded by, in either direction of time', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e12, max: 1e12 }), fc.double({ min: 0, max: 1e5, noNaN: true }), (span, rate) => {
        const bound = atMost(us(span), ppm(rate));
        expect(Number.isSafeInteger(bound)).toBe(true);
        expect(bound).toBeGreaterThanOrEqual((Math.abs(span) * rate) / 1e6);
        expect(Math.abs(gained(us(span), ppm(rate)))).toBeLessThanOrEqual(bound + 0.5);
      }),
    );
  });
});

describe('the format', () => {
  it.each([
    [1_250, '+1.250ms'],
    [-850, '-0.850ms'],
    [0, '+0.000ms'],
    [-60_000_333, '-60000.333ms'],
  ])('of %d us is %s', (n, text) => expect(format(us(n))).toBe(text));

  it('of a bound has a sign for both sides', () => expect(formatBound(us(850))).toBe('±0.850ms'));
});

describe('a duration as text', () => {
  it.each([
    ['500ms', 500_000],
    ['-1.5s', -1_500_000],
    ['+250us', 250],
    ['10min', 600_000_000],
    ['1h', 3_600_000_000],
    ['0s', 0],
    ['0.5us', 1],
  ])('%s is %d us', (text, n) => expect(parseDuration(text)).toBe(n));

  it.each(['', '5', 'ms', '5 ms', '1e3ms', '.5s', '5.s', '--5ms', '5msx', '5days', 'Infinitys', 'NaNms', '0x5ms', '5ms\n'])('%j is none', (text) =>
    expect(parseDuration(text)).toBeUndefined(),
  );

  it('that is too long to count exactly is none', () => expect(parseDuration(`${'9'.repeat(20)}h`)).toBeUndefined());

  it('is read as it was written', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e9, max: 1e9 }), (n) => {
        expect(parseDuration(`${n}us`)).toBe(n);
      }),
    );
  });
});
