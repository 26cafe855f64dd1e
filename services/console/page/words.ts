/**
 * Says in one sentence what an event of the history means. Events that say nothing to an onlooker (each single sample,
 * each frame that was ignored) have no sentence here, and do not reach the log.
 */
import type { HistoryEvent } from '../live-frames.ts';
import { ppm, signed, span } from './format.ts';

/** How an entry of the log is marked. */
export type Tone = 'plain' | 'good' | 'warn' | 'bad';

export interface Sentence {
  readonly text: string;
  readonly tone: Tone;
  /** Comes round again and again: the log shows it once, and counts. */
  readonly routine?: true;
  /** The short form, where it is to be marked on the charts. */
  readonly label?: string;
}

type Worded = (event: HistoryEvent, who: string, nameOf: (id: unknown) => string) => Sentence | undefined;

const number = (value: unknown): number | null => (typeof value === 'number' ? value : null);
const text = (value: unknown): string => (value === undefined || value === null ? '' : String(value));
/** Of a word such as `stale-term`; the sign of a number stays. */
const hyphen = /(?<=[a-z])-(?=[a-z])/g;
const because = (value: unknown): string => (text(value) === '' ? '' : `: ${text(value).replaceAll(hyphen, ' ')}`);

/** The names of a list of nodes; empty where there are none. */
const listed = (ids: unknown, nameOf: (id: unknown) => string): string => (Array.isArray(ids) ? ids.map(nameOf).join(', ') : '');
const many = (list: unknown): number => (Array.isArray(list) ? list.length : 0);

/** Whom a client that asked several servers believed. */
function selection(e: HistoryEvent, nameOf: (id: unknown) => string): string {
  const liars = listed(e.falsetickers, nameOf);
  const heard = many(e.truechimers) + many(e.falsetickers);
  return `${many(e.truechimers)} of ${heard} servers agree${liars === '' ? '' : `, not ${liars}`}`;
}

/** What happened to a node's raw clock, and how a chart marks it. */
function fault(e: HistoryEvent, who: string): Sentence | undefined {
  const by = signed(number(e.by));
  switch (e.fault) {
    case 'step':
      return { text: `${who}’s clock jumped by ${by}`, tone: 'bad', label: `${who} ${by}` };
    case 'drift':
      return { text: `${who}’s clock runs at ${ppm(number(e.rate))} from now on`, tone: 'bad', label: `${who} ${ppm(number(e.rate))}` };
    case 'freeze':
      return { text: `${who}’s clock stands still`, tone: 'bad', label: `${who} stands still` };
    case 'thaw':
      return { text: `${who}’s clock runs again from where it stood`, tone: 'good', label: `${who} runs again` };
    case 'wander':
      return {
        text: `${who}’s clock wanders: its rate changes by about ${text(e.deviation)} ppm each second`,
        tone: 'bad',
        label: `${who} wanders`,
      };
    case 'strobe':
      return { text: `${who}’s clock jumps by ${by} and back, again and again`, tone: 'bad', label: `${who} jumps` };
    case 'steady':
      return { text: `${who}’s clock runs steadily again`, tone: 'good', label: `${who} steady` };
    default:
      return undefined;
  }
}

const termNumber = (value: unknown): string => text((value as { readonly number?: unknown } | null)?.number);

