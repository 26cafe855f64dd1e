import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { constant, type Delay, draw, parseDelay, uniform } from '../../../shared/faults/delay.ts';
import { stream } from '../../../shared/random.ts';
import { microseconds, milliseconds } from '../../../shared/time.ts';

const ms = milliseconds;

describe('a delay as text', () => {
  it.each<[string, Delay]>([
    ['constant:10ms', constant(ms(10))],
    ['constant:0ms', constant(ms(0))],
    ['uniform:5ms:25ms', uniform(ms(5), ms(25))],
    ['uniform:5ms:5ms', uniform(ms(5), ms(5))],
    ['normal:20ms:5ms', { distribution: 'normal', mean: ms(20), deviation: ms(5) }],
    ['exponential:10ms', { distribution: 'exponential', mean: ms(10) }],
    ['uniform:250us:0.5s', uniform(microseconds(250), ms(500))],
  ])('%s is read', (text, delay) => expect(parseDelay(text)).toEqual(delay));

  it.each([
    '',
    'constant',
    'constant:',
    'constant:10',
    'constant:-1ms',
    'constant:1ms:2ms',
    'uniform:5ms',
    'uniform:25ms:5ms',
    'uniform:5ms:25ms:35ms',
    'uniform::25ms',
    'normal:5ms',
    'normal:5ms:-1ms',
    'exponential:1ms:1ms',
    'pareto:1ms',
    'Uniform:5ms:25ms',
    'toString:5ms',
  ])('%j is none', (text) => expect(parseDelay(text)).toBeUndefined());
});

describe('a drawn delay', () => {
  const n = 100_000;
  const moments = (delay: Delay) => {
    const random = stream(1, 'delay');
    const xs = Array.from({ length: n }, () => draw(delay, random) / 1_000);
    const mean = xs.reduce((a, x) => a + x, 0) / n;
    return { mean, deviation: Math.sqrt(xs.reduce((a, x) => a + (x - mean) ** 2, 0) / n), least: Math.min(...xs.slice(0, 50_000)) };
  };

  it.each<[string, number, number]>([
    ['constant:10ms', 10, 0],
    ['uniform:5ms:25ms', 15, 20 / Math.sqrt(12)],
    ['normal:50ms:5ms', 50, 5],
    ['exponential:10ms', 10, 10],
  ])('%s has mean %d ms and deviation %d ms', (text, mean, deviation) => {
    const drawn = moments(parseDelay(text) as Delay);
    expect(Math.abs(drawn.mean / mean - 1)).toBeLessThan(0.015);
    expect(Math.abs(drawn.deviation - deviation)).toBeLessThan(0.015 * Math.max(deviation, 0.001));
  });

  it('is a whole number of microseconds and never negative, also where a normal one would be', () => {
    const random = stream(2, 'delay');
    const texts = ['constant:3us', 'uniform:0us:9us', 'normal:1ms:5ms', 'exponential:1ms'];
    fc.assert(
      fc.property(fc.constantFrom(...texts), (text) => {
        const drawn = draw(parseDelay(text) as Delay, random);
        expect(Number.isSafeInteger(drawn)).toBe(true);
        expect(drawn).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 2_000 },
    );
  });

  it('stays within the ends of a uniform one', () => {
    const random = stream(3, 'delay');
    const drawn = Array.from({ length: 10_000 }, () => draw(uniform(microseconds(3), microseconds(5)), random));
    expect(new Set(drawn)).toEqual(new Set([3, 4, 5]));
  });
});
