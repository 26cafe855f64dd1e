/** What the live judge finds of elections, of nodes that are killed and of nodes that are silent for a while. */
import { describe, expect, it } from 'vitest';
import type { ControlRoom } from '../../../services/console/control-room.ts';
import type { VerdictView } from '../../../services/console/live-frames.ts';
import { newRoom, type Speaker, speaker } from './cast.ts';

const names = ['kmc', 'mit', 'master'] as const;
type Cast = Readonly<Record<(typeof names)[number], Speaker>>;

const found = (room: ControlRoom, rule: string): VerdictView | undefined => room.picture.state.verdicts.find((v) => v.rule === rule);
const termOf = (node: number, number = 1) => ({ number, node, incarnation: 1 });

/** All members follow master from 50 ms on. */
function following(room: ControlRoom): Cast {
  const cast = Object.fromEntries(names.map((name) => [name, speaker(room, name)])) as unknown as Cast;
  for (const s of Object.values(cast)) {
    s.hello();
    s.event('node.started', { trueUs: 10_000, name: s.node.name, role: 'member' });
    s.bend({ trueUs: 10_000 });
    s.event('election.elected', { trueUs: 50_000, leader: 5, term: termOf(5) });
  }
  pass(room, Object.values(cast), 4_000_000);
  return cast;
}

function pass(room: ControlRoom, speakers: readonly Speaker[], at: number): void {
  for (const s of speakers) s.upto(at);
  room.tick(at);
}

describe('a cluster that agrees', () => {
  it('is found to', () => {
    const room = newRoom();
    following(room);
    for (const rule of ['one-per-term', 'term-order', 'no-stale-command', 'one-leader', 'agreement', 'calm']) {
      expect(found(room, `election.${rule}`), rule).toMatchObject({ verdict: 'holds' });
    }
    expect(found(room, 'election.agreement')?.detail).toBe('all 3 who live follow 5');
  });

  it('agrees on somebody else once its leader was killed, which is no bug of anybody', () => {
    const room = newRoom();
    const { kmc, mit, master } = following(room);
    room.lost(master.node);
    // It was suspected before the next picture, and that was right.
    kmc.event('heartbeat.suspected', { trueUs: 4_100_000, peer: 5, silent: 100_000, why: 'unreachable' });
    mit.event('election.elected', { trueUs: 4_300_000, leader: 2, term: termOf(2, 2) });
    kmc.event('election.elected', { trueUs: 4_310_000, leader: 2, term: termOf(2, 2) });
    pass(room, [kmc, mit], 9_000_000);
    expect(found(room, 'election.agreement')).toMatchObject({ verdict: 'holds', detail: 'all 2 who live follow 2' });
    expect(found(room, 'election.one-leader')).toMatchObject({ verdict: 'holds' });
  });

  it('is a bug where it does not, with nothing to blame', () => {
    const room = newRoom();
    const { kmc, mit, master } = following(room);
    mit.event('election.elected', { trueUs: 4_300_000, leader: 2, term: termOf(2, 2) });
    pass(room, [kmc, mit, master], 9_000_000);
    expect(found(room, 'election.agreement')).toMatchObject({ verdict: 'bug', detail: '2 follows 2' });
    expect(found(room, 'election.one-leader')).toMatchObject({ verdict: 'bug', detail: expect.stringContaining('both led') });
  });

  it('agrees still when the line to one was lost for a while', () => {
    const room = newRoom();
    const { kmc, mit, master } = following(room);
    room.lost(kmc.node);
    pass(room, [mit, master], 5_000_000);
    expect(found(room, 'election.agreement')?.detail).toContain('all 2 who live');
    kmc.node.connected = true;
    pass(room, [kmc, mit, master], 5_500_000);
    expect(found(room, 'election.agreement')).toMatchObject({ verdict: 'at-risk', detail: expect.stringContaining('all 3 who live follow 5') });
    pass(room, [kmc, mit, master], 18_000_000);
    expect(found(room, 'election.agreement')).toMatchObject({ verdict: 'holds' });
  });
});