/** What elections and failure detectors say. What everybody says of the same thing is routine: the log counts it. */
const ofElections: Readonly<Record<string, Worded>> = {
  'election.started': (e, who) => ({ text: `${who} takes part in election ${text(e.number)}${because(e.why)}`, tone: 'warn', routine: true }),
  'election.elected': (e, who, nameOf) =>
    e.leader === e.node
      ? { text: `${who} won, and leads in term ${termNumber(e.term)}`, tone: 'good' }
      : { text: `${who} follows ${nameOf(e.leader)}, term ${termNumber(e.term)}`, tone: 'plain', routine: true },
  'election.stepped-down': (e, who) => ({ text: `${who} leads no more${because(e.why)}`, tone: 'warn' }),
  'election.forgotten': (e, who) => ({ text: `${who} forgets term ${termNumber(e.term)}, which no member knows any more`, tone: 'warn' }),
  'election.stale': (e, who, nameOf) => ({
    text: `${who} obeyed nothing of ${nameOf(e.from)}’s old term ${termNumber(e.term)}`,
    tone: 'warn',
    routine: true,
  }),
  'election.skipped': (e, who, nameOf) => ({ text: `${who} passed over ${nameOf(e.past)}, whom it could not reach`, tone: 'warn', routine: true }),
  'election.orphan': (e, who) => ({
    text: `${who} took a frame off the ring after ${text(e.hops)} hops: nobody waits for it`,
    tone: 'warn',
    routine: true,
  }),
  'election.granted': (e, who, nameOf) => ({
    text: `${who} votes for ${nameOf((e.term as { readonly node?: unknown } | null)?.node)}, term ${termNumber(e.term)}`,
    tone: 'plain',
    routine: true,
  }),
  'election.refused': (e, who) => ({ text: `${who} refused its vote for term ${termNumber(e.term)}${because(e.why)}`, tone: 'warn', routine: true }),
  'heartbeat.suspected': (e, who, nameOf) => ({
    text: `${who} suspects ${nameOf(e.peer)}: ${e.why === 'unreachable' ? 'it cannot be reached' : `nothing heard for ${span(number(e.silent))}`}`,
    tone: 'warn',
    routine: true,
  }),
  'heartbeat.trusted': (e, who, nameOf) => ({ text: `${who} hears ${nameOf(e.peer)}`, tone: 'good', routine: true }),
  'heartbeat.stalled': (e, who) => ({ text: `${who} stood still for ${span(number(e.gap))}`, tone: 'bad' }),
};

/** A fencing token: the number of its term, and its count. */
function tokenOf(value: unknown): string {
  const { term, count } = (value ?? {}) as { readonly term?: unknown; readonly count?: unknown };
  return term === undefined ? 'no token' : `token ${termNumber(term)}/${text(count)}`;
}

/** What happens around the critical section. That somebody enters and leaves is routine. */
const ofExclusion: Readonly<Record<string, Worded>> = {
  'mutex.entered': (e, who) => ({
    text: `${who} entered the critical section after ${span(number(e.waited))}, ${tokenOf(e.token)}`,
    tone: 'plain',
    routine: true,
  }),
  'mutex.blocked': (e, who, nameOf) =>
    many(e.on) === 0
      ? { text: `${who} waits for nobody who is suspected any more`, tone: 'good' }
      : { text: `${who} cannot enter: it waits for ${listed(e.on, nameOf)}, by design`, tone: 'warn' },
  'mutex.asked-again': (e, who, nameOf) => ({
    text: `${who} has waited for long, and asks ${many(e.of) === 0 ? 'nobody' : listed(e.of, nameOf)} again`,
    tone: 'warn',
  }),
  'mutex.skipped': (e, who, nameOf) => ({ text: `${who} does without the permission of ${nameOf(e.past)}`, tone: 'warn', routine: true }),
  'mutex.lapsed': (e, who) => ({ text: `${who} is inside although its lease is over, ${tokenOf(e.token)}`, tone: 'warn' }),
  'mutex.reclaimed': (e, who, nameOf) => ({ text: `${who} takes back what ${nameOf(e.from)} held${because(e.why)}`, tone: 'warn' }),
  'mutex.regenerated': (e, who) => ({ text: `${who} made a new token, of term ${termNumber(e.term)}`, tone: 'warn' }),
  'mutex.fenced': (e, who) => ({
    text: `${who}’s write was refused: ${tokenOf(e.token)}, and the ledger has seen ${tokenOf(e.highest)}`,
    tone: 'warn',
    label: `${who} fenced`,
  }),
  'mutex.unwritten': (_, who) => ({ text: `${who} left without having written: the ledger does not answer`, tone: 'bad' }),
  'ledger.accepted': (e, who, nameOf) =>
    e.stale === true ? { text: `${who} took a late write of ${nameOf(e.from)}, ${tokenOf(e.token)}: fencing is off`, tone: 'bad' } : undefined,
};

