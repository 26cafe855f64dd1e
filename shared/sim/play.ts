/** Plays a scenario in the simulator, in virtual time. */
import type { Lie } from '../faults/lies.ts';
import { partition } from '../faults/rules.ts';
import type { HistoryEvent } from '../history.ts';
import { type Node, node } from '../node.ts';
import type { NodeId, Protocol } from '../protocol.ts';
import { configOf, type Deed, type Run, rulesOf, type Scenario } from '../scenario.ts';
import { later, type TrueTime } from '../time.ts';
import { commit } from './commit-wait.ts';
import type { Process } from './process.ts';
import { Simulator } from './simulator.ts';

/** True time zero of a simulated run shows as the moment at which the lab sheet was run. */
const labSheetEpoch = Date.UTC(2021, 5, 1, 13, 48, 42) * 1_000;

/** `mutate` replaces the protocol of every node, for example by one with a bug. */
export function play(scenario: Scenario, seed: number = scenario.seed, mutate: (protocol: Protocol<Node>) => Protocol<Node> = (p) => p): Run {
  const history: HistoryEvent[] = [];
  const sim = new Simulator({
    seed,
    processes: scenario.nodes.map((n) => ({ ...n, protocol: mutate(node(configOf(scenario, n.role))) })),
    rules: rulesOf(scenario),
    observe: (event) => history.push(event),
  });
  const stage = new Stage(sim, scenario);
  for (const deed of scenario.timeline) sim.at(later(0 as TrueTime, deed.at), () => stage.perform(deed));
  sim.run(scenario.span);
  return { scenario, history, from: 0 as TrueTime, epoch: labSheetEpoch };
}

/** Carries the deeds of a timeline out. */
class Stage {
  readonly #sim: Simulator;
  readonly #scenario: Scenario;
  #lies: readonly Lie[] = [];

  constructor(sim: Simulator, scenario: Scenario) {
    this.#sim = sim;
    this.#scenario = scenario;
  }

  perform(deed: Deed): void {
    switch (deed.verb) {
      case 'kill':
        this.#process(deed.node).crash();
        break;
      case 'restart':
        this.#process(deed.node).start();
        break;
      case 'pause':
        this.#process(deed.node).pause();
        break;
      case 'resume':
        this.#process(deed.node).resume();
        break;
      case 'elect':
        this.#process(deed.node).deliver({ kind: 'command', command: { kind: 'election.call' } });
        break;
      case 'enter':
        this.#process(deed.node).deliver({ kind: 'command', command: { kind: 'mutex.enter' } });
        break;
      case 'clock':
        this.#process(deed.node).disturb(deed.fault);
        break;
      case 'lie':
        this.#lie(deed);
        break;
      case 'partition':
        this.#sim.shape([...partition(deed.sides.map((side) => side.map((n) => this.#id(n)))), ...rulesOf(this.#scenario)]);
        break;
      case 'commit':
        commit(this.#sim, this.#id(deed.node));
        break;
      case 'heal':
        this.#sim.shape(rulesOf(this.#scenario));
        break;
    }
  }

  #lie({ node: name, by, to }: Extract<Deed, { verb: 'lie' }>): void {
    const lie: Lie = { from: this.#id(name), by, ...(to === undefined ? {} : { to: to.map((n) => this.#id(n)) }) };
    this.#lies = [...this.#lies, lie];
    this.#sim.deceive(this.#lies);
  }

  #process(name: string): Process {
    return this.#sim.process(this.#id(name));
  }

  #id(name: string): NodeId {
    const id = this.#scenario.nodes.find((n) => n.name === name)?.id;
    if (id === undefined) throw new Error(`the timeline names ${name}, which is no node of the scenario`);
    return id;
  }
}
