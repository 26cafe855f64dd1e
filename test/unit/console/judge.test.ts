/** What the live judge finds, and when it says that it cannot know. */
import { describe, expect, it } from 'vitest';
import type { ControlRoom } from '../../../services/console/control-room.ts';
import type { VerdictView } from '../../../services/console/live-frames.ts';
import { nodeId } from '../../../shared/protocol.ts';
import { newRoom, type Speaker, steady } from './cast.ts';

const verdict = (room: ControlRoom, rule: string): VerdictView | undefined => room.picture.state.verdicts.find((v) => v.rule === rule);

function all(speakers: Readonly<Record<string, Speaker>>, room: ControlRoom, at: number): void {
  for (const { node, upto } of Object.values(speakers)) if (node.connected) upto(at);
  room.tick(at);
}

describe('clock.bound', () => {
  it('holds while every claim does, and counts the readings', () => {
    const room = newRoom();
    const cast = steady(room, { kmc: 700 });
    all(cast, room, 100_000);
    all(cast, room, 200_000);
    expect(verdict(room, 'clock.bound')).toMatchObject({ verdict: 'holds', detail: expect.stringMatching(/^(\d+) of \1 readings contained$/) });
  });

  it('is a bug where a claim is false at one end of a line only, and stays one', () => {
    const room = newRoom();
    const cast = steady(room, {});
    all(cast, room, 100_000);
    // Drifts out of its bound, and claims something true again before the next picture.
    cast.kmc?.bend({ trueUs: 110_000, errorUs: 0, ratePpm: 150, offsetUs: 0, offsetPpm: 0, boundUs: 5 });
    cast.kmc?.bend({ trueUs: 210_000, errorUs: 15, offsetUs: -15, boundUs: 5 });
    all(cast, room, 300_000);
    all(cast, room, 400_000);
    expect(verdict(room, 'clock.bound')).toMatchObject({ verdict: 'bug', detail: expect.stringContaining('node 1 at 210000 us') });
    expect(room.violations('clock.bound', 'bug')).toBe(1);
  });

  it('sees that the leader ran away from a claim', () => {
    const room = newRoom();
    const cast = steady(room, {});
    all(cast, room, 100_000);
    cast.master?.bend({ trueUs: 150_000, errorUs: 2_000, offsetUs: 0, boundUs: 0 });
    all(cast, room, 200_000);
    expect(verdict(room, 'clock.bound')?.verdict).toBe('bug');
  });

  it('is at risk, and then an expected violation, where a clock drifts by more than was assumed', () => {
    const room = newRoom(100);
    const cast = steady(room, {});
    all(cast, room, 100_000);
    cast.kmc?.bend({ trueUs: 110_000, driftPpm: 400, ratePpm: 400, boundUs: 50, boundPpm: 200 });
    all(cast, room, 200_000);
    expect(verdict(room, 'clock.bound')).toMatchObject({ verdict: 'at-risk', detail: expect.stringContaining('400 ppm') });
    all(cast, room, 900_000);
    expect(verdict(room, 'clock.bound')).toMatchObject({ verdict: 'expected-violation', detail: expect.stringContaining('400 ppm') });
  });

  it('judges lines in the order of true time, however they arrive', () => {
    const room = newRoom();
    const cast = steady(room, {});
    all(cast, room, 100_000);
    // The leader steps; its followers withdraw their claims before, and kmc claims again after. kmc is heard first.
    for (const name of ['kmc', 'mit', 'mobile']) cast[name]?.bend({ trueUs: 140_000, offsetUs: null, boundUs: null });
    cast.kmc?.bend({ trueUs: 160_000, offsetUs: 2_000 });
    cast.master?.bend({ trueUs: 150_000, errorUs: 2_000, offsetUs: 0, boundUs: 0 });
    all(cast, room, 200_000);
    expect(verdict(room, 'clock.bound')?.verdict).toBe('holds');
  });

  it('does not hold a node to what it claimed of a leader that is gone', () => {
    const room = newRoom();
    const cast = steady(room, {});
    all(cast, room, 100_000);
    cast.master?.hello(8);
    cast.master?.bend({ trueUs: 150_000, errorUs: 90_000, term: '1.5.8' });
    all(cast, room, 300_000);
    expect(verdict(room, 'clock.bound')?.verdict).toBe('holds');
  });
});

