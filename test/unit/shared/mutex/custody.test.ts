/** The custody of a token: how it is handed over, who is asked for it, and when a new one is made. */
import { describe, expect, it } from 'vitest';
import type { Report } from '../../../../shared/mutex/custody/words.ts';
import { incarnation, type NodeId } from '../../../../shared/protocol.ts';
import { epoch, Process, p1, p2, p3, token } from './tokens.ts';

const process = (self: NodeId) => new Process(self, { algorithm: 'token-ring' });
const handed = (number: number, hop: number, start = 1) => ({ kind: 'token-ring.token', start, token: token(epoch(number), hop) }) as const;

describe('a transfer', () => {
  it('is acknowledged, and a second copy of it is acknowledged and refused', () => {
    const receiver = process(p2).told(epoch(1), p3).hears(p1, handed(1, 4));
    expect([receiver.says, receiver.custody.held?.hop]).toEqual([['mutex.ack>1'], 4]);
    receiver.hears(p1, handed(1, 4));
    expect([receiver.says, receiver.refusal]).toEqual([['mutex.ack>1'], 'duplicate']);
  });

  it('is refused where it was passed on already', () => {
    const receiver = process(p2).hears(p1, handed(1, 4)).rings('token-ring.rest');
    expect(receiver.says).toEqual(['token-ring.token>3']);
    receiver.hears(p1, handed(1, 4));
    expect([receiver.refusal, receiver.custody.held]).toEqual(['duplicate', undefined]);
  });

  it('is sent again until it is acknowledged', () => {
    const sender = process(p2).hears(p1, handed(1, 4)).rings('token-ring.rest').rings('mutex.resend');
    expect([sender.says, sender.timers('set-timer')]).toEqual([['token-ring.token>3'], ['mutex.resend']]);
    sender.hears(p3, { kind: 'mutex.ack', epoch: epoch(1), hop: 4 });
    expect(sender.custody.passing).toMatchObject({ to: p3, token: { hop: 5 } });
    sender.hears(p3, { kind: 'mutex.ack', epoch: epoch(1), hop: 5 });
    expect([sender.custody.passing, sender.timers('clear-timer')]).toEqual([undefined, ['mutex.resend']]);
    expect(sender.rings('mutex.resend').says).toEqual([]);
  });

  it('of an earlier epoch is refused, and its sender told of the later one', () => {
    const receiver = process(p2).told(epoch(2), p3).hears(p1, handed(1, 40));
    expect([receiver.refusal, receiver.custody.held, receiver.says]).toEqual(['stale-term', undefined, ['mutex.renewed>1']]);
  });

  it('to an earlier start of the process is not used: that may have passed it on', () => {
    const receiver = process(p2).hears(p1, handed(1, 4, 0));
    expect([receiver.refusal, receiver.custody.held, receiver.says]).toEqual(['outdated', undefined, []]);
  });
});

describe('a later epoch', () => {
  it('voids the token that a process has, and the one that it hands over', () => {
    const holder = process(p2).hears(p1, handed(1, 4));
    expect(holder.told(epoch(2), p3).custody.held).toBeUndefined();
    const sender = process(p2).hears(p1, handed(1, 4)).rings('token-ring.rest').told(epoch(2), p1);
    expect([sender.custody.passing, sender.timers('clear-timer')]).toEqual([undefined, ['mutex.resend']]);
    expect(sender.rings('mutex.resend').says).toEqual([]);
  });

  it('lets whoever is inside stay there, and leave with nothing to hand over', () => {
    const holder = process(p2).wants().hears(p1, handed(1, 4));
    expect(holder.event('mutex.entered')?.token).toEqual({ term: epoch(1), count: 1 });
    holder.told(epoch(2), p3);
    expect(holder.state.contender.phase).toBe('held');
    expect(holder.leaves().says).toEqual([]);
  });

  it('is not voided by news of an earlier one, or by old news of itself', () => {
    const holder = process(p2).told(epoch(2), p3).hears(p1, handed(2, 4)).told(epoch(1), p1, 90).told(epoch(2), p1, 3);
    expect(holder.custody).toMatchObject({ held: { hop: 4 }, told: { at: p3, hop: 0 } });
  });
});

