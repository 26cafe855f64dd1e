/** What a node keeps of its history: the newest events, numbered without a gap, in pieces of a size. */
import { describe, expect, it } from 'vitest';
import { History } from '../../../services/node/history.ts';
import type { HistoryEvent } from '../../../shared/history.ts';

const event = (seq: number): HistoryEvent => ({ seq }) as unknown as HistoryEvent;
const seqs = (lines: readonly string[]): readonly number[] => lines.map((line) => JSON.parse(line).seq);
function filled(events: number): History {
  const history = new History();
  for (let seq = 1; seq <= events; seq++) history.record(event(seq));
  return history;
}

describe('a history', () => {
  it('tells what came after an event, as much as fits', () => {
    const history = filled(10);
    expect(seqs(history.after(7, 1_000).lines)).toEqual([8, 9, 10]);
    expect(history.after(0, 25)).toMatchObject({ last: 2 });
    expect(seqs(history.after(0, 1).lines)).toEqual([1]);
    expect(history.after(10, 1_000)).toEqual({ lines: [], last: 10 });
  });

  it('keeps the last 20,000 at least, and forgets the oldest', () => {
    const history = filled(50_000);
    const { lines } = history.after(0, Number.POSITIVE_INFINITY);
    expect(history.last).toBe(50_000);
    expect(lines.length).toBeGreaterThanOrEqual(20_000);
    expect(lines.length).toBeLessThanOrEqual(22_000);
    expect(seqs(lines)).toEqual(Array.from(lines, (_, i) => 50_000 - lines.length + 1 + i));
  });

  it('tells that there is something new', () => {
    const history = filled(1);
    let heard = 0;
    history.onEvent(() => {
      heard += 1;
    });
    history.record(event(2));
    expect(heard).toBe(1);
  });
});
