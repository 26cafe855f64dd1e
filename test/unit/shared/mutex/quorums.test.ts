/** Any two quorums have a member in common, whatever the number of members. */
import { describe, expect, it } from 'vitest';
import { quorumsOf } from '../../../../shared/mutex/maekawa/quorums.ts';
import { type NodeId, nodeId } from '../../../../shared/protocol.ts';

const members = (n: number): readonly NodeId[] => Array.from({ length: n }, (_, i) => nodeId(i + 1));
const apart = (quorums: readonly (readonly NodeId[])[]): number =>
  quorums.flatMap((a, i) => quorums.slice(i + 1).filter((b) => !a.some((id) => b.includes(id)))).length;

describe('a grid', () => {
  it.each(Array.from({ length: 40 }, (_, i) => i + 1))('of %i members has quorums that meet, each with its own process', (n) => {
    const quorums = quorumsOf('grid', members(n));
    expect(quorums).toHaveLength(n);
    expect(apart(quorums)).toBe(0);
    expect(quorums.every((quorum, i) => quorum.includes(nodeId(i + 1)))).toBe(true);
    expect(Math.max(...quorums.map((q) => q.length))).toBeLessThanOrEqual(2 * Math.ceil(Math.sqrt(n)) - 1);
  });

  it.each([
    [4, 3],
    [9, 5],
    [16, 7],
  ])('of %i asks %i, oneself among them', (n, k) => expect(new Set(quorumsOf('grid', members(n)).map((q) => q.length))).toEqual(new Set([k])));

  it('may have a short last row', () => {
    expect(quorumsOf('grid', members(5))).toEqual([
      [1, 2, 3, 4],
      [1, 2, 3, 5],
      [1, 2, 3],
      [1, 4, 5],
      [2, 4, 5],
    ]);
  });
});

describe('a plane', () => {
  it.each([
    [7, 3],
    [13, 4],
  ])('of %i points has lines of %i, of which any two meet in one', (n, k) => {
    const quorums = quorumsOf('plane', members(n));
    expect(quorums.every((q, i) => q.length === k && q.includes(nodeId(i + 1)))).toBe(true);
    const common = quorums.flatMap((a, i) => quorums.slice(i + 1).map((b) => a.filter((id) => b.includes(id)).length));
    expect(new Set(common)).toEqual(new Set([1]));
  });

  it('is what the lab sheet draws for 7', () => {
    expect(quorumsOf('plane', members(7)).map((q) => q.map((id) => id - 1))).toEqual([
      [0, 1, 2],
      [1, 3, 5],
      [2, 3, 6],
      [0, 3, 4],
      [1, 4, 6],
      [2, 4, 5],
      [0, 5, 6],
    ]);
  });

  it('exists for 7 and 13 only', () => expect(() => quorumsOf('plane', members(5))).toThrow('a plane for 7 or 13 members, not for 5'));
});

describe('chosen quorums', () => {
  const ids = (...lists: readonly (readonly number[])[]) => lists.map((list) => list.map(nodeId));
  it('are taken as they are', () =>
    expect(quorumsOf(ids([1, 2], [2, 3], [3, 1]), members(3))).toEqual([
      [1, 2],
      [2, 3],
      [3, 1],
    ]));
  it.each([
    ['too few', ids([1], [1]), '2 quorums for 3 members'],
    ['with a stranger', ids([1], [1], [1, 9]), 'quorums name 9'],
    ['apart', ids([1, 2], [2, 3], [1]), 'no member in common'],
  ])('are refused: %s', (_, quorums, why) => expect(() => quorumsOf(quorums, members(3))).toThrow(why));
});
