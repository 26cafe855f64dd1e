/** A whole run, printed: its course, how the clocks ended, what the checkers found, and the lab sheet's words for it. */
import { finalClocks, type Judgement, namesOf, type Run } from '../scenario.ts';
import { type Duration, format, formatBound } from '../time.ts';
import { nameOf, transcript } from './transcript.ts';

export interface Detail {
  /** Every message and event, not only the findings. */
  readonly course: boolean;
  /** Each line of it with its logical time. */
  readonly stamps?: boolean;
}

export function report(run: Run, judgement: Judgement, { course, stamps = false }: Detail): readonly string[] {
  const { scenario, history, from } = run;
  const names = namesOf(scenario);
  return [
    `# ${scenario.name}: ${scenario.title}`,
    ...(course ? section('Course', transcript(history, names, from, { stamps })) : []),
    ...section('Clocks at the end', clocks(run)),
    ...section(
      'Verdicts',
      judgement.verdicts.map((v) => `${v.verdict.padEnd(18)} ${v.rule}: ${v.detail}`),
    ),
    ...section(
      'Expectations',
      judgement.expectations.map((e) => `${e.met ? 'met    ' : 'NOT MET'} ${e.says}`),
    ),
    ...(scenario.labSheet === undefined ? [] : section('As on the lab sheet', scenario.labSheet(run))),
  ];
}

const section = (heading: string, lines: readonly string[]): readonly string[] => ['', `## ${heading}`, '', ...lines];

function clocks(run: Run): readonly string[] {
  const names = namesOf(run.scenario);
  const width = Math.max(...[...names.values()].map((n) => n.length));
  return [...finalClocks(run)].map(([id, { errorUs, offsetUs, trueOffsetUs, boundUs }]) => {
    const claim = boundUs === null ? 'claims nothing' : `offset ${signed(offsetUs)} ${formatBound(boundUs)}, truly ${signed(trueOffsetUs)}`;
    return `${nameOf(names, id).padEnd(width)} error ${format(errorUs)}, ${claim}`;
  });
}

const signed = (us: Duration | null): string => (us === null ? 'unknown' : format(us));
