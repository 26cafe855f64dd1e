/** What is made of the trials: least, median and most of each case, how it compares, and the table of all of them. */
import type { Fault, Subject, Trial } from './subject.ts';

export interface Case extends Pick<Subject, 'system' | 'mode' | 'settings'> {
  readonly fault: Fault;
  readonly trials: readonly Trial[];
}

export interface Figures {
  readonly minMs: number;
  readonly medianMs: number;
  readonly maxMs: number;
}

export interface Compared extends Case, Figures {
  /** The median as a share of etcd's for the same fault; `null` where etcd was not measured. */
  readonly ofEtcd: number | null;
}

export function figures(values: readonly number[]): Figures {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (index: number): number => sorted[index] ?? Number.NaN;
  const middle = (sorted.length - 1) / 2;
  return { minMs: at(0), medianMs: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2, maxMs: at(sorted.length - 1) };
}

export function compared(cases: readonly Case[]): readonly Compared[] {
  const measured = cases.map((one) => ({ ...one, ...figures(one.trials.map(({ ms }) => ms)) }));
  return measured.map((one) => {
    const other = measured.find(({ system, fault }) => system === 'etcd' && fault === one.fault);
    return { ...one, ofEtcd: other === undefined || one.system === 'etcd' ? null : one.medianMs / other.medianMs };
  });
}

export function tableOf(cases: readonly Compared[]): readonly string[] {
  const rows = [
    ['system', 'mode', 'settings', 'leader is', 'min', 'median', 'max', 'of etcd'],
    ...cases.map(({ system, mode, settings, fault, minMs, medianMs, maxMs, ofEtcd }) => [
      system,
      mode ?? '-',
      settings,
      fault === 'kill' ? 'killed' : 'paused',
      ...[minMs, medianMs, maxMs].map((ms) => `${Math.round(ms)} ms`),
      ofEtcd === null ? '-' : ofEtcd.toFixed(2),
    ]),
  ];
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => `  ${row.map((cell, i) => (i < 4 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  ')}`);
}
