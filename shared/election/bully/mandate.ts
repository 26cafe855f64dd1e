/**
 * What a majority lets a leader do, and for how long: votes, grants and the lease of the safe variant (ours; the design's
 * section 3.4, after Stoller's advice and the leases of Gray and Cheriton 1989).
 *
 * A voter lets one candidate at a time act, for the full length of a lease from the moment of its answer. The leader
 * counts the same lease from the moment *before* it asked, makes it shorter by all that two clocks can drift apart, and
 * needs a majority of them. So two leaders can never both hold one. A voter that has lost its memory could have granted
 * anything: it votes again when whatever it granted has run out. Being told the term by others would not be enough, for
 * it does not say which grants of one's own are still running.
 */
import { compareTerms, type Keepsake, type NodeId, type Reading, type Term } from '../../protocol.ts';
import { atMost, type Duration, elapsed, later, longest, type MonoTime, minus, none, ppm } from '../../time.ts';
import type { ElectionConfig } from '../config.ts';
import { timeout } from '../failure-detector.ts';

export interface Mandate {
  /** As a voter: the highest term that was granted, until when that grant keeps others out, and until when it has no vote at all. */
  readonly granted: Term | undefined;
  readonly until: MonoTime;
  readonly barred: MonoTime;
  /** As a candidate or leader: the term that votes were asked for and when, and until when each voter lets it act. */
  readonly asked: { readonly term: Term; readonly at: MonoTime } | undefined;
  readonly grants: ReadonlyMap<NodeId, MonoTime>;
  /** Until when running grants to others keep a proposal from succeeding. */
  readonly wait: MonoTime;
}

export function enfranchised(config: ElectionConfig, now: Reading, found: Keepsake | undefined): Mandate {
  const remembered = found?.term ?? undefined;
  return {
    granted: remembered,
    // When it was granted is not kept, so it may have been a moment before the crash.
    until: remembered === undefined ? now.mono : later(now.mono, config.lease),
    barred: found === undefined ? later(now.mono, longest(config.lease, (2 * timeout(config.detector)) as Duration)) : now.mono,
    asked: undefined,
    grants: new Map(),
    wait: now.mono,
  };
}

/** Why a voter says no, and for how long it still will where that has an end. */
export interface Refused {
  readonly why: string;
  readonly remaining: Duration;
}

export const outdated: Refused = { why: 'it has heard of a later term', remaining: none };

/** Why this voter must refuse `term`; `undefined` where it may accept. */
export function refusal(m: Mandate, term: Term, now: Reading): Refused | undefined {
  if (m.granted !== undefined && compareTerms(term, m.granted) <= 0) return outdated;
  if (m.barred > now.mono) return { why: 'it has lost its memory, and votes for nobody yet', remaining: elapsed(now.mono, m.barred) };
  if (m.granted !== undefined && m.granted.node !== term.node && m.until > now.mono)
    return { why: `its grant to ${m.granted.node} still runs`, remaining: elapsed(now.mono, m.until) };
  return undefined;
}

/** Lets the leader or candidate of `term` act for one lease from now. A grant to oneself ends with one's leadership. */
export const grant = (m: Mandate, config: ElectionConfig, term: Term, self: NodeId, now: Reading): Mandate => ({
  ...m,
  granted: term,
  until: term.node === self ? now.mono : later(now.mono, config.lease),
});

/** `voter` lets this process act for one lease from when it was asked, at `asked`. */
export function granted(m: Mandate, config: ElectionConfig, voter: NodeId, asked: MonoTime): Mandate {
  const usable = minus(minus(config.lease, atMost(config.lease, ppm(2 * config.leaseRho))), config.leaseMargin);
  const until = later(asked, usable);
  const before = m.grants.get(voter);
  return before !== undefined && before >= until ? m : { ...m, grants: new Map([...m.grants, [voter, until]]) };
}

export const majority = (size: number): number => Math.floor(size / 2) + 1;

/** Until when a majority of `size` voters, this process among them, lets it act; the beginning of time if none does. */
export function leaseEnd({ grants }: Mandate, size: number): MonoTime {
  const needed = majority(size) - 1;
  if (needed === 0) return Number.POSITIVE_INFINITY as MonoTime;
  return [...grants.values()].toSorted((a, b) => b - a)[needed - 1] ?? (Number.NEGATIVE_INFINITY as MonoTime);
}
