/**
 * What a lease is worth. A holder that is paused past its end does not know that it is over: the next one enters beside
 * it, and it is the ledger that has to refuse its late write. And a coordinator that crashes takes its knowledge along:
 * the next one waits until every lease must be over, and its tokens are higher than all before.
 */
import { uniform } from '../../faults/delay.ts';
import { compareTokens } from '../../protocol.ts';
import type { Run, Scenario } from '../../scenario.ts';
import { milliseconds, seconds } from '../../time.ts';
import { all, cluster, counted, entered, entering, guarded, wanting } from './cluster.ts';

const paused = (fencing: boolean, name: string, title: string): Pick<Scenario, Exclude<keyof Scenario, 'expectations'>> => ({
  name,
  title,
  seed: 1,
  nodes: cluster(),
  clock: 'berkeley',
  election: {},
  mutex: { ...guarded('central-lease', 400), lease: seconds(2) },
  fencing,
  delay: uniform(milliseconds(2), milliseconds(8)),
  loss: 0,
  span: seconds(12),
  timeline: [
    ...wanting(3, 'kmc'),
    { at: seconds(3.2), verb: 'pause', node: 'kmc' },
    ...wanting(3.5, 'mit'),
    { at: seconds(8.2), verb: 'resume', node: 'kmc' },
  ],
});

const higher = {
  says: 'mit enters with a higher token while kmc stands still',
  met: (run: Run) => {
    const [first, second] = all(run, 'mutex.entered');
    return entered(run).join() === 'kmc,mit' && compareTokens(second?.token ?? never, first?.token ?? never) > 0;
  },
};
const never = { term: { number: 0, node: 0, incarnation: 0 }, count: 0 } as Parameters<typeof compareTokens>[0];

export const holderPaused: Scenario = {
  ...paused(true, 'holder-paused', 'A holder stands still for 5 s with a lease of 2 s: its late write is refused.'),
  lessons: { 'mutex.exclusion': 'expected-violation' },
  expectations: [higher, { says: "kmc's late write is refused", met: (run) => all(run, 'mutex.fenced', 'kmc').length === 1 }, counted(1)],
};

export const holderPausedUnfenced: Scenario = {
  ...paused(false, 'holder-paused-unfenced', 'A holder stands still for 5 s with a lease of 2 s, and no fencing: an update is lost.'),
  lessons: { 'mutex.exclusion': 'expected-violation', 'mutex.fencing': 'expected-violation', 'ledger.value': 'expected-violation' },
  expectations: [
    higher,
    { says: "kmc's late write is accepted", met: (run) => all(run, 'ledger.accepted').filter(({ stale }) => stale).length === 1 },
    {
      says: 'two sections were told that they had written, and the register shows 1',
      met: (run) => all(run, 'mutex.written').length === 2 && all(run, 'ledger.accepted').at(-1)?.value === 1,
    },
  ],
};

export const coordinatorKilled: Scenario = {
  name: 'coordinator-killed',
  title: 'The coordinator is killed while mit is inside: the next one waits for its lease, and tokens rise across all three terms.',
  seed: 1,
  nodes: cluster(),
  clock: 'berkeley',
  election: {},
  mutex: guarded('central-lease', 300),
  delay: uniform(milliseconds(2), milliseconds(8)),
  loss: 0,
  span: seconds(14),
  timeline: [
    ...wanting(3, 'mit'),
    { at: seconds(3.1), verb: 'kill', node: 'master' },
    ...wanting(3.2, 'kmc', 'tapmi'),
    { at: seconds(8), verb: 'restart', node: 'master' },
    ...wanting(11, 'sols', 'mit'),
  ],
  expectations: [
    entering(5),
    {
      says: 'tokens rise, under master, sols and master again',
      met: (run) => {
        const tokens = all(run, 'mutex.entered').flatMap(({ token }) => (token === null ? [] : [token]));
        const rising = tokens.every((token, i) => i === 0 || compareTokens(token, tokens[i - 1] ?? token) > 0);
        const leaders = tokens.flatMap(({ term }, i) => (term.number === tokens[i - 1]?.term.number ? [] : [term.node]));
        return rising && leaders.join() === '5,4,5';
      },
    },
    counted(5),
  ],
};
