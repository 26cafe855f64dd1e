/**
 * A network in two halves of unequal size. The textbook's Bully elects a leader in each, which is what it does and no
 * fault of the code; the safe variant has one at most, where the majority is. When the network heals, all agree again.
 */
import type { Mode } from '../../election/config.ts';
import { uniform } from '../../faults/delay.ts';
import { nodeId } from '../../protocol.ts';
import type { Run, Scenario } from '../../scenario.ts';
import { milliseconds, ppm, seconds } from '../../time.ts';
import { lastFollowed } from './followed.ts';

const majority = ['kmc', 'mit', 'tapmi'];
const minority = ['sols', 'master'];

const split = (mode: Mode, name: string, title: string): Pick<Scenario, Exclude<keyof Scenario, 'expectations'>> => ({
  name,
  title,
  seed: 1,
  nodes: [...majority, ...minority].map((n, i) => ({ id: nodeId(i + 1), name: n, role: 'member', offset: milliseconds(0), drift: ppm(0) })),
  election: { mode },
  clock: 'berkeley',
  delay: uniform(milliseconds(2), milliseconds(8)),
  loss: 0,
  span: seconds(30),
  timeline: [
    { at: seconds(3), verb: 'partition', sides: [majority, minority] },
    { at: seconds(9), verb: 'heal' },
  ],
});

/** What happened while the network was split. */
const meanwhile = ({ history }: Run): Run['history'] => history.filter(({ trueUs }) => trueUs > seconds(3) && trueUs < seconds(9));

/** Who was elected meanwhile, each side having had the time to notice. */
const elected = (run: Run): readonly number[] => [
  ...new Set(meanwhile(run).flatMap((e) => (e.kind === 'election.elected' && e.leader === e.node ? [e.node] : []))),
];

const turnedAway = (run: Run, leader: number): boolean =>
  meanwhile(run).some((e) => e.node === leader && (e.kind === 'election.stepped-down' || (e.kind === 'election.elected' && e.leader !== leader)));

const healed = {
  says: 'all follow master in the end',
  met: ({ history, scenario }: Run) => scenario.nodes.every(({ id }) => lastFollowed(history, id)?.leader === 5),
};

export const splitClassic: Scenario = {
  ...split('classic', 'split-classic', 'Bully in a network that is split: a leader on either side.'),
  lessons: { 'election.one-leader': 'expected-violation', 'election.calm': 'at-risk' },
  expectations: [
    {
      says: 'tapmi is elected on its side, and master goes on leading on the other',
      met: (run) => elected(run).join() === '3' && !turnedAway(run, 5),
    },
    healed,
  ],
};

export const splitSafe: Scenario = {
  ...split('safe', 'split-safe', 'Safe Bully in a network that is split: a leader only where the majority is.'),
  lessons: { 'election.calm': 'at-risk' },
  expectations: [
    { says: 'tapmi is elected where the majority is', met: (run) => elected(run).join() === '3' },
    {
      says: 'master steps down before its lease is over, and leads nobody until the network heals',
      met: ({ history }) => history.some((e) => e.kind === 'election.stepped-down' && e.node === 5 && e.trueUs > seconds(3) && e.trueUs < seconds(5)),
    },
    healed,
  ],
};
