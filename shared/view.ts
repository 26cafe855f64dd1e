/** What can be read off a node's state, beside what it says of its clock: for whoever shows or measures it. */
import { type Drift, estimateDrift } from './clock/drift.ts';
import { type Interval, interval } from './clock/interval.ts';
import type { MutexAlgorithm, MutexConfig } from './mutex/config.ts';
import { type MutexProtocol, mutex } from './mutex/mutex.ts';
import { type State, standingOf } from './node.ts';
import type { Dials, NodeId } from './protocol.ts';

/** When it is on the leader's clock, as an interval that contains it; nothing where the node claims nothing. */
export const leaderTimeOf = (state: State, now: Dials): Interval | undefined => interval(standingOf(state), now);

/** How fast its raw clock drifts against the leader's, as far as its samples tell. */
export const driftOf = (state: State): Drift | undefined => estimateDrift(standingOf(state).samples);

/** For whose answer a node waits, wanting the critical section: only the algorithm that guards it can say. */
export function awaitedBy(config: MutexConfig): (state: State) => readonly NodeId[] {
  // Another one may be switched on.
  const locks = new Map<MutexAlgorithm, MutexProtocol>();
  return (state) => {
    if (state.role !== 'member' || state.mutex === undefined || state.setup.mutex === null) return [];
    const algorithm = state.setup.mutex;
    const lock = locks.get(algorithm) ?? mutex({ ...config, algorithm });
    locks.set(algorithm, lock);
    return lock.awaits(state.mutex);
  };
}
