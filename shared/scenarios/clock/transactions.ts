/** What a bound is good for: timestamps that tell the order of transactions across nodes. */
import { uniform } from '../../faults/delay.ts';
import type { HistoryEvent } from '../../history.ts';
import type { Run, Scenario } from '../../scenario.ts';
import { milliseconds, seconds } from '../../time.ts';
import { group } from './nodes.ts';

const turns = ['kmc', 'mit', 'tapmi', 'sols', 'master', 'kmc', 'mit', 'tapmi'];

type Committed = Extract<HistoryEvent, { kind: 'transaction.committed' }>;
type Stamped = Extract<HistoryEvent, { kind: 'transaction.stamped' }>;
const committed = ({ history }: Run): readonly Committed[] => history.filter((e): e is Committed => e.kind === 'transaction.committed');
const stamped = ({ history }: Run): readonly Stamped[] => history.filter((e): e is Stamped => e.kind === 'transaction.stamped');

export const commitWait: Scenario = {
  seed: 1,
  clock: 'berkeley',
  delay: uniform(milliseconds(5), milliseconds(25)),
  loss: 0,
  name: 'commit-wait',
  title: 'Transactions wait until their timestamp is surely past, and their timestamps tell their order on all nodes.',
  nodes: group([40, 20], [350, 80], [-420, -60], [120, 100], [-200, -100]),
  span: seconds(5),
  // One after the other has ended: a hundred milliseconds are more than any of them waits.
  timeline: turns.map((node, i) => ({ at: milliseconds(3_000 + 100 * i), verb: 'commit', node })),
  expectations: [
    { says: 'every transaction commits', met: (run) => committed(run).length === turns.length },
    {
      says: 'whatever began after another had committed has a later timestamp',
      met: (run) => committed(run).every((c) => stamped(run).every((s) => s.trueUs <= c.trueUs || s.timestamp > c.timestamp)),
    },
    {
      says: 'a transaction waits for twice the bound',
      met: (run) => stamped(run).every((s, i) => Math.abs((committed(run)[i]?.waited ?? 0) - 2 * s.bound) <= 0.1 * 2 * s.bound + 100),
    },
  ],
};
