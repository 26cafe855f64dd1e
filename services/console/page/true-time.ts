/**
 * What true time is right now, as far as a browser can tell: the instant of the newest tick, carried on by the
 * browser's own clock.
 *
 * A tick is always seen late, never early, so of the last ticks the one that came soonest tells best. The guess is let
 * slip back slowly, because the two clocks drift, and is given up where it is wrong by seconds (another server).
 */
export interface TrueTime {
  see(atUs: number, nowMs: number): void;
  /**
   * Microseconds of true time at `nowMs` of the browser's clock; 0 before the first tick. It stands still a second after
   * the newest tick: a page that has lost its line must not show running clocks.
   */
  at(nowMs: number): number;
}

const slipUs = 200;
const lostUs = 2_000_000;
const carriedOnUs = 1_000_000;

export function trueTime(): TrueTime {
  let skew: number | undefined;
  let newestUs = 0;
  return {
    see(atUs, nowMs) {
      newestUs = atUs;
      const seen = atUs - nowMs * 1_000;
      skew = skew === undefined || Math.abs(seen - skew) > lostUs ? seen : Math.max(seen, skew - slipUs);
    },
    at: (nowMs) => (skew === undefined ? 0 : Math.min(nowMs * 1_000 + skew, newestUs + carriedOnUs)),
  };
}
