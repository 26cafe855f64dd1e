/**
 * Mutual exclusion, measured: five members who all want the critical section at once and stay for no time, links
 * unshaped. How often one enters, and how long the section is empty from one to the next.
 *
 * There is no ledger: what is measured is the lock, which writes nothing to a disk, and not what a section does inside.
 */
import type { HistoryEvent } from '../../../shared/history.ts';
import { clusterOf } from '../cluster.ts';
import { fetchHistory } from '../console-client.ts';
import { launch } from '../launcher.ts';
import { etcdLock } from './etcd-lock.ts';
import { figures } from './figures.ts';
import { found, type Stay } from './subject.ts';

const benched = ['central', 'central-lease', 'token-ring'] as const;

export interface Locked {
  readonly system: string;
  readonly entries: number;
  readonly perSecond: number;
  /** From one member's exit to another's entry. */
  readonly handover: { readonly medianMs: number; readonly p99Ms: number };
  /** Entries per second as a multiple of etcd's. */
  readonly ofEtcd: number | null;
}

export interface LockPlan {
  readonly entries: number;
  readonly seed: number;
  readonly etcd: string | undefined;
}

const everyMs = 100;
const members = clusterOf().filter(({ role }) => role === 'member');

export async function mutexBench({ entries, seed, etcd }: LockPlan, say: (line: string) => void): Promise<readonly Locked[]> {
  const measured: Omit<Locked, 'ofEtcd'>[] = [];
  for (const algorithm of benched) {
    measured.push(measure(algorithm, await ours(algorithm, entries, seed)));
    say(`${algorithm}: done`);
  }
  if (etcd !== undefined) measured.push(measure('etcd', await etcdLock(etcd, entries)));
  const other = measured.find(({ system }) => system === 'etcd');
  return measured.map((one) => ({ ...one, ofEtcd: other === undefined || one === other ? null : one.perSecond / other.perSecond }));
}

/** The first tenth is the start, and does not count. */
export function measure(system: string, stays: readonly Stay[]): Omit<Locked, 'ofEtcd'> {
  const counted = stays.toSorted((a, b) => a.from - b.from).slice(Math.floor(stays.length / 10));
  const gaps = counted.flatMap((stay, i) => {
    const before = counted[i - 1];
    return before === undefined || before.by === stay.by ? [] : [(stay.from - before.until) / 1_000];
  });
  const sorted = gaps.toSorted((a, b) => a - b);
  const span = ((counted.at(-1)?.from ?? 0) - (counted[0]?.from ?? 0)) / 1e6;
  return {
    system,
    entries: counted.length,
    perSecond: (counted.length - 1) / span,
    handover: { medianMs: figures(gaps).medianMs, p99Ms: sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN },
  };
}

async function ours(mutex: (typeof benched)[number], entries: number, seed: number): Promise<readonly Stay[]> {
  // Slow heartbeats, so that nobody is taken for dead because the machine is busy. An empty variable is one that is not set.
  const env = { ELECTION: 'bully', SETTLE_MS: '', CLOCK_PERIOD_MS: '', HEARTBEAT_MS: '1000', MUTEX_THINK_MS: 'saturated', MUTEX_HOLD_MS: '0:0' };
  const launcher = await launch({ nodes: members, mutex, linkDelay: 'none', linkLoss: 0, seed, env, ports: { base: 0, console: 0 } });
  const place = { consoleUrl: launcher.consoleUrl, token: launcher.place.token };
  try {
    const told: HistoryEvent[] = [];
    return await found(
      `${entries} entries under ${mutex}`,
      async () => {
        const news = await fetchHistory(place, told.at(-1)?.seq ?? 0);
        told.push(...news);
        const stays = staysOf(told);
        return stays.length >= entries ? stays.slice(0, entries) : undefined;
      },
      everyMs,
    );
  } finally {
    await launcher.stop();
  }
}

function staysOf(events: readonly HistoryEvent[]): readonly Stay[] {
  const since = new Map<number, number>();
  return events.flatMap((event) => {
    if (event.kind === 'mutex.entered') since.set(event.node, event.trueUs);
    const from = since.get(event.node);
    return event.kind === 'mutex.exited' && from !== undefined ? [{ by: `${event.node}`, from, until: event.trueUs }] : [];
  });
}

export function lockTable(locked: readonly Locked[]): readonly string[] {
  const rows = [
    ['lock', 'entries', 'per second', 'handover median', 'p99', 'of etcd'],
    ...locked.map(({ system, entries, perSecond, handover: { medianMs, p99Ms }, ofEtcd }) => [
      system,
      `${entries}`,
      perSecond.toFixed(0),
      `${medianMs.toFixed(2)} ms`,
      `${p99Ms.toFixed(2)} ms`,
      ofEtcd === null ? '-' : ofEtcd.toFixed(2),
    ]),
  ];
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => `  ${row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  ')}`);
}
