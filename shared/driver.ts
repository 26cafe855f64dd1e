/**
 * Runs one protocol in a world. The same driver runs in a container, in the simulator and in a browser; only the world
 * differs, and a world is seven verbs wide.
 *
 * One input is taken at a time, and every effect of it is carried out before the next: a world never calls back into
 * the driver from inside an effect. The driver also keeps the logical clocks and stamps every message and event with
 * them. Protocols see none of it but the Lamport time, which some order their requests by.
 */
import * as hybrid from './logical/hybrid.ts';
import * as lamport from './logical/lamport.ts';
import * as vector from './logical/vector.ts';
import {
  type Adjustment,
  type Dials,
  type Effect,
  type Input,
  type Keepsake,
  type Member,
  type NodeId,
  type Protocol,
  type Reading,
  unreachable,
  type Vocabulary,
} from './protocol.ts';
import type { ClockTime, Duration } from './time.ts';

/** Where an event stands in logical time. */
export interface Stamp {
  readonly lamport: lamport.LamportTime;
  readonly vector: vector.VectorTime;
  readonly hybrid: hybrid.HybridTime;
}

/** Where a process stands before its first event, when its clock shows `clock`. */
export const unstamped = (clock: ClockTime): Stamp => ({ lamport: 0, vector: {}, hybrid: hybrid.origin(clock) });

export interface World<P extends Vocabulary> {
  now(): Dials;
  send(to: NodeId, message: P['message'], stamp: Stamp): void;
  setTimer(timer: P['timer'], after: Duration): void;
  clearTimer(timer: P['timer']): void;
  adjustClock(adjustment: Adjustment): void;
  /** Returns when it is kept, so that no later effect can be seen by anyone before. */
  persist(keep: Keepsake): void;
  observe(event: P['event'], stamp: Stamp): void;
}

export class Driver<P extends Vocabulary> {
  readonly #protocol: Protocol<P>;
  readonly #member: Member;
  readonly #world: World<P>;
  #state: P['state'];
  #stamp: Stamp;
  #busy = true;

  /** `found` is what the world has kept of an earlier start. */
  constructor(protocol: Protocol<P>, member: Member, world: World<P>, found?: Keepsake) {
    this.#protocol = protocol;
    this.#member = member;
    this.#world = world;
    const now = world.now();
    this.#stamp = unstamped(now.clock);
    const { state, effects } = protocol.start(member, this.#read(now), found);
    this.#state = state;
    this.#perform(effects, now.clock);
    this.#busy = false;
  }

  get state(): P['state'] {
    return this.#state;
  }

  /** Takes one input. `now` is when it arrived, where the world noted that earlier than now. */
  deliver(input: Input<P>, now: Dials = this.#world.now()): void {
    if (this.#busy) throw new Error('a world called back into the driver from inside an effect');
    this.#busy = true;
    const { state, effects } = this.#protocol.step(this.#state, input, this.#read(now));
    this.#state = state;
    this.#perform(effects, now.clock);
    this.#busy = false;
  }

  /**
   * Stamps the receipt, when the disciplined clock shows `clock`, of a message that was stamped `sent`. The message itself is
   * then delivered as an input.
   */
  receive(sent: Stamp, clock: ClockTime): Stamp {
    const own = this.#stamp;
    this.#stamp = {
      lamport: lamport.receive(own.lamport, sent.lamport),
      vector: vector.receive(own.vector, sent.vector, this.#member.self),
      hybrid: hybrid.receive(own.hybrid, sent.hybrid, clock),
    };
    return this.#stamp;
  }

  /** Stamps an event that the world itself observed when the disciplined clock showed `clock`, such as a change of its rate. */
  stamp(clock: ClockTime): Stamp {
    const own = this.#stamp;
    this.#stamp = {
      lamport: lamport.tick(own.lamport),
      vector: vector.tick(own.vector, this.#member.self),
      hybrid: hybrid.tick(own.hybrid, clock),
    };
    return this.#stamp;
  }

  #read(dials: Dials): Reading {
    return { ...dials, lamport: this.#stamp.lamport };
  }

  /** Everything that one input leads to happens at its instant, so that is what the clock shows for all of it. */
  #perform(effects: readonly Effect<P>[], clock: ClockTime): void {
    for (const effect of effects) {
      switch (effect.kind) {
        case 'send':
          this.#world.send(effect.to, effect.message, this.stamp(clock));
          break;
        case 'set-timer':
          this.#world.setTimer(effect.timer, effect.after);
          break;
        case 'clear-timer':
          this.#world.clearTimer(effect.timer);
          break;
        case 'adjust-clock':
          this.#world.adjustClock(effect.adjustment);
          break;
        case 'persist':
          this.#world.persist(effect.keep);
          break;
        case 'emit':
          this.#world.observe(effect.event, this.stamp(clock));
          break;
        default:
          unreachable(effect);
      }
    }
  }
}
