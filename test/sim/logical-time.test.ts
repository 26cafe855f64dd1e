/**
 * Logical time, laid beside what it stands for. The order of events is worked out anew from the frames alone, by following
 * every event back through its process and through what it received: no clock has a part in that. Then every pair of more
 * than ten thousand events is compared.
 */
import { describe, expect, it } from 'vitest';
import type { HistoryEvent } from '../../shared/history.ts';
import { compare } from '../../shared/logical/hybrid.ts';
import * as vector from '../../shared/logical/vector.ts';
import { type ClockLine, errorAt } from '../../shared/oracle.ts';
import type { NodeId } from '../../shared/protocol.ts';
import { stream } from '../../shared/random.ts';
import { elapsed, microseconds, milliseconds, ppm, seconds, type TrueTime } from '../../shared/time.ts';
import { Cluster, lan } from './cluster.ts';

/** Five clocks up to half a second apart. Frames are lost and come late, and nothing travels that the history does not tell. */
const cluster = new Cluster({
  seed: 25,
  rule: 'berkeley',
  members: [-500, -130, 40, 310, 0].map((offset, i) => ({ offset: milliseconds(offset), drift: ppm(40 * i - 80) })),
  berkeley: { period: milliseconds(500) },
  rules: [
    { does: 'lose', probability: 0.05 },
    { does: 'delay', delay: lan },
  ],
}).run(seconds(60));

/** A start comes before everything that is stamped. */
const events = cluster.history.filter(({ kind }) => kind !== 'node.started');
const past = pastsOf(events);

/** For each event a row of bits, one for each event that happened before it. */
function pastsOf(all: readonly HistoryEvent[]): readonly Uint32Array[] {
  const last = new Map<NodeId, number>();
  /** By the frame itself, and whom it was sent to. */
  const sendings = new Map<object, Map<NodeId, number>>();
  const rows: Uint32Array[] = [];
  for (const [i, event] of all.entries()) {
    const row = new Uint32Array(Math.ceil(all.length / 32));
    const follow = (cause: number | undefined): void => {
      if (cause === undefined) return;
      for (const [word, bits] of (rows[cause] as Uint32Array).entries()) row[word] = (row[word] as number) | bits;
      row[cause >> 5] = (row[cause >> 5] as number) | (1 << (cause & 31));
    };
    follow(last.get(event.node));
    last.set(event.node, i);
    if (event.kind === 'message.sent') {
      const to = sendings.get(event.message) ?? new Map<NodeId, number>();
      if (to.has(event.to)) throw new Error('one frame was sent twice to the same node');
      sendings.set(event.message, to.set(event.to, i));
    }
    if (event.kind === 'message.received') {
      const sending = sendings.get(event.message)?.get(event.node);
      if (sending === undefined) throw new Error('a frame was received that nobody sent');
      follow(sending);
    }
    rows.push(row);
  }
  return rows;
}

/** How many pairs happened one before the other, and how many of these or of the others `wrong` finds fault with. */
function count(wrong: (i: number, j: number, happenedBefore: boolean) => boolean): { readonly before: number; readonly wrong: number } {
  const found = { before: 0, wrong: 0 };
  for (const [j, row] of past.entries())
    for (let i = 0; i < events.length; i += 1) {
      const before = (((row[i >> 5] as number) >>> (i & 31)) & 1) === 1;
      if (before) found.before += 1;
      if (wrong(i, j, before)) found.wrong += 1;
    }
  return found;
}

