import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as lamport from '../../../shared/logical/lamport.ts';
import * as vector from '../../../shared/logical/vector.ts';
import { nodeId } from '../../../shared/protocol.ts';

describe("Lamport's clock", () => {
  it('counts the events of its process', () => expect(lamport.tick(lamport.tick(0))).toBe(2));
  it('passes a message that is ahead of it, and counts the receipt', () => {
    expect([lamport.receive(3, 7), lamport.receive(7, 3), lamport.receive(5, 5)]).toEqual([8, 8, 6]);
  });
  it('takes over no number from which it could not count on', () => {
    expect([lamport.receive(3, 2 ** 52), lamport.receive(3, 2 ** 52 + 1), lamport.receive(3, Number.MAX_SAFE_INTEGER)]).toEqual([2 ** 52 + 1, 4, 4]);
  });
});

describe('a vector clock', () => {
  const [a, b, c] = [nodeId(1), nodeId(10), nodeId(7)];
  it('counts the events of its own process only', () => expect(vector.tick({ [a]: 1, [b]: 5 }, a)).toEqual({ [a]: 2, [b]: 5 }));
  it('takes the larger of each entry on receipt, and counts the receipt', () => {
    expect(vector.receive({ [a]: 4, [b]: 1 }, { [a]: 2, [b]: 3, [c]: 1 }, a)).toEqual({ [a]: 5, [b]: 3, [c]: 1 });
  });
  it('takes over no entry from which nobody could count on', () => {
    expect(vector.receive({ [a]: 4 }, { [a]: Number.MAX_SAFE_INTEGER, [b]: 2 ** 52, [c]: 2 ** 52 + 1 }, a)).toEqual({ [a]: 5, [b]: 2 ** 52 });
  });
  it('takes a missing entry for zero', () => {
    expect(vector.before({}, { [a]: 1 })).toBe(true);
    expect(vector.before({ [a]: 0 }, {})).toBe(false);
    expect(vector.before({ [a]: 1 }, { [b]: 1 })).toBe(false);
  });
});

/** A run: at each turn a process does something of its own, sends, or receives one of the messages that are under way. */
interface Happened {
  readonly process: number;
  readonly lamport: number;
  readonly vector: vector.VectorTime;
  /** Events that this one depends on directly: the last one here, and the sending of what is received. */
  readonly after: readonly number[];
}

const turn = fc.record({ process: fc.integer({ min: 1, max: 4 }), does: fc.constantFrom('nothing', 'sends', 'receives'), which: fc.nat(50) });

function run(turns: readonly { process: number; does: string; which: number }[]): readonly Happened[] {
  const events: Happened[] = [];
  const sent: number[] = [];
  for (const { process, does, which } of turns) {
    const last = events.findLastIndex((e) => e.process === process);
    const own = events[last] ?? { lamport: 0, vector: {} };
    const cause = does === 'receives' && sent.length > 0 ? sent[which % sent.length] : undefined;
    const message = cause === undefined ? undefined : events[cause];
    const self = nodeId(process);
    const stamp = message
      ? { lamport: lamport.receive(own.lamport, message.lamport), vector: vector.receive(own.vector, message.vector, self) }
      : { lamport: lamport.tick(own.lamport), vector: vector.tick(own.vector, self) };
    if (does === 'sends') sent.push(events.length);
    events.push({ process, ...stamp, after: [last, cause ?? -1].filter((i) => i >= 0) });
  }
  return events;
}

/** Everything that happened before each event, by following what it depends on. */
function pasts(events: readonly Happened[]): readonly ReadonlySet<number>[] {
  const all: Set<number>[] = [];
  for (const { after } of events) all.push(new Set(after.flatMap((i) => [i, ...(all[i] ?? [])])));
  return all;
}

describe('on every run', () => {
  it('one vector is before another exactly if the one event happened before the other; then its Lamport time is smaller', () => {
    fc.assert(
      fc.property(fc.array(turn, { maxLength: 40 }), (turns) => {
        const events = run(turns);
        const past = pasts(events);
        for (const [i, a] of events.entries())
          for (const [j, b] of events.entries()) {
            const happenedBefore = past[j]?.has(i) ?? false;
            expect(vector.before(a.vector, b.vector)).toBe(happenedBefore);
            if (happenedBefore) expect(a.lamport).toBeLessThan(b.lamport);
          }
      }),
      { numRuns: 60 },
    );
  });
});
