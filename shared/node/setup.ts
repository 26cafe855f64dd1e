/**
 * What a cluster runs, and how it is told to run something else: the words of switching.
 *
 * Each change has a number, which frames of the parts that it changes carry from then on. A frame of another number was
 * meant for another part than runs now, and is not used.
 *
 * Two leaders of a partition may each order a change of one number. So all changes are ordered by the term of whoever
 * ordered them as well, and since no leader gives a number twice, any two are the same or one is the later. A later one
 * replaces all of an earlier one, also where the earlier changed a part that the later did not: what a cluster runs is
 * one leader's order, never a mixture.
 */
import type { Algorithm, Mode } from '../election/config.ts';
import type { MutexAlgorithm } from '../mutex/config.ts';
import { compareTerms, type NodeId, type Term } from '../protocol.ts';

export type ClockRule = 'cristian' | 'berkeley';

export interface Choice {
  readonly election: Algorithm;
  readonly mode: Mode;
  readonly clock: ClockRule;
  /** `null` where nobody wants the critical section. */
  readonly mutex: MutexAlgorithm | null;
}

export interface Since {
  readonly election: number;
  readonly clock: number;
  readonly mutex: number;
}

/** Which change it is, of all that were ever ordered. */
export interface Order {
  /** Rises with each change; nought for what every node was configured with. */
  readonly number: number;
  /** In whose leadership it was ordered; `null` for what was configured. */
  readonly term: Term | null;
}

export interface Setup extends Choice, Order {
  /** With which number each part was last changed. Fencing tokens compare within that of the lock. */
  readonly since: Since;
}

/** What is said beside the words of a part; nought and nobody's are left out. */
export interface Marks {
  /** The number of the change since which the sender runs what it runs; in a heartbeat, of the last that it has heard of. */
  readonly setup?: number;
  /** In whose leadership the last change that the sender has heard of was ordered: in heartbeats. */
  readonly ordered?: Term;
}

/** From the leader, or from whoever notices that another has missed it. */
export interface Switch extends Setup {
  readonly kind: 'node.switch';
  /** Everybody has left the old lock, and the new one may be used. */
  readonly opens: boolean;
}

/** To the leader: this member has switched, and is not inside the old critical section any more. */
export interface Switched extends Order {
  readonly kind: 'node.switched';
  /** It has been told already that the new lock may be used. */
  readonly open: boolean;
}

export interface Switching {
  readonly message: Switch | Switched;
  readonly timer: 'node.switch';
  /** What is not named stays as it is. */
  readonly command: { readonly kind: 'node.switch' } & Partial<Choice>;
  readonly event: SwitchEvent;
}

export type SwitchEvent =
  | ({ readonly kind: 'node.switched'; readonly number: number; readonly generation: number } & Choice)
  /** Everybody has left the old lock. */
  | { readonly kind: 'node.opened'; readonly number: number }
  | { readonly kind: 'node.unswitched'; readonly why: string };

/** Where a member stands with the newest change. */
export interface Turnover {
  /** To be done once the critical section is left. */
  readonly due: Setup | undefined;
  /** The lock may be used. */
  readonly open: boolean;
  /** Whoever leads hears of these that they have switched. */
  readonly ready: ReadonlySet<NodeId>;
}

/** Positive where `a` is the later order. */
export const compareOrders = (a: Order, b: Order): number =>
  a.number - b.number || (a.term === null || b.term === null ? Number(a.term !== null) - Number(b.term !== null) : compareTerms(a.term, b.term));

export const choiceOf = ({ election, mode, clock, mutex }: Choice): Choice => ({ election, mode, clock, mutex });

export const isSameChoice = (a: Choice, b: Choice): boolean =>
  a.election === b.election && a.mode === b.mode && a.clock === b.clock && a.mutex === b.mutex;

/** Two leaders of a partition may have changed the lock under one number, each to another. */
export const isSameLock = (a: Setup, b: Setup): boolean => a.mutex === b.mutex && a.since.mutex === b.since.mutex;

/** To which part a message belongs. What keeps the cluster together, and the ledger, are never switched. */
export function partOf(kind: string): keyof Since | undefined {
  const [of = ''] = kind.split('.', 1);
  if (of === 'heartbeat' || of === 'node' || of === 'ledger') return undefined;
  if (of === 'cristian' || of === 'berkeley') return 'clock';
  return elections.includes(of) ? 'election' : 'mutex';
}
const elections: readonly string[] = ['bully', 'ring', 'chang-roberts', 'hirschberg-sinclair'] satisfies readonly Algorithm[];
