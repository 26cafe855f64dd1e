/** What a group of clocks agrees on: the scenarios of Berkeley's algorithm. */
import type { Average } from '../../clock/agreement.ts';
import { constant, uniform } from '../../faults/delay.ts';
import type { Deed, Expectation, Scenario, ScenarioNode, Tuning } from '../../scenario.ts';
import { type Duration, milliseconds, none, ppm, seconds } from '../../time.ts';
import { happened, inStep } from '../expectations.ts';
import { group } from './nodes.ts';

const base = { seed: 1, clock: 'berkeley', delay: constant(none), loss: 0, timeline: [] } as const;

/** Whether exactly these adjustments were told, in some order; `within` microseconds. */
const adjusted = (round: number, by: Readonly<Record<string, Duration>>, within: number): Expectation => ({
  says: `round ${round} adjusts ${Object.keys(by).join(', ')} as computed by hand`,
  met: ({ history, scenario }) =>
    Object.entries(by).every(([name, expected]) => {
      const id = scenario.nodes.find((n) => n.name === name)?.id;
      return history.some((e) => e.kind === 'berkeley.adjusted' && e.node === id && e.round === round && Math.abs(e.by - expected) <= within);
    }),
});

const minutes = (n: number): Duration => seconds(60 * n);

export const labSheetAverage: Scenario = {
  ...base,
  name: 'lab-sheet-average',
  title: '3:00, 2:50 and 3:25 meet at 3:05: the textbook example, by the plain mean.',
  nodes: group([0, 0], [-600_000, 0], [1_500_000, 0]),
  tuning: { berkeley: { average: 'mean', probes: 1 } },
  span: seconds(1),
  lessons: { 'berkeley.average': 'at-risk' },
  expectations: [
    adjusted(1, { master: minutes(5), kmc: minutes(15), mit: minutes(-20) }, 0),
    { says: 'six messages are sent', met: (run) => happened(run, 'message.sent') === 6 },
  ],
};

/** The clocks of a group that is in step come to lie so far apart, just before its third round. */
const scattered = (offsets: Readonly<Record<string, Duration>>): readonly Deed[] =>
  Object.entries(offsets).map(([node, by]) => ({ at: seconds(4), verb: 'clock', node, fault: { fault: 'step', by } }));

const alike = (others: number): readonly ScenarioNode[] => group([0, 0], ...Array.from({ length: others }, () => [0, 0] as const));
const by = (average: Average): Tuning => ({ berkeley: { average } });
const refused: Expectation = { says: 'the round is refused: no majority', met: (run) => happened(run, 'berkeley.round-refused') > 0 };

export const outlier: Scenario = {
  ...base,
  name: 'outlier',
  title: 'One clock is a minute ahead, and moves nobody but itself.',
  nodes: alike(3),
  tuning: by('gamma'),
  timeline: scattered({ kmc: milliseconds(3), mit: milliseconds(-4), tapmi: seconds(60) }),
  span: seconds(5),
  // The raw clocks jump, so what was claimed of them before becomes false until the next round.
  lessons: { 'clock.bound': 'expected-violation', 'clock.monotonic': 'expected-violation' },
  expectations: [adjusted(3, { master: -333 as Duration, kmc: -3_333 as Duration, mit: 3_667 as Duration, tapmi: -60_000_333 as Duration }, 1)],
};

export const outlierByMean: Scenario = {
  ...outlier,
  name: 'outlier-by-mean',
  title: 'One clock is a minute ahead, and the plain mean takes everybody a quarter of the way to it.',
  tuning: by('mean'),
  lessons: { ...outlier.lessons, 'berkeley.average': 'expected-violation' },
  expectations: [adjusted(3, { master: 14_999_750 as Duration }, 1)],
};

export const majorityGate: Scenario = {
  ...base,
  name: 'majority-gate',
  title: 'No two of three clocks lie together, and none is believed.',
  nodes: alike(2),
  tuning: by('gamma'),
  timeline: scattered({ kmc: milliseconds(500), mit: milliseconds(1_000) }),
  span: seconds(5),
  lessons: { 'clock.bound': 'expected-violation', 'clock.monotonic': 'at-risk' },
  expectations: [refused],
};

export const majorityGateOff: Scenario = {
  ...majorityGate,
  name: 'majority-gate-off',
  title: 'The averaging of 1989 asked for no majority: two clocks of three carry the group away.',
  tuning: by('historical'),
  lessons: { ...majorityGate.lessons, 'berkeley.average': 'expected-violation' },
  expectations: [adjusted(3, { master: milliseconds(250) }, 1)],
};

export const convergence: Scenario = {
  ...base,
  name: 'convergence',
  title: 'Five clocks that begin a second apart are in step after two rounds, and stay so.',
  nodes: group([60, 20], [480, 50], [-500, -50], [210, 30], [-240, -40]),
  delay: uniform(milliseconds(5), milliseconds(25)),
  tuning: { berkeley: { period: seconds(10), rho: ppm(50) } },
  span: seconds(32),
  expectations: [{ says: 'four rounds of 44 messages', met: (run) => happened(run, 'message.sent') === 4 * 44 }, inStep],
};
