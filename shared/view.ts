/** What can be read off a node's state, beside what it says of its clock: for whoever shows or measures it. */
import { type Drift, estimateDrift } from './clock/drift.ts';
import { type Interval, interval } from './clock/interval.ts';
import { type State, standingOf } from './node.ts';
import type { Dials } from './protocol.ts';

/** When it is on the leader's clock, as an interval that contains it; nothing where the node claims nothing. */
export const leaderTimeOf = (state: State, now: Dials): Interval | undefined => interval(standingOf(state), now);

/** How fast its raw clock drifts against the leader's, as far as its samples tell. */
export const driftOf = (state: State): Drift | undefined => estimateDrift(standingOf(state).samples);
