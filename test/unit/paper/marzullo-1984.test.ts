/** Marzullo's selection: the smallest interval that most sources share, on the vectors of the literature. */
import { describe, expect, it } from 'vitest';
import { select } from '../../../shared/clock/marzullo/selection.ts';
import { nodeId } from '../../../shared/protocol.ts';
import { microseconds } from '../../../shared/time.ts';

const chosen = (servers: number, ...intervals: readonly (readonly [number, number])[]) =>
  select(
    intervals.map(([low, high], i) => ({ of: nodeId(i + 1), low: microseconds(low), high: microseconds(high) })),
    servers,
  );

describe('the selection', () => {
  it('of [8,12] [11,13] [10,12] is [11,12], on which all three agree', () => {
    expect(chosen(3, [8, 12], [11, 13], [10, 12])).toMatchObject({ low: 11, high: 12, truechimers: [1, 2, 3], falsetickers: [] });
  });

  it('of [8,12] [11,13] [14,15] is [11,12], on which two of three agree', () => {
    expect(chosen(3, [8, 12], [11, 13], [14, 15])).toMatchObject({ low: 11, high: 12, truechimers: [1, 2], falsetickers: [3] });
  });

  it('of intervals that touch is the point in which they do', () => expect(chosen(2, [8, 10], [10, 12])).toMatchObject({ low: 10, high: 10 }));

  it('does not mind the order of the servers', () =>
    expect(chosen(3, [14, 15], [11, 13], [8, 12])).toMatchObject({ low: 11, high: 12, falsetickers: [1] }));

  it('of five servers finds one liar, and two that lie differently or alike', () => {
    const honest = [
      [0, 10],
      [2, 12],
      [4, 14],
    ] as const;
    expect(chosen(5, ...honest, [3, 9], [900, 910])).toMatchObject({ low: 4, high: 9, falsetickers: [5] });
    expect(chosen(5, ...honest, [500, 510], [900, 910])).toMatchObject({ low: 4, high: 10, falsetickers: [4, 5] });
    expect(chosen(5, ...honest, [900, 910], [900, 910])).toMatchObject({ low: 4, high: 10, falsetickers: [4, 5] });
  });

  it('is refused where three of five lie differently: only two of five agree', () => {
    const refused = chosen(5, [0, 10], [2, 12], [300, 310], [600, 610], [900, 910]);
    expect(refused).toMatchObject({ kind: 'refused', reason: expect.stringContaining('2 of 5') });
  });

  it('is won by three of five that lie alike', () => {
    expect(chosen(5, [0, 10], [2, 12], [900, 910], [901, 911], [902, 912])).toMatchObject({ low: 902, high: 910, falsetickers: [1, 2] });
  });

  it('counts servers that did not answer: two that agree are no majority of five', () => {
    expect(chosen(5, [0, 10], [2, 12])).toMatchObject({ kind: 'refused' });
    expect(chosen(3, [0, 10], [2, 12])).toMatchObject({ low: 2, high: 10 });
    expect(chosen(3)).toMatchObject({ kind: 'refused' });
  });
});
