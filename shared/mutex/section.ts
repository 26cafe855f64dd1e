/**
 * What a process does inside the critical section: it opens with a write to the ledger, stays for a while, and closes with
 * a write of the value after the one it read. It does not look at its lease before it writes: whatever it found, it
 * could be paused between looking and writing, and so it is the ledger that has to refuse.
 */
import type { Effect, FencingToken, NodeId } from '../protocol.ts';
import type { Duration } from '../time.ts';
import type { Accepted, Refused, Write } from './ledger.ts';
import type { MutexEvent } from './outcome.ts';

export interface Section {
  readonly generation: number;
  readonly token: FencingToken | null;
  readonly incarnation: number;
  readonly request: number;
  readonly ledger: NodeId | undefined;
  /** What the register held as the section opened; unknown until the ledger says so. */
  readonly read: number | undefined;
  /** The time is up; what is left is to write. */
  readonly due: boolean;
  /** How often the write that is waited for was sent. */
  readonly sent: number;
}

export interface SectionWords {
  readonly state: unknown;
  readonly message: Write;
  readonly timer: 'mutex.hold' | 'mutex.write';
  readonly command: never;
  readonly event: MutexEvent;
}

export interface SectionTurn {
  readonly section: Section;
  readonly effects: readonly Effect<SectionWords>[];
  /** There is nothing left to do inside. */
  readonly over: boolean;
}

/** So often is a write sent before a process gives its ledger up. */
const mostSent = 8;

export function enter(opened: Omit<Section, 'read' | 'due' | 'sent'>, stay: Duration, resend: Duration): SectionTurn {
  const section: Section = { ...opened, read: undefined, due: false, sent: 0 };
  const written = section.ledger === undefined ? { section, effects: [] } : write(section, resend);
  return { section: written.section, effects: [{ kind: 'set-timer', timer: 'mutex.hold', after: stay }, ...written.effects], over: false };
}

/** The time to stay is up. */
export function timeUp(section: Section, resend: Duration): SectionTurn {
  const due = { ...section, due: true, sent: section.read === undefined ? section.sent : 0 };
  if (section.ledger === undefined) return { section: due, effects: [], over: true };
  return { ...(section.read === undefined ? { section: due, effects: [] } : write(due, resend)), over: false };
}

/** The ledger has not answered. */
export function again(section: Section, resend: Duration): SectionTurn {
  if (section.sent < mostSent) return { ...write(section, resend), over: false };
  return { section, effects: [{ kind: 'emit', event: { kind: 'mutex.unwritten', request: section.request } }], over: true };
}

export function answered(section: Section, answer: Accepted | Refused, resend: Duration): SectionTurn {
  const { request, token, incarnation, read, due } = section;
  const awaited = answer.incarnation === incarnation && answer.request === request && answer.part === (isClosing(section) ? 'close' : 'open');
  if (!awaited || (read !== undefined && !due)) return { section, effects: [], over: false };
  const heard = { kind: 'clear-timer', timer: 'mutex.write' } as const;
  if (answer.kind === 'ledger.refused') {
    return { section, effects: [heard, { kind: 'emit', event: { kind: 'mutex.fenced', request, token, highest: answer.highest } }], over: true };
  }
  if (isClosing(section)) {
    return { section, effects: [heard, { kind: 'emit', event: { kind: 'mutex.written', request, value: answer.value } }], over: true };
  }
  const opened = { ...section, read: answer.value, sent: 0 };
  const next = due ? write(opened, resend) : { section: opened, effects: [] };
  return { section: next.section, effects: [heard, ...next.effects], over: false };
}

const isClosing = ({ read, due }: Section): boolean => due && read !== undefined;

function write(section: Section, resend: Duration): Omit<SectionTurn, 'over'> {
  const { incarnation, request, generation, token, ledger, read } = section;
  const closing = isClosing(section);
  const message: Write = {
    kind: 'ledger.write',
    incarnation,
    request,
    part: closing ? 'close' : 'open',
    generation,
    token,
    value: closing ? (read ?? 0) + 1 : 0,
  };
  const sent: Section = { ...section, sent: section.sent + 1 };
  if (ledger === undefined) return { section, effects: [] };
  return {
    section: sent,
    effects: [
      { kind: 'send', to: ledger, message },
      { kind: 'set-timer', timer: 'mutex.write', after: resend },
    ],
  };
}
