/**
 * What the control room and its page say to each other over `/live`, and the state that `GET /api/state` answers.
 *
 * Types only, so that the page, which may hold no schema compiler, shares them with the server that checks the frames.
 * Every number of one state belongs to one instant of true time. `null` means that nothing is claimed or known.
 */
import type { Status } from '../../shared/clock/standing.ts';
import type { Algorithm, Mode } from '../../shared/election/config.ts';
import type { Choice } from '../../shared/node.ts';

export type Role = 'member' | 'device' | 'ledger';
export type WorldName = 'simulator' | 'processes' | 'docker' | 'browser';
export type VerdictWord = 'holds' | 'at-risk' | 'expected-violation' | 'bug' | 'inconclusive';

/** One node's clock as the oracle knows it, and as the node itself claims it to be. */
export interface ClockView {
  /** The disciplined clock minus true time; positive: this clock is fast. */
  readonly errorUs: number | null;
  /** The leader's clock minus this one, as the node estimates it; positive: the leader is ahead. */
  readonly offsetUs: number | null;
  /** The same difference as it truly is. */
  readonly trueOffsetUs: number | null;
  /** How far the node claims its offset may be from the true one. */
  readonly boundUs: number | null;
  readonly status: Status;
  /** Why the status is what it is, as the node told it; `null` where it did not. */
  readonly why: string | null;
  /** The true rate of the raw clock; positive: it runs fast. */
  readonly driftPpm: number | null;
  readonly slewing: boolean;
  /** What the disciplined clock shows at the state's instant. */
  readonly clockUs: number | null;
}

export interface NodeView {
  readonly id: number;
  readonly name: string;
  readonly role: Role;
  readonly up: boolean;
  /** The name of the node it follows. */
  readonly leader: string | null;
  readonly term: string | null;
  readonly incarnation: number | null;
  readonly clock: ClockView;
  /** `null` for a node that is down, and for one that takes no critical section. */
  readonly mutex: MutexView | null;
}

/** Where a member stands with the critical section. */
export interface MutexView {
  readonly state: 'idle' | 'wanted' | 'held';
  /** How often it was inside, as far as the control room has heard. */
  readonly entries: number;
  /** Names of those for whose answer it waits. */
  readonly waitingFor: readonly string[];
  /** The fencing token with which it is inside; `null` outside, and where the algorithm issues none. */
  readonly token: string | null;
}

/** The register that critical sections write to, as far as the control room has heard. */
export interface LedgerView {
  /** `null` until it took a write. */
  readonly value: number | null;
  /** Writes, of which a section makes two. */
  readonly accepted: number;
  readonly refused: number;
  /** Of those accepted: with a token that was older than one seen before, since fencing is off. */
  readonly stale: number;
  /** The highest fencing token that it took. */
  readonly highest: string | null;
  /** Critical sections that overlapped another in true time. */
  readonly overlaps: number;
}

export interface VerdictView {
  readonly rule: string;
  readonly verdict: VerdictWord;
  readonly detail: string;
}

/** What became of the messages of one kind. */
export interface MessageCount {
  readonly attempted: number;
  readonly delivered: number;
  readonly dropped: number;
  readonly unanswered: number;
}

/** What a closed form allows; `most` is `null` where it names no limit. */
export interface LimitsView {
  readonly least: number;
  readonly most: number | null;
}

/** An election that is over: what it cost, beside what the closed forms say of one without faults. */
export interface ElectionView {
  readonly algorithm: Algorithm;
  readonly mode: Mode;
  /** Names of those who called by themselves or were told to, and of the members that were down. */
  readonly initiators: readonly string[];
  readonly crashed: readonly string[];
  readonly leader: string | null;
  readonly term: string | null;
  /** In true time. */
  readonly beganUs: number;
  /** Until the last process followed somebody anew. */
  readonly durationUs: number;
  readonly messages: Readonly<
    Record<string, MessageCount & { readonly expected: { readonly attempted: LimitsView; readonly delivered: LimitsView } }>
  >;
  /** All kinds together. */
  readonly delivered: number;
  readonly expected: LimitsView;
  readonly verdict: VerdictView;
}

