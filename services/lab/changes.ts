/** What changed from one state to the next, where it is worth a line of its own. */
import type { StateView } from '../console/live-frames.ts';

/** Against nothing, everything that is not as it should be is a change. */
export function changesOf(before: StateView | undefined, after: StateView): readonly string[] {
  return [...leaderChange(before, after), ...nodeChanges(before, after), ...verdictChanges(before, after), ...settled(before, after)];
}

function leaderChange(before: StateView | undefined, { leader, term }: StateView): readonly string[] {
  if (leader === (before?.leader ?? null) && (leader === null || number(term) === number(before?.term ?? null))) return [];
  return [leader === null ? 'nobody leads' : `${leader} leads (term ${number(term)})`];
}

function nodeChanges(before: StateView | undefined, after: StateView): readonly string[] {
  return after.nodes.flatMap(({ name, role, up, clock }) => {
    const was = before?.nodes.find((node) => node.name === name);
    if (was === undefined) return [];
    if (was.up !== up) return [`${name} is ${up ? 'up' : 'down'}`];
    return up && role !== 'ledger' && was.clock.status !== clock.status ? [`${name} is ${clock.status}`] : [];
  });
}

const verdictChanges = (before: StateView | undefined, after: StateView): readonly string[] =>
  after.verdicts
    .filter(({ rule, verdict }) => verdict !== (before?.verdicts.find((v) => v.rule === rule)?.verdict ?? 'holds'))
    .map(({ rule, verdict, detail }) => `${rule}: ${verdict} (${detail})`);

/** Once all clocks that are up agree with their leader, the numbers are worth reading. */
function settled(before: StateView | undefined, after: StateView): readonly string[] {
  if (!isSettled(after) || (before !== undefined && isSettled(before))) return [];
  return [`every clock that is up is synchronized, spread ${((after.spreadUs ?? 0) / 1_000).toFixed(1)} ms`];
}

const isSettled = ({ nodes }: StateView): boolean =>
  nodes.some(({ up }) => up) && nodes.every(({ up, role, clock }) => !up || role === 'ledger' || clock.status === 'synchronized');

/** The number part of a term: node and incarnation say nothing to a reader. */
const number = (term: string | null): string => term?.split('.')[0] ?? '-';
