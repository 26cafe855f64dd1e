/** Where the end of a node that could not tell of it is put. */
import { expect, it } from 'vitest';
import { courseOf } from '../../../services/lab/course.ts';
import type { HistoryEvent } from '../../../shared/history.ts';
import { nodeId } from '../../../shared/protocol.ts';

const at = (trueUs: number, node: number, incarnation: number, kind = 'heartbeat.stalled', more: object = {}) =>
  ({ trueUs, node, incarnation, kind, seq: trueUs, ...more }) as unknown as HistoryEvent;
const ends = (course: readonly HistoryEvent[]) =>
  course.flatMap((e) => (e.kind === 'node.stopped' ? [[e.node, e.incarnation, e.trueUs, e.how]] : []));

it('is where it was last heard of, of one who was killed and of one who was started anew', () => {
  const collected = [at(30, 1, 1), at(10, 1, 1), at(50, 2, 8), at(20, 2, 7), at(90, 3, 1)];
  expect(ends(courseOf(collected, new Set([nodeId(1)])))).toEqual([
    [2, 7, 20, 'crashed'],
    [1, 1, 30, 'crashed'],
  ]);
});

it('is where it says itself, where it does, and not where the console noted something', () => {
  const collected = [at(10, 1, 1, 'node.stopped', { how: 'left' }), at(20, 2, 1), at(99, 2, 1, 'command.result')];
  expect(ends(courseOf(collected, new Set([nodeId(1), nodeId(2)])))).toEqual([
    [1, 1, 10, 'left'],
    [2, 1, 20, 'crashed'],
  ]);
});
