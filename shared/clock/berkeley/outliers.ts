/**
 * Which peers the coordinator leaves out of the average, because their clocks have been wild for a while (after the `timed`
 * of Gusella and Zatti, which marks such clocks as faulty).
 *
 * Whoever lies beyond gamma of the average in three rounds running is a falseticker, and is let in again after five good
 * rounds; a clock that stands still is left out at once. Both still receive adjustments.
 */
import type { NodeId } from '../../protocol.ts';
import { type Duration, magnitude, minus } from '../../time.ts';
import type { PeerReading } from './probes.ts';

export type Fault = 'beyond-gamma' | 'frozen';

export interface Trust {
  /** Rounds running beyond gamma, and within it. */
  readonly strikes: number;
  readonly good: number;
  readonly excluded: Fault | undefined;
}

/** Peers that were ever read in a round that agreed; all others are trusted. */
export type Trusts = ReadonlyMap<NodeId, Trust>;

export type Change =
  | { readonly kind: 'berkeley.excluded'; readonly of: NodeId; readonly offset: Duration; readonly why: Fault }
  | { readonly kind: 'berkeley.readmitted'; readonly of: NodeId; readonly offset: Duration };

const strikesOut = 3;
const goodBackIn = 5;
const unknown: Trust = { strikes: 0, good: 0, excluded: undefined };

export const isExcluded = (trusts: Trusts, id: NodeId): boolean => trusts.get(id)?.excluded !== undefined;

/**
 * What a round that agreed on `average` says of each peer that was read. `since` is the time since the last such round,
 * whose adjustments made every peer's clock agree with the coordinator's.
 */
export function judged(trusts: Trusts, readings: readonly PeerReading[], average: Duration, gamma: Duration, since: Duration | undefined): Trusts {
  const next = new Map(trusts);
  for (const { of, offset } of readings) {
    const before = trusts.get(of);
    // A clock that was in step and has fallen back by most of the time since has hardly advanced at all.
    const frozen = before !== undefined && since !== undefined && offset < -since / 2;
    const good = magnitude(minus(offset, average)) <= gamma;
    next.set(of, frozen ? { strikes: strikesOut, good: 0, excluded: 'frozen' } : good ? praised(before ?? unknown) : struck(before ?? unknown));
  }
  return next;
}

function struck(t: Trust): Trust {
  const strikes = t.strikes + 1;
  return { strikes, good: 0, excluded: t.excluded ?? (strikes >= strikesOut ? 'beyond-gamma' : undefined) };
}

function praised(t: Trust): Trust {
  const good = t.good + 1;
  return { strikes: 0, good, excluded: good < goodBackIn ? t.excluded : undefined };
}

/** Who was left out by this round, and who was let in again. */
export function changes(before: Trusts, after: Trusts, readings: readonly PeerReading[]): readonly Change[] {
  return readings.flatMap(({ of, offset }): readonly Change[] => {
    const [was, is] = [before.get(of)?.excluded, after.get(of)?.excluded];
    if (was === is) return [];
    return [is === undefined ? { kind: 'berkeley.readmitted', of, offset } : { kind: 'berkeley.excluded', of, offset, why: is }];
  });
}
