import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Average, agree, averages, largestSubset, median } from '../../../shared/clock/agreement.ts';
import { type Duration, microseconds, milliseconds } from '../../../shared/time.ts';

const gamma = milliseconds(20);
const ms = (...ns: readonly number[]): readonly Duration[] => ns.map(milliseconds);
const found = (rule: Average, offsets: readonly Duration[]): string => {
  const a = agree(rule, offsets, gamma);
  return a.kind === 'agreed' ? `${a.average} us of ${a.agreeing}` : a.reason;
};

/** Offsets in milliseconds, the coordinator's own 0 among them; gamma is 20 ms. */
const table: readonly [offsets: readonly number[], Readonly<Record<Average, string>>][] = [
  [
    [0, 3, -4, 60_000],
    { mean: '14999750 us of 4', gamma: '-333 us of 3', median: '1500 us of 4', trimmed: '1500 us of 4', historical: '-333 us of 3' },
  ],
  [
    [0, 5, 10, 15, 22, 100],
    { mean: '25333 us of 6', gamma: '13000 us of 4', median: '12500 us of 6', trimmed: '13000 us of 6', historical: '13000 us of 4' },
  ],
  [[0, -10, 25], { mean: '5000 us of 3', gamma: '-5000 us of 2', median: '0 us of 3', trimmed: '0 us of 3', historical: '-5000 us of 2' }],
  [
    [0, 1, 100, 101],
    {
      mean: '50500 us of 4',
      gamma: 'no majority of clocks agree (2 of 4)',
      median: '50500 us of 4',
      trimmed: '50500 us of 4',
      historical: '100500 us of 2',
    },
  ],
  [
    [0, 500, 1000],
    {
      mean: '500000 us of 3',
      gamma: 'no majority of clocks agree (1 of 3)',
      median: '500000 us of 3',
      trimmed: '500000 us of 3',
      historical: '250000 us of 2',
    },
  ],
  [
    [0, 50],
    {
      mean: '25000 us of 2',
      gamma: 'no majority of clocks agree (1 of 2)',
      median: 'too few clocks were read (2, at least 3 are needed)',
      trimmed: 'too few clocks were read (2, at least 3 are needed)',
      historical: '25000 us of 2',
    },
  ],
];

describe('the table of offsets', () => {
  const cells = table.flatMap(([offsets, by]) => Object.entries(by).map(([rule, says]) => [offsets, rule as Average, says] as const));
  it.each(cells)('%j by the rule %s: %s', (offsets, rule, says) => expect(found(rule, ms(...offsets))).toBe(says));

  it('does not depend on the order in which clocks were read', () => {
    for (const [offsets, by] of table) for (const rule of averages) expect(found(rule, ms(...offsets).toReversed())).toBe(by[rule]);
  });
});

describe('the median', () => {
  it('is the middle one, or the mean of the middle two, also of two clocks', () => {
    expect([median(ms(7)), median(ms(0, 50)), median(ms(3, 1, 2)), median(ms(4, 1, 3, 2))]).toEqual([7_000, 25_000, 2_000, 2_500]);
  });

  it('of an even number of odd microseconds is rounded', () => expect(median([0, 1].map(microseconds))).toBe(1));
});

describe('the largest set within gamma', () => {
  it('counts clocks that are exactly gamma apart, and none beyond', () => {
    expect(largestSubset(ms(0, 20), gamma)).toEqual(ms(0, 20));
    expect(largestSubset([milliseconds(0), microseconds(20_001)], gamma)).toEqual([20_001]);
  });

  it('is the later one of two that are equally large, and not the tightest', () => {
    expect(largestSubset(ms(0, 1, 100, 119), gamma)).toEqual(ms(100, 119));
    expect(largestSubset(ms(0, 5, 10, 15, 22, 100), gamma)).toEqual(ms(5, 10, 15, 22));
  });

  it('says how few agree where there is no majority: two of five', () => {
    expect(found('gamma', ms(0, 1, 100, 200, 300))).toBe('no majority of clocks agree (2 of 5)');
    expect(found('gamma', ms(0, 1, 2, 200, 300))).toBe('1000 us of 3');
  });

  it('is dragged by liars just inside gamma as far as theory says, and no further', () => {
    expect(found('gamma', [0, 0, 0, 10].map(milliseconds))).toBe('2500 us of 4');
    expect(found('gamma', [0, 0, 0, 10, 10].map(milliseconds))).toBe('4000 us of 5');
  });
});

describe('every rule', () => {
  const offsets = fc.array(fc.integer({ min: -1e9, max: 1e9 }).map(microseconds), { minLength: 3, maxLength: 12 });
  const rule = fc.constantFrom<Average>('mean', 'gamma', 'median', 'trimmed');

  it('answers within the range of the clocks, in whole microseconds', () => {
    fc.assert(
      fc.property(rule, offsets, (by, all) => {
        const a = agree(by, all, gamma);
        if (a.kind === 'refused') return;
        expect(Number.isSafeInteger(a.average)).toBe(true);
        expect(a.average).toBeGreaterThanOrEqual(Math.min(...all));
        expect(a.average).toBeLessThanOrEqual(Math.max(...all));
      }),
    );
  });

  it('moves with the clocks: the zero of the coordinator is no special value', () => {
    fc.assert(
      fc.property(rule, offsets, fc.integer({ min: -1e6, max: 1e6 }), (by, all, shift) => {
        const [here, there] = [
          agree(by, all, gamma),
          agree(
            by,
            all.map((o) => microseconds(o + shift)),
            gamma,
          ),
        ];
        expect(there.kind).toBe(here.kind);
        if (here.kind === 'agreed' && there.kind === 'agreed') expect(Math.abs(there.average - here.average - shift)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('but the mean stays within the correct clocks, whatever one wild clock shows', () => {
    const correct = fc.array(fc.integer({ min: -5_000, max: 5_000 }).map(microseconds), { minLength: 3, maxLength: 8 });
    const wild = fc.integer({ min: 100_000, max: 1e9 }).map(microseconds);
    fc.assert(
      fc.property(fc.constantFrom<Average>('gamma', 'median', 'trimmed'), correct, wild, fc.boolean(), (by, all, far, before) => {
        const a = agree(by, [...all, before ? microseconds(-far) : far], gamma);
        if (a.kind === 'refused') throw new Error(a.reason);
        expect(a.average).toBeGreaterThanOrEqual(Math.min(...all));
        expect(a.average).toBeLessThanOrEqual(Math.max(...all));
      }),
    );
  });
});
