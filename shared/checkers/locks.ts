/**
 * Judges mutual exclusion also where the lock is switched while the cluster runs: each lock by a judge of its own, from the
 * moment at which it opens; by then everybody has left the one before. The new judge is told first what went before in
 * short: who lives, who trusts whom, who leads.
 *
 * Whoever slept through a switch, or has started since, runs an older lock until it is told. What it does meanwhile, and
 * what its frames say, is no part of what is judged. Only the ledger cannot tell: one that slept inside closes its section
 * with a write when it wakes up, under a lock that has opened without it, and where it bears no token that is accepted.
 */
import type { HistoryEvent } from '../history.ts';
import { type MutexAlgorithm, mutexDefaults } from '../mutex/config.ts';
import { isSpokenBy } from '../mutex/kinds.ts';
import type { NodeId } from '../protocol.ts';
import type { TrueTime } from '../time.ts';
import { Background } from './background.ts';
import { type JudgedMutex, MutexJudge } from './mutex.ts';
import { finding, type Verdict } from './verdict.ts';

interface Lock {
  readonly generation: number;
  /** `null` where nobody takes the critical section. */
  readonly mutex: MutexAlgorithm | null;
}

export class LockJudge {
  readonly #config: JudgedMutex | undefined;
  readonly #opened: () => void;
  readonly #background = new Background();
  /** What each process runs, where that is known. */
  readonly #runs = new Map<NodeId, Lock & { readonly start: number }>();
  /** Who was heard from the start of its section. */
  readonly #known = new Set<NodeId>();
  /** The lock that is judged, and the newest that was heard of, which is not open yet where that is another one. */
  #judged: Lock;
  #newest: Lock;
  #changes = 0;
  #judge: MutexJudge | undefined;
  /** Who wrote to the ledger under another lock than is judged. */
  #stranger: NodeId | undefined;
  /** Overlaps under locks that were switched off. */
  #before = 0;

  /** How the nodes guard the critical section at first; `undefined` where nobody takes it. `opened` is told of each lock after that. */
  constructor(config: JudgedMutex | undefined, opened: () => void = () => undefined) {
    this.#config = config;
    this.#opened = opened;
    this.#judged = { generation: 0, mutex: algorithmOf(config) };
    this.#newest = this.#judged;
    this.#judge = config && new MutexJudge(config);
  }

  /** Critical sections that overlapped another. */
  get overlaps(): number {
    return this.#before + (this.#judge?.overlaps ?? 0);
  }

  verdicts(at?: TrueTime): readonly Verdict[] {
    const found = this.#judge?.verdicts(at) ?? [];
    return this.#stranger === undefined ? found : found.map((verdict) => this.#disturbed(verdict));
  }

  observe(event: HistoryEvent): void {
    this.#background.observe(event);
    switch (event.kind) {
      case 'node.started':
        this.#started(event);
        break;
      case 'node.switched':
        this.#switched(event);
        break;
      case 'node.opened':
        if (this.#newest !== this.#judged && this.#isRunBy(event.node, this.#newest)) this.#anew(event.trueUs);
        break;
    }
    if (event.kind === 'ledger.accepted' && !this.#isRunBy(event.from, this.#judged)) this.#stranger ??= event.from;
    if (this.#isJudged(event)) this.#judge?.observe(event);
  }

  /** What the register holds rests on everybody's having left the lock before. */
  #disturbed({ rule, verdict, detail }: Verdict): Verdict {
    if (!rule.startsWith('ledger.') || (verdict !== 'bug' && verdict !== 'holds')) return { rule, verdict, detail };
    return { rule, verdict: finding(verdict === 'holds', false), detail: `${detail}; ${this.#stranger} wrote under another lock` };
  }

  /** A start of its own accord runs what was configured. Of one that was only noticed, nobody knows. */
  #started({ node, incarnation, seq }: HistoryEvent): void {
    if (this.#runs.get(node)?.start === incarnation) return;
    if (seq === 0) this.#runs.delete(node);
    else this.#runs.set(node, { start: incarnation, generation: 0, mutex: algorithmOf(this.#config) });
  }

  /**
   * Two leaders of a partition may have changed the lock under one number, each to another; and a later change of something
   * else, by one that has not heard of it, may undo the change of a lock.
   */
  #switched({ node, incarnation: start, number, generation, mutex }: Extract<HistoryEvent, { kind: 'node.switched' }>): void {
    const lock: Lock = { generation, mutex };
    this.#runs.set(node, { start, ...lock });
    if (number < this.#changes) return;
    this.#changes = number;
    if (!isSame(lock, this.#newest)) this.#newest = lock;
  }

  #isRunBy(node: NodeId, lock: Lock): boolean {
    const runs = this.#runs.get(node);
    return runs === undefined || isSame(runs, lock);
  }

  #isJudged(event: HistoryEvent): boolean {
    const { kind, node } = event;
    if (kind === 'node.started' || kind === 'node.stopped') this.#known.delete(node);
    if ('message' in event && typeof event.message !== 'string')
      return !this.#isSpoken(event.message.kind) || ((event.message.setup ?? 0) === this.#judged.generation && this.#isHeard(event));
    if (!kind.startsWith('mutex.')) return true;
    if (!this.#isRunBy(node, this.#judged)) return false;
    if (kind === 'mutex.requested') this.#known.add(node);
    // A section whose beginning was not heard is not judged.
    return !('request' in event) || this.#known.has(node);
  }

  #isSpoken(kind: string): boolean {
    return this.#judged.mutex !== null && isSpokenBy(this.#judged.mutex, kind);
  }

  /** Whoever runs another lock makes nothing of it. */
  #isHeard({ kind, node }: HistoryEvent): boolean {
    return kind !== 'message.received' || this.#isRunBy(node, this.#judged);
  }

  #anew(at: TrueTime): void {
    this.#judged = this.#newest;
    const { generation, mutex } = this.#judged;
    this.#before = this.overlaps;
    this.#known.clear();
    this.#stranger = undefined;
    this.#judge = mutex === null ? undefined : new MutexJudge({ ...this.#config, algorithm: mutex, generation });
    for (const event of this.#background.left(at)) this.#judge?.observe(event);
    this.#opened();
  }
}

const isSame = (a: Lock, b: Lock): boolean => a.generation === b.generation && a.mutex === b.mutex;

const algorithmOf = (config: JudgedMutex | undefined): MutexAlgorithm | null =>
  config === undefined ? null : (config.algorithm ?? mutexDefaults.algorithm);
