/** What a node may say of its clock: the life of a claim, and how corrections are made. */
import { describe, expect, it } from 'vitest';
import { correction, defaultPolicy } from '../../../shared/clock/correction.ts';
import { answer } from '../../../shared/clock/cristian/time-server.ts';
import {
  boundOf,
  type Claim,
  contradiction,
  disrupted,
  isNewer,
  isStale,
  ledBy,
  offsetOf,
  reference,
  type Standing,
  sampled,
  silent,
  statusChange,
  targetOf,
  unheard,
} from '../../../shared/clock/standing.ts';
import { incarnation } from '../../../shared/protocol.ts';
import { ppm, type RawTime, seconds } from '../../../shared/time.ts';
import { claims, five, four, reading, term, us } from './given.ts';

const at = (s: number): RawTime => seconds(s) as number as RawTime;
const claim: Claim = { leaderPending: us(-300), error: us(4_000), asOf: at(10), growth: ppm(900) };
const sample = (s: number, correction: number, error = 1_000) => ({
  at: at(s),
  correction: us(correction),
  pending: us(0),
  error: us(error),
  growth: ppm(400),
  free: us(correction),
  apart: ppm(400),
});
const following = ledBy(unheard, five, term(five), four);
const synchronized = sampled(following, claim, sample(10, 0));

describe('a claim', () => {
  it('is that the unfinished slews of both sides are all that lies between the clocks', () => {
    expect(offsetOf(synchronized, { pending: us(1_000) })).toBe(1_300);
    expect(targetOf(reading(5_000_000, 70, 1_000))).toBe(5_001_070);
  });

  it('grows as fast as it was told: 900 microseconds each second', () => {
    const bound = (s: number) => boundOf(synchronized, { raw: at(s) });
    expect([bound(10), bound(11), bound(70)]).toEqual([4_002, 4_902, 58_002]);
  });

  it('is made by nobody who was not corrected', () => {
    expect([offsetOf(following, { pending: us(0) }), boundOf(following, { raw: at(0) })]).toEqual([undefined, undefined]);
  });

  it('of the leader is that it is right by definition, once it is synchronized', () => {
    const leading = ledBy(unheard, five, term(five), five);
    expect(offsetOf(leading, { pending: us(9) })).toBeUndefined();
    expect([offsetOf(reference(leading), { pending: us(9) }), boundOf(reference(leading), { raw: at(99) })]).toEqual([0, 0]);
  });

  it('is withdrawn when the leader changes, or starts anew', () => {
    expect(claims(ledBy(synchronized, four, term(four, 1, 2), four))).toBe('synchronized, claims nothing');
    expect(claims(ledBy(synchronized, five, term(five, 2), four))).toBe('free-running, claims nothing');
  });
});

describe('the status', () => {
  it('goes from synchronized to free-running with the claim, and to unknown without it', () => {
    const free = silent(synchronized);
    expect([claims(free), claims(silent(free))]).toEqual(['free-running, ±4000', 'unknown, claims nothing']);
    expect(silent(silent(free)).status).toBe('unknown');
  });

  it('of a leader and of a doubted clock does not change by silence', () => {
    const leading = reference(ledBy(unheard, five, term(five), five));
    expect(silent(leading)).toBe(leading);
    expect(silent(disrupted(synchronized, 'it jumped')).status).toBe('disrupted');
  });

  it('is told when it changes, with the reason, and not when it stays', () => {
    const doubted = disrupted(synchronized, 'it jumped');
    expect(statusChange(synchronized, doubted)).toEqual([{ kind: 'emit', event: { kind: 'clock.status', status: 'disrupted', why: 'it jumped' } }]);
    expect(statusChange(doubted, disrupted(doubted, 'again'))).toEqual([]);
  });
});

describe('terms', () => {
  it('are older and newer by number, then node, then incarnation', () => {
    const standing: Standing = { ...following, term: term(five, 3, 2) };
    const older = [term(five, 9, 1), term(four, 9, 2), term(five, 2, 2)];
    const newer = [term(four, 1, 3), term(five, 4, 2)];
    expect(older.map((t) => [isStale(standing, t), isNewer(standing, t)])).toEqual(older.map(() => [true, false]));
    expect(newer.map((t) => [isStale(standing, t), isNewer(standing, t)])).toEqual(newer.map(() => [false, true]));
    expect([isStale(standing, term(five, 3, 2)), isNewer(standing, term(five, 3, 2))]).toEqual([false, false]);
    expect([isStale(unheard, term(five)), isNewer(unheard, term(five))]).toEqual([false, true]);
  });
});

