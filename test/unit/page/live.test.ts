import { beforeEach, describe, expect, it } from 'vitest';
import { backoff, patience } from '../../../services/console/page/backoff.ts';
import { keepLive, type Socket } from '../../../services/console/page/live.ts';
import { createStore, type Store } from '../../../services/console/page/store.ts';
import { event, hello, stateView, tick } from './frames.ts';

/** A line that the test opens, speaks on and cuts, and a clock that only the test moves. */
class Line implements Socket {
  onopen: Socket['onopen'] = null;
  onmessage: Socket['onmessage'] = null;
  onclose: Socket['onclose'] = null;
  readonly said: unknown[] = [];
  closed = false;

  send(text: string): void {
    this.said.push(JSON.parse(text));
  }
  close(): void {
    this.closed = true;
  }
  hear(frame: unknown): void {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }
}

let store: Store;
let lines: Line[];
let nowMs: number;
let timers: { readonly atMs: number; readonly run: () => void }[];

function start(token?: string): Line {
  keepLive(store, token, {
    dial() {
      const line = new Line();
      lines.push(line);
      return line;
    },
    nowMs: () => nowMs,
    chance: () => 0.5,
    after: (ms, run) => void timers.push({ atMs: nowMs + ms, run }),
  });
  return current();
}
const current = (): Line => lines.at(-1) as Line;

function pass(ms: number): void {
  const until = nowMs + ms;
  for (;;) {
    const next = timers.filter((t) => t.atMs <= until).sort((a, b) => a.atMs - b.atMs)[0];
    if (next === undefined) break;
    timers = timers.filter((t) => t !== next);
    nowMs = next.atMs;
    next.run();
  }
  nowMs = until;
}

beforeEach(() => {
  store = createStore();
  lines = [];
  nowMs = 0;
  timers = [];
});

const events = (...seqs: number[]) => ({ v: 1, seq: 3, type: 'events', events: seqs.map((s) => event(s, 'node.started')) });

describe('the line to the control room', () => {
  it('says who it is first, with the token where there is one', () => {
    const line = start('abc');
    line.onopen?.();
    expect(line.said[0]).toEqual({ type: 'auth', token: 'abc' });
    const other = start();
    other.onopen?.();
    expect(other.said).toEqual([{ type: 'auth' }]);
  });

  it('is live from the first state on', () => {
    const line = start();
    line.onopen?.();
    line.hear(hello);
    line.hear({ v: 1, seq: 2, type: 'past', atUs: [], nodes: [] });
    expect(store.connection.value.is).toBe('connecting');
    line.hear(tick(1));
    expect(store.connection.value.is).toBe('live');
  });

  it('is dialled again when it is lost, and resumes after the newest event', () => {
    const line = start();
    line.onopen?.();
    line.hear(events(1, 2));
    line.hear(events(1, 2));
    line.onclose?.({ code: 1006 });
    expect(store.connection.value).toMatchObject({ is: 'reconnecting', attempt: 1 });
    pass(backoff(1, 0.5));
    expect(lines).toHaveLength(2);
    current().onopen?.();
    expect(current().said.at(-1)).toEqual({ type: 'resume', seq: 2 });
  });

  it('says of which console it has seen the newest event', () => {
    const line = start();
    line.onopen?.();
    line.hear(hello);
    line.hear(events(1, 2));
    line.hear(events(1, 2));
    line.onclose?.({ code: 1006 });
    pass(backoff(1, 0.5));
    current().onopen?.();
    expect(current().said.at(-1)).toEqual({ type: 'resume', seq: 2, epoch: 1 });
    // It is another one by now: its end is asked for, as by a page that was just opened.
    current().hear({ ...hello, epoch: 7 });
    current().hear(events(1, 2));
    expect(current().said.at(-1)).toEqual({ type: 'resume', seq: 0, epoch: 7 });
  });

  it('asks a history that began long ago for its end only, and waits for that', () => {
    const line = start();
    line.onopen?.();
    line.hear(events(9_000, 9_001));
    expect(line.said.at(-1)).toEqual({ type: 'resume', seq: 2_999 });
    line.hear(events(9_002));
    expect(store.seen()).toBe(0);
    line.hear(events(3_000, 3_001));
    expect(store.seen()).toBe(3_001);
    line.hear(events(9_000));
    expect(line.said.filter((f) => (f as { type: string }).type === 'resume')).toHaveLength(1);
    expect(store.seen()).toBe(9_000);
  });

  it('counts as lost when it falls silent', () => {
    const line = start();
    line.onopen?.();
    line.hear(tick(1));
    pass(10_000);
    expect(line.closed).toBe(true);
    expect(store.connection.value.is).toBe('reconnecting');
    expect(lines.length).toBeGreaterThan(1);
  });

  it('does not listen to a line that was given up', () => {
    const line = start();
    line.onopen?.();
    line.onclose?.({ code: 1006 });
    line.hear(tick(1));
    line.onclose?.({ code: 1006 });
    expect(store.shown.value).toBeUndefined();
    expect(timers.filter((t) => t.atMs <= patience.mostMs)).toHaveLength(2);
  });

  it('is not tried again where the page is not admitted', () => {
    start().onclose?.({ code: 4401 });
    expect(store.connection.value.is).toBe('refused');
    pass(60_000);
    expect(lines).toHaveLength(1);
  });

  it('leaves alone what it does not understand', () => {
    const line = start();
    line.onopen?.();
    line.onmessage?.({ data: 'not json' });
    line.hear({ v: 2, seq: 1, type: 'tick', atUs: 1, state: stateView() });
    line.hear(null);
    expect(store.shown.value).toBeUndefined();
    line.hear(tick(1));
    expect(store.shown.value).toBeDefined();
  });
});

describe('the wait before dialling again', () => {
  it('grows to a limit, and is spread over all of it', () => {
    const longestWaits = [1, 2, 3, 4, 5, 6, 7, 99].map((attempt) => backoff(attempt, 0.999_999));
    expect(longestWaits).toEqual([...longestWaits].sort((a, b) => a - b));
    expect(longestWaits.at(-1)).toBeCloseTo(patience.mostMs, 0);
    expect(backoff(99, 0)).toBe(patience.leastMs);
  });
});