describe('in a run of ten thousand events', () => {
  it('everything that ticks is told', () => {
    expect(events.length).toBeGreaterThanOrEqual(10_000);
    for (const id of cluster.ids) {
      const own = events.filter(({ node }) => node === id);
      expect(own.map((event) => event.vector[id])).toEqual(own.map((_, i) => i + 1));
    }
  });

  it('one vector is before another exactly if the one event happened before the other, for every pair', () => {
    // Spread out, because a hundred million comparisons of records would take minutes.
    const flat = events.map((event) => Int32Array.from(cluster.ids, (id) => event.vector[id] ?? 0));
    const width = cluster.ids.length;
    const isBefore = (i: number, j: number): boolean => {
      const [a, b] = [flat[i] as Int32Array, flat[j] as Int32Array];
      let less = false;
      for (let k = 0; k < width; k += 1) {
        if ((a[k] as number) > (b[k] as number)) return false;
        if ((a[k] as number) < (b[k] as number)) less = true;
      }
      return less;
    };
    const found = count((i, j, before) => isBefore(i, j) !== before);
    expect(found.wrong).toBe(0);
    expect(found.before).toBeGreaterThan(10_000_000);
  });

  it("and so says the library's own comparison, for a hundred thousand pairs drawn at random", () => {
    const random = stream(25, 'pairs');
    const any = () => Math.floor(random() * events.length);
    const pairs = Array.from({ length: 100_000 }, () => [any(), any()] as const);
    const wrong = pairs.filter(([i, j]) => {
      const before = (((past[j]?.[i >> 5] ?? 0) >>> (i & 31)) & 1) === 1;
      return vector.before(events[i]?.vector ?? {}, events[j]?.vector ?? {}) !== before;
    });
    expect(wrong).toEqual([]);
  });

  it('what happened before has the smaller Lamport time, and the earlier hybrid time', () => {
    const lamport = events.map((event) => event.lamport);
    expect(count((i, j, before) => before && (lamport[i] as number) >= (lamport[j] as number)).wrong).toBe(0);
    const order = [...events.keys()].sort((i, j) => compare((events[i] as HistoryEvent).hybrid, (events[j] as HistoryEvent).hybrid));
    const rank = new Int32Array(events.length);
    for (const [at, i] of order.entries()) {
      const previous = order[at - 1];
      const same = previous !== undefined && compare((events[previous] as HistoryEvent).hybrid, (events[i] as HistoryEvent).hybrid) === 0;
      rank[i] = same ? (rank[previous] as number) : at;
    }
    expect(count((i, j, before) => before && (rank[i] as number) >= (rank[j] as number)).wrong).toBe(0);
  });
});

describe('a hybrid time', () => {
  /** How far each is ahead of its event's own clock, how far the clock that is furthest ahead is at that instant, and how far all lie apart. */
  const leads = (() => {
    const lines = new Map<NodeId, ClockLine>();
    return events.flatMap((event) => {
      if (event.kind === 'clock.line') lines.set(event.node, event);
      if (lines.size < cluster.ids.length) return [];
      const errors = [...lines.values()].map((line) => errorAt(line, event.trueUs));
      const own = elapsed(event.trueUs, event.clockUs as number as TrueTime);
      const [least, most] = [Math.min(...errors), Math.max(...errors)];
      return [{ at: event.trueUs, lead: elapsed(event.clockUs, event.hybrid.l), ahead: most - own, spread: most - least }];
    });
  })();
  const lastStep = Math.max(...cluster.events('berkeley.adjusted').map(({ how, trueUs }) => (how === 'step' ? trueUs : 0)));

  it('is never behind the clock, and ahead of it by at most the largest offset between two clocks in the run', () => {
    expect(leads.length).toBeGreaterThan(10_000);
    const largest = Math.max(...leads.map(({ spread }) => spread));
    expect(largest).toBeGreaterThan(milliseconds(800));
    expect(leads.filter(({ lead }) => lead < 0 || lead > largest)).toEqual([]);
  });

  it('is no further ahead than another clock is at that very instant, once clocks are not set back any more', () => {
    // A first correction may be a step; what a clock showed before is caught up with as soon as it has shown it again.
    const settled = leads.filter(({ at }) => at > lastStep + milliseconds(500));
    expect(settled.length).toBeGreaterThan(9_000);
    // Lines and clocks are each told to the microsecond.
    expect(settled.filter(({ lead, ahead }) => lead > ahead + microseconds(2))).toEqual([]);
    expect(settled.some(({ lead }) => lead > 0)).toBe(true);
  });

  it('follows the clocks as they come together', () => {
    const most = (from: number, to: number): number =>
      Math.max(...leads.filter(({ at }) => at >= seconds(from) && at < seconds(to)).map(({ lead }) => lead));
    expect(most(0, 1)).toBeGreaterThan(milliseconds(500));
    expect(most(40, 60)).toBeLessThan(milliseconds(20));
  });
});