describe('two samples contradict each other', () => {
  it('where the clocks cannot have moved apart as far as they say', () => {
    expect(contradiction(synchronized, sample(10, 2_002), { raw: at(10) })).toBeUndefined();
    expect(contradiction(synchronized, sample(10, 2_003), { raw: at(10) })).toContain('+2.003ms');
    expect(contradiction(synchronized, sample(20, 6_002), { raw: at(20) })).toBeUndefined();
    expect(contradiction(synchronized, sample(20, 6_003), { raw: at(20) })).toBeDefined();
  });

  it('as sure as they still are now: an answer that was long on its way says less', () => {
    expect(contradiction(synchronized, sample(20, 8_000), { raw: at(21) })).toBeDefined();
    expect(contradiction(synchronized, sample(20, 8_000), { raw: at(30) })).toBeUndefined();
  });

  it('by the leader as its clock shows, not by where its correction leads', () => {
    const corrected = { ...sample(12, 50_000), pending: us(50_000) };
    expect(contradiction(synchronized, corrected, { raw: at(12) })).toBeUndefined();
  });
});

describe('a drift that is measured', () => {
  const drifting = (rate: number, error: number): Standing => {
    let standing = following;
    for (let s = 0; s <= 60; s += 2) standing = sampled(standing, claim, sample(s, rate * s, error));
    return standing;
  };
  it('withdraws the claim where it is beyond what two sound clocks can have', () => {
    expect(claims(drifting(1_200, 1_000))).toBe('disrupted, claims nothing');
    expect(drifting(1_200, 1_000).why).toContain('drift -1200 ppm');
  });
  it('is borne where it is within, or where the errors of the samples explain it', () => {
    expect(claims(drifting(390, 10))).toBe('synchronized, ±4000');
    expect(claims(drifting(1_200, 30_000))).toBe('synchronized, ±4000');
  });
});

describe('a correction', () => {
  const [small, large] = [us(100_000), us(100_001)];
  const corrected = (updates: number): Standing => ({ ...following, updates });

  it('is a slew at 50,000 ppm, or a step where it is large and among the first three', () => {
    expect(correction(corrected(0), small, defaultPolicy)).toEqual({ how: 'slew', by: 100_000, rate: 50_000 });
    expect([0, 1, 2, 3].map((n) => correction(corrected(n), large, defaultPolicy)?.how)).toEqual(['step', 'step', 'step', 'slew']);
  });

  it('is refused beyond a thousand seconds, once the first three are made', () => {
    expect(correction(corrected(2), seconds(-5_000), defaultPolicy)?.how).toBe('step');
    expect(correction(corrected(3), seconds(1_000), defaultPolicy)?.how).toBe('slew');
    expect(correction(corrected(3), seconds(-1_001), defaultPolicy)).toBeUndefined();
  });

  it('of a leader that others may follow is a slew at 500 ppm, however large and early', () => {
    const leading = ledBy(unheard, five, term(five), five);
    expect(correction(leading, large, defaultPolicy)?.how).toBe('step');
    expect(correction(reference(leading), large, defaultPolicy)).toEqual({ how: 'slew', by: 100_001, rate: 500 });
  });
});

describe('the answer of a time server', () => {
  const request = { kind: 'cristian.request', attempt: 9, incarnation: incarnation(3) } as const;
  const now = reading(5_000_000, 40, -2_000, 50_000);

  it('tells the target clock, what is pending, and the larger of how fast it slews and may slew', () => {
    const leading = reference({ ...ledBy(unheard, five, term(five), five), updates: 4 });
    expect(answer(leading, request, now, ppm(500))).toEqual({
      kind: 'cristian.reply',
      attempt: 9,
      incarnation: 3,
      term: term(five),
      clock: 4_998_040,
      pending: -2_000,
      bound: 0,
      corrected: -1_960,
      limit: 50_000,
      updates: 4,
      synchronized: true,
    });
    expect(answer(leading, request, reading(5_000_000), ppm(500))).toMatchObject({ pending: 0, limit: 500 });
  });

  it('says so where it is not synchronized yet', () => {
    expect(answer(ledBy(unheard, five, term(five), five), request, now, ppm(500))).toMatchObject({ synchronized: false });
    expect(answer(following, request, now, ppm(0))).toMatchObject({ synchronized: false });
  });

  it('from a follower tells its uncertainty of the leader beside it', () => {
    expect(answer(synchronized, request, reading(11_000_000), ppm(500))).toMatchObject({
      bound: 4_902,
      pending: -300,
      limit: 900,
      synchronized: true,
    });
  });

  it('is none from a node that has heard of no leader', () => expect(answer(unheard, request, now, ppm(0))).toBeUndefined());
});
