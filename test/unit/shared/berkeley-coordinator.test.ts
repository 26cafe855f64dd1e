/** The coordinator of a Berkeley round, one guard at a time: what it makes of reports, and when it moves whom. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { Report } from '../../../shared/clock/berkeley/vocabulary.ts';
import { type Berkeley, berkeley, type Config, defaults } from '../../../shared/clock/berkeley.ts';
import type { NodeId, Term } from '../../../shared/protocol.ts';
import { type ClockTime, milliseconds, ppm, seconds } from '../../../shared/time.ts';
import { Bench, claims, five, four, member, one, term, three, two, us } from './given.ts';

const peers = [one, two, three, four] as const;
const own = term(five, 7);
const corrected = (number: number, round: number) => ({ term: term(two, 1, number), round });
const config: Config = { ...defaults, probes: 1, rho: ppm(0) };

describe('a Berkeley coordinator', () => {
  let coordinator: Bench<Berkeley>;
  let now: number;
  beforeEach(() => {
    now = 0;
    start();
  });
  function start(over: Partial<Config> = {}, members: readonly NodeId[] = [...peers, five]): void {
    coordinator = new Bench(berkeley({ ...config, ...over }), member(five, members)).follow(five, own);
  }
  const round = (after = 2_000_000) => {
    now += after;
    coordinator.ring('berkeley.round', now);
  };
  /** The round in which the coordinator was corrected last, and its peers with it. */
  const lastly = () => coordinator.state.standing.corrected?.in ?? { term: own, round: 0 };
  /** The peer's clock is `ms` ahead of the coordinator's, and frames take 10 ms each way. */
  function report(of: NodeId, ms: number, over: Partial<Report> = {}): void {
    const sent = coordinator.state.gathering?.sent.target ?? 0;
    const clock = (sent + 10_000 + milliseconds(ms)) as ClockTime;
    const message: Report = { kind: 'berkeley.report', term: own, round: coordinator.state.round, probe: 0, clock, inStep: lastly(), ...over };
    coordinator.hear(of, message, now + 20_000);
  }
  /** A whole round: `offsets` of peers 1, 2, ... in milliseconds; the last one to report is taken for the end of it. */
  function hear(offsets: readonly number[], over: Partial<Report> = {}): void {
    round();
    for (const [i, ms] of offsets.entries()) report(peers[i] as NodeId, ms, over);
    if (offsets.length < peers.length) coordinator.ring('berkeley.gather', now + 250_000);
  }
  const moves = () => coordinator.sent.map(({ to, message }) => [to, message.kind === 'berkeley.adjust' ? message.by : undefined]);
  const refusal = () => coordinator.event('berkeley.round-refused')?.reason;
  /** One round in which nobody moves, after which the coordinator is synchronized. */
  const settle = () => hear([0, 0, 0, 0]);

  it('waits a while before its first round, and polls every peer with every probe', () => {
    expect(coordinator.timers('set-timer')).toEqual(['berkeley.round']);
    start({ probes: 3 });
    round();
    expect(coordinator.sent).toHaveLength(12);
    expect(new Set(coordinator.sent.map((s) => s.to))).toEqual(new Set(peers));
    expect(coordinator.timers('set-timer')).toEqual(['berkeley.gather', 'berkeley.round']);
  });

  it('sends each peer its own difference as soon as all have reported', () => {
    settle();
    hear([3, -4, 60_000, 1]);
    expect(moves()).toEqual([
      [one, -3_000],
      [two, 4_000],
      [three, -60_000_000],
      [four, -1_000],
    ]);
    expect(coordinator.timers('clear-timer')).toEqual(['berkeley.gather']);
    expect(coordinator.event('berkeley.round-finished')).toMatchObject({ average: 0, agreeing: 4, heard: 5 });
  });

  it('corrects itself last, after every peer was told', () => {
    settle();
    hear([4, 4, 4, 8]);
    const kinds = coordinator.effects.flatMap((e) => (e.kind === 'send' || e.kind === 'adjust-clock' ? [e.kind] : []));
    expect(kinds).toEqual(['send', 'send', 'send', 'send', 'adjust-clock']);
    expect(coordinator.adjustments).toEqual([{ how: 'slew', by: 4_000, rate: 500 }]);
  });

  it('says in its frames how much of its own correction is unfinished, and how fast it may slew', () => {
    settle();
    hear([4, 4, 4, 8]);
    expect(coordinator.sent[0]?.message).toMatchObject({ pending: 4_000, limit: 500 });
  });

  it('takes the median while no clock was ever corrected, and steps to it itself', () => {
    hear([-500, 200, 300, 400], { inStep: null });
    expect(coordinator.event('berkeley.round-finished')?.average).toBe(200_000);
    expect(coordinator.adjustments).toEqual([{ how: 'step', by: 200_000 }]);
    expect(moves()).toEqual([
      [one, 700_000],
      [two, 0],
      [three, -100_000],
      [four, -200_000],
    ]);
    expect(claims(coordinator.state.standing)).toBe('synchronized, claims nothing');
  });

  it('adjusts clocks that were never corrected, without averaging them', () => {
    settle();
    round();
    report(one, 2);
    report(two, 4);
    report(three, 9_000, { inStep: null });
    report(four, 8_000, { inStep: null });
    expect(coordinator.event('berkeley.round-finished')).toMatchObject({ average: 2_000, agreeing: 3 });
    expect(moves()).toContainEqual([three, -8_998_000]);
  });

  it('does not count itself while it was never corrected and others were', () => {
    hear([700, 702, 704, 706]);
    expect(coordinator.event('berkeley.round-finished')).toMatchObject({ average: 703_000, agreeing: 4 });
    expect(coordinator.adjustments).toEqual([{ how: 'step', by: 703_000 }]);
  });

  it.each([
    ['newest term', [corrected(3, 1), corrected(2, 9), corrected(2, 9), null], [one]],
    ['newest round', [corrected(2, 9), corrected(2, 8), corrected(2, 8), corrected(2, 9)], [one, four]],
  ])('averages those that were corrected together in the %s, and adjusts the others to them', (_, rounds, averaged) => {
    round();
    for (const [i, inStep] of rounds.entries())
      report(peers[i] as NodeId, (averaged as NodeId[]).includes(peers[i] as NodeId) ? 100 : -100, { inStep });
    expect(coordinator.event('berkeley.round-finished')).toMatchObject({ average: 100_000, averaged, rule: 'gamma' });
  });

  it('takes the median of all while it has read nobody well enough, its own clock among them', () => {
    start({ gamma: milliseconds(5) });
    for (const ms of [0, 8, 16]) {
      hear([ms, ms, -ms, -ms], { inStep: null });
      expect(coordinator.event('berkeley.round-finished')).toMatchObject({ average: 0, agreeing: 5, averaged: [five, ...peers] });
    }
  });

  it('refuses where no majority agrees, moves nobody, and says how few do', () => {
    settle();
    hear([500, 1_000, 1_500, 1]);
    expect(refusal()).toBe('no majority of clocks agree (2 of 5)');
    expect([coordinator.sent, coordinator.adjustments]).toEqual([[], []]);
    expect(coordinator.state.gathering).toBeUndefined();
  });

  it.each(['median', 'trimmed'] as const)(
    'averages what clocks have a say where the rule %s has too few of them, but enough were read',
    (average) => {
      start({ average }, [one, two, five]);
      const meet = (second: boolean) => {
        round();
        report(one, 6);
        report(two, 9_000, { ...(second ? {} : { inStep: null }) });
      };
      meet(true);
      meet(false);
      expect(refusal()).toBeUndefined();
      expect(moves()).toEqual([
        [one, -3_000],
        [two, -8_997_000],
      ]);
      start({ average }, [one, five]);
      round();
      report(one, 6);
      expect(refusal()).toContain('too few clocks were read');
    },
  );

  it('refuses where nobody answers', () => {
    hear([]);
    expect(refusal()).toBe('no peer answered');
    expect(claims(coordinator.state.standing)).toBe('unknown, claims nothing');
  });

  it('leads alone where it has no peers', () => {
    start({}, [five]);
    round();
    coordinator.ring('berkeley.gather', now + 250_000);
    expect(claims(coordinator.state.standing)).toBe('synchronized, claims nothing');
  });

  it('averages whoever answered in time, and not who comes late', () => {
    settle();
    hear([2, 4]);
    expect(coordinator.event('berkeley.round-finished')).toMatchObject({ average: 2_000, heard: 3 });
    report(three, 8);
    expect(coordinator.events).toEqual([{ kind: 'berkeley.ignored', reason: 'stale-round', from: three }]);
  });

  it.each<[string, Partial<Report>, string]>([
    ['of an older round', { round: 1 }, 'stale-round'],
    ['of a round to come', { round: 3 }, 'stale-round'],
    ['of an earlier start of itself', { term: term(five, 6) }, 'stale-term'],
    ['of a term to come', { term: term(five, 8) satisfies Term }, 'stale-round'],
  ])('does not take a report %s', (_, over, reason) => {
    settle();
    round();
    report(one, 2, over);
    expect(coordinator.events).toEqual([{ kind: 'berkeley.ignored', reason, from: one }]);
    expect(coordinator.state.gathering?.probed.size).toBe(0);
  });

  it('leaves out a peer whose clock jumped in the middle of the round', () => {
    start({ probes: 2 }, [one, two, five]);
    round();
    for (const probe of [0, 1]) report(two, 4, { probe, inStep: null });
    report(one, 0, { inStep: null });
    report(one, 500, { probe: 1, inStep: null });
    expect(coordinator.event('berkeley.round-finished')).toMatchObject({ heard: 2 });
    expect(moves().map(([to]) => to)).toEqual([two]);
  });

  it('keeps the quickest probe of each direction', () => {
    start({ probes: 2 }, [one, five]);
    round();
    const sent = coordinator.state.gathering?.sent.target ?? 0;
    const clock = (after: number) => ({ clock: (sent + after) as ClockTime, inStep: null });
    const message = (probe: number, after: number): Report => ({ kind: 'berkeley.report', term: own, round: 1, probe, ...clock(after) });
    coordinator.hear(one, message(0, 5_000), now + 45_000);
    coordinator.hear(one, message(1, 30_000), now + 40_000);
    // 5 ms there, 10 ms back: the peer seems 2.5 ms behind, give or take 7.5.
    expect(coordinator.event('berkeley.sampled')).toMatchObject({ of: one, offset: -2_500, error: 7_501, roundTrip: 40_000 });
  });

  it('excludes a falseticker after three rounds, still adjusts it, and readmits it after five good ones', () => {
    settle();
    const events: string[] = [];
    const rounds = (n: number, ms: number) => {
      for (let i = 0; i < n; i++) {
        hear([0, 0, 0, ms]);
        events.push(...coordinator.events.map((e) => e.kind).filter((kind) => kind === 'berkeley.excluded' || kind === 'berkeley.readmitted'));
        expect(moves()).toContainEqual([four, -milliseconds(ms)]);
      }
    };
    rounds(2, 500);
    expect(events).toEqual([]);
    rounds(1, 500);
    expect(events).toEqual(['berkeley.excluded']);
    rounds(4, 1);
    expect(coordinator.event('berkeley.round-finished')).toMatchObject({ agreeing: 4 });
    rounds(1, 1);
    expect(events).toEqual(['berkeley.excluded', 'berkeley.readmitted']);
  });

  it('does not panic while it is young, and refuses what is beyond belief afterwards', () => {
    for (let i = 0; i < 3; i++) settle();
    start({ average: 'mean' });
    for (let i = 0; i < 3; i++) settle();
    hear([0, 0, 0, 6_000_000]);
    expect(refusal()).toBe('the average lies beyond the panic limit');
    expect([coordinator.sent, coordinator.adjustments]).toEqual([[], []]);
  });

  it('never steps once it is synchronized, since others claim what its clock shows', () => {
    settle();
    hear([700, 702, 704, 706]);
    expect(coordinator.adjustments).toEqual([{ how: 'slew', by: 703_000, rate: 500 }]);
  });

  it('goes on serving without a jump when it is elected while it is synchronized', () => {
    const elected = new Bench(berkeley(config), member(five, [...peers, five])).follow(four, term(four));
    elected.hear(four, { kind: 'berkeley.poll', term: term(four), round: 1, probe: 0 }, 10);
    const adjusting = {
      kind: 'berkeley.adjust',
      term: term(four),
      round: 1,
      by: us(90_000),
      error: us(5_000),
      corrected: us(0),
      pending: us(0),
      limit: ppm(500),
    } as const;
    elected.hear(four, adjusting, 20);
    elected.follow(five, term(five, 7, 2), 30);
    expect(claims(elected.state.standing)).toBe('synchronized, claims nothing');
    expect(elected.adjustments).toEqual([]);
    expect(elected.event('clock.status')).toBeUndefined();
    expect(elected.timers('set-timer')).toEqual(['berkeley.round']);
  });

  it('drops its round when another leader is named', () => {
    round();
    coordinator.follow(four, term(four, 1, 2), now);
    expect(coordinator.state.gathering).toBeUndefined();
    expect(coordinator.timers('clear-timer')).toEqual(['berkeley.gather', 'berkeley.round']);
    report(one, 5, { round: 1 });
    expect(coordinator.event('berkeley.ignored')).toBeDefined();
  });

  it('takes a clock that lies a second behind for frozen, and says so at once', () => {
    settle();
    hear([0, 0, 0, -1_900]);
    expect(coordinator.event('berkeley.excluded')).toEqual({ kind: 'berkeley.excluded', of: four, offset: milliseconds(-1_900), why: 'frozen' });
    expect(seconds(2)).toBe(config.period);
  });
});
