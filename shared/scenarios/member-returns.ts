/** What containers and processes do to a cluster all day: one is killed, the others keep time, and it comes back. */
import type { Run, Scenario } from '../scenario.ts';
import { seconds } from '../time.ts';
import { berkeleyFour } from './berkeley-four.ts';
import { apartAtFirst, happened, inStep } from './expectations.ts';

const { labSheet, ...four } = berkeleyFour;

/** What happened between the end of the named node and its next start. */
function without({ history, scenario }: Run, name: string): Run['history'] {
  const node = scenario.nodes.find((n) => n.name === name)?.id;
  const gone = history.slice(history.findIndex((e) => e.kind === 'node.stopped' && e.node === node) + 1);
  return gone.slice(
    0,
    Math.max(
      0,
      gone.findIndex((e) => e.kind === 'node.started' && e.node === node),
    ),
  );
}

export const memberReturns: Scenario = {
  ...four,
  name: 'member-returns',
  title: 'MIT is killed, the others keep their clocks in step, and MIT comes back into step.',
  span: seconds(16),
  timeline: [
    { at: seconds(6), verb: 'kill', node: 'mit' },
    { at: seconds(9), verb: 'restart', node: 'mit' },
  ],
  expectations: [
    apartAtFirst,
    { says: 'mit starts twice', met: (run) => happened(run, 'node.started', 'mit') === 2 },
    { says: 'rounds go on without mit', met: (run) => happened({ ...run, history: without(run, 'mit') }, 'berkeley.round-finished') > 0 },
    inStep,
  ],
};
