/** One link: what it answers, when it gives up, and that it queues no more than it may. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Inbox } from '../../../services/node/flow.ts';
import { Link } from '../../../services/node/link.ts';
import { FakeSocket } from './socket.ts';

let socket: FakeSocket;
let link: Link;
let heard: string[];
let closed: string[];
beforeEach(() => {
  vi.useFakeTimers();
  socket = new FakeSocket();
  heard = [];
  closed = [];
  link = new Link(socket.socket, { peer: 2, incarnation: 1, version: 1 }, new Inbox(), {
    hear: (frame) => heard.push(frame.type),
    rejected: (reason) => heard.push(reason),
    closed: (why) => closed.push(why),
  });
});
afterEach(() => {
  socket.terminate();
  vi.useRealTimers();
});

describe('a link', () => {
  it('answers pings, and pings itself', () => {
    socket.says({ type: 'ping' });
    expect(socket.frames).toEqual([{ type: 'pong' }]);
    vi.advanceTimersByTime(500);
    expect(socket.frames.at(-1)).toEqual({ type: 'ping' });
    expect(heard).toEqual([]);
  });

  it('gives up after three pings without a word, and says so once', () => {
    vi.advanceTimersByTime(1_500);
    expect(closed).toEqual([]);
    vi.advanceTimersByTime(500);
    expect(closed).toEqual(['it said nothing for 3 pings']);
    vi.advanceTimersByTime(5_000);
    expect(closed).toHaveLength(1);
  });

  it('goes on as long as anything at all is said', () => {
    for (let i = 0; i < 20; i++) {
      vi.advanceTimersByTime(1_000);
      socket.says({ type: 'pong' });
    }
    expect(closed).toEqual([]);
    expect(link.open).toBe(true);
  });

  it('queues a megabyte, the next frame included, and no more', () => {
    socket.reads = false;
    const frame = 'x'.repeat(100_000);
    const taken = Array.from({ length: 12 }, () => link.send(frame));
    expect(taken.filter(Boolean)).toHaveLength(10);
    expect(socket.closedWith).toBe(1013);
    expect(link.open).toBe(false);
  });

  it('says which error of the connection it was', () => {
    socket.emit('error', Object.assign(new Error('too large'), { code: 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH' }));
    socket.close(1009);
    expect(heard).toEqual(['overflow']);
    expect(closed).toEqual(['too large']);
  });

  it('does not count a connection that broke as a frame', () => {
    socket.emit('error', Object.assign(new Error('reset'), { code: 'ECONNRESET' }));
    socket.close(1006);
    expect(heard).toEqual([]);
    expect(closed).toEqual(['reset']);
  });
});
