/** The ring of the newest events: numbered without gaps, read in pages. */
import { expect, it } from 'vitest';
import { HistoryRing } from '../../../services/console/history-ring.ts';
import type { HistoryEvent } from '../../../services/console/live-frames.ts';

const event: HistoryEvent = { seq: 77, node: 1, incarnation: 1, trueUs: 0, clockUs: 0, lamport: 0, vector: {}, hybrid: { l: 0, c: 0 }, kind: 'k' };

function filled(count: number, capacity?: number): HistoryRing {
  const ring = new HistoryRing(capacity);
  for (let i = 0; i < count; i += 1) ring.append(event);
  return ring;
}

it('gives every event the next number', () => {
  expect(
    filled(3)
      .after(0, 10)
      .events.map(({ seq }) => seq),
  ).toEqual([1, 2, 3]);
});

it('is read in pages that join without a gap', () => {
  const ring = filled(25);
  const seen: number[] = [];
  for (let next = 0; next < ring.newest; ) {
    const page = ring.after(next, 10);
    seen.push(...page.events.map(({ seq }) => seq));
    next = page.next;
  }
  expect(seen).toEqual(Array.from({ length: 25 }, (_, i) => i + 1));
});

it('says where to go on when there is nothing new, and brings back who is ahead of it', () => {
  expect(filled(5).after(5, 10)).toEqual({ events: [], next: 5 });
  expect(filled(5).after(900, 10)).toEqual({ events: [], next: 5 });
});

it('forgets the oldest, and then begins with the oldest it has', () => {
  const ring = filled(1_000, 100);
  const { events } = ring.after(0, 1_000);
  expect(events.length).toBeGreaterThanOrEqual(100);
  expect(events.length).toBeLessThan(112);
  expect(events.at(-1)?.seq).toBe(1_000);
  expect(events[0]?.seq).toBe(1_001 - events.length);
  expect(ring.after(995, 3).events.map(({ seq }) => seq)).toEqual([996, 997, 998]);
});
