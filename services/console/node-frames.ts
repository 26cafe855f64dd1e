/**
 * What a node tells the console over `/history`, checked where it comes in.
 *
 * A node has proven that it holds the cluster key, but a program with a bug holds it too: what does not fit its schema is
 * refused and counted, and never reaches the picture. Events are checked for their header only, because their further
 * fields differ by kind; the line of a clock is checked in full, because every number on the page follows from it.
 */
import { z } from 'zod';
import type { ClockLine } from '../../shared/oracle.ts';
import type { HistoryEvent, MessageCount, SetupView } from './live-frames.ts';

/** Zod would otherwise probe for `eval`, which the image's options forbid. */
z.config({ jitless: true });

export type NodeFrame =
  | {
      readonly type: 'hello';
      readonly bootId: string;
      readonly name: string;
      readonly role: string;
      readonly incarnation: number;
      readonly trueUs: number;
      readonly setup?: SetupView;
    }
  | { readonly type: 'events'; readonly events: readonly HistoryEvent[] }
  | { readonly type: 'upto'; readonly trueUs: number; readonly messages: Readonly<Record<string, MessageCount>>; readonly awaits: readonly number[] }
  | { readonly type: 'result'; readonly id: string; readonly ok: boolean; readonly error?: string };

const whole = z.int();
const count = z.int().min(0);
const rate = z.number().min(-1_000_000).max(1_000_000);
const text = z.string().max(64);

const event = z.looseObject({
  seq: count,
  node: count,
  incarnation: count,
  trueUs: count,
  clockUs: whole,
  lamport: count,
  vector: z.record(z.string().regex(/^\d{1,4}$/), count),
  hybrid: z.object({ l: whole, c: count }),
  kind: text,
});

const setup = z.object({ number: count, election: text, mode: text, clock: text, mutex: text.nullable() });

const frame = z.discriminatedUnion('type', [
  z.object({ type: z.literal('hello'), bootId: text, name: text, role: text, incarnation: count, trueUs: count, setup: setup.optional() }),
  z.object({ type: z.literal('events'), events: z.array(event) }),
  z.object({
    type: z.literal('upto'),
    trueUs: count,
    messages: z.record(text, z.object({ attempted: count, delivered: count, dropped: count, unanswered: count })),
    awaits: z.array(count).default([]),
  }),
  z.object({ type: z.literal('result'), id: text, ok: z.boolean(), error: z.string().max(256).optional() }),
]);

const line = z.object({
  trueUs: count,
  errorUs: whole,
  ratePpm: rate,
  driftPpm: rate,
  pendingUs: whole,
  slewing: z.boolean(),
  offsetUs: whole.nullable(),
  offsetPpm: rate,
  boundUs: count.nullable(),
  boundPpm: rate,
  status: z.enum(['unknown', 'synchronized', 'free-running', 'disrupted']),
  leader: count.nullable(),
  term: text.nullable(),
});

export function decodeNodeFrame(raw: string): NodeFrame | undefined {
  try {
    const parsed = frame.safeParse(JSON.parse(raw));
    return parsed.success ? (parsed.data as NodeFrame) : undefined;
  } catch {
    return undefined;
  }
}

/** What an event of kind `node.switched` says that the node runs from then on. */
export function setupOf(event: HistoryEvent): SetupView | undefined {
  const parsed = event.kind === 'node.switched' ? setup.safeParse(event) : undefined;
  return parsed?.success === true ? (parsed.data as SetupView) : undefined;
}

/** The clock's line that an event of kind `clock.line` carries flat. */
export function lineOf(event: HistoryEvent): ClockLine | undefined {
  const parsed = line.safeParse(event);
  return parsed.success ? (parsed.data as unknown as ClockLine) : undefined;
}
