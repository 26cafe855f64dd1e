/**
 * Keeps a flood from taking the node's time: so many frames a second from one socket, so many at once from all.
 *
 * Arrival is stamped before a frame waits here, so that waiting costs the flooder precision and nobody else.
 */
import { elapsed, type TrueTime } from '../../shared/time.ts';

export interface Pace {
  readonly perSecond: number;
  readonly burst: number;
}

const ofFrames: Pace = { perSecond: 500, burst: 1_000 };
const perTick = 200;

/** A token bucket: one for each socket. */
export class Allowance {
  readonly #pace: Pace;
  #left: number;
  #since: TrueTime;

  constructor(now: TrueTime, pace: Pace = ofFrames) {
    this.#pace = pace;
    this.#left = pace.burst;
    this.#since = now;
  }

  /** Whether one more frame may be taken. */
  take(now: TrueTime): boolean {
    const { perSecond, burst } = this.#pace;
    this.#left = Math.min(burst, this.#left + (elapsed(this.#since, now) * perSecond) / 1e6);
    this.#since = now;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}

/** Handles what comes in at once, up to a number per turn of the event loop; the rest waits its turn, in order. */
export class Inbox {
  readonly #waiting: (() => void)[] = [];
  #handled = 0;
  #turn: NodeJS.Immediate | undefined;

  take(handle: () => void): void {
    this.#turn ??= setImmediate(this.#next);
    if (this.#handled >= perTick) {
      this.#waiting.push(handle);
      return;
    }
    this.#handled += 1;
    handle();
  }

  readonly #next = (): void => {
    this.#turn = undefined;
    this.#handled = 0;
    for (const handle of this.#waiting.splice(0)) this.take(handle);
  };
}
