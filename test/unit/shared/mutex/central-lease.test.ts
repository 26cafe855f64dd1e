/** The central lock with leases and fencing: both sides of a grant, one rule at a time. */
import { describe, expect, it } from 'vitest';
import { type CentralLease, centralLease } from '../../../../shared/mutex/central-lease.ts';
import type { NodeId } from '../../../../shared/protocol.ts';
import { config, one, Seated, term, three, two } from './seat.ts';

const stranger = (self: NodeId): Seated<CentralLease> => new Seated(centralLease(config()), self);
const from = { incarnation: 1, request: 1 };
const request = { kind: 'central-lease.request', ...from } as const;
const release = { kind: 'central-lease.release', ...from } as const;
const renew = (count = 1, number = 1) => ({ kind: 'central-lease.renew', ...from, term: term(three, number), count }) as const;
const grant = (count = 1, number = 1, n = 1) =>
  ({ kind: 'central-lease.grant', incarnation: 7, request: n, term: term(three, number), count }) as const;

/** It leads, and has waited for its predecessor's leases. */
const coordinator = () => stranger(three).follows(three).ring('central-lease.open', 1_100);
/** It follows 3. */
const holder = () => stranger(two).follows(three).want(5);

describe('a coordinator', () => {
  it('grants nothing before the last lease of its predecessor must be over', () => {
    const seat = stranger(three).follows(three);
    expect(seat.timers).toContain('central-lease.open 1100');
    expect(seat.hear(one, request).said).toEqual([]);
    expect(seat.ring('central-lease.open', 1_100).said).toEqual(['1 central-lease.grant']);
  });

  it('numbers its grants, from 1 in each of its terms', () => {
    const seat = coordinator().hear(one, request);
    expect(seat.sent).toMatchObject([{ message: { term: term(three), count: 1 } }]);
    expect(seat.hear(two, request).said).toEqual([]);
    expect(seat.hear(one, release).sent).toMatchObject([{ to: two, message: { term: term(three), count: 2 } }]);
    seat.follows(three, 2).hear(one, { ...request, request: 2 });
    expect(seat.ring('central-lease.open', 3_000).sent).toMatchObject([{ message: { term: term(three, 2), count: 1 } }]);
  });

  it('does not begin anew when its leadership is merely said again', () => {
    const seat = coordinator().hear(one, request).follows(three);
    expect(seat.hear(two, request).said).toEqual([]);
    expect(seat.hear(one, release).said).toEqual(['2 central-lease.grant']);
  });

  it('takes a grant back once its lease must be over, margin and all', () => {
    const seat = coordinator().hear(one, request);
    expect(seat.timers).toEqual(['central-lease.reclaim 1100']);
    expect(seat.hear(two, request).ring('central-lease.reclaim', 2_200).events).toEqual([{ kind: 'mutex.reclaimed', from: one, why: 'lapsed' }]);
    expect(seat.said).toEqual(['2 central-lease.grant']);
  });

  it('waits anew after each renewal', () => {
    const seat = coordinator().hear(one, request).hear(one, renew());
    expect(seat.sent).toMatchObject([{ to: one, message: { kind: 'central-lease.grant', count: 1 } }]);
    expect(seat.timers).toEqual(['central-lease.reclaim 1100']);
  });

  it.each([
    ['that was taken back', renew(1)],
    ['of another count', renew(3)],
    ['of an earlier term', renew(2, 0)],
  ])('renews no lease %s', (_, late) => {
    const seat = coordinator().hear(one, request).hear(two, request).ring('central-lease.reclaim', 2_200).hear(one, late);
    expect(seat.events).toEqual([{ kind: 'mutex.refused', message: 'central-lease.renew', from: one, why: 'outdated' }]);
    expect(seat.said).toEqual([]);
  });

  it('ignores the late release of a lease that was taken back', () => {
    const seat = coordinator().hear(one, request).hear(two, request).ring('central-lease.reclaim', 2_200).hear(one, release);
    expect(seat.said).toEqual([]);
    expect(seat.hear(two, renew(2)).said).toEqual(['2 central-lease.grant']);
  });

  it('has nothing to take back when nobody is inside any more', () => {
    const seat = coordinator().hear(one, request).hear(one, release);
    expect(seat.timers).toEqual(['no central-lease.reclaim']);
    expect(seat.ring('central-lease.reclaim', 9_000).events).toEqual([]);
  });

  it('takes back what an earlier start held', () => {
    const seat = coordinator().hear(one, request).hear(two, request).trusts(one, 2);
    expect(seat.events).toEqual([{ kind: 'mutex.reclaimed', from: one, why: 'crashed' }]);
    expect(seat.said).toEqual(['2 central-lease.grant']);
  });

  it('is not moved by a suspicion: the lease ends by itself', () => {
    expect(coordinator().hear(one, request).hear(two, request).suspects(one).said).toEqual([]);
  });

  it('grants again where a grant was lost', () => {
    expect(coordinator().hear(one, request).hear(one, request).sent).toMatchObject([{ to: one, message: { kind: 'central-lease.grant', count: 1 } }]);
  });

  it('enters without a message, renews likewise, and loses its own lease like anyone else', () => {
    const seat = coordinator().want(5);
    expect(seat.inside).toBe(true);
    expect(seat.said).toEqual([]);
    expect(seat.timers).toEqual(['central-lease.reclaim 1100', 'central-lease.renew 500', 'central-lease.lapse 999']);
    expect(seat.ring('central-lease.renew', 1_600).timers).toContain('central-lease.lapse 999');
    expect(seat.hear(one, request).ring('central-lease.reclaim', 9_000).said).toEqual(['1 central-lease.grant']);
  });

  it('keeps what was asked before it heard that it leads, until it is let know that another one does', () => {
    const early = () => stranger(three).hear(one, request);
    expect(early().follows(three).ring('central-lease.open', 1_100).said).toEqual(['1 central-lease.grant']);
    expect(early().follows(two).follows(three, 2).ring('central-lease.open', 1_100).said).toEqual([]);
    expect(early().hear(one, release).follows(three).ring('central-lease.open', 1_100).said).toEqual([]);
  });

  it('keeps who has asked when it leads on, and whoever asked again for a grant of the term before', () => {
    const renewed = () => coordinator().hear(one, request).hear(two, request).follows(three, 2);
    expect(renewed().ring('central-lease.open', 3_000).said).toEqual(['2 central-lease.grant']);
    const unaware = coordinator().hear(one, request).hear(two, request).hear(one, request).follows(three, 2).ring('central-lease.open', 3_000);
    expect(unaware.said).toEqual(['1 central-lease.grant']);
    expect(unaware.hear(one, release).said).toEqual(['2 central-lease.grant']);
  });

  it('has nothing to say once it is deposed', () => {
    const seat = coordinator().hear(one, request).hear(two, request).signal({ kind: 'deposed' });
    expect(seat.timers).toEqual(['no central-lease.open', 'no central-lease.reclaim']);
    expect(seat.hear(one, release).said).toEqual([]);
  });
});

