/** The lab sheet's fourth program: two devices, MOBILE and LAPTOP, ask a time server for its time. */
import { uniform } from '../faults/delay.ts';
import { nodeId } from '../protocol.ts';
import type { Scenario } from '../scenario.ts';
import { milliseconds, ppm, seconds } from '../time.ts';
import { apartAtFirst, happened, inStep } from './expectations.ts';
import { cristianSheet } from './lab-sheet.ts';

export const cristianDevices: Scenario = {
  name: 'cristian-devices',
  title: "Cristian's algorithm: MOBILE and LAPTOP set their clocks by the master's.",
  seed: 1,
  nodes: [
    { id: nodeId(5), name: 'master', role: 'member', offset: milliseconds(0), drift: ppm(20) },
    { id: nodeId(101), name: 'mobile', role: 'device', offset: milliseconds(480), drift: ppm(90) },
    { id: nodeId(102), name: 'laptop', role: 'device', offset: milliseconds(-310), drift: ppm(-70) },
  ],
  clock: 'cristian',
  delay: uniform(milliseconds(5), milliseconds(25)),
  loss: 0,
  span: seconds(6),
  timeline: [],
  expectations: [
    apartAtFirst,
    { says: 'each device accepts a reading', met: (run) => ['mobile', 'laptop'].every((name) => happened(run, 'cristian.read', name) > 0) },
    inStep,
  ],
  labSheet: cristianSheet,
};
