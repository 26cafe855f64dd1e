/** The words of a whole node: what is configured of it, what travels, what happens, and what it remembers in each of its roles. */
import type { Berkeley, Config as BerkeleyConfig } from '../clock/berkeley.ts';
import type { Cristian, Config as CristianConfig } from '../clock/cristian.ts';
import type { Marzullo, Config as MarzulloConfig } from '../clock/marzullo.ts';
import type { ElectionConfig } from '../election/config.ts';
import type { Election } from '../election/election.ts';
import type { Enquiry } from '../election/enquiry.ts';
import type { Detector } from '../election/failure-detector.ts';
import type { MutexConfig } from '../mutex/config.ts';
import type { Ledger, LedgerConfig } from '../mutex/ledger.ts';
import type { Mutex } from '../mutex/mutex.ts';
import type { NodeId } from '../protocol.ts';
import type { ClockRule, Marks, Setup, Switching, Turnover } from './setup.ts';

export type Role = 'member' | 'device' | 'ledger';

export interface NodeConfig {
  readonly role: Role;
  /** Without it there are no elections, and the highest member leads for ever. */
  readonly election?: ElectionConfig;
  /** The members' clock rule. */
  readonly clock: ClockRule;
  /** Whom a device asks: the leader by Cristian's algorithm, or all members, of whom Marzullo's selects. */
  readonly servers?: 'leader' | 'all';
  readonly cristian: CristianConfig;
  readonly berkeley: BerkeleyConfig;
  readonly marzullo?: MarzulloConfig;
  /** Without it nobody wants the critical section. */
  readonly mutex?: MutexConfig;
  readonly ledger?: LedgerConfig;
}

type Part = Detector | Election | Enquiry | Cristian | Berkeley | Marzullo | Mutex | Ledger;

export interface Node {
  readonly state: State;
  readonly message: (Part['message'] | Switching['message']) & Marks;
  readonly timer: Part['timer'] | Switching['timer'];
  readonly command: Election['command'] | Mutex['command'] | Switching['command'];
  readonly event: Part['event'] | Switching['event'] | Ignored;
}

/** A frame for a part that this node does not run, or not any more. */
export interface Ignored {
  readonly kind: 'node.ignored';
  readonly message: string;
  readonly from: NodeId;
}

/** Detector, election and clock rule; and exclusion, where it is configured. */
export interface MemberState {
  readonly role: 'member';
  readonly setup: Setup;
  readonly turnover: Turnover;
  /** Timers that are set: those of a part that is switched off are cleared. */
  readonly armed: ReadonlySet<Node['timer']>;
  readonly detector: Detector['state'];
  readonly election: Election['state'];
  readonly clock: Clock;
  readonly mutex: Mutex['state'] | undefined;
}

/** A client of the leader's clock, which learns by asking who leads. */
export interface DeviceState {
  readonly role: 'device';
  /** With which number the leader's clock rule was last changed, as far as this device was told. */
  readonly clockSince: number;
  readonly enquiry: Enquiry['state'];
  readonly clock: Clock;
}

export interface LedgerNodeState {
  readonly role: 'ledger';
  readonly ledger: Ledger['state'];
}

export type State = MemberState | DeviceState | LedgerNodeState;

export type Clock =
  | { readonly rule: 'cristian'; readonly state: Cristian['state'] }
  | { readonly rule: 'berkeley'; readonly state: Berkeley['state'] }
  | { readonly rule: 'marzullo'; readonly state: Marzullo['state'] };
