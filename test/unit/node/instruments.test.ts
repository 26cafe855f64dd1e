/** A node's clocks, moved from instant to instant: every bend is published as it happened, and time never runs back. */
import { describe, expect, it } from 'vitest';
import { Instruments } from '../../../services/node/instruments.ts';
import { oscillator, wander } from '../../../shared/clock/oscillator.ts';
import { type Standing, unheard } from '../../../shared/clock/standing.ts';
import { type ClockLine, errorAt } from '../../../shared/oracle.ts';
import { stream } from '../../../shared/random.ts';
import { microseconds, ppm, type TrueTime } from '../../../shared/time.ts';
import { VirtualClock } from '../../../shared/virtual-clock.ts';

const at = (us: number): TrueTime => us as TrueTime;

function instruments(clock: VirtualClock) {
  const lines: ClockLine[] = [];
  let standing: Standing = unheard;
  const i = new Instruments(
    clock,
    at(1_000_000),
    () => 0,
    () => standing,
    (line) => lines.push(line),
  );
  return {
    i,
    lines,
    stand: (s: Standing) => {
      standing = s;
    },
  };
}

describe('instruments', () => {
  it('publish the end of a slew at its own instant, wherever they are moved next', () => {
    const { i, lines } = instruments(new VirtualClock(oscillator(at(0), microseconds(0), ppm(0))));
    i.adjust({ how: 'slew', by: microseconds(1_000), rate: ppm(50_000) });
    i.settle();
    i.moveTo(at(9_000_000));
    expect(lines.map(({ trueUs, slewing, errorUs }) => ({ trueUs, slewing, errorUs }))).toEqual([
      { trueUs: 1_000_000, slewing: true, errorUs: 0 },
      { trueUs: 1_020_000, slewing: false, errorUs: 1_000 },
    ]);
    expect(i.reading().clock).toBe(9_001_000);
  });

  it('publish every bend of a wandering oscillator, and each line begins where the last one ends', () => {
    const { i, lines } = instruments(new VirtualClock(oscillator(at(0), microseconds(500), ppm(30), wander(ppm(5), stream(1, 'w')))));
    i.settle();
    i.moveTo(at(10_500_000));
    expect(lines.map(({ trueUs }) => trueUs)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((s) => s * 1_000_000));
    for (const [n, line] of lines.entries()) {
      const before = lines[n - 1];
      if (before !== undefined) expect(Math.abs(errorAt(before, line.trueUs) - line.errorUs)).toBeLessThanOrEqual(2);
    }
    expect(new Set(lines.map(({ ratePpm }) => ratePpm)).size).toBe(lines.length);
  });

  it('take an input that arrived before the last one at the instant of that one', () => {
    const { i } = instruments(new VirtualClock(oscillator(at(0), microseconds(0), ppm(0))));
    i.moveTo(at(3_000_000));
    i.moveTo(at(2_000_000));
    expect(i.now).toBe(3_000_000);
    expect(i.reading()).toMatchObject({ raw: 3_000_000, mono: 2_000_000 });
  });

  it('publish a line when the standing changes, and not otherwise', () => {
    const { i, lines, stand } = instruments(new VirtualClock(oscillator(at(0), microseconds(0), ppm(0))));
    i.settle();
    i.settle();
    expect(lines).toHaveLength(1);
    stand({ ...unheard, status: 'disrupted' });
    i.settle();
    expect(lines.map(({ status }) => status)).toEqual(['unknown', 'disrupted']);
  });
});
