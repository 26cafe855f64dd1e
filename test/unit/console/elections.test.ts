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
