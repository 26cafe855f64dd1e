import { describe, expect, it } from 'vitest';
import { type Entry, longest, note } from '../../../services/console/page/log.ts';

const entry = (id: number, topic: string, routine = false): Omit<Entry, 'times'> => ({
  id,
  atUs: id,
  topic,
  text: `${topic} ${id}`,
  tone: 'plain',
  ...(routine ? { routine: true as const } : {}),
});
const all = (...entries: ReturnType<typeof entry>[]): readonly Entry[] => entries.reduce<readonly Entry[]>((log, e) => note(log, e), []);

describe('the log', () => {
  it('is newest first', () => expect(all(entry(1, 'a'), entry(2, 'b')).map((e) => e.id)).toEqual([2, 1]));

  it('counts what comes round again, in place', () => {
    const log = all(entry(1, 'round', true), entry(2, 'read', true), entry(3, 'round', true));
    expect(log.map((e) => [e.id, e.text, e.times])).toEqual([
      [2, 'read 2', 1],
      [1, 'round 3', 2],
    ]);
  });

  it('begins a new count after something worth noting', () => {
    const log = all(entry(1, 'round', true), entry(2, 'down'), entry(3, 'round', true), entry(4, 'round', true));
    expect(log.map((e) => [e.topic, e.times])).toEqual([
      ['round', 2],
      ['down', 1],
      ['round', 1],
    ]);
  });

  it('never counts what is rare', () => expect(all(entry(1, 'down'), entry(2, 'down'))).toHaveLength(2));

  it('forgets the oldest', () => {
    const log = all(...Array.from({ length: longest + 9 }, (_, i) => entry(i, 'a')));
    expect(log).toHaveLength(longest);
    expect(log[0]?.id).toBe(longest + 8);
  });
});