describe('a census', () => {
  const report = (number: number, part: Partial<Report> = {}): Report => ({
    kind: 'mutex.report',
    term: epoch(1),
    number,
    incarnation: 1,
    requested: 0,
    served: 0,
    epoch: null,
    hop: 0,
    to: null,
    whose: 'none',
    start: 0,
    ...part,
  });
  const at = (of: number, hop: number, to: NodeId, whose: Report['whose'], start = 1): Partial<Report> => ({
    epoch: epoch(of),
    hop,
    to,
    whose,
    start,
  });
  /** Leads, and is answered so by the two others, in its latest census. */
  const answered = (leader: Process, first: Partial<Report>, second: Partial<Report>) => {
    const number = leader.custody.censuses;
    return leader.hears(p1, report(number, first)).hears(p2, report(number, second));
  };
  const made = (leader: Process) => leader.event('mutex.regenerated');

  it('is held by the leader alone, of all who are not suspected', () => {
    expect(process(p3).suspects(p1).follows(p3).says).toEqual(['mutex.census>2']);
    expect(process(p2).follows(p3).suspects(p1).says).toEqual([]);
  });

  it('makes the first token, once everyone has answered that it knows of none', () => {
    const leader = process(p3).follows(p3).hears(p1, report(1));
    expect([made(leader), leader.custody.held]).toEqual([undefined, undefined]);
    leader.hears(p2, report(1));
    expect(made(leader)).toMatchObject({ term: { number: 1, node: p3 }, instead: null });
    expect([leader.says, leader.custody.held?.hop]).toEqual([['mutex.renewed>1', 'mutex.renewed>2'], 0]);
  });

  it('makes it at once where there is nobody else', () => {
    const only = new Process(p1, { algorithm: 'suzuki-kasami' }, [p1]).wants().follows(p1);
    expect(only.event('mutex.entered')?.token).toEqual({ term: epoch(1, p1), count: 1 });
  });

  it('is answered for a leadership as late as any that is known', () => {
    const census = (number: number) => ({ kind: 'mutex.census', term: epoch(number), number: 9 }) as const;
    const member = process(p1).follows(p2, 2);
    expect(member.hears(p3, census(1)).says).toEqual([]);
    expect(member.hears(p3, census(3)).said('mutex.report')).toMatchObject({ number: 9, epoch: null, whose: 'none', incarnation: 1 });
    expect(member.hears(p3, { ...census(2), term: epoch(2) }).says).toEqual([]);
  });

  it('is answered with where the token is, and which requests are over', () => {
    const census = { kind: 'mutex.census', term: epoch(1), number: 9 } as const;
    const member = process(p2).wants().hears(p1, handed(1, 4)).hears(p3, census);
    expect(member.said('mutex.report')).toMatchObject({ hop: 4, to: p2, whose: 'holding', requested: 1, served: 0 });
    member.leaves().hears(p3, census);
    expect(member.said('mutex.report')).toMatchObject({ hop: 5, to: p3, whose: 'passing', start: 1, requested: 1, served: 1 });
    member.hears(p3, { kind: 'mutex.ack', epoch: epoch(1), hop: 5 }).hears(p3, census);
    expect(member.said('mutex.report')).toMatchObject({ hop: 5, to: p3, whose: 'passed' });
    expect(member.told(epoch(2), p1).hears(p3, census).said('mutex.report')).toMatchObject({ hop: 0, to: p1, whose: 'none', epoch: epoch(2) });
  });

  it('finds the holder, tells everyone, and is over once all know its epoch', () => {
    const leader = answered(process(p3).follows(p3), at(4, 7, p1, 'holding'), { epoch: null });
    expect([made(leader), leader.says]).toEqual([undefined, ['mutex.renewed>1', 'mutex.renewed>2']]);
    expect(leader.rings('mutex.census').says).toEqual(['mutex.census>1', 'mutex.census>2']);
    answered(leader, at(4, 7, p1, 'holding'), at(4, 7, p1, 'none'));
    expect([made(leader), leader.custody.census, leader.timers('clear-timer')]).toEqual([undefined, undefined, ['mutex.census']]);
  });

  it('makes the token of the next epoch where its custodian is suspected', () => {
    const leader = process(p3).follows(p3).suspects(p1);
    leader.hears(p2, report(leader.custody.censuses, at(4, 7, p1, 'passed')));
    expect(made(leader)).toMatchObject({ term: { number: 5, node: p3 }, instead: epoch(4) });
    expect(leader.custody.held).toMatchObject({ hop: 0, count: 0 });
  });

  it('makes it where the custodian has started again since, whether it had been acknowledged or not', () => {
    for (const whose of ['passing', 'passed'] as const) {
      const leader = answered(process(p3).follows(p3), { incarnation: 2 }, at(4, 7, p1, whose));
      expect(made(leader)?.term.number).toBe(5);
    }
  });

  it('waits while the token may be on its way', () => {
    const leader = process(p3).follows(p3);
    for (let round = 0; round < 4; round++) {
      answered(leader, at(4, 3, p2, 'passed'), at(4, 7, p1, 'passing'));
      expect([made(leader), leader.says]).toEqual([undefined, []]);
      leader.rings('mutex.census');
    }
  });

  it('gives a token up whose receiver has acknowledged it and knows nothing of it, in two censuses that agree', () => {
    const leader = answered(process(p3).follows(p3), at(4, 3, p2, 'passed'), at(4, 7, p1, 'passed'));
    expect(made(leader)).toBeUndefined();
    leader.rings('mutex.census');
    answered(leader, at(4, 3, p2, 'passed'), at(4, 9, p1, 'passed'));
    expect(made(leader)).toBeUndefined();
    leader.rings('mutex.census');
    answered(leader, at(4, 3, p2, 'passed'), at(4, 9, p1, 'passed'));
    expect(made(leader)?.term.number).toBe(5);
  });

  it('does not give a token up that was still on its way in the first of them', () => {
    const leader = answered(process(p3).follows(p3), at(4, 3, p2, 'passed'), at(4, 7, p1, 'passing'));
    leader.rings('mutex.census');
    answered(leader, at(4, 3, p2, 'passed'), at(4, 7, p1, 'passed'));
    expect(made(leader)).toBeUndefined();
    leader.rings('mutex.census');
    answered(leader, at(4, 3, p2, 'passed'), at(4, 7, p1, 'passed'));
    expect(made(leader)?.term.number).toBe(5);
  });

  it('does not take a second copy of an answer for a second census', () => {
    const leader = answered(process(p3).follows(p3), at(4, 3, p2, 'passed'), at(4, 7, p1, 'passed'));
    answered(leader, at(4, 3, p2, 'passed'), at(4, 7, p1, 'passed'));
    expect(made(leader)).toBeUndefined();
  });

  it('is held anew whenever someone is suspected or back, and does not take answers to the one before', () => {
    const leader = process(p3).follows(p3);
    expect(leader.trusts(p1, 2).says).toEqual(['mutex.census>1', 'mutex.census>2']);
    answered(leader, {}, {});
    leader.suspects(p1).hears(p2, report(1));
    expect(made(leader)).toBeUndefined();
    expect(leader.trusts(p1, 2).says).toEqual(['mutex.census>1', 'mutex.census>2']);
    expect(leader.trusts(p1, 2).says).toEqual([]);
  });

  it('ends with the leadership', () => {
    const leader = process(p3).follows(p3);
    expect(leader.give({ kind: 'deposed' }, 1).timers('clear-timer')).toEqual(['mutex.census']);
    answered(leader, {}, {});
    expect(made(leader)).toBeUndefined();
    expect(leader.rings('mutex.census').says).toEqual([]);
  });

  it('lets go of its own token where another leader has made a later one', () => {
    const leader = answered(process(p3).follows(p3), {}, {});
    expect(leader.custody.held).toBeDefined();
    leader.trusts(p2, 2);
    const later = { number: 1, node: p3, incarnation: incarnation(2) };
    answered(leader, { ...at(1, 2, p1, 'holding'), epoch: later }, { ...at(1, 2, p1, 'none'), epoch: later });
    expect([made(leader), leader.custody.held]).toEqual([undefined, undefined]);
  });
});
