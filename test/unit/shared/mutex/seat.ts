/** One process with its lock, driven by hand: what it wants, what it hears, and what it says in return. */
import { type MutexConfig, mutexDefaults } from '../../../../shared/mutex/config.ts';
import type { Contender, Lock, LockWords, Turn } from '../../../../shared/mutex/lock.ts';
import type { MutexEvent } from '../../../../shared/mutex/outcome.ts';
import { incarnation, type NodeId, nodeId, type Reading, type Signal, type Term } from '../../../../shared/protocol.ts';
import { none, ppm } from '../../../../shared/time.ts';

export const [one, two, three, four] = [1, 2, 3, 4].map(nodeId) as [NodeId, NodeId, NodeId, NodeId];
export const config = (changed: Partial<MutexConfig> = {}): MutexConfig => ({ ...mutexDefaults, ...changed });
export const term = (node: NodeId, number = 1): Term => ({ number, node, incarnation: incarnation(1) });

const start = 7;

export class Seated<W extends LockWords> {
  readonly #lock: Lock<W>;
  contender: Contender;
  turn: Turn<W>;
  /** Milliseconds on its own counter, and its Lamport time. */
  ms = 0;
  lamport = 0;

  constructor(lock: Lock<W>, self: NodeId, members: readonly NodeId[] = [one, two, three]) {
    this.#lock = lock;
    const member = { self, incarnation: incarnation(start), members };
    this.contender = { member, phase: 'idle', request: 0, leader: undefined, suspects: new Set() };
    this.turn = lock.start(member, this.#now);
  }

  /** The first start of each of them is heard of. */
  acquainted(): this {
    for (const id of this.contender.member.members) if (id !== this.contender.member.self) this.trusts(id, 1);
    return this;
  }

  want(lamport: number): this {
    this.lamport = lamport;
    this.contender = { ...this.contender, phase: 'wanted', request: this.contender.request + 1 };
    return this.#take(this.#lock.want(this.#seat, this.#now));
  }
  leave(): this {
    this.contender = { ...this.contender, phase: 'idle' };
    return this.#take(this.#lock.leave(this.#seat, this.#now));
  }
  hear(from: NodeId, message: W['message']): this {
    return this.#take(this.#lock.receive(this.#seat, from, message, this.#now));
  }
  ring(timer: W['timer'], ms: number = this.ms): this {
    this.ms = ms;
    return this.#take(this.#lock.expire(this.#seat, timer, this.#now));
  }
  trusts(peer: NodeId, of: number): this {
    this.contender = { ...this.contender, suspects: new Set([...this.contender.suspects].filter((id) => id !== peer)) };
    return this.signal({ kind: 'trusted', peer, incarnation: incarnation(of) });
  }
  suspects(peer: NodeId): this {
    this.contender = { ...this.contender, suspects: new Set([...this.contender.suspects, peer]) };
    return this.signal({ kind: 'suspected', peer });
  }
  follows(leader: NodeId, number = 1): this {
    this.contender = { ...this.contender, leader: { id: leader, term: term(leader, number) } };
    return this.signal({ kind: 'leader', leader, term: term(leader, number) });
  }
  signal(signal: Signal): this {
    return this.#take(this.#lock.signal(this.#seat, signal, this.#now));
  }

  get inside(): boolean {
    return this.contender.phase === 'held';
  }
  get awaits(): readonly NodeId[] {
    return this.#lock.awaits(this.#seat);
  }
  /** `3 lamport.ack`, in the order in which they are sent. */
  get said(): readonly string[] {
    return this.sent.map(({ to, message }) => `${to} ${message.kind}`);
  }
  get sent(): readonly { readonly to: NodeId; readonly message: W['message'] }[] {
    return this.turn.effects.flatMap((e) => (e.kind === 'send' ? [{ to: e.to, message: e.message }] : []));
  }
  get events(): readonly MutexEvent[] {
    return this.turn.effects.flatMap((e) => (e.kind === 'emit' ? [e.event] : []));
  }
  get timers(): readonly string[] {
    return this.turn.effects.flatMap((e) =>
      e.kind === 'set-timer' ? [`${e.timer} ${e.after / 1_000}`] : e.kind === 'clear-timer' ? [`no ${e.timer}`] : [],
    );
  }

  get #seat(): { readonly contender: Contender; readonly lock: W['lock'] } {
    return { contender: this.contender, lock: this.turn.lock };
  }

  get #now(): Reading {
    const us = this.ms * 1_000;
    return { mono: us as never, raw: us as never, clock: us as never, pending: none, slewing: ppm(0), chance: 0.5, lamport: this.lamport };
  }

  #take(turn: Turn<W>): this {
    if (turn.enter !== undefined && this.contender.phase !== 'wanted') throw new Error(`it enters, though its phase is ${this.contender.phase}`);
    this.turn = turn;
    if (turn.enter !== undefined) this.contender = { ...this.contender, phase: 'held' };
    return this;
  }
}