/** What the cluster runs, and since which change; nought is what it was started with. */
export interface SetupView extends Choice {
  readonly number: number;
}

/** The body of `GET /api/state`. */
export interface StateView {
  readonly world: WorldName;
  /** The name of the leader of the highest term among the nodes that are up; nobody where that leader is down. */
  readonly leader: string | null;
  readonly term: string | null;
  readonly truth: string;
  readonly nodes: readonly NodeView[];
  /** The largest difference between the disciplined clocks of two members. */
  readonly spreadUs: number | null;
  /** As the member says that has heard of the newest change; `null` until one has said anything. */
  readonly setup: SetupView | null;
  readonly verdicts: readonly VerdictView[];
  /** Totals since the nodes started. */
  readonly messages: Readonly<Record<string, MessageCount>>;
  /** `last` is `null` until the control room has seen an election through. */
  readonly elections: { readonly last: ElectionView | null };
  /** How the critical section is guarded, and who is inside; `null` where nobody takes it. */
  readonly mutex: { readonly algorithm: string; readonly holders: readonly string[]; readonly entries: number } | null;
  /** `null` where the cluster has no ledger. */
  readonly ledger: LedgerView | null;
}

/** One event of one node, as `GET /api/history` answers it; what else it carries depends on its kind. */
export interface HistoryEvent {
  /** Its place in the control room's history, over all nodes. */
  readonly seq: number;
  /** The id of the node where it happened. */
  readonly node: number;
  readonly incarnation: number;
  readonly trueUs: number;
  readonly clockUs: number | null;
  readonly lamport: number;
  readonly vector: Readonly<Record<string, number>>;
  readonly hybrid: { readonly l: number; readonly c: number };
  readonly kind: string;
  readonly [field: string]: unknown;
}

export interface HelloFrame {
  readonly v: 1;
  readonly seq: number;
  readonly type: 'hello';
  readonly cluster: readonly { readonly id: number; readonly name: string; readonly role: Role }[];
  readonly world: WorldName;
  /** The wall clock minus true time, so that clocks can be shown as time of day. */
  readonly wallUs: number;
  readonly grafana: string | null;
  /** The instant of true time at which this console started: where it is another, the history is numbered anew. */
  readonly epoch: number;
}

/** The last minute, after `hello`: what the curves of each tick would have been. All numbers are whole microseconds. */
export interface PastFrame {
  readonly v: 1;
  readonly seq: number;
  readonly type: 'past';
  /** Oldest first; every list of `nodes` holds one value for each of these instants. */
  readonly atUs: readonly number[];
  /** In the order of `cluster`; `null` where the node was down or claimed nothing. */
  readonly nodes: readonly PastCurves[];
}

export interface PastCurves {
  readonly errorUs: readonly (number | null)[];
  /** The offset that the node estimated minus the true one. */
  readonly deviationUs: readonly (number | null)[];
  readonly boundUs: readonly (number | null)[];
}

/** On connecting, and whenever the membership changes. */
export interface StateFrame {
  readonly v: 1;
  readonly seq: number;
  readonly type: 'state';
  readonly atUs: number;
  readonly state: StateView;
}

/** Ten times a second; a newer one replaces an older one that could not be sent. */
export interface TickFrame {
  readonly v: 1;
  readonly seq: number;
  readonly type: 'tick';
  readonly atUs: number;
  readonly state: StateView;
}

/** A batch of the history, without `clock.line` and without single messages. */
export interface EventsFrame {
  readonly v: 1;
  readonly seq: number;
  readonly type: 'events';
  readonly events: readonly HistoryEvent[];
}

export type ServerFrame = HelloFrame | PastFrame | StateFrame | TickFrame | EventsFrame;

export type PageFrame =
  | { readonly type: 'auth'; readonly token?: string }
  /**
   * The `seq` of the newest event the page has seen: send what came after it. It was seen of the console of this epoch;
   * of any other it says nothing, and is ignored.
   */
  | { readonly type: 'resume'; readonly seq: number; readonly epoch?: number }
  | { readonly type: 'rate'; readonly hz: number };
