/**
 * What travels between nodes, and the only place where bytes become messages.
 *
 * A frame is one JSON object in one WebSocket message. Whatever arrives is checked here against the schema of its kind,
 * strictly: the decoder never throws, and says whether a frame was malformed or merely of a kind that this version does
 * not know. The oracle's fields travel beside the message; drivers strip them, and protocols never see them.
 */
import { z } from 'zod';
import type { Stamp } from './driver.ts';
import type { Node } from './node.ts';
import type { ClockLine } from './oracle.ts';
import type { TrueTime } from './time.ts';
import { clockMessages } from './wire/clock.ts';
import { electionMessages } from './wire/election.ts';
import { mutexMessages } from './wire/mutex.ts';
import { nodeMessages } from './wire/node.ts';
import { count, id, nullable, rate, whole } from './wire/words.ts';

/** Zod would otherwise probe for `eval`, which a page under a content security policy reports. */
z.config({ jitless: true });

export type Frame =
  | {
      readonly type: 'message';
      readonly seq: number;
      readonly stamp: Stamp;
      readonly message: Node['message'];
      readonly oracle: { readonly sentUs: TrueTime };
    }
  /** The oracle's line of the sender's clock, sent whenever it bends. */
  | { readonly type: 'line'; readonly line: ClockLine }
  /** Liveness of the link, seen from above TCP. */
  | { readonly type: 'ping' }
  | { readonly type: 'pong' };

export type Decoded =
  | { readonly ok: true; readonly frame: Frame }
  | { readonly ok: false; readonly reason: 'malformed' | 'unknown_kind'; readonly detail: string };

/** The most bytes of one frame between peers. */
export const largestFrame = 64 * 1024;
const deepest = 6;
/** What is said of a malformed frame may quote it, and frames are long. */
const longestDetail = 200;

export const encode = (frame: Frame): string => JSON.stringify(frame);

export function decode(text: string): Decoded {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, reason: 'malformed', detail: 'no JSON' };
  }
  if (nests(value, deepest)) return { ok: false, reason: 'malformed', detail: `nested deeper than ${deepest}` };
  if (namesPrototype(value)) return { ok: false, reason: 'malformed', detail: 'a field is called __proto__' };
  const parsed = frame.safeParse(value);
  if (parsed.success) return { ok: true, frame: parsed.data as Frame };
  const kind = unknownKind(value);
  if (kind !== undefined) return { ok: false, reason: 'unknown_kind', detail: kind };
  const [issue] = parsed.error.issues;
  const detail = issue === undefined ? 'no frame' : `${issue.path.join('.') || 'frame'}: ${issue.message}`;
  return { ok: false, reason: 'malformed', detail: detail.slice(0, longestDetail) };
}

const messages = { ...clockMessages, ...electionMessages, ...mutexMessages, ...nodeMessages } satisfies Record<Node['message']['kind'], z.ZodType>;

/** Every kind of message, for whoever counts them. */
export const messageKinds = Object.keys(messages) as readonly Node['message']['kind'][];

export { choices } from './wire/node.ts';

const line = z.strictObject({
  trueUs: whole,
  errorUs: whole,
  ratePpm: rate,
  driftPpm: rate,
  pendingUs: whole,
  slewing: z.boolean(),
  offsetUs: nullable(whole),
  offsetPpm: rate,
  boundUs: nullable(count),
  boundPpm: rate,
  status: z.enum(['unknown', 'synchronized', 'free-running', 'disrupted']),
  leader: nullable(id),
  term: nullable(z.string().max(64)),
});

const [first, ...others] = Object.values(messages);
const message = z.discriminatedUnion('kind', [first as NonNullable<typeof first>, ...others]);

/** More than there are nodes in any cluster: what is taken into a vector once, travels on every frame from then on. */
const mostEntries = 128;

const stamp = z.strictObject({
  lamport: count,
  vector: z.record(z.string().regex(/^\d{1,4}$/), count).refine((entries) => Object.keys(entries).length <= mostEntries),
  hybrid: z.strictObject({ l: whole, c: count }),
});

const frame = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('message'),
    seq: count,
    stamp,
    message,
    oracle: z.strictObject({ sentUs: count }),
  }),
  z.strictObject({ type: z.literal('line'), line }),
  z.strictObject({ type: z.literal('ping') }),
  z.strictObject({ type: z.literal('pong') }),
]);

/** The kind that a well-formed frame names and this version does not know. */
function unknownKind(value: unknown): string | undefined {
  const type = field(value, 'type');
  if (typeof type !== 'string') return undefined;
  if (!['message', 'line', 'ping', 'pong'].includes(type)) return type.slice(0, 64);
  const kind = type === 'message' ? field(field(value, 'message'), 'kind') : undefined;
  return typeof kind === 'string' && !Object.hasOwn(messages, kind) ? kind.slice(0, 64) : undefined;
}

const field = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;

/** Asks no further down than it must, or a frame of brackets alone would overflow the stack. */
function nests(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((v) => nests(v, levels - 1));
}

/** Schemas of records pass over a field of this name without a word. */
const namesPrototype = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && (Object.hasOwn(value, '__proto__') || Object.values(value).some(namesPrototype));
