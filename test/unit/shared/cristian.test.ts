/** The guards of Cristian's client, one at a time: which answers it believes, and what it says where it believes none. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { Reply } from '../../../shared/clock/cristian/time-server.ts';
import { type Config, type Cristian, cristian, defaults } from '../../../shared/clock/cristian.ts';
import { boundOf, offsetOf } from '../../../shared/clock/standing.ts';
import { incarnation, type Term } from '../../../shared/protocol.ts';
import { type ClockTime, milliseconds, none, ppm, seconds } from '../../../shared/time.ts';
import { Bench, claims, five, four, member, reading, term, us } from './given.ts';

const ledBy = term(five);
const config: Config = { ...defaults, samples: 2, rho: ppm(0), acceptWithin: milliseconds(150) };
/** The server's clock is a second ahead of our raw one; frames take 10 ms each way. */
const ahead = 1_000_000;

describe("Cristian's client", () => {
  let client: Bench<Cristian>;
  let now: number;

  beforeEach(() => {
    now = 0;
    client = new Bench(cristian(config), member(four, [five])).follow(five, ledBy);
  });

  const reply = (over: Partial<Reply> = {}): Reply => ({
    kind: 'cristian.reply',
    attempt: client.state.attempt,
    incarnation: incarnation(7),
    term: ledBy,
    clock: (now - 10_000 + ahead) as ClockTime,
    pending: none,
    bound: none,
    corrected: none,
    limit: ppm(0),
    updates: 0,
    synchronized: true,
    ...over,
  });
  const ask = (at = now + 1_000_000) => {
    now = at;
    client.ring('cristian.reading', now);
  };
  /** The answer comes 20 ms after the request. */
  const hear = (over: Partial<Reply> = {}, from = five, after = 20_000) => {
    now += after;
    client.hear(from, reply(over), now);
  };
  const read = (over: Partial<Reply> = {}) => {
    ask();
    hear(over);
    hear(over);
  };
  const giveUp = () => {
    now += 200_000;
    client.ring('cristian.attempt', now);
  };
  const untouched = (what: () => void) => {
    const { standing } = client.state;
    what();
    expect(client.adjustments).toEqual([]);
    expect(client.state.standing).toBe(standing);
  };

  it('asks the leader, and not before it knows of one', () => {
    ask();
    expect(client.sent).toEqual([{ to: five, message: { kind: 'cristian.request', attempt: 1, incarnation: 7 } }]);
    const ignorant = new Bench(cristian(config), member(four, [five])).ring('cristian.reading', 0);
    expect(ignorant.sent).toEqual([]);
  });

  it('asks again after each answer, until it has its samples; then it sets its target to the server', () => {
    ask();
    hear();
    expect(client.sent).toHaveLength(1);
    hear();
    expect(client.sent).toEqual([]);
    expect(client.adjustments).toEqual([{ how: 'step', by: ahead }]);
    expect(claims(client.state.standing)).toBe('synchronized, ±10001');
    expect(client.event('cristian.read')).toMatchObject({ by: ahead, samples: 2, attempts: 2, roundTrip: 20_000 });
  });

  it('does not believe a node that is not its leader', () => {
    ask();
    untouched(() => hear({}, four));
    expect(client.events).toEqual([{ kind: 'cristian.ignored', reason: 'not-leader', from: four }]);
  });

  it('does not believe the answer of a leader that follows another by now', () => {
    ask();
    untouched(() => hear({ term: term(four, 1, 2) }));
    expect(client.events).toEqual([{ kind: 'cristian.ignored', reason: 'not-leader', from: five }]);
  });

  it('does not believe an answer of an older term', () => {
    client.follow(five, term(five, 3));
    ask();
    untouched(() => hear({ term: term(five, 2) }));
    expect(client.events).toEqual([{ kind: 'cristian.ignored', reason: 'stale-term', from: five }]);
  });

  it.each<[string, () => Partial<Reply>]>([
    ['that comes too late: another attempt is under way', () => ({ attempt: client.state.attempt - 1 })],
    ['to an attempt that it never made', () => ({ attempt: client.state.attempt + 1 })],
    ['to an earlier start of itself', () => ({ incarnation: incarnation(6) })],
  ])('does not believe an answer %s', (_, over) => {
    ask();
    untouched(() => hear(over()));
    expect(client.event('cristian.ignored')).toMatchObject({ reason: 'unasked' });
  });

  it('does not believe an answer between two readings, nor the same answer twice', () => {
    read();
    const { attempt } = client.state;
    untouched(() => hear({ attempt }));
    expect(client.event('cristian.ignored')).toMatchObject({ reason: 'unasked' });
  });

  it('does not use a round trip beyond its limit, as a pause or a stall makes it', () => {
    ask();
    hear({}, five, 160_000);
    expect(client.event('cristian.ignored')).toMatchObject({ reason: 'slow' });
    expect(client.state.exchanges?.samples).toEqual([]);
  });

  it('gives the reading up where the server is not synchronized itself', () => {
    ask();
    untouched(() => hear({ synchronized: false }));
    expect(client.events).toEqual([{ kind: 'cristian.failed', reason: 'server-not-synchronized', of: five }]);
    expect(client.timers('clear-timer')).toEqual(['cristian.attempt']);
    expect(client.state.exchanges).toBeUndefined();
  });

  it('withdraws its claim where the leader has started anew, though the new one is not synchronized yet', () => {
    read();
    ask();
    hear({ term: term(five, 2), synchronized: false });
    expect(claims(client.state.standing)).toBe('free-running, claims nothing');
    expect(client.state.standing.term).toEqual(term(five, 2));
  });

  it('asks again when an answer does not come, and makes do with the samples that it has', () => {
    ask();
    for (let i = 1; i < defaults.attempts; i++) giveUp();
    expect(client.sent).toHaveLength(1);
    hear();
    expect(client.event('cristian.read')).toMatchObject({ samples: 1, attempts: defaults.attempts });
  });

  it('gives the reading up when no answer comes at all, and keeps its claim', () => {
    read();
    ask();
    untouched(() => {
      for (let i = 0; i < defaults.attempts; i++) giveUp();
    });
    expect(client.event('cristian.failed')).toMatchObject({ reason: 'timeout' });
  });

  it('drops samples that were taken before a correction of the server', () => {
    ask();
    hear({ updates: 1 });
    hear({ updates: 2 });
    expect(client.state.exchanges?.samples).toHaveLength(1);
    hear({ updates: 2 });
    expect(client.event('cristian.read')).toMatchObject({ samples: 2, attempts: 3 });
  });

  it('does not mix samples of two terms', () => {
    ask();
    hear();
    hear({ term: term(five, 2) });
    expect(client.state.exchanges?.samples).toHaveLength(1);
    expect(client.state.standing.term).toEqual(term(five, 2));
  });

  it('withdraws its claim where a reading contradicts the last one, and claims again only after two that agree', () => {
    read();
    const jumped = (): Partial<Reply> => ({ clock: (now + 20_000 - 10_000 + ahead + 500_000) as ClockTime });
    const readJumped = () => {
      ask();
      hear(jumped());
      hear(jumped());
    };
    readJumped();
    expect(client.event('cristian.failed')).toMatchObject({ reason: 'contradiction' });
    expect(client.adjustments).toEqual([]);
    expect(claims(client.state.standing)).toBe('disrupted, claims nothing');
    expect(client.event('clock.status')).toMatchObject({ status: 'disrupted' });
    readJumped();
    expect(claims(client.state.standing)).toBe('synchronized, ±10001');
    expect(client.applied).toBe(ahead + 500_000);
  });

  it('withdraws its claim where the samples of one reading contradict each other', () => {
    read();
    ask();
    hear();
    hear({ clock: (now + 500_000 + ahead) as ClockTime });
    expect(claims(client.state.standing)).toBe('disrupted, claims nothing');
  });

  it('gives up a minimum delay that a round trip proves false', () => {
    client = new Bench(cristian({ ...config, leastDelay: milliseconds(15) }), member(four, [five])).follow(five, ledBy);
    ask();
    hear();
    expect(client.event('cristian.disproved')).toMatchObject({ leastDelay: 15_000, roundTrip: 20_000 });
    hear();
    expect(claims(client.state.standing)).toBe('synchronized, ±10001');
  });

  it('panics at a correction beyond belief, once it has made a few', () => {
    const wild = { ...config, policy: { ...config.policy, stepsWithin: 0 } };
    client = new Bench(cristian(wild), member(four, [five])).follow(five, ledBy);
    ask();
    const far = () => ({ clock: (now + 20_000 + seconds(1_001)) as ClockTime });
    hear(far());
    untouched(() => hear(far()));
    expect(client.event('cristian.failed')).toMatchObject({ reason: 'panic' });
  });

  it('lets its bound grow by the drift of both and by what the server may slew', () => {
    const drifting = new Bench(cristian({ ...config, samples: 1, rho: ppm(50) }), member(four, [five])).follow(five, ledBy);
    client = drifting;
    ask();
    hear({ limit: ppm(500), pending: us(-700) });
    const { standing } = client.state;
    expect(standing.claim).toMatchObject({ growth: 600, leaderPending: -700 });
    expect(offsetOf(standing, reading(now))).toBe(700);
    const at = boundOf(standing, reading(now)) ?? 0;
    expect((boundOf(standing, reading(now + 10_000_000)) ?? 0) - at).toBe(6_000);
  });

  it('runs free when no reading was accepted for a while, and claims nothing after a long while', () => {
    read();
    expect(client.timers('set-timer')).toContain('cristian.silence');
    client.ring('cristian.silence', now);
    expect(claims(client.state.standing)).toBe('free-running, ±10001');
    expect(client.timers('set-timer')).toEqual(['cristian.silence']);
    client.ring('cristian.silence', now);
    expect(claims(client.state.standing)).toBe('unknown, claims nothing');
    expect(client.timers('set-timer')).toEqual([]);
  });

  it('withdraws its claim when another leader is named, and drops what it was asking', () => {
    read();
    ask();
    client.follow(four, term(four, 1, 2) satisfies Term, now);
    expect(client.state.exchanges).toBeUndefined();
    expect(client.state.standing.claim).toBeUndefined();
  });

  it('is the reference at once when it leads itself, asks nobody any more, and claims an offset of zero', () => {
    client.follow(four, term(four, 7, 2), now);
    expect(client.timers('clear-timer')).toContain('cristian.reading');
    expect([offsetOf(client.state.standing, reading(0)), boundOf(client.state.standing, reading(0))]).toEqual([0, 0]);
  });
});
