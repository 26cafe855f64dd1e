/** The state of the cluster as a table of text, one line per node. */
import { styleText } from 'node:util';
import type { Duration } from '../../shared/time.ts';
import { format, formatBound } from '../../shared/time.ts';
import type { NodeView, StateView, VerdictWord } from '../console/live-frames.ts';

type Style = Parameters<typeof styleText>[0];
/** Colours, where they are wanted. */
export type Paint = (style: Style, text: string) => string;
export const plain: Paint = (_, text) => text;
/** `styleText` itself asks the stream, NO_COLOR and FORCE_COLOR. */
export const coloured: Paint = (style, text) => styleText(style, text, { stream: process.stdout });

interface Column {
  readonly title: string;
  readonly of: (node: NodeView) => string;
  readonly side: 'left' | 'right';
}

const shown = (us: number | null, as: (d: Duration) => string): string => (us === null ? '-' : as(us as Duration));

const columns: readonly Column[] = [
  { title: 'node', of: ({ name }) => name, side: 'left' },
  // Nobody sets the ledger's clock.
  { title: 'status', of: ({ up, role, clock }) => (!up ? 'down' : role === 'ledger' ? 'ledger' : clock.status), side: 'left' },
  { title: 'error', of: ({ clock }) => shown(clock.errorUs, format), side: 'right' },
  { title: 'offset', of: ({ clock }) => shown(clock.offsetUs, format), side: 'right' },
  { title: 'bound', of: ({ clock }) => shown(clock.boundUs, formatBound), side: 'right' },
  {
    title: 'drift',
    of: ({ clock }) => (clock.driftPpm === null ? '-' : `${clock.driftPpm > 0 ? '+' : ''}${Math.round(clock.driftPpm)} ppm`),
    side: 'right',
  },
];

export function tableOf(state: StateView, paint: Paint): readonly string[] {
  const cells = state.nodes.map((node) => columns.map((column) => column.of(node)));
  const widths = columns.map(({ title }, i) => Math.max(title.length, ...cells.map((row) => row[i]?.length ?? 0)));
  const line = (texts: readonly string[], style: (column: number, text: string) => string): string =>
    texts
      .map((text, i) => style(i, columns[i]?.side === 'right' ? text.padStart(widths[i] ?? 0) : text.padEnd(widths[i] ?? 0)))
      .join('  ')
      .trimEnd();
  return [
    `  ${line(
      columns.map(({ title }) => title),
      (_, text) => paint('dim', text),
    )}`,
    ...state.nodes.map(
      (node, i) =>
        `${node.name === state.leader && node.up ? paint('yellow', '*') : ' '} ${line(cells[i] ?? [], (c, text) => (c === 1 ? paint(styleOf(node), text) : text))}`,
    ),
    '',
    `  leader ${state.leader ?? 'nobody'}${state.term === null ? '' : ` (term ${state.term.split('.')[0]})`}   spread ${state.spreadUs === null ? '-' : format(state.spreadUs as Duration).slice(1)}`,
    ...electionLine(state, paint),
    ...sectionOf(state),
    ...state.verdicts.map(({ rule, verdict, detail }) => `  ${rule} ${paint(styleOfVerdict[verdict], verdict)}${detail === '' ? '' : `: ${detail}`}`),
  ];
}

/** What the last election cost, once there was one. */
function electionLine({ elections: { last } }: StateView, paint: Paint): readonly string[] {
  if (last === null) return [];
  const { verdict, detail } = last.verdict;
  const called = `${last.initiators.join(', ')} called, ${last.leader ?? 'nobody'} leads (term ${last.term?.split('.')[0] ?? '-'})`;
  return [`  last election: ${called}, ${paint(styleOfVerdict[verdict], verdict)}: ${detail}`];
}

function sectionOf({ mutex, ledger }: StateView): readonly string[] {
  if (mutex === null) return [];
  const inside = mutex.holders.length === 0 ? 'nobody inside' : `${mutex.holders.join(', ')} inside`;
  const held = ledger === null ? '' : `; the ledger holds ${ledger.value ?? 'nothing yet'}, ${ledger.refused} refused, ${ledger.overlaps} overlaps`;
  return [`  critical section by ${mutex.algorithm}: ${inside}, ${mutex.entries} entries${held}`];
}

const styleOf = ({ up, clock }: NodeView): Style => {
  if (!up || clock.status === 'disrupted') return 'red';
  return clock.status === 'synchronized' ? 'green' : 'yellow';
};

const styleOfVerdict: Readonly<Record<VerdictWord, Style>> = {
  holds: 'green',
  'at-risk': 'yellow',
  'expected-violation': 'yellow',
  inconclusive: 'yellow',
  bug: 'red',
};
