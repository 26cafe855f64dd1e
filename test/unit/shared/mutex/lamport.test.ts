/** Lamport's lock, one rule at a time. */
import { describe, expect, it } from 'vitest';
import { type Lamport, lamport } from '../../../../shared/mutex/lamport.ts';
import type { NodeId } from '../../../../shared/protocol.ts';
import { config, one, Seated, three, two } from './seat.ts';

const seated = (self: NodeId = two, onCrash: 'block' | 'suspect' = 'block'): Seated<Lamport> =>
  new Seated(lamport(config({ onCrash })), self).acquainted();
const request = (timestamp: number, n = 1, incarnation = 1) => ({ kind: 'lamport.request', incarnation, request: n, timestamp }) as const;
const ack = (n = 1, incarnation = 1, start = 7) => ({ kind: 'lamport.ack', incarnation, start, request: n }) as const;
const release = (n = 1, incarnation = 1) => ({ kind: 'lamport.release', incarnation, request: n }) as const;

describe('a process that wants to enter', () => {
  it('asks everyone, enters at the head of its queue when all have answered, and tells all when it leaves', () => {
    const seat = seated().want(5);
    expect(seat.said).toEqual(['1 lamport.request', '3 lamport.request']);
    expect(seat.hear(one, ack()).awaits).toEqual([three]);
    expect(seat.hear(three, ack()).inside).toBe(true);
    expect(seat.leave().said).toEqual(['1 lamport.release', '3 lamport.release']);
  });

  it('waits for an earlier request to be released', () => {
    const seat = seated().want(5).hear(one, request(4));
    expect(seat.said).toEqual(['1 lamport.ack']);
    expect(seat.hear(one, ack()).hear(three, ack()).inside).toBe(false);
    expect(seat.awaits).toEqual([one]);
    expect(seat.hear(one, release()).inside).toBe(true);
  });

  it.each([
    ['lower', one, false],
    ['higher', three, true],
  ] as const)('comes before a %s process that asks at the same time, or after it, by number', (_, other, enters) => {
    expect(seated().want(5).hear(other, request(5)).hear(one, ack()).hear(three, ack()).inside).toBe(enters);
  });

  it('answers a later request at once, but does not let it pass', () => {
    const seat = seated().want(5).hear(three, request(6));
    expect(seat.said).toEqual(['3 lamport.ack']);
    expect(seat.hear(one, ack()).hear(three, ack()).inside).toBe(true);
  });

  it('counts no answer to another request or start', () => {
    const seat = seated().want(5).hear(one, ack());
    expect(seat.hear(three, ack(0)).events).toMatchObject([{ kind: 'mutex.refused', why: 'outdated' }]);
    expect(seat.hear(three, ack(1, 1, 6)).inside).toBe(false);
  });

  it('does not take a request back into its queue that is over', () => {
    const seat = seated().hear(one, request(4)).hear(one, release()).hear(one, request(4)).want(5);
    expect(seat.hear(one, ack()).hear(three, ack()).inside).toBe(true);
  });
});

describe('a process that starts again', () => {
  const inside = () => seated().want(5).hear(one, ack()).hear(three, ack());

  it('is told of the request before it gets an answer, since its queue is empty', () => {
    expect(
      seated()
        .want(5)
        .hear(one, request(1, 1, 2)).said,
    ).toEqual(['1 lamport.request', '1 lamport.ack']);
  });

  it('has answered nothing, and leaves the queue', () => {
    const seat = seated().want(5).hear(one, request(4)).hear(one, ack()).hear(three, ack());
    expect(seat.trusts(one, 2).said).toEqual(['1 lamport.request']);
    expect(seat.hear(one, ack(1, 1)).inside).toBe(false);
    expect(seat.hear(one, ack(1, 2)).inside).toBe(true);
  });

  it('gets no answer to an earlier request from whoever is inside, until that one has left', () => {
    const seat = inside().hear(one, request(1, 1, 2));
    expect(seat.said).toEqual(['1 lamport.request']);
    expect(seat.leave().said).toEqual(['1 lamport.release', '3 lamport.release', '1 lamport.ack']);
  });

  it('is told again what it may have missed while it was suspected', () => {
    expect(inside().suspects(one).trusts(one, 1).said).toEqual(['1 lamport.request']);
    expect(inside().leave().suspects(one).trusts(one, 1).said).toEqual(['1 lamport.release']);
  });
});

describe('a request that was lost', () => {
  const again = (timestamp: number) => ({ ...request(timestamp), again: true }) as const;
  const inside = () => seated().want(5).hear(one, ack()).hear(three, ack());

  it('is marked where it is said again', () => {
    const [said] = seated().want(5).suspects(one).trusts(one, 1).sent;
    expect(said?.message).toEqual({ kind: 'lamport.request', incarnation: 7, request: 1, timestamp: 5, again: true });
  });

  it('is answered only on leaving, where it should have been first', () => {
    const seat = inside().hear(one, again(4));
    expect([seat.inside, seat.said]).toEqual([true, []]);
    expect(seat.leave().said).toEqual(['1 lamport.release', '3 lamport.release', '1 lamport.ack']);
  });

  it('is answered at once where it comes later, or before the other one is inside, which then waits', () => {
    expect(inside().hear(one, again(6)).said).toEqual(['1 lamport.ack']);
    const seat = seated().want(5).hear(one, ack()).hear(one, again(4));
    expect(seat.said).toEqual(['1 lamport.ack']);
    expect(seat.hear(three, ack()).inside).toBe(false);
    expect(seat.hear(one, release()).inside).toBe(true);
  });
});

describe('a process that has crashed', () => {
  it('blocks everyone, by design', () => expect(seated().want(5).hear(one, ack()).suspects(three).inside).toBe(false));

  it('is done without where that is allowed, with what it asked for', () => {
    const seat = seated(two, 'suspect').hear(three, request(3)).want(5).hear(one, ack());
    expect(seat.suspects(three).inside).toBe(true);
    expect(seat.events).toEqual([{ kind: 'mutex.skipped', request: 1, past: three }]);
  });
});