const words: Readonly<Record<string, Worded>> = {
  ...ofElections,
  ...ofExclusion,
  'clock.status': (e, who) => ({
    text: `${who} is ${text(e.status)}${e.status === 'synchronized' ? '' : because(e.why)}`,
    tone: e.status === 'synchronized' ? 'good' : e.status === 'disrupted' ? 'bad' : 'warn',
  }),
  'berkeley.round-finished': (e, who) => ({
    text: `${who}’s round ${text(e.round)}: ${text(e.agreeing)} of ${text(e.heard)} clocks agree, average ${signed(number(e.average))} from its own`,
    tone: 'plain',
    routine: true,
  }),
  'berkeley.round-refused': (e, who) => ({ text: `${who} gave up round ${text(e.round)}${because(e.reason)}`, tone: 'warn', routine: true }),
  'berkeley.adjusted': (e, who) => (e.how === 'step' ? { text: `${who} stepped its clock by ${signed(number(e.by))}`, tone: 'warn' } : undefined),
  'cristian.read': (e, who, nameOf) =>
    e.how === 'step'
      ? { text: `${who} stepped its clock by ${signed(number(e.by))} to ${nameOf(e.of)}’s time`, tone: 'warn' }
      : { text: `${who} read ${nameOf(e.of)}’s clock and corrects by ${signed(number(e.by))}`, tone: 'plain', routine: true },
  'cristian.failed': (e, who, nameOf) => ({
    text: `${who} could not read ${nameOf(e.of)}’s clock${e.reason === 'contradiction' ? ': what it heard contradicts itself' : because(e.reason)}`,
    tone: 'warn',
    routine: true,
  }),
  'cristian.disproved': (e, who) => ({
    text: `${who} assumes no minimum delay any more: ${span(number(e.roundTrip))} there and back, where one way was to take ${span(number(e.leastDelay))}`,
    tone: 'warn',
  }),
  'marzullo.selected': (e, who, nameOf) => ({
    text: `${who} ${e.how === 'step' ? `stepped its clock by ${signed(number(e.by))}` : `corrects by ${signed(number(e.by))}`}: ${selection(e, nameOf)}`,
    ...(e.how === 'step' ? { tone: 'warn' } : { tone: 'plain', routine: true }),
  }),
  'marzullo.refused': (e, who) => ({ text: `${who} trusts no selection of servers${because(e.reason)}`, tone: 'warn', routine: true }),
  'berkeley.excluded': (e, who, nameOf) => ({
    text: `${who} leaves ${nameOf(e.of)} out of the average: ${e.why === 'frozen' ? 'its clock stands still' : 'it was beyond gamma three times'}, ${signed(number(e.offset))} from ${who}’s`,
    tone: 'bad',
  }),
  'berkeley.readmitted': (e, who, nameOf) => ({ text: `${who} takes ${nameOf(e.of)} into the average again`, tone: 'good' }),
  'clock.fault': fault,
  'node.lies': (e, who, nameOf) =>
    e.by === 0
      ? { text: `${who} tells the truth about its clock again`, tone: 'good' }
      : { text: `${who} lies about its clock by ${signed(number(e.by))}, to ${listed(e.to, nameOf) || 'everyone'}`, tone: 'bad' },
  'node.started': (_, who) => ({ text: `${who} started`, tone: 'good' }),
  'node.stopped': (e, who) => (e.how === 'left' ? { text: `${who} left in good order`, tone: 'plain' } : { text: `${who} crashed`, tone: 'bad' }),
  'command.result': (e, who) => ({
    text: `${text(e.verb)} ${who}: ${e.ok === false ? `refused${because(e.error)}` : 'done'}`,
    tone: e.ok === false ? 'bad' : 'plain',
  }),
};

/** The sentence for an event, or nothing where the event is not one for the log. */
export const describe = (event: HistoryEvent, nameOf: (id: unknown) => string): Sentence | undefined =>
  Object.hasOwn(words, event.kind) ? words[event.kind]?.(event, nameOf(event.node), nameOf) : undefined;
