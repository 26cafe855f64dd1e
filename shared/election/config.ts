/** What is configured of an election: which one, whether it is the textbook's or the safe one, and its time-outs. */
import type { NodeId } from '../protocol.ts';
import { type Duration, milliseconds, type Ppm, ppm, seconds } from '../time.ts';
import { type DetectorConfig, detectorDefaults } from './failure-detector.ts';

export type Algorithm = 'bully' | 'ring' | 'chang-roberts' | 'hirschberg-sinclair';

/** `safe` needs a majority, and lets the winner act only while a majority lets it. Bully has it, the rings do not. */
export type Mode = 'classic' | 'safe';

export interface ElectionConfig {
  readonly algorithm: Algorithm;
  readonly mode: Mode;
  /**
   * `when-told`: the highest leads from the start, without an election, and only a command calls for one, as on the lab
   * sheet, where one process notices the crash. In the safe variant nobody leads without votes.
   */
  readonly begins: 'by-itself' | 'when-told';
  readonly detector: DetectorConfig;
  /** How long a process that starts, or that stood still, listens for a leader before it calls for an election. */
  readonly listen: Duration;
  /** T_ok: longer than a message there and back. */
  readonly answerWithin: Duration;
  /** T_coord, counted from the call: longer than T_ok and a message there and back. */
  readonly coordinatorWithin: Duration;
  /** For how long a voter of the safe variant lets the leader act, and how much of it the leader does not use. */
  readonly lease: Duration;
  readonly leaseMargin: Duration;
  /** The drift that leases allow for: larger than that of the clocks' bounds, since a false lease is worse. */
  readonly leaseRho: Ppm;
  /** The order in which a ring is travelled; ascending ids where none is named. */
  readonly ring?: readonly NodeId[];
}

export const electionDefaults: ElectionConfig = {
  algorithm: 'bully',
  mode: 'classic',
  begins: 'by-itself',
  detector: detectorDefaults,
  listen: milliseconds(500),
  answerWithin: milliseconds(100),
  coordinatorWithin: milliseconds(300),
  lease: seconds(1),
  leaseMargin: milliseconds(10),
  leaseRho: ppm(500),
};

/** No elections: the highest leads for ever, and nobody looks after anybody. For measurements of clocks alone. */
export const appointed: ElectionConfig = { ...electionDefaults, begins: 'when-told', detector: { every: seconds(1_000_000), missed: 3 } };
