/** What comes back to a candidate from both sides of the ring, and what only seems to. */
import { describe, expect, it } from 'vitest';
import { electionDefaults } from '../../../shared/election/config.ts';
import { type Election, election } from '../../../shared/election/election.ts';
import { incarnation, type NodeId } from '../../../shared/protocol.ts';
import { Bench, member, one, three, two } from './given.ts';

/** 2 is a candidate, in its seventh start. */
const standing = (): Bench<Election> =>
  new Bench<Election>(election({ ...electionDefaults, algorithm: 'hirschberg-sinclair' }), member(two)).ring('election.listen', 500_000);

/** The answer of a neighbour to what start `start` of 2 asked in its first phase. */
const answered = (bench: Bench<Election>, by: NodeId, start: number): Bench<Election> => {
  const asked = { candidate: two, incarnation: incarnation(start), number: 1, phase: 0 } as const;
  return bench.hear(by, { kind: 'hirschberg-sinclair.reply', ...asked, way: by === one ? 1 : -1, hops: 0 }, 600_000);
};

const asks = (bench: Bench<Election>) => bench.sent.map(({ message }) => message);

describe('a candidate', () => {
  it('asks twice as many where both sides let it pass', () => {
    const next = { kind: 'hirschberg-sinclair.probe', number: 1, phase: 1, left: 2 };
    expect(asks(answered(answered(standing(), one, 7), three, 7))).toMatchObject([next, next]);
  });
  it('does not on an answer to an earlier start of itself', () => {
    expect(asks(answered(answered(standing(), one, 7), three, 6))).toEqual([]);
    expect(asks(answered(answered(standing(), one, 6), three, 7))).toEqual([]);
  });
});
