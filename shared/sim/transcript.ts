/**
 * The printed course of a run: one line for each thing that happened, the same for a simulated and a real history.
 *
 * `->` a message is handed to its link, `<-` it arrives, `-x` it is lost or cut, `-?` nobody is there to get it,
 * ` *` a protocol says something, ` ~` a clock follows another line from here on. Where logical time is asked for, a line ends
 * with it: `L` the Lamport time, `V` the vector in the order of the nodes, `H` the hybrid time, in seconds and a count.
 */
import type { Header, HistoryEvent } from '../history.ts';
import type { NodeId } from '../protocol.ts';
import { type Duration, elapsed, format, formatBound, type TrueTime } from '../time.ts';

export type Names = ReadonlyMap<NodeId, string>;

/** Renders `history`, which begins at `from`, in seconds since then. */
export function transcript(history: readonly HistoryEvent[], names: Names, from: TrueTime, { stamps = false } = {}): readonly string[] {
  const width = Math.max(...[...names.values()].map((n) => n.length));
  return history.map((event) => {
    const stamp = stamps ? `  ${stampOf(event, names, from)}` : '';
    return `${since(from, event.trueUs)} ${nameOf(names, event.node).padEnd(width)} ${told(event, names)}${stamp}`;
  });
}

function stampOf({ lamport, vector, hybrid }: Header, names: Names, from: TrueTime): string {
  const entries = [...names.keys()].map((id) => vector[id] ?? 0);
  return `L${lamport} V(${entries.join(',')}) H${since(from, hybrid.l as number as TrueTime).trim()}+${hybrid.c}`;
}

export const nameOf = (names: Names, id: NodeId): string => names.get(id) ?? `node ${id}`;

const since = (from: TrueTime, at: TrueTime): string => (elapsed(from, at) / 1e6).toFixed(6).padStart(11);

/** What happened, without when and where. */
export function told(event: HistoryEvent, names: Names): string {
  switch (event.kind) {
    case 'message.sent':
      return `-> ${nameOf(names, event.to)} ${fields(event.message, names)}`;
    case 'message.received':
      return `<- ${nameOf(names, event.from)} ${event.message.kind} after ${(event.delayUs / 1e3).toFixed(3)}ms`;
    case 'message.dropped':
      return `-x ${nameOf(names, event.to)} ${event.message.kind} (${event.why})`;
    case 'message.unanswered':
      return `-? ${nameOf(names, event.to)} ${event.message.kind}`;
    case 'clock.line':
      return ` ~ ${line(event)}`;
    default:
      return ` * ${fields(protocolFields(event), names)}`;
  }
}

function line({ errorUs, ratePpm, offsetUs, boundUs, status }: Extract<HistoryEvent, { kind: 'clock.line' }>): string {
  const claim = offsetUs === null || boundUs === null ? 'claims nothing' : `claims ${format(offsetUs)} ${formatBound(boundUs)}`;
  return `error ${format(errorUs)} rate ${rate(ratePpm)} ${claim}, ${status}`;
}

const rate = (ppm: number): string => `${ppm < 0 ? '-' : '+'}${Math.abs(ppm).toFixed(1)}ppm`;

/** An event without the header that every event has. */
function protocolFields(event: HistoryEvent): { readonly kind: string } {
  const { seq, node, incarnation, trueUs, clockUs, lamport, vector, hybrid, ...rest } = event;
  return rest;
}

const durations: ReadonlySet<string> = new Set(['by', 'offset', 'average', 'pending']);
const lengths: ReadonlySet<string> = new Set(['error', 'roundTrip', 'waited', 'held']);
const nodes: ReadonlySet<string> = new Set(['of', 'from', 'to', 'leader', 'on', 'past']);

function fields({ kind, ...rest }: { readonly kind: string }, names: Names): string {
  return [kind, ...Object.entries(rest).map(([name, value]) => `${name}=${field(name, value, names)}`)].join(' ');
}

/** `5.6.7` for ids, and `3.1.0,5.1.2` for what has parts of its own. */
function listed(name: string, values: readonly unknown[], names: Names): string {
  const separator = values.some((value) => typeof value === 'object') ? ',' : '.';
  return values.length === 0 ? 'nobody' : values.map((value) => field(name, value, names)).join(separator);
}

/** `1.5.1` for a term, and `1.5.1/3` for the third token of it. */
function structured(value: object, names: Names): string {
  const parts = Object.values(value);
  const isFlat = parts.every((part) => typeof part !== 'object' || part === null);
  return parts.map((part) => field('', part, names)).join(isFlat ? '.' : '/');
}

function field(name: string, value: unknown, names: Names): string {
  if (typeof value === 'number' && durations.has(name)) return format(value as Duration);
  if (typeof value === 'number' && lengths.has(name)) return `${(value / 1e3).toFixed(3)}ms`;
  if (typeof value === 'number' && nodes.has(name)) return nameOf(names, value as NodeId);
  if (Array.isArray(value)) return listed(name, value, names);
  if (typeof value === 'object' && value !== null) return structured(value, names);
  return String(value).includes(' ') ? JSON.stringify(value) : String(value);
}
