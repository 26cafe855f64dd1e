/**
 * Whom each process asks: any two of these sets have a member in common, which lets only one of the two enter at a time.
 *
 * A grid is written row by row, as wide as the root of n, rounded up; a quorum is a row and a column. The last row may be
 * short. Two quorums still meet: a row that is too short for a column lies in the last row, and then the other row is a
 * full one. A finite projective plane of order q has n = q(q + 1) + 1 points, and lines of q + 1 of which any two meet in
 * one: no quorums are smaller (Maekawa 1985).
 */
import type { NodeId } from '../../protocol.ts';
import type { MutexConfig } from '../config.ts';

type Quorums = readonly (readonly NodeId[])[];

/** One quorum for each member, in the order of the members. */
export function quorumsOf(how: MutexConfig['quorums'], members: readonly NodeId[]): Quorums {
  if (how === 'grid') return grid(members);
  return how === 'plane' ? plane(members) : chosen(how, members);
}

function grid(members: readonly NodeId[]): Quorums {
  const width = Math.ceil(Math.sqrt(members.length));
  const row = (i: number): number => Math.floor(i / width);
  return members.map((_, i) => members.filter((__, j) => row(i) === row(j) || i % width === j % width));
}

/** Line i of each plane goes through point i. */
const lines: Readonly<Record<number, readonly (readonly number[])[]>> = {
  7: [
    [0, 1, 2],
    [1, 3, 5],
    [2, 3, 6],
    [3, 0, 4],
    [4, 1, 6],
    [5, 2, 4],
    [6, 0, 5],
  ],
  // The differences of 0, 1, 3 and 9 are all numbers from 1 to 12, each once (Singer 1938).
  13: Array.from({ length: 13 }, (_, i) => [0, 1, 3, 9].map((d) => (i + d) % 13)),
};

function plane(members: readonly NodeId[]): Quorums {
  const found = lines[members.length];
  if (found === undefined) throw new Error(`there is a plane for 7 or 13 members, not for ${members.length}`);
  return found.map((line) => members.filter((_, i) => line.includes(i)));
}

function chosen(quorums: Quorums, members: readonly NodeId[]): Quorums {
  if (quorums.length !== members.length) throw new Error(`${quorums.length} quorums for ${members.length} members`);
  const strangers = quorums.flat().filter((id) => !members.includes(id));
  if (strangers.length > 0) throw new Error(`quorums name ${strangers.join(', ')}, who is no member`);
  const apart = quorums.flatMap((a, i) => quorums.slice(i + 1).filter((b) => !a.some((id) => b.includes(id))));
  if (apart.length > 0 || quorums.some((quorum) => quorum.length === 0)) throw new Error('two quorums have no member in common');
  return quorums;
}
