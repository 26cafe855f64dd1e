/**
 * Misfortunes for a token: crashes with quick and late returns, pauses long enough to be suspected, partitions in which
 * each side has a leader, and lost transfers. A failure detector and an election are played by the book: what is silent
 * for a while is suspected by all who can tell, and the highest that is heard leads.
 */
import type { MutexConfig } from '../../shared/mutex/config.ts';
import { incarnation, nodeId, type Term } from '../../shared/protocol.ts';
import { between, type Random, stream } from '../../shared/random.ts';
import { Locks, lan, light } from './mutex-harness.ts';
import { TokenWatch } from './token-watch.ts';

const detection = 800;
const election = 100;

export interface Misfortunes {
  readonly crashes?: number;
  readonly pauses?: number;
  readonly splits?: number;
  /** Of transfers and their acknowledgements. */
  readonly loss?: number;
}

export class Troubled {
  readonly locks: Locks;
  readonly watch = new TokenWatch();
  readonly #size: number;
  readonly #random: Random;
  /** On which side of a partition each is. */
  readonly #side = new Map<number, number>();
  readonly #silent = new Set<number>();
  /** Whom each believes to be gone. */
  readonly #suspects = new Map<number, Set<number>>();
  #terms = 0;

  constructor(config: Partial<MutexConfig>, size: number, seed: number, loss = 0) {
    this.#size = size;
    this.#random = stream(seed, 'token chaos');
    this.locks = new Locks({
      config: { workload: light(60, 20), ...config },
      size,
      seed,
      fifo: false,
      delay: (from, to, message, chance) => {
        const risky = message.kind === 'mutex.ack' || message.kind.endsWith('.token');
        return this.#apart(from, to) || (risky && chance() < loss) ? undefined : lan(from, to, message, chance);
      },
      hears: (by, of) => !this.#apart(by, of),
      mutate: this.watch.watch,
    });
    this.elect();
  }

  get ids(): readonly number[] {
    return Array.from({ length: this.#size }, (_, i) => i + 1);
  }
  get #someone(): number {
    return 1 + Math.floor(this.#random() * this.#size);
  }
  #apart(a: number, b: number): boolean {
    return (this.#side.get(a) ?? 0) !== (this.#side.get(b) ?? 0);
  }
  #hears(by: number, of: number): boolean {
    return !this.#silent.has(of) && !this.#apart(by, of);
  }

  /** On each side, the highest that is heard of leads. */
  elect(): void {
    for (const side of new Set(this.ids.map((id) => this.#side.get(id) ?? 0))) {
      const here = this.ids.filter((id) => (this.#side.get(id) ?? 0) === side);
      const leader = here.findLast((id) => !this.#silent.has(id));
      if (leader === undefined) continue;
      this.#terms += 1;
      const term: Term = { number: this.#terms, node: nodeId(leader), incarnation: incarnation(this.locks.site(leader).start) };
      for (const id of here) {
        if (!this.#silent.has(id)) this.locks.at(this.locks.now + between(this.#random, 0, 30), () => this.#follow(id, leader, term));
      }
    }
  }

  #follow(id: number, leader: number, term: Term): void {
    const known = this.watch.states.get(nodeId(id))?.contender.leader?.term.number ?? 0;
    if (known < term.number && this.#hears(id, leader)) this.locks.signal(id, { kind: 'leader', leader: nodeId(leader), term });
  }

  /** What failure detectors find, some time after the links or the processes changed. */
  #detect(): void {
    this.locks.at(this.locks.now + detection, () => {
      const led = new Set<number>();
      for (const by of this.ids) {
        for (const of of this.ids) {
          if (by === of || this.#silent.has(by) || this.#hears(by, of) || this.#suspects.get(by)?.has(of)) continue;
          this.#suspects.set(by, (this.#suspects.get(by) ?? new Set()).add(of));
          this.locks.signal(by, { kind: 'suspected', peer: nodeId(of) });
          if (this.watch.states.get(nodeId(by))?.contender.leader?.id === of) led.add(of);
        }
      }
      if (led.size > 0) this.locks.at(this.locks.now + election, () => this.elect());
    });
  }

  /** Whoever can be heard again is trusted again; of whom it was heard all the time, that is no news. */
  #trust(): void {
    for (const by of this.ids) {
      for (const of of this.ids) {
        if (by === of || !this.#hears(by, of) || this.#silent.has(by)) continue;
        this.#suspects.get(by)?.delete(of);
        this.locks.signal(by, { kind: 'trusted', peer: nodeId(of), incarnation: incarnation(this.locks.site(of).start) });
      }
    }
    this.locks.at(this.locks.now + election, () => this.elect());
  }

  crash(id: number, away: number): void {
    if (this.#silent.has(id)) return;
    this.#silent.add(id);
    this.locks.crash(id);
    this.watch.gone(nodeId(id));
    this.#suspects.delete(id);
    this.#detect();
    this.locks.at(this.locks.now + away, () => {
      this.#silent.delete(id);
      for (const by of this.ids) if (this.#hears(by, id)) this.#suspects.get(by)?.delete(id);
      this.locks.start(id);
      this.#detect();
      this.locks.at(this.locks.now + election, () => this.elect());
    });
  }

  pause(id: number, away: number): void {
    if (this.#silent.has(id)) return;
    this.#silent.add(id);
    this.locks.pause(id);
    this.#detect();
    this.locks.at(this.locks.now + away, () => {
      this.#silent.delete(id);
      this.locks.resume(id);
      this.#trust();
    });
  }

  split(away: number): void {
    if (this.#side.size > 0) return;
    for (const id of this.ids) this.#side.set(id, this.#random() < 0.5 ? 0 : 1);
    this.#detect();
    this.locks.at(this.locks.now + away, () => {
      this.#side.clear();
      this.#trust();
    });
  }

  /** A troubled while, and how long it takes until the last of it is over. */
  suffer({ crashes = 0, pauses = 0, splits = 0 }: Misfortunes, during = 12_000): this {
    const soon = (run: () => void): void => this.locks.at(between(this.#random, 100, during), run);
    for (let i = 0; i < crashes; i++) soon(() => this.crash(this.#someone, between(this.#random, 1, 2_500)));
    for (let i = 0; i < pauses; i++) soon(() => this.pause(this.#someone, between(this.#random, 10, 3_000)));
    for (let i = 0; i < splits; i++) soon(() => this.split(between(this.#random, 1_000, 3_000)));
    return this;
  }
}
