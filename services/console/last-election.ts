/** The last election as the control room shows it: who called, who was down, who leads, and what it cost beside the closed forms. */
import { delivered, type Limits } from '../../shared/checkers/counts.ts';
import type { Held } from '../../shared/checkers/held.ts';
import { formatTerm, type NodeId } from '../../shared/protocol.ts';
import type { ElectionView, LimitsView, VerdictView } from './live-frames.ts';
import { total, type Watched } from './watched.ts';

export function lastElection(held: Held, nodes: readonly Watched[], verdict: VerdictView): ElectionView {
  const nameOf = (id: NodeId): string => nodes.find((node) => node.id === id)?.name ?? `${id}`;
  const theory = new Map(Object.entries(held.expected));
  const messages = Object.entries(held.messages).map(([kind, counted]) => {
    const { attempted, delivered: arrived } = theory.get(kind) ?? { attempted: unsaid, delivered: unsaid };
    return [kind, { ...counted, expected: { attempted: limits(attempted), delivered: limits(arrived) } }] as const;
  });
  return {
    algorithm: held.algorithm,
    mode: held.mode,
    initiators: held.initiators.map(nameOf),
    crashed: held.crashed.map(nameOf),
    leader: held.term === null ? null : nameOf(held.term.node),
    term: held.term === null ? null : formatTerm(held.term),
    beganUs: held.began,
    durationUs: held.lasted,
    messages: Object.fromEntries(messages),
    delivered: Object.values(total([held.messages])).reduce((n, { delivered: arrived }) => n + arrived, 0),
    expected: limits(delivered(held.expected)),
    verdict,
  };
}

/** Of a kind without a form, which fault-free elections do not send. */
const unsaid: Limits = { least: 0, most: 0 };
const limits = ({ least, most }: Limits): LimitsView => ({ least, most: Number.isFinite(most) ? most : null });
