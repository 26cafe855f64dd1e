/** Which messages each algorithm of mutual exclusion is counted by. What looks after a token (`mutex.*`) is counted apart. */
import type { MutexAlgorithm } from './config.ts';

const kinds = {
  central: ['central.request', 'central.grant', 'central.release'],
  'central-lease': ['central-lease.request', 'central-lease.grant', 'central-lease.renew', 'central-lease.release'],
  'token-ring': ['token-ring.token'],
  lamport: ['lamport.request', 'lamport.ack', 'lamport.release'],
  'ricart-agrawala': ['ricart-agrawala.request', 'ricart-agrawala.reply'],
  'roucairol-carvalho': ['roucairol-carvalho.request', 'roucairol-carvalho.reply'],
  maekawa: ['maekawa.request', 'maekawa.grant', 'maekawa.release', 'maekawa.inquire', 'maekawa.yield', 'maekawa.failed'],
  'suzuki-kasami': ['suzuki-kasami.request', 'suzuki-kasami.token'],
  raymond: ['raymond.request', 'raymond.token'],
} as const satisfies Readonly<Record<MutexAlgorithm, readonly string[]>>;

export type MutexKind = (typeof kinds)[MutexAlgorithm][number];

export const mutexAlgorithms = Object.keys(kinds) as readonly MutexAlgorithm[];

/** What else is said between the processes of an algorithm, so that a token or a permission is not lost. */
const upkeep: Readonly<Partial<Record<MutexAlgorithm, readonly string[]>>> = {
  'token-ring': ['mutex.ack', 'mutex.census', 'mutex.report', 'mutex.renewed'],
  'suzuki-kasami': ['mutex.ack', 'mutex.census', 'mutex.report', 'mutex.renewed'],
  raymond: ['mutex.ack', 'mutex.census', 'mutex.report', 'mutex.renewed'],
  'roucairol-carvalho': ['mutex.hello', 'mutex.welcome'],
};

/** What whoever has waited for too long asks, and is answered, under all of them. */
const overdue: readonly string[] = ['mutex.again', 'mutex.awaited'];

/** Whether a message is of this algorithm: another one would not know what to make of it. */
export const isSpokenBy = (algorithm: MutexAlgorithm, kind: string): boolean =>
  kind.startsWith(`${algorithm}.`) || overdue.includes(kind) || upkeep[algorithm]?.includes(kind) === true;

/** Those under which everyone who is asked has to agree; the others wait for a coordinator or a token. */
export const byPermission: readonly MutexAlgorithm[] = ['lamport', 'ricart-agrawala', 'roucairol-carvalho', 'maekawa'];

export const mutexKinds = (algorithm: MutexAlgorithm): readonly MutexKind[] => kinds[algorithm];
