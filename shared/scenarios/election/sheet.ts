/** The lab sheet's words for an election: its Bully and its ring, as they print what happens. */
import { called } from '../../checkers/held.ts';
import type { HistoryEvent } from '../../history.ts';
import type { NodeId } from '../../protocol.ts';
import { electionOf, type Run } from '../../scenario.ts';

export function bullySheet({ history, scenario }: Run): readonly string[] {
  const held = called(history, electionOf(scenario), true);
  if (held === undefined) return [];
  const { crashed, initiators, members } = held;
  const asked = history.filter((e) => e.kind === 'message.sent' && e.message.kind === 'bully.election');
  const answered = (by: NodeId, to: NodeId): boolean =>
    history.some((e) => e.kind === 'message.received' && e.node === to && e.from === by && e.message.kind === 'bully.ok');
  const lines = members.flatMap((from) =>
    members
      .filter((to) => asked.some((e) => e.node === from && e.kind === 'message.sent' && e.to === to))
      .map((to) => `Message from process ${to} to ${from} is ${answered(to, from) ? 'OK' : 'NIL'}`),
  );
  return [
    ...initiators.map((id) => `Process ${id} noticed the crash`),
    ...crashed.map((id) => `Process ${id} is crashed`),
    ...initiators.map((id) => `Process ${id} is initiating the election`),
    ...lines,
    ...winner(history).map((id) => `Process ${id} is new coordinator`),
  ];
}

export function ringSheet({ history, scenario }: Run): readonly string[] {
  const held = called(history, electionOf(scenario), true);
  if (held === undefined) return [];
  const { crashed, initiators } = held;
  const lists = history.flatMap((e) => (e.kind === 'message.sent' && e.message.kind === 'ring.election' ? [`[${e.message.list.join(', ')}]`] : []));
  return [
    ...initiators.map((id) => `process ${id} noticed the crash`),
    ...crashed.map((id) => `process ${id} is crashed`),
    ...initiators.map((id) => `process ${id} is initiating the election`),
    ...[...new Set(lists)].map((list) => `Election message is ${list}`),
    ...winner(history).map((id) => `Process ${id} is the new coordinator`),
  ];
}

/** Who won last, among those who were not leading from the start. */
function winner(history: readonly HistoryEvent[]): readonly NodeId[] {
  const called = history.findIndex((e) => e.kind === 'election.started');
  const won = history.slice(Math.max(0, called)).flatMap((e) => (e.kind === 'election.elected' && e.leader === e.node ? [e.node] : []));
  return won.slice(-1);
}
