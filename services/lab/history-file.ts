/**
 * Reads a history back that was written as one JSON object a line.
 *
 * The file may come from anywhere, so the header of every event is checked: whatever is made of a history rests on it. What
 * else an event carries differs by kind, and is checked for the kinds whose fields are looked into.
 */
import { z } from 'zod';
import type { HistoryEvent } from '../../shared/history.ts';
import { Failure } from './failure.ts';

const count = z.int().min(0);
const header = {
  seq: count,
  node: count,
  incarnation: count,
  trueUs: count,
  clockUs: z.int(),
  lamport: count,
  vector: z.record(z.string().regex(/^\d{1,4}$/), count),
  hybrid: z.object({ l: z.int(), c: count }),
};
const message = z.looseObject({ kind: z.string() });
const started = z.looseObject({ ...header, kind: z.literal('node.started'), name: z.string(), role: z.string() });
const to = { to: count, message };
const sent = z.looseObject({ ...header, kind: z.literal('message.sent'), ...to });
const dropped = z.looseObject({ ...header, kind: z.literal('message.dropped'), ...to, why: z.string() });
const unanswered = z.looseObject({ ...header, kind: z.literal('message.unanswered'), ...to });
const received = z.looseObject({ ...header, kind: z.literal('message.received'), from: count, message, delayUs: z.int(), sentLamport: count });
const named: readonly string[] = [started, sent, dropped, unanswered, received].map(({ shape }) => shape.kind.value);
const other = z.looseObject({ ...header, kind: z.string().refine((kind) => !named.includes(kind)) });
const event = z.union([started, sent, dropped, unanswered, received, other]);

/** `source` is named to whoever gave a text that is no history. */
export function parseHistory(text: string, source: string): readonly HistoryEvent[] {
  return text.split('\n').flatMap((line, i) => {
    if (line.trim() === '') return [];
    const parsed = event.safeParse(read(line));
    if (!parsed.success) throw new Failure(`${source}, line ${i + 1}: this is no event of a history, such as run --history writes`);
    return [parsed.data as unknown as HistoryEvent];
  });
}

function read(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
