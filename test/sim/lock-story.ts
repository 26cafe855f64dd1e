/**
 * Random stories of a whole cluster that takes turns: failure detectors, elections and locks as they are, five members and a
 * ledger, and a few misfortunes at random: crashes with quick and late returns, pauses, partitions, some too short to be
 * noticed, the ledger's absence, and another lock in the middle of it all. Then everything is healed, and time passes in
 * which everyone should get on.
 */
import { LockJudge } from '../../shared/checkers/locks.ts';
import { defaults as berkeley } from '../../shared/clock/berkeley.ts';
import { defaults as cristian } from '../../shared/clock/cristian.ts';
import { type Algorithm, electionDefaults, type Mode } from '../../shared/election/config.ts';
import { uniform } from '../../shared/faults/delay.ts';
import { partition, type Rule } from '../../shared/faults/rules.ts';
import { type MutexAlgorithm, mutexDefaults } from '../../shared/mutex/config.ts';
import { mutexAlgorithms } from '../../shared/mutex/kinds.ts';
import { node, type Role } from '../../shared/node.ts';
import { type NodeId, nodeId } from '../../shared/protocol.ts';
import { between, type Random, stream } from '../../shared/random.ts';
import { Simulator } from '../../shared/sim/simulator.ts';
import { type Duration, later, milliseconds, none, ppm, seconds, sum, type TrueTime } from '../../shared/time.ts';

export interface Story {
  readonly seed: number;
  readonly lock: MutexAlgorithm;
  readonly election: Algorithm;
  readonly mode: Mode;
}

const ledger = nodeId(103);
const members = [1, 2, 3, 4, 5].map(nodeId);
const links: readonly Rule[] = [{ does: 'delay', delay: uniform(milliseconds(2), milliseconds(8)) }];
const workload = { think: milliseconds(300), shortest: milliseconds(20), longest: milliseconds(100) };

/** Trouble comes between these; after `healed` there is none, and from `calm` on all should be well. */
const [first, last, healed, calm, end] = [3, 16, 20, 38, 46].map(seconds) as unknown as readonly [Duration, Duration, Duration, Duration, Duration];

/** What went wrong of a story, in words that name it; nothing where all is well. */
export function told({ seed, lock, election, mode }: Story): readonly string[] {
  const cluster = new Contended({ seed, lock, election, mode });
  const wrong = cluster.play();
  return wrong.map((what) => `seed ${seed} (${lock}, ${election}, ${mode}): ${what}; ${cluster.story.join(', ')}`);
}

class Contended {
  readonly story: string[] = [];
  readonly #random: Random;
  readonly #judge: LockJudge;
  readonly #sim: Simulator;
  readonly #entered = new Set<NodeId>();
  #cuts = 0;

  constructor({ seed, lock, election, mode }: Story) {
    this.#random = stream(seed, 'story', lock, election, mode);
    const mutex = { ...mutexDefaults, algorithm: lock, ledger, workload };
    const config = { election: { ...electionDefaults, algorithm: election, mode }, clock: 'berkeley', cristian, berkeley, mutex } as const;
    const process = (id: NodeId, role: Role) => ({ id, name: `p${id}`, role, protocol: node({ role, ...config }), offset: none, drift: ppm(0) });
    this.#judge = new LockJudge(mutex);
    this.#sim = new Simulator({
      seed,
      rules: links,
      delayedBySender: true,
      processes: [...members.map((id) => process(id, 'member')), process(ledger, 'ledger')],
      observe: (event) => {
        this.#judge.observe(event);
        if (event.kind === 'mutex.entered' && event.trueUs > calm) this.#entered.add(event.node);
      },
    });
  }

  play(): readonly string[] {
    for (let left = 1 + Math.floor(this.#random() * 6); left > 0; left--) this.#misfortune();
    this.#at(healed, () => {
      this.#sim.shape(links);
      for (const id of [...members, ledger]) this.#process(id).start();
    });
    this.#sim.run(end);
    const bugs = this.#judge.verdicts(this.#sim.now()).flatMap(({ rule, verdict, detail }) => (verdict === 'bug' ? [`${rule}: ${detail}`] : []));
    const stuck = members.filter((id) => !this.#entered.has(id));
    return stuck.length === 0 ? bugs : [...bugs, `${stuck.join(', ')} never entered again`];
  }

  #misfortune(): void {
    const from = Math.round(between(this.#random, first, last)) as Duration;
    const over = sum(from, Math.round(between(this.#random, 0, seconds(this.#random() < 0.5 ? 1.2 : 4))) as Duration);
    const one = members[Math.floor(this.#random() * members.length)] ?? ledger;
    const what = ['crash', 'crash', 'pause', 'pause', 'split', 'split', 'switch', 'silence'][Math.floor(this.#random() * 8)];
    const when = `${(from / 1e6).toFixed(2)} s to ${(over / 1e6).toFixed(2)} s`;
    switch (what) {
      case 'crash':
        this.#tell(`crash ${one} ${when}`).#crash(one, from, over);
        break;
      case 'silence':
        this.#tell(`crash the ledger ${when}`).#crash(ledger, from, over);
        break;
      case 'pause':
        this.#tell(`pause ${one} ${when}`);
        this.#at(from, () => {
          if (this.#process(one).up) this.#process(one).pause();
        });
        this.#at(over, () => this.#process(one).resume());
        break;
      case 'split':
        this.#split(from, over, when);
        break;
      default:
        this.#switch(from);
    }
  }

  #crash(id: NodeId, from: Duration, over: Duration): void {
    this.#at(from, () => this.#process(id).crash());
    this.#at(over, () => this.#process(id).start());
  }

  #split(from: Duration, over: Duration, when: string): void {
    const side = members.filter(() => this.#random() < 0.5);
    const rest = members.filter((id) => !side.includes(id));
    this.#tell(`split ${side.join('+')} off ${when}`);
    this.#at(from, () => {
      this.#cuts += 1;
      this.#sim.shape([...partition([[...rest, ledger], side]), ...links]);
    });
    this.#at(over, () => {
      this.#cuts -= 1;
      if (this.#cuts === 0) this.#sim.shape(links);
    });
  }

  /** Whoever leads does so. */
  #switch(at: Duration): void {
    const mutex = mutexAlgorithms[Math.floor(this.#random() * mutexAlgorithms.length)] ?? 'central';
    this.#tell(`switch to ${mutex} at ${(at / 1e6).toFixed(2)} s`);
    this.#at(at, () => {
      for (const id of members) this.#process(id).deliver({ kind: 'command', command: { kind: 'node.switch', mutex } });
    });
  }

  #tell(what: string): this {
    this.story.push(what);
    return this;
  }

  #process(id: NodeId) {
    return this.#sim.process(id);
  }

  #at(time: Duration, run: () => void): void {
    this.#sim.at(later(0 as TrueTime, time), run);
  }
}
