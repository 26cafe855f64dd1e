/**
 * Transactions one after the other on the nodes of a cluster, each with a timestamp from its own node's clock: do the
 * timestamps tell their order? With commit wait they must; without it, clocks that disagree show.
 */
import { interval, isPast } from '../clock/interval.ts';
import { standingOf } from '../node.ts';
import type { NodeId } from '../protocol.ts';
import { type ClockTime, elapsed, half, later, milliseconds } from '../time.ts';
import type { Simulator } from './simulator.ts';

export interface Committed {
  readonly transactions: number;
  /** Transactions whose timestamp is not after that of the one before. */
  readonly inversions: number;
  /** How long a transaction waited, and twice the bound that its node claimed then; means over all. */
  readonly waitedUs: number;
  readonly twiceBoundUs: number;
}

/** How often a waiting transaction looks at its clock. */
const glance = milliseconds(0.05);

/** One transaction on `node`, recorded when it is stamped and when it commits; none where the node claims nothing. */
export function commit(sim: Simulator, node: NodeId): void {
  const process = sim.process(node);
  const began = sim.now();
  const first = at(sim, node);
  if (first === undefined) return;
  const timestamp = first.latest;
  process.record({ kind: 'transaction.stamped', timestamp, bound: half(elapsed(first.earliest, first.latest)) });
  const look = (): void => {
    const now = at(sim, node);
    if (now !== undefined && isPast(timestamp, now)) process.record({ kind: 'transaction.committed', timestamp, waited: elapsed(began, sim.now()) });
    else sim.at(later(sim.now(), glance), look);
  };
  look();
}

/** Runs `transactions` in turn on `nodes`, with or without the wait. Nodes that claim nothing are passed over. */
export function commitInTurn(sim: Simulator, nodes: readonly NodeId[], transactions: number, wait: boolean): Committed {
  let last = Number.NEGATIVE_INFINITY as ClockTime;
  let [done, inversions, waited, twice] = [0, 0, 0, 0];
  for (let turn = 0; done < transactions; turn++) {
    const node = nodes[turn % nodes.length] as NodeId;
    const began = sim.now();
    const first = at(sim, node);
    if (first === undefined) {
      sim.run(glance);
      continue;
    }
    const timestamp = first.latest;
    for (let now = at(sim, node); wait && now !== undefined && !isPast(timestamp, now); now = at(sim, node)) sim.run(glance);
    if (timestamp <= last) inversions += 1;
    last = timestamp;
    waited += elapsed(began, sim.now());
    twice += first.latest - first.earliest;
    done += 1;
    // A moment of true time between one commit and the next beginning.
    sim.run(milliseconds(1));
  }
  return { transactions: done, inversions, waitedUs: Math.round(waited / done), twiceBoundUs: Math.round(twice / done) };
}

function at(sim: Simulator, node: NodeId): ReturnType<typeof interval> {
  const process = sim.process(node);
  return process.state && interval(standingOf(process.state), process.reading());
}
