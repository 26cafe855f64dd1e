/**
 * Whole clusters through random stories, every lock over every way to elect: nothing that happens is a bug, and once all is
 * healed everyone enters. A failure names its seed and tells its story; `told` plays it again.
 */
import { describe, expect, it } from 'vitest';
import { mutexAlgorithms } from '../../shared/mutex/kinds.ts';
import { told } from './lock-story.ts';

const elections = [
  ['bully', 'classic'],
  ['bully', 'safe'],
  ['ring', 'classic'],
  ['chang-roberts', 'classic'],
  ['hirschberg-sinclair', 'classic'],
] as const;
const seeds = [1, 2, 3, 4, 5, 6];

describe.each(elections)('under a leader of %s (%s)', (election, mode) => {
  it.each(mutexAlgorithms)('%s gets over whatever happens', (lock) => {
    expect(seeds.flatMap((seed) => told({ seed, lock, election, mode }))).toEqual([]);
  });
});
