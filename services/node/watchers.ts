/**
 * Streams the history to the consoles that watch, each from where it left off.
 *
 * Events go out in batches, one for each turn of the event loop, and ten times a second the instant up to which
 * everything was told. A console that does not read is disconnected rather than waited for: it knows what it has heard,
 * and resumes. Commands come in on the same line.
 */
import type { WebSocket } from 'ws';
import { z } from 'zod';
import type { MessageCount } from '../../shared/history.ts';
import type { Choice } from '../../shared/node.ts';
import type { NodeId } from '../../shared/protocol.ts';
import type { TrueTime } from '../../shared/time.ts';
import { trueNow } from './clock.ts';
import { Allowance } from './flow.ts';
import type { History } from './history.ts';
import { closeCodes } from './link.ts';

export interface Greeting {
  readonly bootId: string;
  readonly name: string;
  readonly role: string;
  readonly incarnation: number;
  /** What a member runs by now, and since which change. */
  readonly setup?: Choice & { readonly number: number };
}

export interface CommandResult {
  readonly ok: boolean;
  readonly error?: string;
}

/** What the watchers need of the node. */
export interface Watchable {
  greeting(): Greeting;
  readonly history: History;
  /** Everything up to the instant that is answered has been recorded. */
  recorded(): TrueTime;
  counts(): Readonly<Record<string, MessageCount>>;
  /** For whom it waits, wanting the critical section. */
  awaits(): readonly NodeId[];
  obey(verb: string, args: readonly (string | number)[]): CommandResult;
}

interface Watcher {
  readonly socket: WebSocket;
  /** The last event it was sent; `undefined` until it has said where to begin. */
  sent: number | undefined;
  /** For how many ticks in a row it has been full. */
  full: number;
}

const tickMs = 100;
const largestBatch = 60 * 1024;
const largestQueue = 1024 * 1024;
const patienceTicks = 30;

const frame = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('resume'), since: z.int().min(0) }),
  z.strictObject({
    type: z.literal('command'),
    id: z.string().max(64),
    verb: z.string().max(64),
    args: z.array(z.union([z.string().max(256), z.number()])).max(16),
  }),
]);

export class Watchers {
  readonly #node: Watchable;
  readonly #watchers = new Set<Watcher>();
  readonly #ticks: NodeJS.Timeout;
  #due: NodeJS.Immediate | undefined;

  constructor(node: Watchable) {
    this.#node = node;
    node.history.onEvent(() => {
      if (this.#watchers.size > 0) this.#due ??= setImmediate(() => this.#flush());
    });
    this.#ticks = setInterval(() => this.#tick(), tickMs);
  }

  /** A console that has proven who it is. */
  add(socket: WebSocket): void {
    const watcher: Watcher = { socket, sent: undefined, full: 0 };
    const allowance = new Allowance(trueNow());
    this.#watchers.add(watcher);
    socket.on('close', () => this.#watchers.delete(watcher));
    socket.on('message', (data, binary) => {
      const said = binary || !allowance.take(trueNow()) ? undefined : parse(String(data));
      if (said === undefined) this.#leave(watcher, closeCodes.policy, 'malformed, or too much');
      else if (said.type === 'resume') this.#resume(watcher, said.since);
      else socket.send(JSON.stringify({ type: 'result', id: said.id, ...this.#node.obey(said.verb, said.args) }));
    });
  }

  /** Tells everything that is left to tell, and says goodbye. */
  close(): void {
    clearInterval(this.#ticks);
    clearImmediate(this.#due);
    for (const watcher of this.#watchers) {
      this.#pump(watcher);
      this.#leave(watcher, closeCodes.leaving, 'this node is leaving');
    }
  }

  #resume(watcher: Watcher, since: number): void {
    const { history } = this.#node;
    watcher.socket.send(JSON.stringify({ type: 'hello', ...this.#node.greeting(), trueUs: this.#node.recorded() }));
    // It has heard more than there is: of an earlier start of this node.
    watcher.sent = since > history.last ? 0 : since;
    this.#pump(watcher);
  }

  #flush(): void {
    this.#due = undefined;
    for (const watcher of this.#watchers) this.#pump(watcher);
  }

  /** Sends what it has not heard, as far as the socket takes it. */
  #pump(watcher: Watcher): void {
    const { socket } = watcher;
    while (watcher.sent !== undefined && watcher.sent < this.#node.history.last && socket.bufferedAmount < largestQueue) {
      const { lines, last } = this.#node.history.after(watcher.sent, largestBatch);
      socket.send(`{"type":"events","events":[${lines.join(',')}]}`);
      watcher.sent = last;
    }
  }

  #tick(): void {
    if (this.#watchers.size === 0) return;
    const upto = { type: 'upto', trueUs: this.#node.recorded(), messages: this.#node.counts(), awaits: this.#node.awaits() };
    const text = JSON.stringify(upto);
    for (const watcher of this.#watchers) {
      this.#pump(watcher);
      // Who has not heard everything up to an instant is not told so.
      const caughtUp = watcher.sent === this.#node.history.last;
      watcher.full = caughtUp ? 0 : watcher.full + 1;
      if (caughtUp) watcher.socket.send(text);
      else if (watcher.sent !== undefined && watcher.full > patienceTicks) this.#leave(watcher, closeCodes.slow, 'it does not read what it is sent');
    }
  }

  #leave(watcher: Watcher, code: number, why: string): void {
    this.#watchers.delete(watcher);
    watcher.socket.close(code, why);
  }
}

function parse(text: string): z.infer<typeof frame> | undefined {
  try {
    return frame.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