describe('a holder', () => {
  it('asks, enters with a token, and releases', () => {
    const seat = holder();
    expect(seat.said).toEqual(['3 central-lease.request']);
    expect(seat.awaits).toEqual([three]);
    expect(seat.hear(three, grant(4)).turn.enter).toEqual({ token: { term: term(three), count: 4 } });
    expect(seat.leave().said).toEqual(['3 central-lease.release']);
    expect(seat.timers).toEqual(['no central-lease.renew', 'no central-lease.lapse']);
  });

  it('counts less than a lease from the receipt of the grant, for two clocks that drift apart', () =>
    expect(holder().hear(three, grant()).timers).toEqual(['central-lease.renew 500', 'central-lease.lapse 999']));

  it('renews half-way, while it is inside', () => {
    const seat = holder().hear(three, grant()).ring('central-lease.renew', 500);
    expect(seat.sent).toEqual([{ to: three, message: { kind: 'central-lease.renew', incarnation: 7, request: 1, term: term(three), count: 1 } }]);
    expect(seat.hear(three, grant()).timers).toEqual(['central-lease.renew 500', 'central-lease.lapse 999']);
    expect(seat.turn.enter).toBeUndefined();
  });

  it('notices that its lease is over, once, and lets nobody prolong it', () => {
    const seat = holder().hear(three, grant()).ring('central-lease.lapse', 999);
    expect(seat.events).toEqual([{ kind: 'mutex.lapsed', request: 1, token: { term: term(three), count: 1 } }]);
    expect(seat.hear(three, grant()).timers).toEqual([]);
    expect(seat.signal({ kind: 'stalled', gap: 1 as never }).events).toEqual([]);
    expect(seat.inside).toBe(true);
    expect(seat.leave().said).toEqual(['3 central-lease.release']);
  });

  it('notices it after a pause, before it renews', () => {
    const paused = holder().hear(three, grant());
    paused.ms = 5_000;
    expect(paused.signal({ kind: 'stalled', gap: 1 as never }).events).toMatchObject([{ kind: 'mutex.lapsed' }]);
    const late = holder().hear(three, grant()).ring('central-lease.renew', 5_000);
    expect(late.said).toEqual([]);
    expect(late.events).toMatchObject([{ kind: 'mutex.lapsed' }]);
  });

  it('is not over after a pause that was short', () => {
    const paused = holder().hear(three, grant());
    paused.ms = 998;
    expect(paused.signal({ kind: 'stalled', gap: 1 as never }).events).toEqual([]);
  });

  it('is silent to a renewal that crosses its release, and gives back a grant that is a new one', () => {
    const left = holder().hear(three, grant()).ring('central-lease.renew', 500).leave();
    expect(left.hear(three, grant()).said).toEqual([]);
    expect(left.hear(three, grant(2)).said).toEqual(['3 central-lease.release']);
  });

  it('cannot renew with another coordinator, and need not tell it that it leaves', () => {
    const seat = holder().hear(three, grant()).follows(one, 2);
    expect(seat.said).toEqual([]);
    expect(seat.ring('central-lease.renew', 500).said).toEqual([]);
    expect(seat.leave().said).toEqual([]);
  });

  it('asks a new coordinator, and one that it could not hear', () => {
    expect(stranger(two).want(5).said).toEqual([]);
    expect(stranger(two).want(5).follows(three).said).toEqual(['3 central-lease.request']);
    expect(holder().follows(one, 2).said).toEqual(['1 central-lease.request']);
    expect(holder().suspects(three).trusts(three, 1).said).toEqual(['3 central-lease.request']);
  });

  it('gives back what it does not want any more, but not what a later term of the same coordinator has yet to grant', () => {
    expect(holder().hear(three, grant(1, 1, 0)).said).toEqual(['3 central-lease.release']);
    const stale = holder().follows(three, 2).hear(three, grant());
    expect(stale.inside).toBe(false);
    expect(stale.said).toEqual(['3 central-lease.request']);
    expect(stale.events).toEqual([{ kind: 'mutex.refused', message: 'central-lease.grant', from: three, why: 'stale-term' }]);
    expect(stale.hear(three, grant(1, 2)).inside).toBe(true);
  });
});
