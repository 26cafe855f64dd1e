/** What programs are told of the lock of a scenario, in the environment; what they cannot be told runs in the simulator only. */
import type { MutexConfig } from '../../shared/mutex/config.ts';
import { mutexOf, type Scenario } from '../../shared/scenario.ts';
import { milliseconds } from '../../shared/time.ts';

const inMs = (us: number): string => `${us / milliseconds(1)}`;

/** Nobody takes the critical section in a scenario without a lock. */
export function lockEnvironment({ mutex, fencing = true }: Pick<Scenario, 'mutex' | 'fencing'>): Readonly<Record<string, string>> {
  if (mutex === undefined) return { MUTEX: 'off' };
  const { algorithm, workload, onCrash, lease, quorums, yields, tree } = mutexOf(mutex);
  return {
    MUTEX: algorithm,
    MUTEX_THINK_MS: typeof workload.think === 'number' ? inMs(workload.think) : workload.think,
    MUTEX_HOLD_MS: `${inMs(workload.shortest)}:${inMs(workload.longest)}`,
    MUTEX_LEASE_MS: inMs(lease),
    MUTEX_ON_CRASH: onCrash,
    ...(typeof quorums === 'string' ? { MUTEX_QUORUMS: quorums } : {}),
    MUTEX_YIELDS: onOrOff(yields),
    MUTEX_TREE: tree,
    FENCING: onOrOff(fencing),
  };
}

const onOrOff = (is: boolean): string => (is ? 'on' : 'off');

const told: readonly string[] = ['algorithm', 'workload', 'onCrash', 'lease', 'quorums', 'yields', 'tree'] satisfies readonly (keyof MutexConfig)[];

export const untoldOfLocks = (mutex: Partial<MutexConfig>): readonly string[] => [
  ...Object.keys(mutex).filter((key) => !told.includes(key)),
  ...(typeof mutex.quorums === 'object' ? ['quorums'] : []),
];
