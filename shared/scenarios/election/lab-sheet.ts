/**
 * The lab sheet's elections. Some processes have crashed, process 5 notices, and nobody else does: elections begin only
 * when told. The sheet's Bully stops early by a special case, and its ring at the seam; ours go on as they should.
 */

import { delivered } from '../../checkers/counts.ts';
import { called } from '../../checkers/held.ts';
import type { Algorithm } from '../../election/config.ts';
import { constant } from '../../faults/delay.ts';
import { nodeId } from '../../protocol.ts';
import { type Expectation, electionOf, type Run, type Scenario } from '../../scenario.ts';
import { milliseconds, ppm, seconds } from '../../time.ts';
import { lastFollowed } from './followed.ts';
import { bullySheet, ringSheet } from './sheet.ts';

/** The five members of every day, and five more. */
const names = ['kmc', 'mit', 'tapmi', 'sols', 'master', 'p6', 'p7', 'p8', 'p9', 'p10'];

const election = (
  algorithm: Algorithm,
  name: string,
  title: string,
  size: number,
  crashed: readonly number[],
  leader: number,
  cost: number,
): Scenario => ({
  name,
  title,
  seed: 1,
  nodes: names.slice(0, size).map((n, i) => ({ id: nodeId(i + 1), name: n, role: 'member', offset: milliseconds(0), drift: ppm(0) })),
  election: { algorithm, begins: 'when-told' },
  clock: 'berkeley',
  delay: constant(milliseconds(10)),
  loss: 0,
  span: seconds(2.5),
  timeline: [
    ...crashed.map((id) => ({ at: milliseconds(100), verb: 'kill', node: names[id - 1] ?? '' }) as const),
    { at: milliseconds(150), verb: 'elect', node: 'master' },
  ],
  expectations: [followed(leader), costing(cost)],
  labSheet: algorithm === 'bully' ? bullySheet : ringSheet,
});

/** Whom they followed before the call does not count: where 9 has crashed, that was 10 as well. */
const followed = (leader: number): Expectation => ({
  says: `every process that lives follows ${leader}`,
  met: ({ history, scenario }) => {
    const call = history.find((e) => e.kind === 'election.started')?.trueUs ?? Number.POSITIVE_INFINITY;
    return scenario.nodes
      .filter(({ id }) => !history.some((e) => e.kind === 'node.stopped' && e.node === id))
      .every(({ id }) => {
        const last = lastFollowed(history, id);
        return last?.leader === leader && last.trueUs >= call;
      });
  },
});

const costing = (messages: number): Expectation => ({
  says: `${messages} messages are delivered, as the closed form says`,
  met: ({ history, scenario }: Run) => {
    const held = called(history, electionOf(scenario), true);
    if (held === undefined) return false;
    const { messages: counted, expected, verdict } = held;
    const sum = Object.values(counted).reduce((n, count) => n + count.delivered, 0);
    return sum === messages && delivered(expected).most === messages && (verdict.verdict === 'holds' || verdict.verdict === 'at-risk');
  },
});

export const bully10Crashed = election('bully', 'bully-10-crashed', 'Bully: of ten processes 10 has crashed, and 5 notices.', 10, [10], 9, 28);
export const bully9Crashed = election('bully', 'bully-9-crashed', 'Bully: of ten processes 9 has crashed, 10 lives, and 5 notices.', 10, [9], 10, 28);
export const ring8Crashed = election('ring', 'ring-8-crashed', 'Ring: of eight processes 8 has crashed, and 5 notices.', 8, [8], 7, 14);
export const ring678Crashed = election(
  'ring',
  'ring-678-crashed',
  'Ring: of eight processes 6, 7 and 8 have crashed, and 5 notices.',
  8,
  [6, 7, 8],
  5,
  10,
);
