/** The control room watches a cluster whose lock is switched: what it knew of the cluster it still knows of the next lock. */
import { describe, expect, it } from 'vitest';
import { ControlRoom } from '../../../services/console/control-room.ts';
import type { HistoryEvent as Told } from '../../../services/console/live-frames.ts';
import { defaults as berkeley } from '../../../shared/clock/berkeley.ts';
import { defaults as cristian } from '../../../shared/clock/cristian.ts';
import { electionDefaults } from '../../../shared/election/config.ts';
import { uniform } from '../../../shared/faults/delay.ts';
import type { HistoryEvent } from '../../../shared/history.ts';
import { type MutexAlgorithm, mutexDefaults } from '../../../shared/mutex/config.ts';
import { mutexAlgorithms } from '../../../shared/mutex/kinds.ts';
import { node } from '../../../shared/node.ts';
import { nodeId } from '../../../shared/protocol.ts';
import { Simulator } from '../../../shared/sim/simulator.ts';
import { milliseconds, ppm } from '../../../shared/time.ts';

const names = ['kmc', 'mit', 'tapmi', 'sols', 'master'];
const cast = [
  ...names.map((name, i) => ({ id: nodeId(i + 1), name, role: 'member' as const })),
  { id: nodeId(103), name: 'ledger', role: 'ledger' as const },
];
const delay = uniform(milliseconds(2), milliseconds(8));

/** A simulated cluster whose nodes tell the control room what they do, as real ones would. */
class Watched {
  readonly room: ControlRoom;
  readonly #sim: Simulator;
  #untold: HistoryEvent[] = [];
  /** Each node numbers what it tells. */
  readonly #told = new Map<number, number>();

  constructor(algorithm: MutexAlgorithm) {
    const workload = { think: milliseconds(150), shortest: milliseconds(5), longest: milliseconds(20) };
    const mutex = { ...mutexDefaults, algorithm, ledger: nodeId(103), workload };
    const protocol = (role: 'member' | 'ledger') => node({ role, election: electionDefaults, clock: 'berkeley', cristian, berkeley, mutex });
    this.room = new ControlRoom(cast, 'processes', ppm(200), electionDefaults, { ...mutex, fencing: true });
    this.#sim = new Simulator({
      seed: 3,
      rules: [{ does: 'delay', delay }],
      processes: cast.map((one) => ({ ...one, protocol: protocol(one.role), offset: milliseconds(0), drift: ppm(0) })),
      observe: (event) => {
        const seq = (this.#told.get(event.node) ?? 0) + 1;
        this.#told.set(event.node, seq);
        this.#untold.push({ ...event, seq });
      },
    });
  }

  run(s: number): this {
    for (let i = 0; i < 2 * s; i++) {
      this.#sim.run(milliseconds(500));
      this.#tell();
    }
    return this;
  }

  /** Whoever is killed cannot say so: its connection is gone. */
  kill(name: string): this {
    const one = this.room.nodes.find((n) => n.name === name) ?? expect.fail(name);
    this.#sim.process(one.id).crash();
    this.room.lost(one);
    return this;
  }

  switch(mutex: MutexAlgorithm): this {
    this.#sim.process(nodeId(5)).deliver({ kind: 'command', command: { kind: 'node.switch', mutex } });
    return this;
  }

  verdict(rule: string) {
    return this.room.picture.state.verdicts.find((v) => v.rule === rule);
  }

  #tell(): void {
    const now = this.#sim.now();
    for (const one of this.room.nodes) {
      const { up, incarnation } = this.#sim.process(one.id);
      const events = this.#untold.filter((event) => event.node === one.id && event.kind !== 'node.stopped');
      if (one.incarnation !== incarnation && up)
        this.room.hear(one, { type: 'hello', bootId: 'b', name: one.name, role: one.role, incarnation, trueUs: 0 }, now);
      this.room.hear(one, { type: 'events', events: events as unknown as readonly Told[] }, now);
      if (up) this.room.hear(one, { type: 'upto', trueUs: now, messages: {}, awaits: [] }, now);
    }
    this.#untold = [];
    this.room.tick(now);
  }
}

const judged = (watched: Watched): number => Number(/over (\d+) entries/.exec(watched.verdict('mutex.counts')?.detail ?? '')?.[1] ?? 0);

describe('after a switch', () => {
  it.each(mutexAlgorithms)('to %s, entries are counted, and nobody is found guilty', (algorithm) => {
    const watched = new Watched(algorithm === 'lamport' ? 'central' : 'lamport').run(5).switch(algorithm).run(8);
    expect(watched.room.picture.state.verdicts.filter(({ verdict }) => verdict === 'bug')).toEqual([]);
    expect(watched.verdict('mutex.exclusion')?.verdict).toBe('holds');
    expect(watched.verdict('mutex.counts')?.verdict).toBe('holds');
    expect(judged(watched)).toBeGreaterThan(30);
    expect(watched.verdict('mutex.bypass')?.detail).toMatch(/passed by at most [1-9]/);
  });

  it('one that was killed before is named where it is waited for', () => {
    const watched = new Watched('central-lease').run(5).kill('mit').run(3).switch('maekawa').run(20);
    expect(watched.verdict('mutex.progress')).toMatchObject({
      verdict: 'expected-violation',
      detail: expect.stringContaining('waits for 2, by design'),
    });
    expect(watched.room.picture.state.verdicts.filter(({ verdict }) => verdict === 'bug')).toEqual([]);
  });
});
