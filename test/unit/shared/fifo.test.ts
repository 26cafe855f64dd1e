/** Links that keep the order of their frames. */
import { describe, expect, it } from 'vitest';
import { Fifo } from '../../../shared/faults/fifo.ts';
import { isOrdered } from '../../../shared/node.ts';
import { nodeId } from '../../../shared/protocol.ts';
import type { TrueTime } from '../../../shared/time.ts';

describe('a link that keeps the order', () => {
  const [a, b] = [nodeId(1), nodeId(2)];
  const arrivals = (fifo: Fifo, ...dues: readonly number[]): readonly number[] => dues.map((due) => fifo.arrival(a, b, due as TrueTime));

  it('lets nothing arrive before what was sent before it', () => expect(arrivals(new Fifo(), 20, 10, 30, 25)).toEqual([20, 20, 30, 30]));

  it('holds nothing back for another link, nor for the way back', () => {
    const fifo = new Fifo();
    arrivals(fifo, 100);
    expect(fifo.arrival(b, a, 10 as TrueTime)).toBe(10);
    expect(fifo.arrival(a, nodeId(3), 10 as TrueTime)).toBe(10);
  });

  it("is what Lamport's lock relies on, and nobody else", () => {
    const kinds = ['lamport.request', 'lamport.release', 'ricart-agrawala.request', 'berkeley.poll', 'heartbeat.beat'];
    expect(kinds.filter(isOrdered)).toEqual(['lamport.request', 'lamport.release']);
  });
});
