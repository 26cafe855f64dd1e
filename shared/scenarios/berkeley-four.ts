/** The lab sheet's third program: a master and four named slaves, KMC, MIT, TAPMI and SOLS. */
import { uniform } from '../faults/delay.ts';
import { nodeId } from '../protocol.ts';
import type { Scenario } from '../scenario.ts';
import { milliseconds, ppm, seconds } from '../time.ts';
import { apartAtFirst, happened, inStep } from './expectations.ts';
import { berkeleySheet } from './lab-sheet.ts';

export const berkeleyFour: Scenario = {
  name: 'berkeley-four',
  title: "Berkeley's algorithm: the master averages KMC, MIT, TAPMI, SOLS and itself.",
  seed: 1,
  nodes: [
    { id: nodeId(1), name: 'kmc', role: 'member', offset: milliseconds(350), drift: ppm(80) },
    { id: nodeId(2), name: 'mit', role: 'member', offset: milliseconds(-420), drift: ppm(-60) },
    { id: nodeId(3), name: 'tapmi', role: 'member', offset: milliseconds(120), drift: ppm(100) },
    { id: nodeId(4), name: 'sols', role: 'member', offset: milliseconds(-200), drift: ppm(-100) },
    { id: nodeId(5), name: 'master', role: 'member', offset: milliseconds(40), drift: ppm(20) },
  ],
  clock: 'berkeley',
  delay: uniform(milliseconds(5), milliseconds(25)),
  loss: 0,
  span: seconds(7),
  timeline: [],
  expectations: [
    apartAtFirst,
    { says: 'three rounds are completed', met: (run) => happened(run, 'berkeley.round-finished') >= 3 },
    {
      says: 'all four slaves are adjusted',
      met: (run) => ['kmc', 'mit', 'tapmi', 'sols'].every((name) => happened(run, 'berkeley.adjusted', name) > 0),
    },
    inStep,
  ],
  labSheet: berkeleySheet,
};
