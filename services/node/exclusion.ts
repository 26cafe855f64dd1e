/** What a member shows of mutual exclusion: where it stands, for whom it waits, and how often it was inside. */
import type { MutexAlgorithm, MutexConfig } from '../../shared/mutex/config.ts';
import type { State } from '../../shared/node.ts';
import { formatToken, type NodeId } from '../../shared/protocol.ts';
import { mutexOf } from '../../shared/scenario.ts';
import { awaitedBy } from '../../shared/view.ts';

export interface MutexShown {
  readonly algorithm: MutexAlgorithm;
  readonly state: 'idle' | 'wanted' | 'held';
  /** Since this start of the node. */
  readonly entries: number;
  readonly waitingFor: readonly string[];
  /** The fencing token it is inside with; `null` where it is outside, or the algorithm issues none. */
  readonly token: string | null;
}

export class Exclusion {
  readonly #awaitedBy: ReturnType<typeof awaitedBy>;
  #entries = 0;

  constructor(config: MutexConfig = mutexOf({})) {
    this.#awaitedBy = awaitedBy(config);
  }

  observe({ kind }: { readonly kind: string }): void {
    if (kind === 'mutex.entered') this.#entries += 1;
  }

  /** For whose answer this node is waiting. */
  awaits(state: State): readonly NodeId[] {
    return this.#awaitedBy(state);
  }

  /** `null` for a node that takes no critical section. */
  shown(state: State, nameOf: (id: number) => string): MutexShown | null {
    if (state.role !== 'member' || state.mutex === undefined || state.setup.mutex === null) return null;
    const { contender, section } = state.mutex;
    return {
      algorithm: state.setup.mutex,
      state: contender.phase,
      entries: this.#entries,
      waitingFor: this.awaits(state).map(nameOf),
      token: section?.token == null ? null : formatToken(section.token),
    };
  }
}
