/** Whom to believe: a device that asks five members, some of whom lie to it. */
import { uniform } from '../../faults/delay.ts';
import type { Deed, Run, Scenario } from '../../scenario.ts';
import { milliseconds, seconds } from '../../time.ts';
import { happened } from '../expectations.ts';
import { group, mobile } from './nodes.ts';

const lies = (node: string, byMs: number): Deed => ({ at: seconds(5), verb: 'lie', node, by: milliseconds(byMs), to: ['mobile'] });

const base = {
  seed: 1,
  clock: 'berkeley',
  nodes: [...group([40, 20], [350, 80], [-420, -60], [120, 100], [-200, -100]), mobile(480, 70)],
  delay: uniform(milliseconds(5), milliseconds(25)),
  loss: 0,
  tuning: { servers: 'all' },
  // A server whose word is false breaks what every claim rests on, although none turns out false here.
  lessons: { 'clock.bound': 'at-risk' },
  span: seconds(9),
} as const;

const found =
  (names: readonly string[]) =>
  ({ history, scenario }: Run): boolean =>
    history.some(
      (e) => e.kind === 'marzullo.selected' && e.falsetickers.map((id) => scenario.nodes.find((n) => n.id === id)?.name).join() === names.join(),
    );

export const falsetickers: Scenario = {
  ...base,
  name: 'falsetickers',
  title: 'Two of five servers lie, and are found out by the other three.',
  timeline: [lies('kmc', 1_000), lies('mit', 1_000)],
  expectations: [{ says: 'kmc and mit are called falsetickers', met: found(['kmc', 'mit']) }],
};

export const noMajority: Scenario = {
  ...base,
  name: 'no-majority',
  title: 'Three of five servers lie, each in its own way, and nobody is believed.',
  timeline: [lies('kmc', 1_000), lies('mit', 2_000), lies('tapmi', 3_000)],
  expectations: [{ says: 'the device refuses to choose', met: (run) => happened(run, 'marzullo.refused', 'mobile') > 0 }],
};
