/**
 * Where each member stands with the critical section, and what the ledger took: what a picture shows of mutual exclusion.
 *
 * A node tells when it wants to enter, is inside, and has left. What it told is kept for a while, since a picture is
 * drawn for an instant that lies a little back: who is inside at that instant, and not who was heard of last.
 */
import type { TrueTime } from '../../shared/time.ts';
import type { HistoryEvent, LedgerView, MutexView } from './live-frames.ts';

export type Standing = Pick<MutexView, 'state' | 'token' | 'entries'>;

/** In the order of true time; mutable, since a cluster at work tells of hundreds in a second. */
export interface Sections {
  readonly told: { readonly atUs: number; readonly standing: Standing }[];
}

const outside: Standing = { state: 'idle', token: null, entries: 0 };

export const noSections = (): Sections => ({ told: [] });

/** Another start of the node is inside nothing; how often earlier ones were inside still counts. */
export const restarted = ({ told }: Sections): Sections => ({
  told: [{ atUs: Number.NEGATIVE_INFINITY, standing: { ...outside, entries: told.at(-1)?.standing.entries ?? 0 } }],
});

export function took({ told }: Sections, { kind, trueUs, token, number, generation }: HistoryEvent): void {
  const last = told.at(-1)?.standing ?? outside;
  switch (kind) {
    case 'mutex.requested':
      told.push({ atUs: trueUs, standing: { ...last, state: 'wanted', token: null } });
      break;
    case 'mutex.entered':
      told.push({ atUs: trueUs, standing: { state: 'held', token: tokenText(token), entries: last.entries + 1 } });
      break;
    case 'mutex.exited':
      told.push({ atUs: trueUs, standing: { ...last, state: 'idle', token: null } });
      break;
    case 'node.switched':
      // Whoever waited under another lock asks anew.
      if (generation === number) told.push({ atUs: trueUs, standing: { ...last, state: 'idle', token: null } });
      break;
  }
}

export const standingAt = ({ told }: Sections, at: TrueTime): Standing => told.findLast(({ atUs }) => atUs <= at)?.standing ?? outside;

/** Keeps what was in force at `since`, and what came after it. */
export function forget({ told }: Sections, since: number): void {
  const inForce = told.findLastIndex(({ atUs }) => atUs <= since);
  if (inForce > 0) told.splice(0, inForce);
}

/** What the ledger took and refused since the control room hears it. */
export const noWrites: Omit<LedgerView, 'overlaps'> = { value: null, accepted: 0, refused: 0, stale: 0, highest: null };

export function written(ledger: typeof noWrites, event: HistoryEvent): typeof noWrites {
  const { kind, value, token, stale } = event;
  if (kind === 'ledger.refused') return { ...ledger, refused: ledger.refused + 1 };
  if (kind !== 'ledger.accepted' || typeof value !== 'number') return ledger;
  const highest = stale === true ? ledger.highest : (tokenText(token) ?? ledger.highest);
  return { ...ledger, value, highest, accepted: ledger.accepted + 1, stale: ledger.stale + (stale === true ? 1 : 0) };
}

/** As `formatToken` writes it; `null` for none, or for something else. */
function tokenText(token: unknown): string | null {
  const { term, count } = (token ?? {}) as {
    readonly term?: { readonly number?: unknown; readonly node?: unknown; readonly incarnation?: unknown };
    readonly count?: unknown;
  };
  return term === undefined ? null : `${term.number}.${term.node}.${term.incarnation}/${count}`;
}
