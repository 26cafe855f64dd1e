/**
 * Says in one sentence what an event of the history means. Events that say nothing to an onlooker (each single sample,
 * each frame that was ignored) have no sentence here, and do not reach the log.
 */
import type { HistoryEvent } from '../live-frames.ts';
import { signed } from './format.ts';

/** How an entry of the log is marked. */
export type Tone = 'plain' | 'good' | 'warn' | 'bad';

export interface Sentence {
  readonly text: string;
  readonly tone: Tone;
  /** Comes round again and again: the log shows it once, and counts. */
  readonly routine?: true;
}

type Worded = (event: HistoryEvent, who: string, nameOf: (id: unknown) => string) => Sentence | undefined;

const us = (value: unknown): number | null => (typeof value === 'number' ? value : null);
const text = (value: unknown): string => (value === undefined || value === null ? '' : String(value));
const because = (value: unknown): string => (text(value) === '' ? '' : `: ${text(value).replaceAll('-', ' ')}`);

const words: Readonly<Record<string, Worded>> = {
  'clock.status': (e, who) => ({
    text: `${who} is ${text(e.status)}${because(e.why)}`,
    tone: e.status === 'synchronized' ? 'good' : e.status === 'disrupted' ? 'bad' : 'warn',
  }),
  'berkeley.round-finished': (e, who) => ({
    text: `${who}’s round ${text(e.round)}: ${text(e.agreeing)} of ${text(e.heard)} clocks agree, average ${signed(us(e.average))} from its own`,
    tone: 'plain',
    routine: true,
  }),
  'berkeley.round-refused': (e, who) => ({ text: `${who} gave up round ${text(e.round)}${because(e.reason)}`, tone: 'warn', routine: true }),
  'berkeley.adjusted': (e, who) => (e.how === 'step' ? { text: `${who} stepped its clock by ${signed(us(e.by))}`, tone: 'warn' } : undefined),
  'cristian.read': (e, who, nameOf) =>
    e.how === 'step'
      ? { text: `${who} stepped its clock by ${signed(us(e.by))} to ${nameOf(e.of)}’s time`, tone: 'warn' }
      : { text: `${who} read ${nameOf(e.of)}’s clock and corrects by ${signed(us(e.by))}`, tone: 'plain', routine: true },
  'cristian.failed': (e, who, nameOf) => ({ text: `${who} could not read ${nameOf(e.of)}’s clock${because(e.reason)}`, tone: 'warn', routine: true }),
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
