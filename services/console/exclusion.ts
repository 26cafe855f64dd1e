/**
 * Judges mutual exclusion while the cluster runs, with the checker that also judges recorded runs.
 *
 * A crash ends a critical section, a pause does not: of a node that is silent while its connection stays open, nobody can
 * say that it is not inside any more. Where the lock is switched, another one is judged from the moment that it opens;
 * by then everybody has left the old one.
 */
import { type JudgedMutex, MutexJudge } from '../../shared/checkers/mutex.ts';
import type { Verdict } from '../../shared/checkers/verdict.ts';
import type { HistoryEvent as Happened } from '../../shared/history.ts';
import type { MutexAlgorithm } from '../../shared/mutex/config.ts';
import type { NodeId } from '../../shared/protocol.ts';
import type { TrueTime } from '../../shared/time.ts';
import { Doubt } from './doubt.ts';
import { InOrder } from './in-order.ts';
import type { HistoryEvent } from './live-frames.ts';
import type { Watched } from './watched.ts';

export class LiveExclusion {
  readonly #config: JudgedMutex | undefined;
  #doubt = new Doubt();
  readonly #order = new InOrder(
    (event) => this.#observe(event),
    (why) => this.#doubt.raise(why, this.#order.at, this.#judge?.verdicts() ?? []),
  );
  #judge: MutexJudge | undefined;
  /** Overlaps under locks that were switched off. */
  #before = 0;
  /** The newest start of each node, and who was heard from the start of its section. */
  readonly #starts = new Map<NodeId, Happened>();
  readonly #known = new Set<NodeId>();
  /** The newest change of the lock, and whether it is open. */
  #change: { readonly number: number; readonly mutex: MutexAlgorithm | null; readonly open: boolean } = { number: 0, mutex: null, open: true };

  /** How the nodes guard the critical section at first; `undefined` where nobody takes it. */
  constructor(config: JudgedMutex | undefined) {
    this.#config = config;
    this.#judge = config && new MutexJudge(config);
  }

  happened(event: HistoryEvent): void {
    this.#order.happened(event);
  }

  /** Judges everything up to `at`, the instant of a picture on which the nodes `up` are up. */
  judge(nodes: readonly Watched[], at: TrueTime, up: ReadonlySet<NodeId>): void {
    this.#order.moveTo(nodes, at, up, new Set([...up, ...nodes.flatMap(({ id, connected }) => (connected ? [id] : []))]));
  }

  verdicts(): readonly Verdict[] {
    return this.#doubt.weigh(this.#judge?.verdicts(this.#order.at) ?? []);
  }

  /** Critical sections that overlapped another. */
  get overlaps(): number {
    return this.#before + (this.#judge?.overlaps ?? 0);
  }

  #observe(event: Happened): void {
    if (event.kind === 'node.started') this.#starts.set(event.node, event);
    if (event.kind === 'node.switched' && event.number > this.#change.number && event.generation === event.number)
      this.#change = { number: event.number, mutex: event.mutex, open: false };
    if (event.kind === 'node.opened' && event.number === this.#change.number && !this.#change.open) this.#anew(event);
    if (this.#isWhole(event)) this.#judge?.observe(event);
  }

  /** A section whose beginning was not heard, since the control room came later, is not judged. */
  #isWhole({ kind, node }: Happened): boolean {
    if (kind === 'node.started' || kind === 'node.stopped') this.#known.delete(node);
    if (kind === 'mutex.requested') this.#known.add(node);
    return !kind.startsWith('mutex.') || this.#known.has(node);
  }

  #anew({ trueUs }: Happened): void {
    const { mutex } = this.#change;
    this.#change = { ...this.#change, open: true };
    this.#before = this.overlaps;
    this.#doubt = new Doubt();
    this.#judge = mutex === null ? undefined : new MutexJudge({ ...this.#config, algorithm: mutex });
    for (const start of this.#starts.values()) this.#judge?.observe({ ...start, trueUs });
  }
}
