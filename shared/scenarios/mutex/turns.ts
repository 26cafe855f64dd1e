/**
 * Mutual exclusion, which the lab sheet promises in its title and has no program for: five processes want to enter at
 * once, take turns, and later one of them enters alone. The same for each of the nine locks.
 */
import { costOf } from '../../checkers/mutex/counts.ts';
import { MutexJudge } from '../../checkers/mutex.ts';
import { uniform } from '../../faults/delay.ts';
import type { MutexAlgorithm } from '../../mutex/config.ts';
import { mutexAlgorithms } from '../../mutex/kinds.ts';
import type { Expectation, Run, Scenario } from '../../scenario.ts';
import { milliseconds, seconds } from '../../time.ts';
import { cluster, counted, entered, entering, everyone, guarded, wanting } from './cluster.ts';
import { turnsSheet } from './sheet.ts';

const titles: Readonly<Record<MutexAlgorithm, string>> = {
  central: 'the textbook coordinator grants one request at a time',
  'central-lease': 'the coordinator grants leases, and the ledger looks at their tokens',
  'token-ring': 'a token goes round',
  lamport: "Lamport's queues, the same for all, over links that keep the order",
  'ricart-agrawala': 'everyone has to agree, and who asked first agrees last',
  'roucairol-carvalho': 'a permission lasts until it is asked back',
  maekawa: 'a row and a column of a grid have to agree',
  'suzuki-kasami': 'the token comes to whoever asks for it',
  raymond: 'the token comes along a tree',
};

const turns = (algorithm: MutexAlgorithm, name: string): Scenario => ({
  name,
  title: `Mutual exclusion among five: ${titles[algorithm]}.`,
  seed: 1,
  nodes: cluster(),
  clock: 'berkeley',
  election: {},
  mutex: guarded(algorithm),
  delay: uniform(milliseconds(5), milliseconds(25)),
  loss: 0,
  span: seconds(4),
  timeline: [...wanting(2, ...everyone), ...wanting(3.2, 'kmc')],
  expectations: [
    entering(6),
    {
      says: 'each of the five takes its turn, and kmc one more',
      met: (run) => entered(run).slice(0, 5).toSorted().join() === everyone.toSorted().join() && entered(run).slice(5).join() === 'kmc',
    },
    counted(6),
    costing(algorithm),
  ],
  labSheet: turnsSheet,
});

/** As many messages as the closed form says, where there is one that holds for each entry. */
function costing(algorithm: MutexAlgorithm): Expectation {
  const form = costOf({ algorithm, n: everyone.length });
  const exactly = form.each && form.exactly !== undefined;
  return {
    says: exactly ? `each entry costs ${form.exactly.join(' or ')} messages` : 'entries cost no more than the closed form allows',
    met: ({ history, scenario }: Run) => {
      const judge = new MutexJudge(scenario.mutex);
      for (const event of history) judge.observe(event);
      return judge.verdicts().some(({ rule, verdict }) => rule === 'mutex.counts' && verdict === 'holds');
    },
  };
}

/** The first is what the live cluster runs by default. */
export const mutualExclusion = turns('central-lease', 'mutual-exclusion');
export const otherLocks: readonly Scenario[] = mutexAlgorithms
  .filter((algorithm) => algorithm !== 'central-lease')
  .map((algorithm) => turns(algorithm, `mutual-exclusion-${algorithm}`));
