/**
 * An election that was called by command, as its history tells it: who had crashed, who noticed, and what became of each
 * message. From that the closed forms say what it should have cost.
 */
import type { ElectionConfig } from '../election/config.ts';
import { electionKinds } from '../election/kinds.ts';
import type { HistoryEvent, MessageCount } from '../history.ts';
import type { NodeId } from '../protocol.ts';
import { half } from '../time.ts';
import { judgeCounts, type Theory, theory } from './counts.ts';
import { isElectionFrame } from './disturbance.ts';
import type { Verdict } from './verdict.ts';

export interface Called {
  readonly members: readonly NodeId[];
  readonly crashed: readonly NodeId[];
  readonly initiators: readonly NodeId[];
  readonly messages: Readonly<Record<string, MessageCount>>;
  readonly expected: Theory;
  readonly verdict: Verdict;
}

export function called(history: readonly HistoryEvent[], config: ElectionConfig, equalDelays: boolean): Called {
  const { algorithm, mode } = config;
  const members = unique(history.filter((e) => e.kind === 'node.started' && e.role === 'member'));
  const calls = history.filter((e) => e.kind === 'election.started' && e.why === 'it was told to');
  const stopped = history.filter((e) => e.kind === 'node.stopped' && members.includes(e.node));
  const crashed = unique(stopped.filter((e) => e.trueUs <= (calls[0]?.trueUs ?? 0)));
  const initiators = unique(calls);
  const messages = Object.fromEntries(electionKinds(algorithm, mode).map((kind) => [kind, countOf(history, kind)]));
  const suspected = crashed.filter((id) => history.some((e) => e.kind === 'heartbeat.suspected' && e.peer === id));
  const expected = theory({ algorithm, mode, ids: members, down: crashed, initiators, suspected, equalDelays });
  const longest = half(config.answerWithin);
  const slow = history.some((e) => e.kind === 'message.received' && isElectionFrame(e.message.kind) && e.delayUs > longest);
  const broken = history.some((e) => e.kind === 'message.dropped')
    ? 'frames were lost'
    : stopped.length > crashed.length
      ? 'a process crashed during the election'
      : slow
        ? 'frames took longer than allowed for'
        : undefined;
  return { members, crashed, initiators, messages, expected, verdict: judgeCounts(expected, messages, 1, broken) };
}

function countOf(history: readonly HistoryEvent[], kind: string): MessageCount {
  const of = (fate: 'message.sent' | 'message.received' | 'message.dropped' | 'message.unanswered'): number =>
    history.filter((e) => e.kind === fate && e.message.kind === kind).length;
  return { attempted: of('message.sent'), delivered: of('message.received'), dropped: of('message.dropped'), unanswered: of('message.unanswered') };
}

const unique = (events: readonly HistoryEvent[]): readonly NodeId[] => [...new Set(events.map((e) => e.node))].toSorted((a, b) => a - b);
