/** What the clock scenarios expect of their runs. */
import type { HistoryEvent } from '../history.ts';
import { type Expectation, finalClocks, type Run } from '../scenario.ts';
import { formatBound, milliseconds } from '../time.ts';

/** Every clock ends within what it claims, and the spread within twice the largest claim. */
export const inStep: Expectation = {
  says: 'every clock ends within its bound, and all within twice the largest bound of each other',
  met: (run) => {
    const clocks = [...finalClocks(run).values()];
    const errors = clocks.map((c) => c.errorUs);
    const bounds = clocks.map((c) => c.boundUs);
    if (clocks.length !== run.scenario.nodes.length || bounds.some((b) => b === null)) return false;
    const within = clocks.every((c) => Math.abs((c.offsetUs ?? 0) - (c.trueOffsetUs ?? 0)) <= (c.boundUs ?? 0) + 3);
    return within && Math.max(...errors) - Math.min(...errors) <= 2 * Math.max(...bounds.map((b) => b ?? 0));
  },
};

/** The clocks really lay apart at the start, so that being in step at the end was earned. */
export const apartAtFirst: Expectation = {
  says: `the clocks begin more than ${formatBound(milliseconds(100)).slice(1)} apart`,
  met: ({ history }) => {
    const firsts = new Map(
      history
        .filter(isLine)
        .toReversed()
        .map((e) => [e.node, e.errorUs]),
    );
    return Math.max(...firsts.values()) - Math.min(...firsts.values()) > milliseconds(100);
  },
};

/** How often something happened at the named node, or anywhere. */
export const happened = ({ history, scenario }: Run, kind: HistoryEvent['kind'], name?: string): number => {
  const node = scenario.nodes.find((n) => n.name === name)?.id;
  return history.filter((e) => e.kind === kind && (name === undefined || e.node === node)).length;
};

/** The lines of a node's clock, in their order. */
export function linesOf({ history, scenario }: Run, name: string): readonly Line[] {
  const node = scenario.nodes.find((n) => n.name === name)?.id;
  return history.filter(isLine).filter((e) => e.node === node);
}

type Line = Extract<HistoryEvent, { kind: 'clock.line' }>;
const isLine = (event: HistoryEvent): event is Line => event.kind === 'clock.line';
