/** Plays a scenario in the simulator, in virtual time. */
import type { HistoryEvent } from '../history.ts';
import { node } from '../node.ts';
import { type Deed, nodeConfig, type Run, rulesOf, type Scenario } from '../scenario.ts';
import { later, type TrueTime } from '../time.ts';
import { Simulator } from './simulator.ts';

/** True time zero of a simulated run shows as the moment at which the lab sheet was run. */
const labSheetEpoch = Date.UTC(2021, 5, 1, 13, 48, 42) * 1_000;

export function play(scenario: Scenario, seed: number = scenario.seed): Run {
  const history: HistoryEvent[] = [];
  const sim = new Simulator({
    seed,
    processes: scenario.nodes.map((n) => ({ ...n, protocol: node(nodeConfig(n.role, scenario.clock)) })),
    rules: rulesOf(scenario),
    observe: (event) => history.push(event),
  });
  for (const deed of scenario.timeline) sim.at(later(0 as TrueTime, deed.at), () => perform(sim, scenario, deed));
  sim.run(scenario.span);
  return { scenario, history, from: 0 as TrueTime, epoch: labSheetEpoch };
}

function perform(sim: Simulator, { nodes }: Scenario, { verb, node: name }: Deed): void {
  const id = nodes.find((n) => n.name === name)?.id;
  if (id === undefined) throw new Error(`the timeline names ${name}, which is no node of the scenario`);
  const process = sim.process(id);
  switch (verb) {
    case 'kill':
      process.crash();
      break;
    case 'restart':
      process.start();
      break;
    case 'pause':
      process.pause();
      break;
    case 'resume':
      process.resume();
      break;
  }
}
