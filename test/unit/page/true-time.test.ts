import { describe, expect, it } from 'vitest';
import { trueTime } from '../../../services/console/page/true-time.ts';

describe('true time, as a browser can tell it', () => {
  it('goes on between ticks', () => {
    const time = trueTime();
    expect(time.at(5)).toBe(0);
    time.see(7_000_000, 100);
    expect(time.at(150)).toBe(7_050_000);
  });

  it('trusts the tick that was least late', () => {
    const time = trueTime();
    time.see(7_000_000, 100);
    time.see(7_100_000, 260);
    expect(time.at(300)).toBeGreaterThan(7_199_000);
    expect(time.at(300)).toBeLessThanOrEqual(7_200_000);
  });

  it('stands still a second after the last tick', () => {
    const time = trueTime();
    time.see(7_000_000, 100);
    expect(time.at(60_000)).toBe(8_000_000);
  });

  it('begins anew where another server tells another time', () => {
    const time = trueTime();
    time.see(7_000_000_000, 100);
    time.see(3_000_000, 200);
    expect(time.at(200)).toBe(3_000_000);
  });
});
