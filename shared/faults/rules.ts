/**
 * The fate of each frame, decided between driver and transport: the same rules in the simulator and on real links.
 *
 * Rules are asked in order, and the first verdict that is not `pass` wins, so a loss stands before the delay that
 * shapes whatever is not lost. A frame that no rule judges is delivered at once.
 */
import type { NodeId } from '../protocol.ts';
import type { Random } from '../random.ts';
import { type Duration, none } from '../time.ts';
import { type Delay, draw } from './delay.ts';

export interface Packet {
  readonly from: NodeId;
  readonly to: NodeId;
  readonly kind: string;
}

export type Verdict =
  | { readonly kind: 'pass' }
  | { readonly kind: 'drop'; readonly why: 'lost' | 'cut' }
  /** One copy after each of these delays. */
  | { readonly kind: 'deliver'; readonly after: readonly Duration[] };

/** What a rule does to the frames it matches; it matches all where it names neither sender nor receiver. */
export type Rule = {
  readonly from?: readonly NodeId[];
  readonly to?: readonly NodeId[];
} & ({ readonly does: 'delay'; readonly delay: Delay } | { readonly does: 'lose'; readonly probability: number } | { readonly does: 'cut' });

const pass: Verdict = { kind: 'pass' };

export function judge(rules: readonly Rule[], packet: Packet, random: Random): Exclude<Verdict, { kind: 'pass' }> {
  for (const rule of rules) {
    if (!matches(rule, packet)) continue;
    const verdict = apply(rule, random);
    if (verdict.kind !== 'pass') return verdict;
  }
  return { kind: 'deliver', after: [none] };
}

const matches = (rule: Rule, packet: Packet): boolean => (rule.from?.includes(packet.from) ?? true) && (rule.to?.includes(packet.to) ?? true);

function apply(rule: Rule, random: Random): Verdict {
  switch (rule.does) {
    case 'delay':
      return { kind: 'deliver', after: [draw(rule.delay, random)] };
    case 'lose':
      return random() < rule.probability ? { kind: 'drop', why: 'lost' } : pass;
    case 'cut':
      return { kind: 'drop', why: 'cut' };
  }
}

/** Frames between the sides are cut, in both directions; frames within a side pass. */
export const partition = (sides: readonly (readonly NodeId[])[]): readonly Rule[] =>
  sides.flatMap((from, i) => sides.filter((_, j) => j !== i).map((to): Rule => ({ from, to, does: 'cut' })));
