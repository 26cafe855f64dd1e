import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { oscillator, wander } from '../../../shared/clock/oscillator.ts';
import { unheard } from '../../../shared/clock/standing.ts';
import { type ClockLine, errorAt } from '../../../shared/oracle.ts';
import type { Adjustment, Dials } from '../../../shared/protocol.ts';
import { stream } from '../../../shared/random.ts';
import { type MonoTime, microseconds, milliseconds, ppm, seconds, type TrueTime } from '../../../shared/time.ts';
import { VirtualClock } from '../../../shared/virtual-clock.ts';

const at = (us: number): TrueTime => us as TrueTime;
const shown = (clock: VirtualClock, t: TrueTime): Dials => clock.reading(t, 0 as MonoTime, 0.5);
const slew = (ms: number, rate = 50_000): Adjustment => ({ how: 'slew', by: milliseconds(ms), rate: ppm(rate) });

describe('the instruments of a node', () => {
  const clock = new VirtualClock(oscillator(at(0), milliseconds(200), ppm(100)));

  it('show the raw clock, the disciplined one, and what is still to come', () => {
    clock.adjust(at(1e6), slew(-100));
    expect(shown(clock, at(1e6))).toEqual({ mono: 0, raw: 1_200_100, clock: 1_200_100, pending: -100_000, slewing: 50_000, chance: 0.5 });
    const later = shown(clock, at(2e6));
    expect([later.clock - later.raw, later.pending, later.slewing]).toEqual([-50_005, -49_995, 50_000]);
  });

  it('show the raw clock alone once the process is gone that corrected it', () => {
    clock.forget();
    const { raw, clock: disciplined, pending } = shown(clock, at(3e6));
    expect([disciplined - raw, pending]).toEqual([0, 0]);
  });
});

describe('the next bend of a clock', () => {
  it('is the end of its slew, told in true time', () => {
    const clock = new VirtualClock(oscillator(at(0), milliseconds(0), ppm(-200)));
    expect(clock.nextBend()).toBeUndefined();
    clock.adjust(at(0), slew(100));
    expect(clock.nextBend()).toBe(2_000_401);
    clock.pass(at(2_000_401));
    expect(clock.nextBend()).toBeUndefined();
  });

  it('is where the oscillator bends, if that comes first', () => {
    const clock = new VirtualClock(oscillator(at(0), milliseconds(0), ppm(0), wander(ppm(5), stream(1))));
    clock.adjust(at(0), slew(100));
    expect(clock.nextBend()).toBe(1e6);
  });

  it('is none for one that is frozen in the middle of a slew', () => {
    const clock = new VirtualClock(oscillator(at(0), milliseconds(0), ppm(0)));
    clock.adjust(at(0), slew(100));
    clock.disturb(at(1e6), { fault: 'freeze' });
    expect(clock.nextBend()).toBeUndefined();
    clock.disturb(at(5e6), { fault: 'thaw' });
    expect(clock.nextBend()).toBe(6e6);
  });
});

/** What is done to a clock, and how long it is then left alone. */
const deeds = fc.array(
  fc.record({
    what: fc.oneof(
      fc.record({ how: fc.constant('slew' as const), ms: fc.integer({ min: -500, max: 500 }), rate: fc.constantFrom(500, 50_000, 1_000_000) }),
      fc.record({ how: fc.constant('step' as const), ms: fc.integer({ min: -5_000, max: 5_000 }) }),
      fc.record({ how: fc.constant('jump' as const), ms: fc.integer({ min: -5_000, max: 5_000 }) }),
      fc.record({ how: fc.constant('drift' as const), rate: fc.integer({ min: -500, max: 500 }) }),
      fc.record({ how: fc.constantFrom('freeze' as const, 'thaw' as const) }),
    ),
    reads: fc.array(fc.integer({ min: 0, max: 4_000_000 }), { minLength: 1, maxLength: 6 }),
  }),
  { minLength: 1, maxLength: 12 },
);
type Deed = typeof deeds extends fc.Arbitrary<readonly (infer D)[]> ? D : never;

function perform(clock: VirtualClock, now: TrueTime, { what }: Deed): void {
  switch (what.how) {
    case 'slew':
      clock.adjust(now, slew(what.ms, what.rate));
      break;
    case 'step':
      clock.adjust(now, { how: 'step', by: milliseconds(what.ms) });
      break;
    case 'jump':
      clock.disturb(now, { fault: 'step', by: milliseconds(what.ms) });
      break;
    case 'drift':
      clock.disturb(now, { fault: 'drift', rate: ppm(what.rate) });
      break;
    case 'freeze':
    case 'thaw':
      clock.disturb(now, { fault: what.how });
      break;
  }
}

describe('the line that the oracle is told', () => {
  it.each([0, 3])('agrees with the clock at every instant until the next bend (wander %d ppm)', (deviation) => {
    fc.assert(
      fc.property(fc.integer({ min: -500, max: 500 }), fc.double({ min: -200, max: 200, noNaN: true }), deeds, (offset, rate, all) => {
        const wobble = deviation === 0 ? undefined : wander(ppm(deviation), stream(offset), seconds(1));
        const clock = new VirtualClock(oscillator(at(0), milliseconds(offset), ppm(rate), wobble));
        let now = at(0);
        for (const deed of all) {
          perform(clock, now, deed);
          let line: ClockLine = clock.line(now, unheard);
          for (const ahead of deed.reads) {
            const until = at(now + ahead);
            for (let bend = clock.nextBend(); bend !== undefined && bend <= until; bend = clock.nextBend()) {
              expect(Math.abs(errorAt(line, bend) - (shown(clock, bend).clock - bend))).toBeLessThanOrEqual(2);
              clock.pass(bend);
              line = clock.line(bend, unheard);
            }
            clock.pass(until);
            expect(Math.abs(errorAt(line, until) - (shown(clock, until).clock - until))).toBeLessThanOrEqual(2);
            now = until;
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it('is joined to the one before, unless the clock was stepped or the oscillator jumped', () => {
    const clock = new VirtualClock(oscillator(at(0), milliseconds(5), ppm(150)));
    const before = clock.line(at(0), unheard);
    clock.adjust(at(7e6), slew(90));
    expect(errorAt(before, at(7e6))).toBe(clock.line(at(7e6), unheard).errorUs);
    clock.disturb(at(8e6), { fault: 'step', by: microseconds(-700) });
    const slewing = 150 * 8 + 5_000 + 50_008;
    expect(Math.abs(clock.line(at(8e6), unheard).errorUs - (slewing - 700))).toBeLessThanOrEqual(2);
  });
});
