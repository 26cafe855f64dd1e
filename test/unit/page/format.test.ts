import { describe, expect, it } from 'vitest';
import { allowed, bound, count, ppm, signed, span, term, timeOfDay } from '../../../services/console/page/format.ts';

/** Tests are easier to read with plain spaces than with those that do not break. */
const plain = (text: string): string => text.replaceAll('\u00a0', ' ');

describe('numbers on the page', () => {
  it.each([
    [{ least: 28, most: 28 }, '28'],
    [{ least: 0, most: 1_000 }, '≤ 1,000'],
    [{ least: 4, most: 11 }, '4 to 11'],
    [{ least: 4, most: null }, '≥ 4'],
  ])('%o allows %s', (limits, text) => expect(plain(allowed(limits))).toBe(text));

  it.each([
    [3_421, '+3.42 ms'],
    [-350_000, '−350.0 ms'],
    [99_949, '+99.95 ms'],
    [99_951, '+100.0 ms'],
    [12_000_000, '+12.00 s'],
    [0, '0 ms'],
    [null, '–'],
  ])('%d µs is %s', (us, text) => expect(plain(signed(us))).toBe(text));

  it('gives a bound both signs, and a span none', () => {
    expect(plain(bound(900))).toBe('±0.90 ms');
    expect(plain(span(-900))).toBe('0.90 ms');
    expect([bound(null), span(undefined)]).toEqual(['–', '–']);
  });

  it('signs rates', () => expect([ppm(80), ppm(-12.4), ppm(null)].map(plain)).toEqual(['+80 ppm', '−12 ppm', '–']));
  it('groups thousands', () => expect(count(1_234_567)).toBe('1,234,567'));
  it('shortens a term to its number', () => expect([term('12.5.1750000000000000'), term(null)]).toEqual(['12', '–']));
});

describe('the time of day', () => {
  const noon = Date.UTC(2026, 0, 2, 12, 0, 0, 7) * 1_000;

  it('is local', () => {
    expect(timeOfDay(noon, 0)).toBe('12:00:00.007');
    expect(timeOfDay(noon, 330)).toBe('17:30:00.007');
  });

  it('goes round midnight in both directions', () => {
    expect(timeOfDay(noon, 12 * 60)).toBe('00:00:00.007');
    expect(timeOfDay(noon, -12 * 60 - 1)).toBe('23:59:00.007');
  });

  it('cuts milliseconds off rather than rounding a second up', () => expect(timeOfDay(noon + 992_999, 0)).toBe('12:00:00.999'));
});
