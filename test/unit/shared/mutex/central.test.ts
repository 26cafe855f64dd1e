/** The textbook central lock: what its coordinator keeps from term to term. */
import { describe, expect, it } from 'vitest';
import { type Central, central } from '../../../../shared/mutex/central.ts';
import type { NodeId } from '../../../../shared/protocol.ts';
import { config, one, Seated, term, three, two } from './seat.ts';

const stranger = (self: NodeId): Seated<Central> => new Seated(central(config()), self);
const request = (inside = false) => ({ kind: 'central.request', incarnation: 1, request: 1, inside }) as const;
const release = { kind: 'central.release', incarnation: 1, request: 1 } as const;
const opens = (seat: Seated<Central>): readonly string[] => seat.ring('central.open', 9_000).said;
const deposed = (seat: Seated<Central>): Seated<Central> => {
  seat.contender = { ...seat.contender, leader: undefined };
  return seat.signal({ kind: 'deposed' });
};
const coordinator = () => stranger(three).follows(three).ring('central.open', 1_000);

it('asks again where a grant of the term before comes, by which its request may have left the queue', () => {
  const grant = (number: number) => ({ kind: 'central.grant', incarnation: 7, request: 1, term: term(three, number) }) as const;
  const seat = stranger(two).follows(three).want(5).follows(three, 2).hear(three, grant(1));
  expect([seat.inside, seat.said]).toEqual([false, ['3 central.request']]);
  expect(seat.hear(three, grant(2)).inside).toBe(true);
});

describe('a coordinator', () => {
  it('keeps what was asked before it heard that it leads, until it is let know that another one does', () => {
    const early = () => stranger(three).hear(one, request());
    expect(early().said).toEqual([]);
    expect(opens(early().follows(three))).toEqual(['1 central.grant']);
    expect(opens(early().follows(two).follows(three, 2))).toEqual([]);
    expect(opens(early().hear(one, release).follows(three))).toEqual([]);
  });

  it('does not forget who told it before that to be inside', () => {
    const seat = stranger(three).hear(one, request(true)).hear(two, request()).follows(three);
    expect(opens(seat)).toEqual([]);
    expect(seat.hear(one, release).said).toEqual(['2 central.grant']);
  });

  it('keeps its queue, and who is inside, when it leads on in another term', () => {
    const seat = coordinator().hear(one, request()).hear(two, request()).follows(three, 2);
    expect(opens(seat)).toEqual([]);
    expect(seat.hear(one, release).sent).toMatchObject([{ to: two, message: { term: term(three, 2) } }]);
  });

  it('grants anew, once it is open, to whoever asks again for a grant of the term before', () => {
    const seat = coordinator().hear(one, request()).hear(two, request()).follows(three, 2).hear(one, request());
    expect(seat.said).toEqual([]);
    expect(seat.ring('central.open', 9_000).sent).toMatchObject([{ to: one, message: { term: term(three, 2) } }]);
    expect(seat.hear(one, release).said).toEqual(['2 central.grant']);
    expect(seat.hear(two, release).said).toEqual([]);
  });

  it('grants nothing once it is deposed, and does not open then', () => {
    const seat = deposed(coordinator().hear(one, request()).hear(two, request()));
    expect(seat.hear(one, release).said).toEqual([]);
    expect(opens(seat)).toEqual([]);
    expect(opens(seat.follows(three, 3))).toEqual(['2 central.grant']);
  });

  it('does not count itself as inside after it left without a leader', () => {
    const seat = coordinator().want(5);
    expect(seat.inside).toBe(true);
    expect(opens(deposed(seat).leave().hear(one, request()).follows(three, 2))).toEqual(['1 central.grant']);
  });
});
