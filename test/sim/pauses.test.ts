/**
 * Whole clusters whose members are paused, leaders as well, and elect another meanwhile. Delays run in the sender, as between
 * real nodes, so that frames wait with whoever is paused and come seconds late. Every claim must be true at every instant,
 * for whoever knows all, and for a control room that hears nothing of a node as long as it is paused.
 */
import { describe, expect, it } from 'vitest';
import { ControlRoom } from '../../services/console/control-room.ts';
import type { HistoryEvent as Told } from '../../services/console/live-frames.ts';
import { ClockJudge } from '../../shared/checkers/clock.ts';
import type { Verdict } from '../../shared/checkers/verdict.ts';
import { defaults as berkeley } from '../../shared/clock/berkeley.ts';
import { defaults as cristian } from '../../shared/clock/cristian.ts';
import { electionDefaults, type Mode } from '../../shared/election/config.ts';
import type { HistoryEvent } from '../../shared/history.ts';
import { type ClockRule, node } from '../../shared/node.ts';
import { type NodeId, nodeId } from '../../shared/protocol.ts';
import { between, type Random, stream } from '../../shared/random.ts';
import { Simulator } from '../../shared/sim/simulator.ts';
import { type Duration, later, microseconds, milliseconds, ppm, seconds, type TrueTime } from '../../shared/time.ts';
import { links } from './electorate.ts';

const rho = ppm(200);
const span = seconds(90);
const members = [1, 2, 3, 4, 5].map(nodeId);
/** They tell in turn, each every tenth of a second. */
const turn = milliseconds(20);

