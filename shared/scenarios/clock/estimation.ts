/** What can be known of a server's clock, and how surely: the scenarios of Cristian's algorithm. */
import { uniform } from '../../faults/delay.ts';
import type { Rule } from '../../faults/rules.ts';
import type { HistoryEvent } from '../../history.ts';
import { nodeId } from '../../protocol.ts';
import type { Run, Scenario } from '../../scenario.ts';
import { milliseconds, ppm, seconds } from '../../time.ts';
import { happened, linesOf } from '../expectations.ts';
import { pair } from './nodes.ts';

const base = { seed: 1, clock: 'cristian', delay: uniform(milliseconds(5), milliseconds(25)), loss: 0, timeline: [] } as const;
const rho = ppm(50);
const leastDelay = milliseconds(5);

const readings = ({ history }: Run): readonly Reading[] => history.filter((e): e is Reading => e.kind === 'cristian.read');
type Reading = Extract<HistoryEvent, { kind: 'cristian.read' }>;

export const containment: Scenario = {
  ...base,
  name: 'containment',
  title: 'Every reading of a server contains the truth: the smallest round trip of eight.',
  nodes: pair(0, 50),
  tuning: { cristian: { rho } },
  span: seconds(9),
  expectations: [{ says: 'four readings are accepted', met: (run) => readings(run).length >= 4 }],
};

export const threshold: Scenario = {
  ...base,
  name: 'threshold',
  title: 'A precision is asked for, and exchanges are tried until a round trip is short enough.',
  nodes: pair(0, 50),
  tuning: { cristian: { rho, leastDelay, samples: 1, attempts: 60, acceptWithin: milliseconds(20), period: seconds(3) } },
  span: seconds(12),
  expectations: [
    { says: 'some exchanges are too slow to be used', met: (run) => happened(run, 'cristian.ignored') > 0 },
    { says: 'every reading is good to 5 ms', met: (run) => readings(run).length > 0 && readings(run).every((r) => r.error <= 5_002) },
  ],
};

export const intersections: Scenario = {
  ...base,
  name: 'intersection',
  title: 'All samples together know more than the best of them.',
  nodes: pair(0, 50, -50),
  tuning: { cristian: { rho, leastDelay, estimator: 'intersection', period: milliseconds(500) } },
  span: seconds(6),
  expectations: [
    {
      says: 'the intersection is surer than the smallest round trip, on the same frames',
      met: (run) => {
        const pairs = run.history.filter((e) => e.kind === 'cristian.compared');
        const mean = (of: 'intersectionError' | 'minRttError'): number => pairs.reduce((a, e) => a + e[of], 0) / pairs.length;
        return pairs.length > 5 && mean('intersectionError') < mean('minRttError');
      },
    },
  ],
};

export const noWidening: Scenario = {
  ...intersections,
  name: 'no-widening',
  title: 'Drift is assumed away: samples are not widened as they age, and the claims become false.',
  tuning: { cristian: { rho: ppm(0), leastDelay, estimator: 'intersection', period: seconds(4) } },
  span: seconds(25),
  lessons: { 'clock.bound': 'expected-violation' },
};

/** Twenty milliseconds longer on the way back than on the way out. */
const slowReturn: readonly Rule[] = [{ from: [nodeId(5)], does: 'delay', delay: uniform(milliseconds(25), milliseconds(45)) }];

export const asymmetry: Scenario = {
  ...base,
  name: 'asymmetry',
  title: 'A path that is slower one way biases every estimate, and no filter sees it; the bound still holds.',
  nodes: pair(0, 0),
  links: slowReturn,
  tuning: { cristian: { rho } },
  span: seconds(11),
  expectations: [
    { says: 'the device ends about 10 ms off', met: (run) => Math.abs(Math.abs(linesOf(run, 'mobile').at(-1)?.errorUs ?? 0) - 10_000) < 6_000 },
  ],
};

export const asymmetryAssumed: Scenario = {
  ...asymmetry,
  name: 'asymmetry-assumed',
  title: 'Half of the smallest round trip is taken for the smallest delay, and the claims become false.',
  tuning: { cristian: { rho, leastDelay: milliseconds(15) } },
  lessons: { 'clock.bound': 'expected-violation' },
};

export const holdover: Scenario = {
  ...base,
  name: 'holdover',
  title: 'Cut off from its server, a clock runs free: its bound grows, stays true, and in the end nothing is claimed.',
  nodes: pair(0, 45),
  tuning: { cristian: { rho, period: seconds(5), voidAfter: seconds(50) } },
  span: seconds(80),
  timeline: [{ at: seconds(4), verb: 'partition', sides: [['master'], ['mobile']] }],
  expectations: [
    {
      says: 'synchronized, then free-running, then unknown',
      met: (run) => statuses(run).join() === 'synchronized,free-running,unknown',
    },
  ],
};

const statuses = ({ history }: Run): readonly string[] =>
  history.filter((e) => e.kind === 'clock.status' && e.node === 101).map((e) => (e.kind === 'clock.status' ? e.status : ''));
