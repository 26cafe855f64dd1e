/**
 * A history as a log for ShiViz, which draws who could have caused what (Beschastnikh, Wang, Brun and Ernst 2016,
 * "Debugging distributed systems", Communications of the ACM 59).
 *
 * ShiViz wants each host's own entry to start at 1 and to rise by one with each of its lines. The lab's own vectors count
 * heartbeats as well, which no history holds, and those of others keep the count of a start that is over. So the vectors
 * are counted anew, over the events that are written: an event follows the one before it in its process, and a receipt
 * follows the sending of the frame. What only a heartbeat could have told is no edge of the picture. Each start of a
 * node is a host of its own: `kmc`, `kmc#2`.
 */
import type { HistoryEvent } from '../history.ts';
import type { Incarnation, NodeId } from '../protocol.ts';
import { elapsed, type TrueTime } from '../time.ts';
import { type Names, nameOf, told } from './transcript.ts';

/** How a line is read: ShiViz takes it from the first line of a file, and what separates several runs from the second. */
const parser = String.raw`(?<at>\S+) (?<event>.*)\n(?<host>\S+) (?<clock>\{.*\})`;

type Vector = Readonly<Record<string, number>>;
type Sent = Extract<HistoryEvent, { kind: 'message.sent' }>;

export function shiviz(history: readonly HistoryEvent[], names: Names): readonly string[] {
  const from = history[0]?.trueUs ?? (0 as TrueTime);
  const events = history.filter(({ kind }) => kind !== 'clock.line');
  const hostOf = hosts(events, names);
  const vectors = counted(events, hostOf);
  const lines = events.flatMap((event) => [
    `${(elapsed(from, event.trueUs) / 1e6).toFixed(6)} ${told(event, names).trim()}`,
    `${hostOf(event)} ${JSON.stringify(vectors.get(event))}`,
  ]);
  return [parser, '', ...lines];
}

/** What a start is called: its node's name, and which start of it this is from the second on. */
function hosts(events: readonly HistoryEvent[], names: Names): (event: HistoryEvent) => string {
  const starts = new Map<NodeId, Set<Incarnation>>();
  for (const { node, incarnation } of events) starts.set(node, (starts.get(node) ?? new Set()).add(incarnation));
  return ({ node, incarnation }) => {
    const nth = [...(starts.get(node) ?? [])].indexOf(incarnation) + 1;
    const name = nameOf(names, node).replaceAll(/\s/g, '-');
    return nth > 1 ? `${name}#${nth}` : name;
  };
}

/** The vector of every event. In the order of Lamport time, each comes after all that it follows, whatever the machines' clocks say. */
function counted(events: readonly HistoryEvent[], hostOf: (event: HistoryEvent) => string): ReadonlyMap<HistoryEvent, Vector> {
  const sendingOf = sendings(events);
  const vectors = new Map<HistoryEvent, Vector>();
  const last = new Map<string, Vector>();
  for (const event of events.toSorted((a, b) => a.lamport - b.lamport)) {
    const host = hostOf(event);
    const vector: Record<string, number> = { ...last.get(host) };
    const sending = sendingOf(event);
    const heard = sending === undefined ? {} : (vectors.get(sending) ?? {});
    for (const [other, n] of Object.entries(heard)) vector[other] = Math.max(vector[other] ?? 0, n);
    vector[host] = (vector[host] ?? 0) + 1;
    last.set(host, vector);
    vectors.set(event, vector);
  }
  return vectors;
}

/** Finds the sending of what an event receives. No two events of one start share a Lamport time, but those of two starts may. */
function sendings(events: readonly HistoryEvent[]): (event: HistoryEvent) => Sent | undefined {
  const name = (from: NodeId, to: NodeId, lamport: number): string => `${from}/${to}/${lamport}`;
  const all = new Map<string, Sent[]>();
  for (const event of events) {
    if (event.kind !== 'message.sent') continue;
    const at = name(event.node, event.to, event.lamport);
    all.set(at, [...(all.get(at) ?? []), event]);
  }
  return (event) => {
    if (event.kind !== 'message.received') return undefined;
    const sent = all.get(name(event.from, event.node, event.sentLamport)) ?? [];
    return sent.findLast(({ trueUs }) => trueUs <= event.trueUs) ?? sent[0];
  };
}
