/** The words of a client that asks several servers. It speaks Cristian's messages; only what it makes of them is its own. */
import type { Member, NodeId } from '../../protocol.ts';
import { type Duration, milliseconds, type Ppm, ppm, type RawTime, seconds } from '../../time.ts';
import { type CorrectionPolicy, defaultPolicy } from '../correction.ts';
import type { Reply, Request } from '../cristian/time-server.ts';
import type { Standing, StatusChanged } from '../standing.ts';
import type { Interval } from './selection.ts';

export interface Config {
  readonly period: Duration;
  readonly settle: Duration;
  /** How long to wait for the servers. */
  readonly gather: Duration;
  readonly rho: Ppm;
  readonly policy: CorrectionPolicy;
  readonly voidAfter: Duration;
}

export const defaults: Config = {
  period: seconds(2),
  settle: milliseconds(500),
  gather: milliseconds(250),
  rho: ppm(200),
  policy: defaultPolicy,
  voidAfter: seconds(1000),
};

export interface Marzullo {
  readonly state: State;
  readonly message: Request | Reply;
  readonly timer: 'marzullo.survey' | 'marzullo.gather' | 'marzullo.silence';
  readonly command: never;
  readonly event: Event;
}

export type Event =
  /** What one answer says of its server: its target clock minus ours, how far that may be wrong, and how long it took. */
  | {
      readonly kind: 'marzullo.sampled';
      readonly of: NodeId;
      readonly offset: Duration;
      readonly error: Duration;
      readonly roundTrip: Duration;
    }
  | {
      readonly kind: 'marzullo.selected';
      readonly by: Duration;
      readonly how: 'step' | 'slew';
      readonly error: Duration;
      readonly truechimers: readonly NodeId[];
      readonly falsetickers: readonly NodeId[];
    }
  | { readonly kind: 'marzullo.refused'; readonly reason: string }
  | { readonly kind: 'marzullo.ignored'; readonly reason: 'unasked' | 'stale-term' | 'not-synchronized'; readonly from: NodeId }
  | StatusChanged;

/** What one server said: where the leader's disciplined clock is against our raw clock, and how fast that may change. */
export interface Answer {
  readonly interval: Interval;
  readonly growth: Ppm;
}

export interface State {
  readonly member: Member;
  readonly standing: Standing;
  readonly attempt: number;
  readonly survey: { readonly sent: RawTime; readonly answers: ReadonlyMap<NodeId, Answer> } | undefined;
}
