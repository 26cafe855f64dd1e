/**
 * What a crash does to those who need everyone, and to a token. A token disappears with its holder, and the leader makes
 * the next one. Where everyone's permission is needed, everyone waits for the one that is down, by design, or does
 * without it, and safety then rests on the failure detector.
 */
import { constant, uniform } from '../../faults/delay.ts';
import { nodeId } from '../../protocol.ts';
import type { Run, Scenario } from '../../scenario.ts';
import { milliseconds, seconds } from '../../time.ts';
import { all, cluster, entered, guarded, wanting } from './cluster.ts';

const base = { seed: 1, clock: 'berkeley', election: {}, delay: uniform(milliseconds(2), milliseconds(8)), loss: 0 } as const;

const holderKilled = (algorithm: 'token-ring' | 'suzuki-kasami' | 'raymond', how: string): Scenario => ({
  ...base,
  name: `holder-killed-${algorithm}`,
  title: `The holder of the token is killed inside, and the leader makes another one: ${how}.`,
  nodes: cluster(),
  mutex: guarded(algorithm, 600),
  span: seconds(12),
  timeline: [
    ...wanting(3, 'kmc'),
    { at: seconds(3.4), verb: 'kill', node: 'kmc' },
    ...wanting(3.5, 'mit', 'sols'),
    { at: seconds(7), verb: 'restart', node: 'kmc' },
    ...wanting(9, 'kmc'),
  ],
  expectations: [
    { says: 'kmc, mit and sols enter, and kmc again', met: (run) => [...entered(run)].toSorted().join() === 'kmc,kmc,mit,sols' },
    {
      says: 'exactly one token is made instead of the one that was lost',
      met: (run) => all(run, 'mutex.regenerated').filter(({ instead }) => instead !== null).length === 1,
    },
    { says: 'three sections are told that they have written', met: (run) => all(run, 'mutex.written').length === 3 },
  ],
});

export const tokensLost: readonly Scenario[] = [
  holderKilled('token-ring', 'on the ring'),
  holderKilled('suzuki-kasami', 'with the queue as everyone remembers it'),
  holderKilled('raymond', 'along the same tree'),
];

const oneDown = (onCrash: 'block' | 'suspect', name: string, title: string): Pick<Scenario, Exclude<keyof Scenario, 'expectations'>> => ({
  ...base,
  name,
  title,
  nodes: cluster(),
  mutex: { ...guarded('ricart-agrawala'), onCrash },
  span: seconds(11),
  timeline: [
    { at: seconds(3), verb: 'kill', node: 'sols' },
    ...wanting(3.2, 'kmc', 'mit'),
    { at: seconds(8), verb: 'restart', node: 'sols' },
    ...wanting(10, 'tapmi'),
  ],
});

/** Who has entered within so many seconds. */
const enteredBy = (atSeconds: number, run: Run): readonly string[] =>
  entered({ ...run, history: run.history.filter(({ trueUs }) => trueUs - run.from < seconds(atSeconds)) });

export const permissionMissing: Scenario = {
  ...oneDown('block', 'permission-missing', 'Ricart and Agrawala with one process down: all wait until it is back.'),
  expectations: [
    {
      says: 'kmc and mit say for whom they wait',
      met: (run) => ['kmc', 'mit'].every((name) => all(run, 'mutex.blocked', name).some(({ on }) => on.join() === '4')),
    },
    { says: 'nobody enters before sols is back, and then all three do', met: (run) => enteredBy(8, run).length === 0 && entered(run).length === 3 },
  ],
};

export const permissionSkipped: Scenario = {
  ...oneDown('suspect', 'permission-skipped', 'Ricart and Agrawala do without a process that is suspected: safety rests on the failure detector.'),
  lessons: { 'mutex.exclusion': 'at-risk', 'mutex.order': 'at-risk' },
  expectations: [
    {
      says: 'kmc and mit do without sols',
      met: (run) => ['kmc', 'mit'].every((name) => all(run, 'mutex.skipped', name).some(({ past }) => past === 4)),
    },
    {
      says: 'they enter before it is back, and tapmi afterwards',
      met: (run) => enteredBy(8, run).toSorted().join() === 'kmc,mit' && entered(run).slice(2).join() === 'tapmi',
    },
  ],
};

/** Three processes, any two of which share an arbiter: each gets its own grant first, and lacks the next one's. */
const circle = (yields: boolean, name: string, title: string): Pick<Scenario, Exclude<keyof Scenario, 'expectations'>> => ({
  ...base,
  name,
  title,
  nodes: cluster(3),
  // Nothing is drawn: the highest leads from the start, without having listened for a while.
  election: { begins: 'when-told' },
  delay: constant(milliseconds(10)),
  mutex: {
    ...guarded('maekawa'),
    yields,
    quorums: [
      [1, 2],
      [2, 3],
      [3, 1],
    ].map((quorum) => quorum.map(nodeId)),
  },
  span: seconds(5),
  timeline: wanting(3, 'kmc', 'mit', 'tapmi'),
});

export const deadlock: Scenario = {
  ...circle(false, 'maekawa-deadlock', "Maekawa's arbiters that do not ask their grants back: three processes wait in a circle."),
  lessons: { 'mutex.votes': 'expected-violation' },
  expectations: [{ says: 'nobody ever enters', met: (run) => all(run, 'mutex.requested').length === 3 && entered(run).length === 0 }],
};

export const yielding: Scenario = {
  ...circle(true, 'maekawa-yields', "Maekawa's arbiters ask a grant back where a better request came later: all three enter."),
  expectations: [
    {
      says: 'all three enter',
      met: (run) => [...entered(run)].toSorted().join() === 'kmc,mit,tapmi',
    },
  ],
};
