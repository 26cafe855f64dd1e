/** Votes and leases, one rule at a time. */
import { describe, expect, it } from 'vitest';
import { enfranchised, grant, granted, leaseEnd, type Mandate, majority, refusal } from '../../../shared/election/bully/mandate.ts';
import { electionDefaults as config } from '../../../shared/election/config.ts';
import { type Incarnation, incarnation, type NodeId, nodeId, type Reading, type Term } from '../../../shared/protocol.ts';
import { type MonoTime, milliseconds, ppm } from '../../../shared/time.ts';

const now = (ms: number): Reading => {
  const mono = (ms * 1_000) as MonoTime;
  return { mono, raw: mono as never, clock: mono as never, pending: milliseconds(0), slewing: ppm(0), chance: 0, lamport: 0 };
};
const term = (number: number, node: number, start: Incarnation = incarnation(1)): Term => ({ number, node: nodeId(node), incarnation: start });
const self: NodeId = nodeId(1);
const fresh: Mandate = enfranchised(config, now(0), { term: null });

describe('a voter', () => {
  it('lets one candidate act at a time, for the whole lease', () => {
    const voted = grant(fresh, config, term(2, 4), self, now(100));
    expect(refusal(voted, term(3, 5), now(100))).toEqual({ why: 'its grant to 4 still runs', remaining: milliseconds(1_000) });
    expect(refusal(voted, term(3, 5), now(1_099))).toMatchObject({ remaining: milliseconds(1) });
    expect(refusal(voted, term(3, 5), now(1_100))).toBeUndefined();
  });

  it('may let the same process act in a later term at once, but never in an earlier one or the same', () => {
    const voted = grant(fresh, config, term(2, 4), self, now(100));
    expect(refusal(voted, term(3, 4), now(101))).toBeUndefined();
    expect(refusal(voted, term(2, 4), now(5_000))).toMatchObject({ why: 'it has heard of a later term' });
    expect(refusal(voted, term(1, 5), now(5_000))).toMatchObject({ why: 'it has heard of a later term' });
  });

  it('is not kept by a grant to itself, which ends with its leadership', () => {
    expect(refusal(grant(fresh, config, term(2, 1), self, now(100)), term(3, 5), now(101))).toBeUndefined();
  });

  it('may have granted what it remembers a moment before it started', () => {
    const back = enfranchised(config, now(50), { term: term(2, 4) });
    expect(refusal(back, term(3, 5), now(1_049))).toMatchObject({ why: 'its grant to 4 still runs' });
    expect(refusal(back, term(3, 5), now(1_050))).toBeUndefined();
  });

  it('has no vote for max(L, 2 T_fd) where it has lost its memory', () => {
    const lost = enfranchised(config, now(50), undefined);
    expect(refusal(lost, term(3, 5), now(50 + 1_749))).toMatchObject({ remaining: milliseconds(1) });
    expect(refusal(lost, term(3, 5), now(50 + 1_750))).toBeUndefined();
  });
});

describe('a lease', () => {
  const lent = (...asked: readonly number[]): Mandate =>
    asked.reduce((m, ms, i) => granted(m, config, nodeId(i + 2), (ms * 1_000) as MonoTime), fresh);
  /** L less 2 rho of it, less the margin. */
  const usable = 1_000_000 - 1_000 - 10_000;

  it('is counted from before the votes were asked for, and is shorter than the grants', () => {
    expect(leaseEnd(lent(100), 3)).toBe(100_000 + usable);
  });

  it('lasts as long as a majority lends it', () => {
    expect(leaseEnd(lent(100), 5)).toBe(Number.NEGATIVE_INFINITY);
    expect(leaseEnd(lent(100, 300), 5)).toBe(100_000 + usable);
    expect(leaseEnd(lent(100, 300, 200), 5)).toBe(200_000 + usable);
    expect(leaseEnd(lent(100, 300, 200, 400), 5)).toBe(300_000 + usable);
  });

  it('is not shortened by an answer that comes late', () => {
    const renewed = granted(lent(300), config, nodeId(2), milliseconds(100) as number as MonoTime);
    expect(leaseEnd(renewed, 3)).toBe(300_000 + usable);
  });

  it('needs nobody where one is alone', () => expect(leaseEnd(fresh, 1)).toBe(Number.POSITIVE_INFINITY));

  it.each([
    [1, 1],
    [2, 2],
    [3, 2],
    [4, 3],
    [5, 3],
    [10, 6],
  ])('of %i the majority is %i', (size, needed) => expect(majority(size)).toBe(needed));
});
