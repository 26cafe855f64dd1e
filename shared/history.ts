/**
 * The recorded course of a run: what checkers judge, what transcripts print, what the console collects.
 *
 * A simulated and a real run write the same events. Messages that only keep the cluster together, such as heartbeats, are not
 * among them. Protocol events keep their kind and have their fields flat beside
 * the header; worlds add what only they can observe, such as the bend of a clock or the fate of a message.
 */
import type { ClockFault } from './clock/oscillator.ts';
import type { Stamp } from './driver.ts';
import type { LamportTime } from './logical/lamport.ts';
import type { Node } from './node.ts';
import type { ClockLine } from './oracle.ts';
import type { Incarnation, NodeId } from './protocol.ts';
import type { ClockTime, Duration, TrueTime } from './time.ts';

/** Where and when something happened, on every timescale. */
export interface Header extends Stamp {
  /** Rises by one with each event of a node's incarnation, or of the console where it has collected them. */
  readonly seq: number;
  readonly node: NodeId;
  readonly incarnation: Incarnation;
  readonly trueUs: TrueTime;
  readonly clockUs: ClockTime;
}

/** What a world observes, beside the protocol's own events. */
export type WorldEvent =
  | { readonly kind: 'node.started'; readonly name: string; readonly role: string }
  | { readonly kind: 'node.stopped'; readonly how: 'left' | 'crashed' }
  | ({ readonly kind: 'clock.fault' } & ClockFault)
  /** The node tells a clock that is `by` ahead of its own from now on, to the nodes named or to everyone. */
  | { readonly kind: 'node.lies'; readonly by: Duration; readonly to: readonly NodeId[] }
  /** A transaction took the latest possible time as its timestamp, and when that was surely past, it committed. */
  | { readonly kind: 'transaction.stamped'; readonly timestamp: ClockTime; readonly bound: Duration }
  | { readonly kind: 'transaction.committed'; readonly timestamp: ClockTime; readonly waited: Duration }
  | ({ readonly kind: 'clock.line' } & Omit<ClockLine, 'trueUs'>)
  | { readonly kind: 'message.sent'; readonly to: NodeId; readonly message: Node['message'] }
  /** `sentLamport` is the Lamport time of its sending, which tells which of its sender's events that was. */
  | {
      readonly kind: 'message.received';
      readonly from: NodeId;
      readonly message: Node['message'];
      readonly delayUs: number;
      readonly sentLamport: LamportTime;
    }
  | { readonly kind: 'message.dropped'; readonly to: NodeId; readonly message: Node['message']; readonly why: 'lost' | 'cut' }
  | { readonly kind: 'message.unanswered'; readonly to: NodeId; readonly message: Node['message'] };

export type Happening = Node['event'] | WorldEvent;
/** Fields of events that are fields of the header as well, which would hide them: there must be none. */
type Hidden = Happening extends infer H ? (H extends unknown ? Extract<keyof H, keyof Header> : never) : never;
export type HistoryEvent = [Hidden] extends [never] ? Header & Happening : never;

/** What became of the messages of one kind, counted where they are handed to the link. */
export interface MessageCount {
  readonly attempted: number;
  readonly delivered: number;
  readonly dropped: number;
  readonly unanswered: number;
}
