/** Commit wait: timestamps that tell the order of transactions across nodes, at the price of twice the bound (S12). */
import { describe, expect, it } from 'vitest';
import { node } from '../../shared/node.ts';
import { nodeId } from '../../shared/protocol.ts';
import { nodeConfig, rulesOf } from '../../shared/scenario.ts';
import { convergence } from '../../shared/scenarios/clock/averaging.ts';
import { type Committed, commitInTurn } from '../../shared/sim/commit-wait.ts';
import { Simulator } from '../../shared/sim/simulator.ts';
import { milliseconds, seconds } from '../../shared/time.ts';

/** Five nodes in step, whose clocks are then disturbed, and 2,000 transactions on them in turn. */
function commits(wait: boolean, disturb?: (sim: Simulator) => void): Committed {
  const sim = new Simulator({
    seed: 1,
    processes: convergence.nodes.map((n) => ({ ...n, protocol: node(nodeConfig(n.role, 'berkeley')) })),
    rules: rulesOf(convergence),
    observe: () => undefined,
  });
  sim.run(seconds(10));
  disturb?.(sim);
  return commitInTurn(sim, [1, 2, 3, 4].map(nodeId), 2_000, wait);
}

describe('commit wait', () => {
  it('keeps 2,000 transactions in order, and waits for twice the bound', () => {
    const { inversions, waitedUs, twiceBoundUs } = commits(true);
    expect(inversions).toBe(0);
    expect(waitedUs / twiceBoundUs).toBeGreaterThan(0.9);
    expect(waitedUs / twiceBoundUs).toBeLessThan(1.1);
  });

  it('is what keeps them in order: without it, a clock that is 50 ms off shows', () => {
    const off = (sim: Simulator): void => sim.process(nodeId(1)).disturb({ fault: 'step', by: milliseconds(50) });
    expect(commits(false, off).inversions).toBeGreaterThan(0);
  });
});