/** A control room whose nodes tell it what happens to them, as long as they run. */
class Watch {
  readonly #room = new ControlRoom(
    members.map((id) => ({ id, name: `p${id}`, role: 'member' as const })),
    'processes',
    rho,
  );
  readonly #untold = new Map<NodeId, HistoryEvent[]>();
  readonly #seqs = new Map<NodeId, number>();

  constructor() {
    for (const { id, name, role } of this.#room.nodes) this.#hear(id, { type: 'hello', bootId: 'boot', name, role, incarnation: 1, trueUs: 0 }, 0);
  }

  paused(id: NodeId): void {
    this.#untold.set(id, this.#untold.get(id) ?? []);
  }

  /** Tells first what has happened to its clock while it was paused. */
  resumed(id: NodeId): void {
    const untold = this.#untold.get(id) ?? [];
    this.#untold.delete(id);
    for (const event of untold) this.happened(event);
  }

  happened(event: HistoryEvent): void {
    const untold = this.#untold.get(event.node);
    if (untold !== undefined) {
      untold.push(event);
      return;
    }
    const seq = (this.#seqs.get(event.node) ?? 0) + 1;
    this.#seqs.set(event.node, seq);
    this.#hear(event.node, { type: 'events', events: [{ ...event, seq } as unknown as Told] }, event.trueUs);
  }

  /** Says that it has told everything up to here, if it runs. */
  upto(id: NodeId, at: TrueTime): void {
    if (!this.#untold.has(id)) this.#hear(id, { type: 'upto', trueUs: at, messages: {}, awaits: [] }, at);
  }

  judge(at: TrueTime): Verdict | undefined {
    this.#room.tick(at);
    return this.#room.picture.state.verdicts.find(({ rule }) => rule === 'clock.bound');
  }

  #hear(id: NodeId, frame: Parameters<ControlRoom['hear']>[1], at: number): void {
    for (const watched of this.#room.nodes) if (watched.id === id) this.#room.hear(watched, frame, at);
  }
}

interface Played {
  readonly verdicts: readonly Verdict[];
  readonly pauses: number;
  readonly terms: number;
  /** Frames that came after more than a second. */
  readonly late: number;
}

function play(seed: number, clock: ClockRule, mode: Mode): Played {
  const random = stream(seed, 'plan');
  const protocol = node({
    role: 'member',
    clock,
    election: { ...electionDefaults, mode },
    cristian: { ...cristian, rho },
    berkeley: { ...berkeley, rho },
  });
  const judge = new ClockJudge({ rho });
  const watch = new Watch();
  const pauses = new Pauses(watch, random);
  const terms = new Set<number>();
  let late = 0;
  const sim: Simulator = new Simulator({
    seed,
    rules: links,
    delayedBySender: true,
    processes: members.map((id) => ({
      id,
      name: `p${id}`,
      role: 'member',
      protocol,
      offset: milliseconds(between(random, -500, 500)),
      drift: ppm(between(random, -100, 100)),
    })),
    observe: (event) => {
      judge.observe(event);
      watch.happened(event);
      if (event.kind === 'message.sent') pauses.sent(sim, event.node);
      if (event.kind === 'election.elected') terms.add(event.term.number);
      if (event.kind === 'message.received' && event.delayUs > seconds(1)) late += 1;
    },
  });
  pauses.begin(sim, seconds(8));
  let live: Verdict | undefined;
  while (sim.now() < span) {
    for (const id of members) {
      sim.run(turn);
      watch.upto(id, sim.now());
    }
    judge.bound.judge(sim.now());
    live = watch.judge(sim.now());
  }
  return {
    verdicts: [...judge.verdicts(), ...(live === undefined ? [] : [{ ...live, rule: 'clock.bound, live' }])],
    pauses: pauses.count,
    terms: terms.size,
    late,
  };
}

/** Pauses one after the other. Every other one strikes a moment after a member has sent something, which may still be with it. */
class Pauses {
  readonly #watch: Watch;
  readonly #random: Random;
  #next: NodeId | undefined;
  count = 0;

  constructor(watch: Watch, random: Random) {
    this.#watch = watch;
    this.#random = random;
  }

  begin(sim: Simulator, after: Duration): void {
    sim.at(later(sim.now(), after), () => {
      const next = nodeId(1 + Math.floor(this.#random() * members.length));
      if (this.count % 2 === 0) this.#strike(sim, next);
      else this.#next = next;
    });
  }

  sent(sim: Simulator, by: NodeId): void {
    if (by !== this.#next) return;
    this.#next = undefined;
    sim.at(later(sim.now(), microseconds(between(this.#random, 0, 6_000))), () => this.#strike(sim, by));
  }

  #strike(sim: Simulator, id: NodeId): void {
    if (sim.now() > span - seconds(8)) return;
    this.count += 1;
    const random = this.#random;
    sim.process(id).pause();
    this.#watch.paused(id);
    const lasts = random() < 0.5 ? seconds(5) : microseconds(between(random, 100_000, 6_000_000));
    sim.at(later(sim.now(), lasts), () => {
      this.#watch.resumed(id);
      sim.process(id).resume();
      this.begin(sim, microseconds(between(random, 100_000, 1_500_000)));
    });
  }
}

describe('members that are paused and resumed', () => {
  const seeds = Array.from({ length: 12 }, (_, i) => i + 1);
  const courses = (['berkeley', 'cristian'] as const).flatMap((clock) => (['classic', 'safe'] as const).map((mode) => [clock, mode] as const));

  it.each(courses)('claim nothing false of their clocks: %s, %s elections', (clock, mode) => {
    const played = seeds.map((seed) => ({ seed, ...play(seed, clock, mode) }));
    const wrong = played.flatMap(({ seed, verdicts }) =>
      verdicts.flatMap((v) => (v.verdict === 'holds' ? [] : [`seed ${seed}: ${v.rule}: ${v.detail}`])),
    );
    expect(wrong).toEqual([]);
    const total = (of: (p: Played) => number): number => played.reduce((n, p) => n + of(p), 0);
    expect(played.every(({ verdicts }) => verdicts.some(({ rule }) => rule === 'clock.bound, live'))).toBe(true);
    // A swarm in which little happens would prove little.
    expect(total((p) => p.pauses)).toBeGreaterThan(100);
    for (const happened of [total((p) => p.terms), total((p) => p.late)]) expect(happened).toBeGreaterThan(30);
  });
});
