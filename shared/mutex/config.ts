/** What is configured of mutual exclusion: which algorithm, how often members want the critical section, and what they do when one is gone. */
import type { NodeId } from '../protocol.ts';
import { type Duration, milliseconds, type Ppm, ppm, seconds } from '../time.ts';

export type MutexAlgorithm =
  | 'central'
  | 'central-lease'
  | 'token-ring'
  | 'lamport'
  | 'ricart-agrawala'
  | 'roucairol-carvalho'
  | 'maekawa'
  | 'suzuki-kasami'
  | 'raymond';

/** When a process wants the critical section, and for how long it stays. */
export interface Workload {
  /** Mean of the exponential time from leaving to wanting again; `saturated` wants again at once, `off` only when told to. */
  readonly think: Duration | 'saturated' | 'off';
  /** A section takes a time between these, drawn uniformly. */
  readonly shortest: Duration;
  readonly longest: Duration;
}

export interface MutexConfig {
  readonly algorithm: MutexAlgorithm;
  /** Rises when the algorithm is switched, so that fencing tokens of the new one are above all earlier ones. */
  readonly generation: number;
  readonly workload: Workload;
  /**
   * What a permission that a crashed process cannot give is worth: `block` waits for its return, by design; `suspect` does
   * without whoever is suspected, so that safety rests on the failure detector from then on.
   */
  readonly onCrash: 'block' | 'suspect';
  /** How long a grant of the central lock with leases lasts, and how much longer the coordinator waits. */
  readonly lease: Duration;
  readonly leaseMargin: Duration;
  /** The drift that leases allow for: larger than that of the clocks' bounds, since a false lease is worse. */
  readonly leaseRho: Ppm;
  /** What must be acknowledged is sent again after this long. */
  readonly resend: Duration;
  /** How long a token that goes round rests with whoever does not want it: an unused one would flood the links. */
  readonly idlePause: Duration;
  /** How Maekawa's quorums are drawn: a grid for any number of members, a finite projective plane for 7 or 13. */
  readonly quorums: 'grid' | 'plane' | readonly (readonly NodeId[])[];
  /** Maekawa's arbiters ask a grant back where a better request came later; without that, they deadlock. */
  readonly yields: boolean;
  /** The shape of Raymond's tree. */
  readonly tree: 'star' | 'binary' | 'line';
  /** Who keeps the register that critical sections write to; without it they write nothing. */
  readonly ledger?: NodeId;
}

export const mutexDefaults: MutexConfig = {
  algorithm: 'central-lease',
  generation: 0,
  workload: { think: seconds(2), shortest: milliseconds(50), longest: milliseconds(200) },
  onCrash: 'block',
  lease: seconds(1),
  leaseMargin: milliseconds(100),
  leaseRho: ppm(500),
  resend: milliseconds(250),
  idlePause: milliseconds(20),
  quorums: 'grid',
  yields: true,
  tree: 'binary',
};
