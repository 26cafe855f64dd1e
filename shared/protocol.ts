/**
 * What a distributed algorithm is, in this lab: a pure function from an input to a new state and a list of effects.
 *
 * It has no clock, socket, timer, logger or random source of its own. A driver reads the clocks, calls `step`, and
 * carries the effects out. The same protocol therefore runs in a container, in a simulator and in a browser, and every
 * interleaving of a small cluster can be searched.
 */
import type { ClockTime, Duration, MonoTime, Ppm, RawTime } from './time.ts';

declare const brand: unique symbol;
/** A number, never a string: compared as strings, "10" < "9". */
export type NodeId = number & { readonly [brand]: 'NodeId' };
/** One start of one process; a later start has a larger number. */
export type Incarnation = number & { readonly [brand]: 'Incarnation' };

export const nodeId = (n: number): NodeId => n as NodeId;
export const incarnation = (n: number): Incarnation => n as Incarnation;

/** One leadership. Ordered by number, then node, then incarnation, so that no two leaderships are ever equal. */
export interface Term {
  readonly number: number;
  readonly node: NodeId;
  readonly incarnation: Incarnation;
}

/** Positive where `a` is the newer leadership. */
export const compareTerms = (a: Term, b: Term): number => a.number - b.number || a.node - b.node || a.incarnation - b.incarnation;
export const formatTerm = (t: Term): string => `${t.number}.${t.node}.${t.incarnation}`;

/** Rises with each grant of a lock, also across leaders: first by term, then by count. The resource refuses a lower one than it has seen. */
export interface FencingToken {
  readonly term: Term;
  readonly count: number;
}

/** Positive where `a` was granted later. */
export const compareTokens = (a: FencingToken, b: FencingToken): number => compareTerms(a.term, b.term) || a.count - b.count;
export const formatToken = ({ term, count }: FencingToken): string => `${formatTerm(term)}/${count}`;

/** The five vocabularies of one protocol. Kinds carry the protocol's name, so that protocols compose by union. */
export interface Vocabulary {
  readonly state: unknown;
  readonly message: { readonly kind: string };
  readonly timer: string;
  readonly command: { readonly kind: string };
  readonly event: { readonly kind: string };
}

/** What a node's own instruments show at the moment an input arrives. True time is not among them. */
export interface Dials {
  readonly mono: MonoTime;
  readonly raw: RawTime;
  /** The disciplined clock. */
  readonly clock: ClockTime;
  /** Correction that is decided but not yet slewed in; positive: the clock is still to move forward. */
  readonly pending: Duration;
  /** How fast `pending` is being slewed in at most; 0 where nothing is pending. */
  readonly slewing: Ppm;
  /** Uniform in [0, 1), drawn for this input: a protocol's only source of chance. */
  readonly chance: number;
}

/** All that a protocol is told of the time: the world reads the dials, and the driver adds where the process is in logical time. */
export interface Reading extends Dials {
  /** The Lamport time of the process's last event; where the input is a message, its receipt is that event. */
  readonly lamport: number;
}

/** Who I am, and who else there is. */
export interface Member {
  readonly self: NodeId;
  readonly incarnation: Incarnation;
  /** Everyone who votes, leads and counts, in ascending order; a device is not among them. */
  readonly members: readonly NodeId[];
}

/** Members other than oneself. */
export const peers = ({ self, members }: Member): readonly NodeId[] => members.filter((id) => id !== self);

/** The ledger's register. Tokens of an earlier generation, from before the lock was switched, are lower than all of this one. */
export interface Register {
  readonly value: number;
  readonly generation: number;
  readonly highest: FencingToken | null;
}

/** What a process keeps through a crash. */
export interface Keepsake {
  /** The newest leadership that it agreed to, `null` for none yet. */
  readonly term: Term | null;
  /** The ledger's register, and the highest token that it was written with. */
  readonly register?: Register;
}

/** Everything that can happen to a protocol. */
export type Input<P extends Vocabulary> =
  | { readonly kind: 'message'; readonly from: NodeId; readonly message: P['message'] }
  | { readonly kind: 'timer'; readonly timer: P['timer'] }
  | { readonly kind: 'command'; readonly command: P['command'] }
  | Signal
  | Returned<P>;

/** What passes between the parts of one node, or comes from the links and concerns no message. */
export type Signal =
  | { readonly kind: 'leader'; readonly leader: NodeId; readonly term: Term }
  /** This node led, and does not any more, and knows no other leader yet. */
  | { readonly kind: 'deposed' }
  /** The failure detector: a peer is alive, as this start of it, and may have missed what was said to it, or has given no sign for too long. */
  | { readonly kind: 'trusted'; readonly peer: NodeId; readonly incarnation: Incarnation; readonly missed?: true }
  | { readonly kind: 'suspected'; readonly peer: NodeId }
  /** This process itself stood still for `gap`: whatever it believed may have changed meanwhile. */
  | { readonly kind: 'stalled'; readonly gap: Duration }
  /** A hint: the connection to a peer closed, and could not be opened again. */
  | { readonly kind: 'unreachable'; readonly peer: NodeId };

/** A message that could not be handed to anyone comes back. */
export interface Returned<P extends Vocabulary> {
  readonly kind: 'undelivered';
  readonly to: NodeId;
  readonly message: P['message'];
}

/** A change of the disciplined clock. Positive moves it forward. */
export type Adjustment = { readonly how: 'step'; readonly by: Duration } | { readonly how: 'slew'; readonly by: Duration; readonly rate: Ppm };

/** Everything a protocol can ask for. */
export type Effect<P extends Vocabulary> =
  | { readonly kind: 'send'; readonly to: NodeId; readonly message: P['message'] }
  | { readonly kind: 'set-timer'; readonly timer: P['timer']; readonly after: Duration }
  | { readonly kind: 'clear-timer'; readonly timer: P['timer'] }
  | { readonly kind: 'adjust-clock'; readonly adjustment: Adjustment }
  /** Kept before any effect that follows it in the same list is carried out. */
  | { readonly kind: 'persist'; readonly keep: Keepsake }
  | { readonly kind: 'emit'; readonly event: P['event'] };

export interface Step<P extends Vocabulary> {
  readonly state: P['state'];
  readonly effects: readonly Effect<P>[];
}

export interface Protocol<P extends Vocabulary> {
  /** `found` is what an earlier start of this process kept; without it, the process has lost its memory. */
  start(member: Member, now: Reading, found?: Keepsake): Step<P>;
  step(state: P['state'], input: Input<P>, now: Reading): Step<P>;
}

/** Compiles only where every case is handled. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}
