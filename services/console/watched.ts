/**
 * One node as the console knows it: the newest lines of its clock, how far they reach, and what it has counted.
 *
 * A node says from time to time up to which instant it has told everything, its watermark. Before that instant its lines
 * are the whole truth about its clock; after it, they may already have been bent without our knowing. So a picture of
 * the cluster is only ever drawn for an instant that no watermark of a node that is up has yet to reach.
 */
import type { ClockLine } from '../../shared/oracle.ts';
import type { Incarnation, NodeId } from '../../shared/protocol.ts';
import type { TrueTime } from '../../shared/time.ts';
import type { HistoryEvent, MessageCount, Role, SetupView } from './live-frames.ts';
import { lineOf, setupOf } from './node-frames.ts';
import { forget, noSections, noWrites, restarted, type Sections, took, written } from './sections.ts';

export interface Watched {
  readonly id: NodeId;
  readonly name: string;
  readonly role: Role;
  connected: boolean;
  bootId: string | undefined;
  incarnation: Incarnation | undefined;
  /** The newest event of this incarnation that was heard. */
  seq: number;
  /** Events that were sent and never heard, over all incarnations. */
  missing: number;
  upto: TrueTime | undefined;
  /** When the watermark was heard, on the console's own monotonic clock, in microseconds. */
  heardUs: number;
  /** In the order of true time; those that end long before the watermark are forgotten. */
  lines: readonly ClockLine[];
  /** The newest status that it told of, and why. */
  told: { readonly status: string; readonly why: string } | undefined;
  /** What it runs; none for whoever is no member. */
  setup: SetupView | undefined;
  sections: Sections;
  /** For whom it waits, wanting the critical section, as of its watermark. */
  awaits: readonly number[];
  /** What it took as the ledger, if it is one. */
  ledger: typeof noWrites;
  messages: MessageCounts;
  /** What its earlier incarnations had counted when they ended. */
  earlier: MessageCounts;
}

export type MessageCounts = Readonly<Record<string, MessageCount>>;

export const watched = (id: NodeId, name: string, role: Role): Watched => ({
  id,
  name,
  role,
  connected: false,
  bootId: undefined,
  incarnation: undefined,
  seq: 0,
  missing: 0,
  upto: undefined,
  heardUs: Number.NEGATIVE_INFINITY,
  lines: [],
  told: undefined,
  setup: undefined,
  sections: noSections(),
  awaits: [],
  ledger: noWrites,
  messages: {},
  earlier: {},
});

const keptUs = 5_000_000;
/** A node whose watermark is older than this is down, whatever its connection says: a paused process closes nothing. */
const silentUs = 1_500_000;

/** The node greets us: where it is another incarnation than before, what was known of its clock is void. */
export function greeted(node: Watched, bootId: string, incarnation: Incarnation): void {
  node.connected = true;
  node.bootId = bootId;
  if (node.incarnation === incarnation) return;
  node.incarnation = incarnation;
  node.seq = 0;
  node.upto = undefined;
  node.lines = [];
  node.told = undefined;
  node.sections = restarted(node.sections);
  node.awaits = [];
  node.earlier = total([node.earlier, node.messages]);
  node.messages = {};
}

/** Takes one event in, and says whether it is new. An event of another incarnation than the one that greeted us is none. */
export function happened(node: Watched, event: HistoryEvent): boolean {
  if (event.incarnation !== node.incarnation || event.seq <= node.seq) return false;
  // The first event heard need not be the node's first: the console may have come late. Later ones must be contiguous.
  if (node.seq > 0) node.missing += event.seq - node.seq - 1;
  node.seq = event.seq;
  const line = event.kind === 'clock.line' ? lineOf(event) : undefined;
  if (line !== undefined) node.lines = [...node.lines, line];
  node.setup = setupOf(event) ?? node.setup;
  took(node.sections, event);
  node.ledger = written(node.ledger, event);
  const { kind, status, why } = event;
  if (kind === 'clock.status' && typeof status === 'string' && typeof why === 'string') node.told = { status, why };
  return true;
}

/** What a node says of itself up to an instant. */
export interface Watermark {
  readonly trueUs: number;
  readonly messages: MessageCounts;
  readonly awaits: readonly number[];
}

export function reached(node: Watched, { trueUs, messages, awaits }: Watermark, nowUs: number): void {
  const upto = trueUs as TrueTime;
  node.upto = upto;
  node.heardUs = nowUs;
  node.messages = messages;
  node.awaits = awaits;
  forget(node.sections, upto - keptUs);
  const inForce = node.lines.findLastIndex((line) => line.trueUs <= upto - keptUs);
  if (inForce > 0) node.lines = node.lines.slice(inForce);
}

/** Whether the node's clock is known at `at` and it goes on telling of it. A node that has to catch up first is not up yet. */
export const isUp = (node: Watched, at: number, nowUs: number): boolean =>
  node.connected && node.upto !== undefined && node.upto >= at && nowUs - node.heardUs <= silentUs;

/** The line in force at `at`: where several begin at one instant, the last of them. */
export const lineAt = (node: Watched, at: TrueTime): ClockLine | undefined => node.lines.findLast((line) => line.trueUs <= at);

export function total(counts: readonly MessageCounts[]): MessageCounts {
  const sums: Record<string, MessageCount> = {};
  for (const count of counts) {
    for (const [kind, { attempted, delivered, dropped, unanswered }] of Object.entries(count)) {
      const sum = sums[kind] ?? { attempted: 0, delivered: 0, dropped: 0, unanswered: 0 };
      sums[kind] = {
        attempted: sum.attempted + attempted,
        delivered: sum.delivered + delivered,
        dropped: sum.dropped + dropped,
        unanswered: sum.unanswered + unanswered,
      };
    }
  }
  return sums;
}
