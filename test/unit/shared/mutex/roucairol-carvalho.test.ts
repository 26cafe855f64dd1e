/** Roucairol and Carvalho's lock: who holds which permission, one rule at a time. */
import { describe, expect, it } from 'vitest';
import { type RoucairolCarvalho, roucairolCarvalho } from '../../../../shared/mutex/roucairol-carvalho.ts';
import type { NodeId } from '../../../../shared/protocol.ts';
import { config, one, Seated, three, two } from './seat.ts';

const stranger = (self: NodeId = two, onCrash: 'block' | 'suspect' = 'block'): Seated<RoucairolCarvalho> =>
  new Seated(roucairolCarvalho(config({ onCrash })), self);
const request = (timestamp: number, asking = 1, incarnation = 1) =>
  ({ kind: 'roucairol-carvalho.request', incarnation, request: 1, timestamp, asking }) as const;
const reply = (asking: number, incarnation = 1, start = 7) => ({ kind: 'roucairol-carvalho.reply', incarnation, start, asking }) as const;
const welcome = (yours: boolean, incarnation = 1, start = 7) => ({ kind: 'mutex.welcome', incarnation, start, yours }) as const;
/** In the middle: it holds the permission of the one above, and not that of the one below. */
const seated = (onCrash: 'block' | 'suspect' = 'block') => stranger(two, onCrash).acquainted().hear(three, welcome(true));

describe('of each pair', () => {
  it('the lower holds the permission at first, once the other has said that it does not', () => {
    const seat = stranger(one).trusts(two, 1);
    expect(seat.said).toEqual(['2 mutex.hello']);
    seat.trusts(three, 1).hear(two, welcome(true)).hear(three, welcome(true)).want(5);
    expect(seat.inside).toBe(true);
    expect(seat.said).toEqual([]);
  });

  it('the higher asks for it', () => expect(seated().want(5).said).toEqual(['1 roucairol-carvalho.request']));

  it('whoever has known an earlier start of the other holds it, and says so', () => {
    const seat = seated().want(5).trusts(one, 2);
    expect(seat.inside).toBe(true);
    expect(seat.hear(one, { kind: 'mutex.hello', incarnation: 2 }).sent).toEqual([
      { to: one, message: { kind: 'mutex.welcome', incarnation: 7, start: 2, yours: false } },
    ]);
  });

  it('the lower asks like anyone else if it has started anew', () => {
    const seat = stranger(one).acquainted().want(5);
    expect(seat.said).toEqual([]);
    expect(seat.hear(two, welcome(false)).said).toEqual(['2 roucairol-carvalho.request']);
    expect(seat.hear(three, welcome(false, 1, 6)).said).toEqual([]);
  });

  it('says hello again where that may be lost', () =>
    expect(stranger(one).trusts(two, 1).suspects(two).trusts(two, 1).said).toEqual(['2 mutex.hello']));

  it('holds it for good until it is asked for', () => {
    const seat = seated().want(5).hear(one, reply(1)).leave();
    expect(seat.want(9).inside).toBe(true);
    expect(seat.said).toEqual([]);
  });
});

describe('a process that is asked for its permission', () => {
  it('gives it if it does not want to enter itself', () => expect(seated().hear(three, request(5)).said).toEqual(['3 roucairol-carvalho.reply']));

  it('gives it to an earlier request, and asks for it back at once, with the same timestamp', () => {
    const seat = seated().want(5).hear(three, request(4));
    expect(seat.sent).toMatchObject([
      { to: three, message: { kind: 'roucairol-carvalho.reply', asking: 1, start: 1 } },
      { to: three, message: { kind: 'roucairol-carvalho.request', timestamp: 5, asking: 2 } },
    ]);
    expect(seat.hear(one, reply(1)).inside).toBe(false);
    expect(seat.hear(three, reply(2)).inside).toBe(true);
  });

  it.each([
    ['later request', request(6)],
    ['request of the same time by a higher process', request(5)],
  ])('keeps it from a %s until it leaves', (_, later) => {
    const seat = seated().want(5).hear(three, later).hear(one, reply(1));
    expect(seat.inside).toBe(true);
    expect(seat.leave().said).toEqual(['3 roucairol-carvalho.reply']);
    expect(seat.want(9).said).toEqual(['3 roucairol-carvalho.request']);
  });

  it('answers the last asking only', () => {
    const seat = seated().want(5).hear(one, reply(1)).hear(three, request(6, 4)).hear(three, request(6, 3)).leave();
    expect(seat.sent).toMatchObject([{ message: { asking: 4 } }]);
  });

  it('gives what neither holds: the two are new to each other, or a reply was lost', () => {
    expect(stranger(two).hear(one, request(5)).said).toEqual(['1 roucairol-carvalho.reply']);
    const lower = stranger(one).trusts(two, 1).hear(two, request(5));
    expect(lower.said).toEqual(['2 roucairol-carvalho.reply']);
    // It was settled meanwhile.
    expect(lower.hear(two, welcome(true)).trusts(three, 1).hear(three, welcome(true)).want(9).inside).toBe(false);
  });
});

describe('a reply', () => {
  it('counts for the asking that it answers, or a second copy would bring back what was given away', () => {
    const seat = seated().want(5).hear(one, reply(1)).leave().hear(one, request(8)).want(9);
    expect(seat.said).toEqual(['1 roucairol-carvalho.request']);
    expect(seat.hear(one, reply(1)).events).toMatchObject([{ kind: 'mutex.refused', why: 'outdated' }]);
    expect(seat.hear(one, reply(2, 1, 6)).inside).toBe(false);
    expect(seat.hear(one, reply(2)).inside).toBe(true);
  });

  it('is asked for again where it may be lost', () => {
    expect(seated().want(5).suspects(one).trusts(one, 1).said).toEqual(['1 roucairol-carvalho.request']);
  });
});

describe('a process that has crashed', () => {
  it('blocks whoever lacks its permission, and nobody else', () => {
    expect(seated().suspects(one).want(5).awaits).toEqual([one]);
    expect(seated().want(4).hear(one, reply(1)).leave().suspects(one).want(5).inside).toBe(true);
  });

  it('is done without where that is allowed', () => {
    const seat = seated('suspect').want(5).suspects(one);
    expect(seat.inside).toBe(true);
    expect(seat.events).toEqual([{ kind: 'mutex.skipped', request: 1, past: one }]);
  });
});
