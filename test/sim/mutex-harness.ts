/**
 * The lock alone, of a whole cluster, in virtual time: nothing but `mutex(config)` on links with seeded delays. Sections are
 * judged in true time, messages counted at hand-over, and processes crash and return when they are told to.
 */
import TinyQueue from 'tinyqueue';
import { type MutexConfig, mutexDefaults, type Workload } from '../../shared/mutex/config.ts';
import { type Mutex, type MutexProtocol, type MutexState, mutex } from '../../shared/mutex/mutex.ts';
import type { MutexEvent } from '../../shared/mutex/outcome.ts';
import { type Effect, type Input, incarnation, type NodeId, nodeId, type Reading, type Term } from '../../shared/protocol.ts';
import { between, type Random, stream } from '../../shared/random.ts';
import { type ClockTime, type MonoTime, milliseconds, none, ppm, type RawTime } from '../../shared/time.ts';

type Message = Mutex['message'];
/** How long a message takes, in milliseconds; `undefined` where it is lost. */
export type Delay = (from: number, to: number, message: Message, random: Random) => number | undefined;

export const lan: Delay = (_, __, ___, random) => between(random, 5, 25);
export const equal =
  (ms: number): Delay =>
  () =>
    ms;
export const saturated = (ms = 20): Workload => ({ think: 'saturated', shortest: milliseconds(ms), longest: milliseconds(ms) });
export const onDemand = (ms = 20): Workload => ({ ...saturated(ms), think: 'off' });
export const light = (meanMs: number, ms = 5): Workload => ({ ...saturated(ms), think: milliseconds(meanMs) });

export interface Setup {
  readonly config: Partial<MutexConfig>;
  readonly size: number;
  readonly firstId?: number;
  readonly seed?: number;
  readonly delay?: Delay;
  readonly fifo?: boolean;
  /** How often each process enters before it wants no more. */
  readonly each?: number;
  /** Whether one process can hear of another's start at this moment. */
  readonly hears?: (by: number, of: number) => boolean;
  readonly mutate?: (protocol: MutexProtocol) => MutexProtocol;
}

export interface Entry {
  readonly node: number;
  readonly request: number;
  readonly timestamp: number;
  readonly requested: number;
  readonly entered: number;
  readonly left: number;
}

interface Site {
  readonly id: NodeId;
  start: number;
  up: boolean;
  /** What has come for a process that stands still. */
  paused: Input<Mutex>[] | undefined;
  lamport: number;
  state: MutexState;
  readonly timers: Map<string, symbol>;
  entries: number;
  wanting: Pick<Entry, 'request' | 'timestamp' | 'requested'> | undefined;
  inside: number | undefined;
}

interface Due {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
  /** Nothing but the patience of someone who waits: that is never over for whoever waits in vain. */
  readonly patience: boolean;
}

export class Locks {
  readonly sites: ReadonlyMap<number, Site>;
  readonly entries: Entry[] = [];
  readonly events: (MutexEvent & { readonly node: number; readonly at: number })[] = [];
  readonly sent = new Map<string, number>();
  overlaps = 0;
  now = 0;
  readonly #protocol: MutexProtocol;
  readonly #setup: Setup;
  readonly #members: readonly NodeId[];
  readonly #queue = new TinyQueue<Due>([], (a, b) => a.at - b.at || a.order - b.order);
  readonly #random: Random;
  readonly #last = new Map<string, number>();
  #order = 0;
  /** How much else than patience is left to happen. */
  #busy = 0;

