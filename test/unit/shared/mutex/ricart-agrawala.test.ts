/** Ricart and Agrawala's lock, one rule at a time. */
import { describe, expect, it } from 'vitest';
import { type RicartAgrawala, ricartAgrawala } from '../../../../shared/mutex/ricart-agrawala.ts';
import type { NodeId } from '../../../../shared/protocol.ts';
import { config, one, Seated, three, two } from './seat.ts';

const seated = (self: NodeId = two, onCrash: 'block' | 'suspect' = 'block', members?: readonly NodeId[]): Seated<RicartAgrawala> =>
  new Seated(ricartAgrawala(config({ onCrash })), self, members).acquainted();
const request = (timestamp: number, n = 1, incarnation = 1) => ({ kind: 'ricart-agrawala.request', incarnation, request: n, timestamp }) as const;
const reply = (n = 1, incarnation = 1, start = 7) => ({ kind: 'ricart-agrawala.reply', incarnation, start, request: n, timestamp: 0 }) as const;

describe('a process that wants to enter', () => {
  it('asks everyone, and enters when all have replied', () => {
    const seat = seated().want(5);
    expect(seat.said).toEqual(['1 ricart-agrawala.request', '3 ricart-agrawala.request']);
    expect(seat.awaits).toEqual([one, three]);
    expect(seat.hear(one, reply()).inside).toBe(false);
    expect(seat.awaits).toEqual([three]);
    expect(seat.hear(three, reply()).inside).toBe(true);
  });

  it('enters at once where it is alone', () => expect(seated(one, 'block', [one]).want(1).inside).toBe(true));

  it('asks nobody before it has heard of them', () => {
    const seat = new Seated<RicartAgrawala>(ricartAgrawala(config()), two).trusts(one, 1).want(5);
    expect(seat.said).toEqual(['1 ricart-agrawala.request']);
    expect(seat.trusts(three, 1).said).toEqual(['3 ricart-agrawala.request']);
  });

  it('replies to an earlier request, and defers a later one until it leaves', () => {
    const seat = seated().want(5);
    expect(seat.hear(one, request(4)).said).toEqual(['1 ricart-agrawala.reply']);
    expect(seat.hear(three, request(6)).said).toEqual([]);
    expect(seat.hear(one, reply()).hear(three, reply()).inside).toBe(true);
    expect(seat.leave().sent).toEqual([
      { to: three, message: { kind: 'ricart-agrawala.reply', incarnation: 7, start: 1, request: 1, timestamp: 6 } },
    ]);
  });

  it.each([
    ['lower', one, ['1 ricart-agrawala.reply']],
    ['higher', three, []],
  ] as const)('gives way at the same time to a %s process only', (_, other, said) =>
    expect(seated().want(5).hear(other, request(5)).said).toEqual(said),
  );

  it('counts no reply twice, and none to an earlier request or an earlier start', () => {
    const seat = seated().want(5).hear(one, reply());
    expect(seat.hear(one, reply()).events).toMatchObject([{ kind: 'mutex.refused', why: 'duplicate' }]);
    expect(seat.hear(three, reply(0)).events).toMatchObject([{ kind: 'mutex.refused', why: 'outdated' }]);
    expect(seat.hear(three, reply(1, 1, 6)).events).toMatchObject([{ kind: 'mutex.refused', why: 'outdated' }]);
    expect(seat.inside).toBe(false);
  });
});

describe('a process that is inside', () => {
  const inside = () => seated().want(5).hear(one, reply()).hear(three, reply());

  it('defers everyone, also a restarted process whose time begins anew', () => {
    expect(inside().hear(one, request(1, 1, 2)).said).toEqual([]);
    expect(
      inside()
        .hear(one, request(1, 1, 2))
        .leave().said,
    ).toEqual(['1 ricart-agrawala.reply']);
  });

  it('keeps the newer of two requests of one process', () => {
    const seat = inside().hear(one, request(8, 2)).hear(one, request(6, 1)).leave();
    expect(seat.sent).toMatchObject([{ message: { request: 2 } }]);
  });
});

describe('a process that starts again', () => {
  it('has replied to nothing, and is asked again', () => {
    const seat = seated().want(5).hear(one, reply());
    expect(seat.trusts(one, 2).said).toEqual(['1 ricart-agrawala.request']);
    expect(seat.hear(three, reply()).inside).toBe(false);
    expect(seat.hear(one, reply(1, 1)).events).toMatchObject([{ kind: 'mutex.refused', why: 'outdated' }]);
    expect(seat.hear(one, reply(1, 2)).inside).toBe(true);
  });

  it('is asked before it is replied to where its request is the first sign of it', () => {
    const seat = seated().want(5).hear(one, reply());
    expect(seat.hear(one, request(1, 1, 2)).said).toEqual(['1 ricart-agrawala.request', '1 ricart-agrawala.reply']);
  });

  it('is asked again as well if it was only suspected, unless it has replied', () => {
    const seat = seated().want(5).hear(one, reply()).suspects(one).suspects(three);
    expect(seat.trusts(one, 1).said).toEqual([]);
    expect(seat.trusts(three, 1).said).toEqual(['3 ricart-agrawala.request']);
  });
});

describe('a process that has crashed', () => {
  it('blocks everyone, by design', () => {
    const seat = seated().want(5).hear(one, reply()).suspects(three);
    expect(seat.inside).toBe(false);
    expect(seat.awaits).toEqual([three]);
  });

  it('is done without where that is allowed, which is told once', () => {
    const seat = seated(two, 'suspect').want(5).hear(one, reply());
    expect(seat.suspects(three).inside).toBe(true);
    expect(seat.events).toEqual([{ kind: 'mutex.skipped', request: 1, past: three }]);
    expect(seat.hear(three, reply()).events).toMatchObject([{ kind: 'mutex.refused' }]);
  });

  it('is waited for again once it is trusted', () => {
    const seat = seated(two, 'suspect').suspects(three).want(5).trusts(three, 1);
    expect(seat.hear(one, reply()).inside).toBe(false);
    expect(seat.awaits).toEqual([three]);
  });
});
