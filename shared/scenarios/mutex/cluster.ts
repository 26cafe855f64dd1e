/** Who takes part in the scenarios of mutual exclusion, and what is asked of their runs. */
import type { HistoryEvent } from '../../history.ts';
import type { MutexConfig, Workload } from '../../mutex/config.ts';
import { nodeId } from '../../protocol.ts';
import type { Deed, Expectation, Run, ScenarioNode } from '../../scenario.ts';
import { milliseconds, ppm, seconds } from '../../time.ts';

const names = ['kmc', 'mit', 'tapmi', 'sols', 'master'];

/** So many members, the last of which leads, and the ledger. Their clocks are right: nothing here depends on them. */
export const cluster = (size = names.length): readonly ScenarioNode[] => [
  ...names.slice(0, size).map((name, i) => ({ ...right, id: nodeId(i + 1), name, role: 'member' as const })),
  { ...right, id: nodeId(103), name: 'ledger', role: 'ledger' },
];

const right = { offset: milliseconds(0), drift: ppm(0) };

/** Nobody wants to enter unless told to, and whoever does stays for so long. */
const onDemand = (ms: number): Workload => ({ think: 'off', shortest: milliseconds(ms), longest: milliseconds(ms) });

export const guarded = (algorithm: MutexConfig['algorithm'], ms = 100): Partial<MutexConfig> => ({ algorithm, workload: onDemand(ms) });

/** All of them want to enter at the same moment. */
export const wanting = (atSeconds: number, ...who: readonly string[]): readonly Deed[] =>
  who.map((node) => ({ at: seconds(atSeconds), verb: 'enter', node }));

export const everyone: readonly string[] = names;

type Kind<K extends HistoryEvent['kind']> = Extract<HistoryEvent, { kind: K }>;

/** Everything of a kind, by the named node or by anybody. */
export function all<K extends HistoryEvent['kind']>({ history, scenario }: Run, kind: K, name?: string): readonly Kind<K>[] {
  const id = scenario.nodes.find((n) => n.name === name)?.id;
  return history.filter((e): e is Kind<K> => e.kind === kind && (name === undefined || e.node === id));
}

/** Who entered, in that order. */
export const entered = (run: Run): readonly string[] =>
  all(run, 'mutex.entered').map(({ node }) => run.scenario.nodes.find(({ id }) => id === node)?.name ?? `${node}`);

export const entering = (times: number): Expectation => ({
  says: `${times} critical sections are entered and left`,
  met: (run) => all(run, 'mutex.entered').length === times && all(run, 'mutex.exited').length === times,
});

/** The register counts the sections that were told that they had written. */
export const counted = (value: number): Expectation => ({
  says: `the ledger's register ends at ${value}`,
  met: (run) => all(run, 'ledger.accepted').at(-1)?.value === value && all(run, 'mutex.written').length === value,
});
