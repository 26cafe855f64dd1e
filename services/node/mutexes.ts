/** How the critical section is guarded, as the environment says: the same for the nodes, which take it, and the console, which judges them. */
import type { MutexConfig } from '../../shared/mutex/config.ts';
import { mutexOf } from '../../shared/scenario.ts';
import { type Cluster, ledgerOf, membersOf } from './cluster.ts';
import type { Values } from './variables.ts';

export type MutexValues = Pick<
  Values,
  'MUTEX' | 'MUTEX_THINK_MS' | 'MUTEX_HOLD_MS' | 'MUTEX_LEASE_MS' | 'MUTEX_ON_CRASH' | 'MUTEX_QUORUMS' | 'MUTEX_YIELDS' | 'MUTEX_TREE'
>;

/** `undefined` where nobody wants the critical section. */
export function mutexConfig(values: MutexValues, cluster: Cluster): MutexConfig | undefined {
  const { workload, ...rest } = mutexOf({});
  const { MUTEX: algorithm = rest.algorithm, MUTEX_HOLD_MS: stay } = values;
  if (algorithm === 'off') return undefined;
  const ledger = ledgerOf(cluster);
  return {
    ...rest,
    algorithm,
    workload: {
      think: values.MUTEX_THINK_MS ?? workload.think,
      shortest: stay?.[0] ?? workload.shortest,
      longest: stay?.[1] ?? workload.longest,
    },
    onCrash: values.MUTEX_ON_CRASH ?? rest.onCrash,
    lease: values.MUTEX_LEASE_MS ?? rest.lease,
    quorums: values.MUTEX_QUORUMS ?? rest.quorums,
    yields: values.MUTEX_YIELDS ?? rest.yields,
    tree: values.MUTEX_TREE ?? rest.tree,
    ...(ledger === undefined ? {} : { ledger }),
  };
}

/** Orders of projective planes that there are quorums for, by the number of their points. */
const planes: readonly number[] = [7, 13];

/** What cannot guard it, if that is asked for. */
export function unguarded({ MUTEX_QUORUMS }: MutexValues, cluster: Cluster | undefined): readonly string[] {
  const members = membersOf(cluster ?? []).length;
  if (cluster === undefined || MUTEX_QUORUMS !== 'plane' || planes.includes(members)) return [];
  return [`MUTEX_QUORUMS=plane is refused with ${members} members: a plane has ${planes.join(' or ')} points, and grid suits any number`];
}