  constructor(setup: Setup) {
    const { size, firstId = 1, seed = 1, config, mutate = (p) => p } = setup;
    this.#setup = setup;
    this.#random = stream(seed, 'locks');
    this.#protocol = mutate(mutex({ ...mutexDefaults, ...config }));
    this.#members = Array.from({ length: size }, (_, i) => nodeId(i + firstId));
    this.sites = new Map(this.#members.map((id) => [id, this.#fresh(id)]));
    for (const id of this.#members) this.start(id);
  }

  #fresh(id: NodeId): Site {
    const state = undefined as never;
    return { id, start: 0, up: false, paused: undefined, lamport: 0, state, timers: new Map(), entries: 0, wanting: undefined, inside: undefined };
  }

  site(id: number): Site {
    const site = this.sites.get(id);
    if (site === undefined) throw new Error(`no process ${id}`);
    return site;
  }

  /** Starts a process, and lets it and those who are up hear of each other. */
  start(id: number): void {
    const site = this.site(id);
    site.start += 1;
    site.up = true;
    site.lamport = 0;
    const { state, effects } = this.#protocol.start(
      { self: site.id, incarnation: incarnation(site.start), members: this.#members },
      this.#reading(site),
    );
    site.state = state;
    this.#perform(site, effects);
    for (const other of this.sites.values()) {
      if (other === site || !other.up || this.#setup.hears?.(id, other.id) === false) continue;
      this.#input(site, { kind: 'trusted', peer: other.id, incarnation: incarnation(other.start) });
      this.#input(other, { kind: 'trusted', peer: site.id, incarnation: incarnation(site.start) });
    }
  }

  crash(id: number): void {
    const site = this.site(id);
    if (site.inside !== undefined) this.#left(site);
    site.up = false;
    site.paused = undefined;
    site.wanting = undefined;
    site.timers.clear();
  }

  pause(id: number): void {
    this.site(id).paused = [];
  }

  /** It finds all at once whatever came in the meantime. */
  resume(id: number): void {
    const site = this.site(id);
    const missed = site.paused ?? [];
    site.paused = undefined;
    for (const input of missed) this.#input(site, input);
  }

  signal(id: number, input: Input<Mutex>): void {
    this.#input(this.site(id), input);
  }

  /** The leader may be the last to hear of its leadership, so much later than the others. */
  lead(leader: number, number = 1, lagMs = 0): void {
    const term: Term = { number, node: nodeId(leader), incarnation: incarnation(1) };
    const hears = (site: Site): void => this.#input(site, { kind: 'leader', leader: nodeId(leader), term });
    for (const site of this.sites.values()) if (site.up && (lagMs === 0 || site.id !== leader)) hears(site);
    if (lagMs > 0) this.at(this.now + lagMs, () => hears(this.site(leader)));
  }

  enter(id: number): void {
    this.#input(this.site(id), { kind: 'command', command: { kind: 'mutex.enter' } });
  }

  at(ms: number, run: () => void, patience = false): void {
    if (!patience) this.#busy += 1;
    this.#queue.push({ at: ms, order: this.#order++, run, patience });
  }

  /** Until the time is up; or until nothing is left to happen, or nothing but that someone loses patience. */
  run(untilMs = Number.POSITIVE_INFINITY): this {
    const isOver = (): boolean => untilMs === Number.POSITIVE_INFINITY && this.#busy === 0;
    for (let next = this.#queue.peek(); next !== undefined && next.at <= untilMs && !isOver(); next = this.#queue.peek()) {
      this.#queue.pop();
      if (!next.patience) this.#busy -= 1;
      this.now = next.at;
      next.run();
    }
    return this;
  }

  get messages(): number {
    return [...this.sent].filter(([kind]) => !/^(?:mutex|ledger)\./.test(kind)).reduce((sum, [, n]) => sum + n, 0);
  }
  get perEntry(): number {
    return this.messages / this.entries.length;
  }
  /** Who wants to enter and cannot. */
  get waiting(): readonly number[] {
    return [...this.sites.values()].filter((s) => s.up && s.state.contender.phase === 'wanted').map((s) => s.id);
  }
  awaits(id: number): readonly number[] {
    return this.#protocol.awaits(this.site(id).state);
  }

  #reading(site: Site): Reading {
    const us = Math.round(this.now * 1_000);
    const dials = { mono: us as MonoTime, raw: us as RawTime, clock: us as ClockTime };
    return { ...dials, pending: none, slewing: ppm(0), chance: this.#random(), lamport: site.lamport };
  }

  #input(site: Site, input: Input<Mutex>): void {
    if (!site.up) return;
    if (site.paused !== undefined) {
      site.paused.push(input);
      return;
    }
    const { state, effects } = this.#protocol.step(site.state, input, this.#reading(site));
    site.state = state;
    this.#perform(site, effects);
  }

  #perform(site: Site, effects: readonly Effect<Mutex>[]): void {
    for (const effect of effects) {
      if (effect.kind === 'send') this.#send(site, effect.to, effect.message);
      if (effect.kind === 'set-timer') this.#setTimer(site, effect.timer, effect.after / 1_000);
      if (effect.kind === 'clear-timer') site.timers.delete(effect.timer);
      if (effect.kind === 'emit') this.#observe(site, effect.event);
    }
  }

  #send(site: Site, to: NodeId, message: Message): void {
    const stamp = ++site.lamport;
    this.sent.set(message.kind, (this.sent.get(message.kind) ?? 0) + 1);
    const { delay = lan, fifo = true } = this.#setup;
    const takes = delay(site.id, to, message, this.#random);
    if (takes === undefined) return;
    const link = `${site.id}/${to}`;
    const at = Math.max(this.now + takes, fifo ? (this.#last.get(link) ?? 0) : 0);
    this.#last.set(link, at);
    this.at(at, () => {
      const receiver = this.site(to);
      if (!receiver.up) return;
      receiver.lamport = Math.max(receiver.lamport, stamp) + 1;
      this.#input(receiver, { kind: 'message', from: site.id, message });
    });
  }

  #setTimer(site: Site, timer: Mutex['timer'], afterMs: number): void {
    if (timer === 'mutex.want' && site.entries >= (this.#setup.each ?? Number.POSITIVE_INFINITY)) return;
    const armed = Symbol(timer);
    site.timers.set(timer, armed);
    const ring = (): void => {
      if (site.timers.get(timer) !== armed) return;
      site.timers.delete(timer);
      this.#input(site, { kind: 'timer', timer });
    };
    this.at(this.now + afterMs, ring, timer === 'mutex.patience');
  }

  #observe(site: Site, event: MutexEvent): void {
    site.lamport += 1;
    this.events.push({ ...event, node: site.id, at: this.now });
    if (event.kind === 'mutex.requested') site.wanting = { request: event.request, timestamp: event.timestamp, requested: this.now };
    if (event.kind === 'mutex.entered') {
      if ([...this.sites.values()].some((other) => other.inside !== undefined)) this.overlaps += 1;
      site.inside = this.now;
      site.entries += 1;
    }
    if (event.kind === 'mutex.exited') this.#left(site);
  }

  #left(site: Site): void {
    if (site.wanting !== undefined && site.inside !== undefined) {
      this.entries.push({ node: site.id, ...site.wanting, entered: site.inside, left: this.now });
    }
    site.inside = undefined;
  }
}