describe('clock.bound of a node that told nothing for a while', () => {
  /** Everyone but `silent` tells each second up to five, while the leader slews back for four seconds, and then forth. */
  function silence(room: ControlRoom, cast: Readonly<Record<string, Speaker>>, silent: Speaker | undefined): void {
    for (let at = 1_000_000; at <= 5_500_000; at += 500_000) {
      if (at === 1_000_000) cast.master?.bend({ trueUs: at, ratePpm: -500, boundUs: 0 });
      if (at === 5_000_000) cast.master?.bend({ trueUs: at, ratePpm: 500, errorUs: -2_000, boundUs: 0 });
      for (const speaker of Object.values(cast)) if (speaker !== silent) speaker.upto(at);
      room.tick(at);
    }
    expect(silent && room.picture.up.has(silent.node.id)).toBe(false);
  }

  /** kmc follows one line from the start: it claims that it shows the leader's time, and knows how fast that may change. */
  function paused(boundPpm: number): VerdictView | undefined {
    const room = newRoom();
    const cast = steady(room, {});
    for (const name of ['mit', 'mobile']) cast[name]?.bend({ trueUs: 50_000, offsetUs: null, boundUs: null });
    cast.kmc?.bend({ trueUs: 50_000, boundPpm });
    all(cast, room, 100_000);
    silence(room, cast, cast.kmc);
    all(cast, room, 5_600_000);
    expect(room.picture.up.has(cast.kmc?.node.id ?? nodeId(0))).toBe(true);
    return verdict(room, 'clock.bound');
  }

  it('does not hold what it claimed when its line began against the line that its leader follows now', () => {
    expect(paused(900)).toMatchObject({ verdict: 'holds', detail: expect.stringMatching(/^(\d+) of \1 readings contained$/) });
  });

  it('is a bug where what it still claims is false by then', () => {
    expect(paused(0)).toMatchObject({ verdict: 'bug', detail: expect.stringContaining('node 1 at 5600000 us') });
  });
});

describe('clock.monotonic', () => {
  it('is a bug where a clock goes back without a step', () => {
    const room = newRoom();
    const cast = steady(room, {});
    cast.kmc?.bend({ trueUs: 50_000, errorUs: -500 });
    room.tick(100_000);
    expect(verdict(room, 'clock.monotonic')).toMatchObject({ verdict: 'bug', detail: 'node 1 went back by 500 us' });
  });

  it('allows a step that is recorded, and a new clock of a new incarnation', () => {
    const room = newRoom();
    const cast = steady(room, {});
    cast.kmc?.event('berkeley.adjusted', { how: 'step', by: -500 });
    cast.kmc?.bend({ trueUs: 50_000, errorUs: -500 });
    cast.mit?.hello(2);
    cast.mit?.bend({ trueUs: 50_000, errorUs: -9_000 });
    room.tick(100_000);
    expect(verdict(room, 'clock.monotonic')?.verdict).toBe('holds');
  });
});

describe('doubt', () => {
  it('is said where events were never heard', () => {
    const room = newRoom();
    const cast = steady(room, {});
    cast.kmc?.event('clock.status', {}, 12);
    all(cast, room, 200_000);
    expect(verdict(room, 'clock.bound')).toMatchObject({
      verdict: 'inconclusive',
      detail: expect.stringContaining('10 events of kmc were never heard'),
    });
  });

  it('is said where nodes run on several hosts', () => {
    const room = newRoom();
    const cast = steady(room, {});
    cast.kmc?.hello(2, 'elsewhere');
    all(cast, room, 200_000);
    expect(new Set(room.picture.state.verdicts.map((v) => v.verdict))).toEqual(new Set(['inconclusive']));
  });
});

it('takes an event once, however often it is told', () => {
  const room = newRoom();
  const { kmc } = steady(room, {});
  const before = room.history.newest;
  kmc?.event('clock.status', {}, 1);
  kmc?.event('clock.status', {}, 2);
  kmc?.event('clock.status', {}, 2);
  expect(room.history.newest).toBe(before + 1);
});
