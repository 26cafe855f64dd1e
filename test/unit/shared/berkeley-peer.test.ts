/** The guards of a Berkeley peer, one at a time: whom it reports to, and which adjustments it obeys. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { Adjust, Poll } from '../../../shared/clock/berkeley/vocabulary.ts';
import { type Berkeley, berkeley, defaults } from '../../../shared/clock/berkeley.ts';
import { boundOf, offsetOf } from '../../../shared/clock/standing.ts';
import { ppm, seconds } from '../../../shared/time.ts';
import { Bench, claims, five, four, member, one, reading, term, us } from './given.ts';

const ledBy = term(five);
const poll = (over: Partial<Poll> = {}): Poll => ({ kind: 'berkeley.poll', term: ledBy, round: 4, probe: 0, ...over });
const adjust = (over: Partial<Adjust> = {}): Adjust => ({
  kind: 'berkeley.adjust',
  term: ledBy,
  round: 4,
  by: us(50_000),
  error: us(8_000),
  corrected: us(0),
  pending: us(0),
  limit: ppm(500),
  ...over,
});

describe('a Berkeley peer', () => {
  let peer: Bench<Berkeley>;
  beforeEach(() => {
    peer = new Bench(berkeley({ ...defaults, rho: ppm(50) }), member(one, [one, four, five])).follow(five, ledBy);
  });
  const ignores = (why: string, from = five) => {
    expect(peer.events).toEqual([{ kind: 'berkeley.ignored', reason: why, from }]);
    expect([peer.sent, peer.adjustments]).toEqual([[], []]);
  };

  it('reports its target clock to the coordinator, and that it was never corrected', () => {
    peer.give({ kind: 'message', from: five, message: poll() }, 0, reading(1_000_000, 300, 7_000));
    expect(peer.sent).toEqual([{ to: five, message: { kind: 'berkeley.report', term: ledBy, round: 4, probe: 0, clock: 1_007_300, inStep: null } }]);
  });

  it('answers every probe of a round, but no older round', () => {
    for (const probe of [0, 1, 2]) expect(peer.hear(five, poll({ probe }), probe).sent).toHaveLength(1);
    peer.hear(five, poll({ round: 3 }), 10);
    ignores('stale-round');
  });

  it('does not report to a node that is not its leader', () => {
    peer.hear(four, poll(), 10);
    ignores('not-leader', four);
  });

  it('does not report to an older term', () => {
    peer.follow(five, term(five, 3)).hear(five, poll({ term: term(five, 2) }), 10);
    ignores('stale-term');
  });

  it('obeys: it moves as told, claims how far it may be off from then on, and reports in which term it was corrected', () => {
    peer.hear(five, poll(), 1_000).hear(five, adjust({ pending: us(-300) }), 31_000);
    expect(peer.adjustments).toEqual([{ how: 'slew', by: 50_000, rate: 50_000 }]);
    const { standing } = peer.state;
    expect(claims(standing)).toBe('synchronized, ±8000');
    expect(standing.claim).toMatchObject({ asOf: 1_000, growth: 600 });
    expect(offsetOf(standing, reading(31_000, 0, 50_000))).toBe(50_300);
    expect(boundOf(standing, reading(10_001_000))).toBe(8_000 + 6_000 + 2);
    expect(peer.hear(five, poll({ round: 5 }), 2e6).sent[0]?.message).toMatchObject({ inStep: { term: ledBy, round: 4 } });
  });

  it('does not report to be in step where it was read too badly, until it is read better', () => {
    const says = [25_000, 20_000].map((error, i) => {
      peer.hear(five, poll({ round: 4 + i }), i * 2e6).hear(five, adjust({ round: 4 + i, by: us(0), error: us(error) }), i * 2e6 + 30_000);
      return peer.hear(five, poll({ round: 5 + i }), (i + 1) * 2e6).sent[0]?.message;
    });
    expect(says).toMatchObject([{ inStep: null }, { inStep: { term: ledBy, round: 5 } }]);
  });

  it.each([
    ['still is under a new leader soon', 30e6, { term: ledBy, round: 4 }],
    ['is not under one that comes so late that it may have drifted away', 200e6, null],
  ])('was in step, and %s', (_, at, inStep) => {
    peer.hear(five, poll(), 0).hear(five, adjust({ by: us(0) }), 30_000);
    const later = term(four, 1, 2);
    expect(peer.follow(four, later, at).hear(four, poll({ term: later, round: 1 }), at).sent[0]?.message).toMatchObject({ inStep });
  });

  it('steps by a large correction only while it is young', () => {
    const how = [1, 2, 3, 4].map((round) => {
      peer.hear(five, poll({ round }), round * 2e6).hear(five, adjust({ round, by: us(200_000) }), round * 2e6 + 30_000);
      return peer.adjustments[0]?.how;
    });
    expect(how).toEqual(['step', 'step', 'step', 'slew']);
  });

  it('does not obey a node that is not its leader', () => {
    peer.hear(five, poll(), 10).hear(four, adjust(), 20);
    ignores('not-leader', four);
  });

  it('does not obey an older term', () => {
    peer.hear(five, poll({ term: term(five, 2) }), 10).hear(five, adjust(), 20);
    ignores('stale-term');
  });

  it.each([
    ['an older round', 3],
    ['a round to come', 5],
  ])('does not obey an adjustment of %s than it reported in', (_, round) => {
    peer.hear(five, poll(), 10).hear(five, adjust({ round }), 20);
    ignores('stale-round');
  });

  it('does not obey the same adjustment twice, nor after another probe of its round', () => {
    peer.hear(five, poll(), 10).hear(five, adjust(), 20).hear(five, adjust(), 30);
    ignores('stale-round');
    peer.hear(five, poll({ probe: 3 }), 40).hear(five, adjust(), 50);
    ignores('stale-round');
  });

  it('does not obey before it was ever asked', () => {
    peer.hear(five, adjust(), 10);
    ignores('unasked');
  });

  it('does not obey a newer term that it was not asked in', () => {
    peer.hear(five, poll(), 10).hear(five, adjust({ term: term(five, 2) }), 20);
    ignores('unasked');
  });

  it('does not obey a correction beyond belief, once it has made a few', () => {
    for (const round of [1, 2, 3]) peer.hear(five, poll({ round }), round * 2e6).hear(five, adjust({ round, by: us(5) }), round * 2e6 + 30_000);
    peer.hear(five, poll({ round: 4 }), 8e6).hear(five, adjust({ by: seconds(1_001) }), 8_030_000);
    ignores('panic');
  });

  it('withdraws its claim where the adjustment contradicts the last one, but moves as told', () => {
    for (const round of [1, 2]) peer.hear(five, poll({ round }), round * 2e6).hear(five, adjust({ round, by: us(0) }), round * 2e6 + 30_000);
    peer.hear(five, poll({ round: 3 }), 6e6).hear(five, adjust({ round: 3, by: seconds(1) }), 6_030_000);
    expect(claims(peer.state.standing)).toBe('disrupted, claims nothing');
    expect(peer.adjustments).toHaveLength(1);
  });

  it('withdraws its claim when the leader starts anew, and learns its term from the first poll', () => {
    peer.hear(five, poll(), 10).hear(five, adjust(), 20);
    peer.hear(five, poll({ term: term(five, 2), round: 1 }), 30);
    expect(claims(peer.state.standing)).toBe('free-running, claims nothing');
    expect(peer.event('clock.status')).toMatchObject({ status: 'free-running' });
    expect(peer.sent).toHaveLength(1);
  });

  it('counts the age of its claim from its first report also where it lost its leader in between, and heard of it again', () => {
    peer
      .hear(five, poll(), 10)
      .follow(five, ledBy, 5e6)
      .hear(five, poll({ probe: 1 }), 5e6)
      .hear(five, adjust(), 5_000_010);
    expect(boundOf(peer.state.standing, reading(5_000_010))).toBe(8_000 + 3_000 + 2);
    peer.follow(five, ledBy, 5_000_020).hear(five, adjust(), 5_000_030);
    ignores('stale-round');
  });

  it('runs free when no adjustment comes for a while, and claims nothing after a long while', () => {
    peer.hear(five, poll(), 10).hear(five, adjust(), 20);
    expect(peer.timers('set-timer')).toEqual(['berkeley.silence']);
    expect(claims(peer.ring('berkeley.silence', 6e6).state.standing)).toBe('free-running, ±8000');
    expect(claims(peer.ring('berkeley.silence', 1e9).state.standing)).toBe('unknown, claims nothing');
  });

  it('takes no reports, which only a coordinator has asked for', () => {
    peer.hear(four, { kind: 'berkeley.report', term: ledBy, round: 0, probe: 0, clock: 5 as never, inStep: null }, 10);
    ignores('stale-round', four);
  });
});
