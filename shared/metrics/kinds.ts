/** Who sends which kinds of messages. A kind that is switched off is not exported, and what keeps the cluster together is not counted. */
import type { ElectionConfig } from '../election/config.ts';
import { electionKinds } from '../election/kinds.ts';
import type { Exporter, LabelValues } from '../metrics.ts';
import type { MutexAlgorithm } from '../mutex/config.ts';
import { mutexKinds } from '../mutex/kinds.ts';
import type { ClockRule } from '../node.ts';

/** What a node runs, or what the nodes run that a console watches. It may be switched. */
export interface Running {
  /** Its clock rule: a device's is Cristian's, or Marzullo's. */
  readonly clock: ClockRule | 'marzullo';
  readonly election?: Pick<ElectionConfig, 'algorithm' | 'mode'> | undefined;
  readonly mutex?: MutexAlgorithm | undefined;
}

const clockKinds = {
  cristian: ['cristian.request'],
  marzullo: ['cristian.request'],
  berkeley: ['berkeley.poll', 'berkeley.report', 'berkeley.adjust'],
} as const;

/** What the running parts fill the open label lists with. */
export type RunningLabels = Readonly<Record<Extract<LabelValues, 'kinds' | 'clock' | 'election' | 'mutex'>, readonly string[]>>;

export function labelsOf(exporter: Exporter, { clock, election, mutex }: Running): RunningLabels {
  const votes = exporter === 'member' || exporter === 'console';
  const elections = !votes || election === undefined ? [] : electionKinds(election.algorithm, election.mode);
  const locks = !votes || mutex === undefined ? [] : mutexKinds(mutex);
  const kinds: Readonly<Record<Exporter, readonly string[]>> = {
    // Whoever leads answers devices, whatever the members' own rule.
    member: [...clockKinds[clock], 'cristian.reply', ...elections, ...locks, ...(mutex === undefined ? [] : ['ledger.write'])],
    device: clockKinds[clock],
    ledger: ['ledger.accepted', 'ledger.refused'],
    // Of which it knows a closed form for each kind.
    console: elections,
  };
  return {
    kinds: kinds[exporter],
    clock: [clock],
    election: votes && election !== undefined ? [election.algorithm] : [],
    mutex: votes && mutex !== undefined ? [mutex] : [],
  };
}
