/** The stream to consoles: in pieces that fit, with a watermark only once all is told, and not for who does not read. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { History } from '../../../services/node/history.ts';
import { Watchers } from '../../../services/node/watchers.ts';
import type { HistoryEvent } from '../../../shared/history.ts';
import type { TrueTime } from '../../../shared/time.ts';
import { FakeSocket } from './socket.ts';

let history: History;
let watchers: Watchers;
beforeEach(() => {
  vi.useFakeTimers();
  history = new History();
  watchers = new Watchers({
    greeting: () => ({ bootId: 'b', name: 'kmc', role: 'member', incarnation: 7 }),
    history,
    recorded: () => 5 as TrueTime,
    counts: () => ({}),
    awaits: () => [],
    obey: (verb) => ({ ok: verb === 'step' }),
  });
});
afterEach(() => {
  watchers.close();
  vi.useRealTimers();
});

const record = (from: number, to: number, padding = ''): void => {
  for (let seq = from; seq <= to; seq++) history.record({ seq, padding } as unknown as HistoryEvent);
};
const heard = (socket: FakeSocket): readonly number[] => socket.frames.flatMap(({ events = [] }) => events.map(({ seq }) => seq));
function watcher(since = 0): FakeSocket {
  const socket = new FakeSocket();
  watchers.add(socket.socket);
  socket.says({ type: 'resume', since });
  return socket;
}

describe('a console', () => {
  it('hears nothing before it has said where to begin', () => {
    record(1, 3);
    const socket = new FakeSocket();
    watchers.add(socket.socket);
    vi.advanceTimersByTime(1_000);
    expect(socket.sent).toEqual([]);
  });

  it('is greeted, told what it missed, then what happens, and then how far that goes', () => {
    record(1, 3);
    const socket = watcher(1);
    record(4, 5);
    vi.advanceTimersByTime(100);
    expect(socket.frames.map(({ type }) => type)).toEqual(['hello', 'events', 'events', 'upto']);
    expect(heard(socket)).toEqual([2, 3, 4, 5]);
  });

  it('gets much in pieces of at most 64 KiB', () => {
    record(1, 400, 'x'.repeat(1_000));
    const socket = watcher();
    expect(heard(socket)).toHaveLength(400);
    expect(Math.max(...socket.sent.map(({ length }) => length))).toBeLessThan(64 * 1024);
  });

  it('that does not read is sent no more than a queue, no watermark, and is let go after three seconds', () => {
    record(1, 5_000, 'x'.repeat(1_000));
    const socket = new FakeSocket();
    socket.reads = false;
    watchers.add(socket.socket);
    socket.says({ type: 'resume', since: 0 });
    vi.advanceTimersByTime(2_000);
    expect(socket.bufferedAmount).toBeLessThan(1.1 * 1024 * 1024);
    expect(socket.frames.some(({ type }) => type === 'upto')).toBe(false);
    expect(socket.closedWith).toBeUndefined();
    vi.advanceTimersByTime(2_000);
    expect(socket.closedWith).toBe(1013);
  });

  it('that reads again in time catches up', () => {
    record(1, 5_000, 'x'.repeat(1_000));
    const socket = new FakeSocket();
    socket.reads = false;
    watchers.add(socket.socket);
    socket.says({ type: 'resume', since: 0 });
    vi.advanceTimersByTime(2_000);
    socket.reads = true;
    socket.bufferedAmount = 0;
    vi.advanceTimersByTime(200);
    expect(heard(socket)).toHaveLength(5_000);
    expect(socket.frames.at(-1)?.type).toBe('upto');
  });

  it('is answered when it commands', () => {
    const socket = watcher();
    socket.says({ type: 'command', id: 'a', verb: 'step', args: ['500ms', 3] });
    expect(socket.frames.at(-1)).toEqual({ type: 'result', id: 'a', ok: true });
  });

  it.each([[{ type: 'resume' }], [{ type: 'resume', since: -1 }], [{ type: 'command', id: 'a', verb: 'step' }], ['x'], [null]])(
    'is sent away when it says %o',
    (frame) => {
      const socket = new FakeSocket();
      watchers.add(socket.socket);
      socket.says(frame);
      expect(socket.closedWith).toBe(1008);
    },
  );

  it('hears the last word of a node that leaves', () => {
    const socket = watcher();
    record(1, 1);
    watchers.close();
    expect(heard(socket)).toEqual([1]);
    expect(socket.closedWith).toBe(1001);
  });
});