describe('the last election', () => {
  const last = (room: ControlRoom) => room.picture.state.elections.last;
  const frame = (kind: string, number: number) => (kind === 'bully.coordinator' ? { kind, term: termOf(2, number) } : { kind, number });

  /** From one to the other, and there a millisecond later. */
  function say(from: Speaker, to: Speaker, kind: string, at: number): void {
    from.event('message.sent', { trueUs: at, to: to.node.id, message: frame(kind, 2) });
    to.event('message.received', { trueUs: at + 1_000, from: from.node.id, message: frame(kind, 2), delayUs: 1_000 });
  }

  it('is laid beside the closed forms once it is over', () => {
    const room = newRoom();
    const { kmc, mit, master } = following(room);
    expect(last(room)).toBeNull();
    room.lost(master.node);
    kmc.event('election.started', { trueUs: 4_900_000, number: 2, why: '5 is suspected' });
    for (const to of [2, 5]) kmc.event('message.sent', { trueUs: 4_900_000, to, message: frame('bully.election', 2) });
    kmc.event('message.unanswered', { trueUs: 4_900_000, to: 5, message: frame('bully.election', 2) });
    mit.event('message.received', { trueUs: 4_905_000, from: 1, message: frame('bully.election', 2), delayUs: 5_000 });
    say(mit, kmc, 'bully.ok', 4_905_000);
    mit.event('election.started', { trueUs: 4_905_000, number: 2, why: '1 asked' });
    for (const fate of ['sent', 'unanswered']) mit.event(`message.${fate}`, { trueUs: 4_905_000, to: 5, message: frame('bully.election', 2) });
    mit.event('election.elected', { trueUs: 5_005_000, leader: 2, term: termOf(2, 2) });
    for (const fate of ['sent', 'unanswered']) mit.event(`message.${fate}`, { trueUs: 5_005_000, to: 5, message: frame('bully.coordinator', 2) });
    say(mit, kmc, 'bully.coordinator', 5_005_000);
    kmc.event('election.elected', { trueUs: 5_006_000, leader: 2, term: termOf(2, 2) });

    // While master may yet be heard, judging stays two seconds behind.
    pass(room, [kmc, mit], 7_300_000);
    expect(last(room)).toBeNull();
    pass(room, [kmc, mit], 7_500_000);
    expect(last(room)).toMatchObject({
      algorithm: 'bully',
      initiators: ['kmc'],
      crashed: ['master'],
      leader: 'mit',
      term: '2.2.1',
      beganUs: 4_900_000,
      durationUs: 106_000,
      messages: {
        'bully.election': {
          attempted: 3,
          delivered: 1,
          unanswered: 2,
          expected: { attempted: { least: 3, most: 3 }, delivered: { least: 1, most: 1 } },
        },
        'bully.ok': { attempted: 1, delivered: 1, expected: { delivered: { least: 1, most: 1 } } },
        'bully.coordinator': { attempted: 2, delivered: 1, unanswered: 1, expected: { attempted: { least: 2, most: 2 } } },
      },
      delivered: 3,
      expected: { least: 3, most: 3 },
      verdict: { rule: 'election.counts', verdict: 'holds', detail: '3 delivered, expected 3' },
    });
  });

  it('is a bug where it cost more, with nothing to blame', () => {
    const room = newRoom();
    const { kmc, mit, master } = following(room);
    master.event('election.started', { trueUs: 4_900_000, number: 2, why: 'it was told to' });
    for (const to of [kmc, mit, kmc]) say(master, to, 'bully.coordinator', 4_900_000);
    pass(room, [kmc, mit, master], 6_000_000);
    expect(last(room)).toMatchObject({ initiators: ['master'], delivered: 3, expected: { least: 2, most: 2 }, verdict: { verdict: 'bug' } });
  });

  it('is not laid beside forms for a cluster in which nobody was known to live', () => {
    const room = newRoom();
    const cast = Object.fromEntries(names.map((name) => [name, speaker(room, name)])) as unknown as Cast;
    const { kmc, mit, master } = cast;
    for (const s of Object.values(cast)) s.hello();
    // Its start is told last, as if it were of that instant.
    for (const s of [kmc, mit]) s.event('node.started', { trueUs: 10_000, name: s.node.name, role: 'member' });
    master.event('election.started', { trueUs: 20_000, number: 2, why: 'it was told to' });
    for (const to of [kmc, mit]) say(master, to, 'bully.coordinator', 20_000);
    master.event('node.started', { trueUs: 30_000, name: 'master', role: 'member' });
    pass(room, Object.values(cast), 4_000_000);
    expect(last(room)).toMatchObject({
      initiators: ['master'],
      crashed: [],
      delivered: 2,
      expected: { least: 2, most: 2 },
      verdict: { verdict: 'at-risk' },
    });
  });

  it('of which events were missed proves nothing', () => {
    const room = newRoom();
    const { kmc, mit, master } = following(room);
    master.event('election.started', { trueUs: 4_900_000, number: 2, why: 'it was told to' });
    for (const to of [kmc, mit]) say(master, to, 'bully.coordinator', 4_900_000);
    kmc.event('clock.status', { trueUs: 4_950_000 }, 50);
    pass(room, [kmc, mit, master], 6_000_000);
    expect(last(room)).toMatchObject({ delivered: 2, verdict: { verdict: 'inconclusive' } });
  });
});
