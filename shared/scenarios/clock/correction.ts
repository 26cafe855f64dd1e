/** How a correction reaches a clock: slowly, never backwards. */
import { constant } from '../../faults/delay.ts';
import type { Run, Scenario } from '../../scenario.ts';
import { type Duration, elapsed, milliseconds, none, seconds } from '../../time.ts';
import { linesOf } from '../expectations.ts';
import { pair } from './nodes.ts';

const base = { seed: 1, clock: 'cristian', delay: constant(none), loss: 0, timeline: [], span: seconds(5) } as const;

/** How long the device's clock was being slewed, from the bend that began it to the one that ended it. */
function slewed(run: Run): Duration {
  const lines = linesOf(run, 'mobile');
  const begin = lines.findIndex((l) => l.slewing);
  const end = lines.slice(begin).find((l) => !l.slewing);
  const first = lines[begin];
  return first === undefined || end === undefined ? none : elapsed(first.trueUs, end.trueUs);
}

const takesTwoSeconds = { says: 'the slew takes two seconds', met: (run: Run) => Math.abs(slewed(run) - seconds(2)) < milliseconds(100) };

export const slewForward: Scenario = {
  ...base,
  name: 'slew-forward',
  title: 'A clock that is 100 ms behind runs 5 % fast for two seconds.',
  nodes: pair(-100, 0),
  expectations: [takesTwoSeconds],
};

export const slewBackward: Scenario = {
  ...base,
  name: 'slew-backward',
  title: 'A clock that is 100 ms ahead runs 5 % slow for two seconds, and never backwards.',
  nodes: pair(100, 0),
  expectations: [takesTwoSeconds],
};
