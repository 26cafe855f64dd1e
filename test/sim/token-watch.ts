/** Watches tokens: how many there are of each epoch, whether one comes twice, and whether two are inside with tokens of one epoch. */
import type { Mutex, MutexProtocol, MutexState } from '../../shared/mutex/mutex.ts';
import { compareTerms, formatTerm, type NodeId, type Step } from '../../shared/protocol.ts';

export class TokenWatch {
  readonly breaches: string[] = [];
  /** Of every process, as its last step left it. */
  readonly states = new Map<NodeId, MutexState>();
  readonly #seen = new Set<string>();

  /** The same protocol, with every step of it watched. */
  readonly watch = (protocol: MutexProtocol): MutexProtocol => ({
    ...protocol,
    start: (member, now, found) => this.#stepped(undefined, protocol.start(member, now, found)),
    step: (state, input, now) => this.#stepped(state, protocol.step(state, input, now)),
  });

  gone(id: NodeId): void {
    this.states.delete(id);
  }

  /** Who has a token, of any epoch. */
  get holders(): readonly NodeId[] {
    return [...this.states].flatMap(([id, state]) => (heldBy(state) === undefined ? [] : [id]));
  }

  #stepped(before: MutexState | undefined, step: Step<Mutex>): Step<Mutex> {
    const { state } = step;
    const { self } = state.contender.member;
    const held = heldBy(state);
    const had = before === undefined ? undefined : heldBy(before);
    this.states.set(self, state);
    const others = [...this.states].filter(([id]) => id !== self);
    // A step may have it come and go again.
    const name = held === undefined ? undefined : `${formatTerm(held.epoch)} at hop ${held.hop}`;
    if (held !== undefined && name !== undefined && !(had?.hop === held.hop && compareTerms(had.epoch, held.epoch) === 0)) {
      if (this.#seen.has(name)) this.breaches.push(`${self} has ${name}, which was there before`);
      this.#seen.add(name);
      for (const [id, other] of others) {
        const theirs = heldBy(other);
        if (theirs !== undefined && compareTerms(theirs.epoch, held.epoch) === 0) this.breaches.push(`${self} and ${id} have ${name}`);
      }
    }
    for (const effect of step.effects) {
      if (effect.kind !== 'emit' || effect.event.kind !== 'mutex.entered') continue;
      const { token } = effect.event;
      for (const [id, { section }] of others) {
        if (token && section?.token && compareTerms(section.token.term, token.term) === 0) this.breaches.push(`${self} and ${id} are inside`);
      }
    }
    return step;
  }
}

function heldBy({ lock }: MutexState) {
  return lock !== undefined && 'custody' in lock ? lock.custody.held : undefined;
}
