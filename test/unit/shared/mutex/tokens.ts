/** A process with one of the token locks, driven input by input. */
import { type MutexConfig, mutexDefaults } from '../../../../shared/mutex/config.ts';
import type { Token } from '../../../../shared/mutex/custody/words.ts';
import { type Mutex, mutex } from '../../../../shared/mutex/mutex.ts';
import { incarnation, type Member, type NodeId, nodeId, type Term } from '../../../../shared/protocol.ts';
import { milliseconds } from '../../../../shared/time.ts';
import { Bench } from '../given.ts';

export const [p1, p2, p3, p4] = [1, 2, 3, 4].map(nodeId) as [NodeId, NodeId, NodeId, NodeId];
export const epoch = (number: number, node = p3): Term => ({ number, node, incarnation: incarnation(1) });
export const token = (of: Term, hop: number, count = 0): Token => ({ epoch: of, hop, count });

const workload = { think: 'off', shortest: milliseconds(10), longest: milliseconds(10) } as const;

export class Process extends Bench<Mutex> {
  #at = 0;

  constructor(self: NodeId, config: Partial<MutexConfig>, members: readonly NodeId[] = [p1, p2, p3]) {
    const who: Member = { self, incarnation: incarnation(1), members };
    super(mutex({ ...mutexDefaults, workload, ...config }), who);
    for (const peer of members) if (peer !== self) this.trusts(peer);
  }

  trusts(peer: NodeId, start = 1): this {
    return this.give({ kind: 'trusted', peer, incarnation: incarnation(start) }, this.#now());
  }
  suspects(peer: NodeId): this {
    return this.give({ kind: 'suspected', peer }, this.#now());
  }
  follows(leader: NodeId, number = 1): this {
    return this.follow(leader, epoch(number, leader), this.#now());
  }
  hears(from: NodeId, message: Mutex['message']): this {
    return this.hear(from, message, this.#now());
  }
  rings(timer: Mutex['timer']): this {
    return this.ring(timer, this.#now());
  }
  /** It is told of a token that is elsewhere. */
  told(of: Term, at: NodeId, hop = 0): this {
    return this.hears(p3, { kind: 'mutex.renewed', epoch: of, hop, at });
  }
  wants(): this {
    return this.give({ kind: 'command', command: { kind: 'mutex.enter' } }, this.#now());
  }
  leaves(): this {
    return this.rings('mutex.hold');
  }

  #now(): number {
    this.#at += 1_000;
    return this.#at;
  }

  /** What it says, as `kind>receiver`. */
  get says(): readonly string[] {
    return this.sent.map(({ to, message }) => `${message.kind}>${to}`);
  }
  get custody() {
    const { lock } = this.state;
    if (lock === undefined || !('custody' in lock)) throw new Error('no lock with a token');
    return lock.custody;
  }
  get refusal(): string | undefined {
    return this.event('mutex.refused')?.why;
  }
  /** What was said last of this kind. */
  said<K extends Mutex['message']['kind']>(kind: K): Extract<Mutex['message'], { kind: K }> | undefined {
    return this.sent.map(({ message }) => message).findLast((m): m is Extract<Mutex['message'], { kind: K }> => m.kind === kind);
  }
}
