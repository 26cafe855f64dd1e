/**
 * What changed from one state to the next, where it is rare enough to be announced: a leader, a node that went down or
 * came back. Read off the state rather than the history, because a node that was killed cannot tell of it.
 */
import type { StateView } from '../live-frames.ts';
import { term } from './format.ts';
import type { Tone } from './words.ts';

export interface Change {
  readonly text: string;
  readonly tone: Tone;
  /** The short form, for the mark on a chart. */
  readonly label: string;
  readonly marks: 'leader' | 'down' | 'up';
}

export function changes(before: StateView, after: StateView): readonly Change[] {
  const wasUp = new Map(before.nodes.map((n) => [n.name, n.up]));
  const turned = after.nodes
    .filter(({ name, up }) => wasUp.has(name) && wasUp.get(name) !== up)
    .map(
      ({ name, up }): Change =>
        up
          ? { text: `${name} is up`, tone: 'good', label: `${name} up`, marks: 'up' }
          : { text: `${name} is down`, tone: 'bad', label: `${name} down`, marks: 'down' },
    );
  return [...turned, ...leadership(before, after)];
}

function leadership(before: StateView, after: StateView): readonly Change[] {
  if (before.leader === after.leader && term(before.term) === term(after.term)) return [];
  if (after.leader === null) return [{ text: 'Nobody leads', tone: 'warn', label: 'no leader', marks: 'leader' }];
  return [{ text: `${after.leader} leads, term ${term(after.term)}`, tone: 'good', label: `${after.leader} leads`, marks: 'leader' }];
}
