/** What the steps of a protocol are given in these tests: who they are, what their instruments show, and a way to drive them. */
import type { Standing } from '../../../shared/clock/standing.ts';
import type { Effect, Input, Member, NodeId, Protocol, Reading, Term, Vocabulary } from '../../../shared/protocol.ts';
import { incarnation, nodeId } from '../../../shared/protocol.ts';
import { type ClockTime, type Duration, type MonoTime, microseconds, none, ppm, type RawTime } from '../../../shared/time.ts';

export const [one, two, three, four, five] = [1, 2, 3, 4, 5].map(nodeId) as [NodeId, NodeId, NodeId, NodeId, NodeId];
export const us = microseconds;

export const member = (self: NodeId, members: readonly NodeId[] = [one, two, three]): Member => ({ self, incarnation: incarnation(7), members });
export const term = (node: NodeId, of = 1, number = 1): Term => ({ number, node, incarnation: incarnation(of) });

/** Instruments at `raw`; the clock is the raw one, plus what was applied of the corrections. */
export const reading = (raw: number, applied = 0, pending = 0, slewing = 0): Reading => ({
  mono: raw as MonoTime,
  raw: raw as RawTime,
  clock: (raw + applied) as ClockTime,
  pending: us(pending),
  slewing: ppm(slewing),
  chance: 0.5,
  lamport: 0,
});

/** Drives a protocol, and lets its clock follow its corrections at once, as if every one were a step. */
export class Bench<P extends Vocabulary> {
  readonly #protocol: Protocol<P>;
  state: P['state'];
  effects: readonly Effect<P>[] = [];
  #applied: Duration = none;

  constructor(protocol: Protocol<P>, who: Member) {
    this.#protocol = protocol;
    this.state = protocol.start(who, reading(0)).state;
  }

  give(input: Input<P>, raw: number, now: Reading = reading(raw, this.#applied)): this {
    const { state, effects } = this.#protocol.step(this.state, input, now);
    this.state = state;
    this.effects = effects;
    for (const e of effects) if (e.kind === 'adjust-clock') this.#applied = (this.#applied + e.adjustment.by) as Duration;
    return this;
  }

  hear(from: NodeId, message: P['message'], raw: number): this {
    return this.give({ kind: 'message', from, message }, raw);
  }
  ring(timer: P['timer'], raw: number): this {
    return this.give({ kind: 'timer', timer }, raw);
  }
  follow(leader: NodeId, of: Term, raw = 0): this {
    return this.give({ kind: 'leader', leader, term: of }, raw);
  }

  /** How far the clock stands from the raw one, all corrections included. */
  get applied(): Duration {
    return this.#applied;
  }
  get sent(): readonly { readonly to: NodeId; readonly message: P['message'] }[] {
    return this.effects.flatMap((e) => (e.kind === 'send' ? [{ to: e.to, message: e.message }] : []));
  }
  get events(): readonly P['event'][] {
    return this.effects.flatMap((e) => (e.kind === 'emit' ? [e.event] : []));
  }
  get adjustments(): readonly Extract<Effect<P>, { kind: 'adjust-clock' }>['adjustment'][] {
    return this.effects.flatMap((e) => (e.kind === 'adjust-clock' ? [e.adjustment] : []));
  }
  event<K extends P['event']['kind']>(kind: K): Extract<P['event'], { kind: K }> | undefined {
    return this.events.find((e): e is Extract<P['event'], { kind: K }> => e.kind === kind);
  }
  timers(kind: 'set-timer' | 'clear-timer'): readonly P['timer'][] {
    return this.effects.flatMap((e) => (e.kind === kind ? [e.timer] : []));
  }
}

/** What a node claims, in short. */
export const claims = ({ status, claim }: Standing): string => (claim === undefined ? `${status}, claims nothing` : `${status}, ±${claim.error}`);
