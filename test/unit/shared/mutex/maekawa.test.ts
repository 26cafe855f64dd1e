/** Maekawa's lock as one process sees it: its votes, and what it gives back. Three processes in a circle: 1 asks 1 and 2. */
import { describe, expect, it } from 'vitest';
import { type Maekawa, maekawa } from '../../../../shared/mutex/maekawa.ts';
import type { NodeId } from '../../../../shared/protocol.ts';
import { config, four, one, Seated, three, two } from './seat.ts';

const circle = [
  [one, two, three],
  [two, three],
  [three, one, two],
];
const seated = (self: NodeId = two, quorums: readonly (readonly NodeId[])[] = circle): Seated<Maekawa> =>
  new Seated(maekawa(config({ quorums })), self).acquainted().ring('maekawa.open');
/** It asks 1, 2 and 3, and has its own grant. */
const wanting = () => seated(one).want(5);
const answer = (kind: 'grant' | 'inquire' | 'failed', turn = 0, request = 1, start = 7) =>
  ({ kind: `maekawa.${kind}`, incarnation: 1, start, request, turn }) as const;
const asks = (kind: 'request' | 'release' | 'yield', timestamp: number, inside = false) =>
  ({ kind: `maekawa.${kind}`, incarnation: 1, request: 1, timestamp, turn: 0, inside }) as const;

describe('a process that wants to enter', () => {
  it('asks its quorum, itself without a message, and enters with all grants', () => {
    const seat = wanting();
    expect(seat.said).toEqual(['2 maekawa.request', '3 maekawa.request']);
    expect(seat.awaits).toEqual([two, three]);
    expect(seat.hear(two, answer('grant')).awaits).toEqual([three]);
    expect(seat.hear(three, answer('grant')).inside).toBe(true);
    expect(seat.leave().said).toEqual(['2 maekawa.release', '3 maekawa.release']);
  });

  it('waits for its own arbiter as for any other', () => {
    const seat = seated(two).hear(one, asks('request', 3)).want(5).hear(three, answer('grant'));
    expect(seat.inside).toBe(false);
    expect(seat.awaits).toEqual([two]);
    expect(seat.hear(one, asks('release', 3)).inside).toBe(true);
  });

  it('gives a grant back that is asked for, if it has failed elsewhere', () => {
    const seat = wanting().hear(two, answer('grant')).hear(three, answer('failed')).hear(two, answer('inquire'));
    expect(seat.said).toEqual(['2 maekawa.yield']);
    expect(seat.awaits).toEqual([two, three]);
  });

  it('gives it back later, when it fails elsewhere, and keeps it until then', () => {
    const seat = wanting().hear(two, answer('grant')).hear(two, answer('inquire'));
    expect(seat.said).toEqual([]);
    expect(seat.hear(three, answer('failed')).said).toEqual(['2 maekawa.yield']);
  });

  it('counts what it has given back as failed, for whoever asks next', () => {
    const seat = wanting().hear(two, answer('grant')).hear(two, answer('inquire')).hear(three, answer('failed'));
    expect(seat.hear(three, answer('grant')).said).toEqual([]);
    expect(seat.hear(three, answer('inquire')).said).toEqual(['3 maekawa.yield']);
  });

  it('keeps everything once it has no failure any more', () => {
    const seat = wanting().hear(two, answer('grant')).hear(three, answer('failed')).hear(three, answer('grant'));
    expect(seat.inside).toBe(true);
    expect(seat.hear(two, answer('inquire')).said).toEqual([]);
    expect(seat.events).toMatchObject([{ kind: 'mutex.refused', why: 'outdated' }]);
  });

  it('is not misled by what was overtaken: INQUIRE before its grant, FAILED after it', () => {
    const early = wanting().hear(three, answer('failed')).hear(two, answer('inquire'));
    expect(early.said).toEqual([]);
    expect(early.hear(two, answer('grant')).said).toEqual(['2 maekawa.yield']);
    const late = wanting().hear(two, answer('grant')).hear(two, answer('failed')).hear(three, answer('grant'));
    expect(late.inside).toBe(true);
  });

  it.each([
    ['an earlier turn', answer('grant', 0)],
    ['another request', answer('grant', 1, 2)],
    ['another start', answer('grant', 1, 1, 6)],
  ])('counts no grant of %s', (_, stale) => {
    const seat = wanting().hear(two, answer('grant')).hear(two, answer('inquire')).hear(three, answer('failed')).hear(three, answer('grant'));
    expect(seat.hear(two, stale).inside).toBe(false);
    expect(seat.hear(two, answer('grant', 1)).inside).toBe(true);
  });

  it('says nothing to an arbiter that is none of its own', () => {
    const seat = new Seated(
      maekawa(
        config({
          quorums: [
            [one, two],
            [two, three],
            [two, three],
            [two, four],
          ],
        }),
      ),
      two,
      [one, two, three, four],
    );
    expect(seat.acquainted().want(5).said).toEqual(['3 maekawa.request']);
  });
});

describe('an arbiter that starts again', () => {
  it('has granted nothing, and is asked again', () => {
    const seat = wanting().hear(two, answer('grant')).trusts(two, 2);
    expect(seat.said).toEqual(['2 maekawa.request']);
    expect(seat.hear(three, answer('grant')).inside).toBe(false);
  });

  it('is told who is inside', () => {
    const seat = wanting().hear(two, answer('grant')).hear(three, answer('grant')).trusts(two, 2);
    expect(seat.sent).toMatchObject([{ to: two, message: { kind: 'maekawa.request', inside: true } }]);
  });

  it('tells nobody of a grant for as long as a lease', () => {
    const seat = new Seated(maekawa(config({ quorums: circle })), two);
    expect(seat.timers).toEqual(['maekawa.open 1000']);
    expect(seat.acquainted().hear(one, asks('request', 3)).said).toEqual([]);
    expect(seat.hear(three, asks('request', 9, true)).said).toEqual(['1 maekawa.failed']);
    expect(seat.ring('maekawa.open').said).toEqual(['3 maekawa.grant']);
    expect(seat.hear(three, asks('release', 9)).said).toEqual(['1 maekawa.grant']);
  });
});

describe('an arbiter that could not be heard', () => {
  it('is told again what it may have missed', () => {
    expect(wanting().suspects(two).trusts(two, 1).said).toEqual(['2 maekawa.request']);
    const left = wanting().hear(two, answer('grant')).hear(three, answer('grant')).leave();
    expect(left.suspects(two).trusts(two, 1).said).toEqual(['2 maekawa.release']);
  });

  it('forgets an earlier request where a later one comes first', () => {
    const seat = seated(two).hear(one, asks('request', 3)).hear(three, asks('request', 5));
    expect(seat.hear(one, { ...asks('request', 9), request: 2 }).said).toEqual(['3 maekawa.grant', '1 maekawa.failed']);
  });
});
