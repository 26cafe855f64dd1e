/** Devices remember more than members that all start anew: they find back to them, and read their leader's clock again. */
import { describe, expect, it } from 'vitest';
import { ElectionJudge } from '../../shared/checkers/election.ts';
import { defaults as berkeley } from '../../shared/clock/berkeley.ts';
import { defaults as cristian } from '../../shared/clock/cristian.ts';
import { electionDefaults } from '../../shared/election/config.ts';
import type { HistoryEvent } from '../../shared/history.ts';
import { type Choice, node, type Role } from '../../shared/node.ts';
import { type NodeId, nodeId } from '../../shared/protocol.ts';
import { Simulator } from '../../shared/sim/simulator.ts';
import { later, none, ppm, seconds, type TrueTime } from '../../shared/time.ts';
import { links } from './electorate.ts';

const members = [1, 2, 3, 4, 5].map(nodeId);
const [ofLeader, ofAll] = [nodeId(101), nodeId(102)];

class Cluster {
  readonly history: HistoryEvent[] = [];
  readonly sim: Simulator;

  constructor(mode: Choice['mode']) {
    const process = (id: NodeId, role: Role, servers: 'leader' | 'all' = 'leader') => ({
      id,
      name: `n${id}`,
      role,
      protocol: node({ role, election: { ...electionDefaults, mode }, clock: 'berkeley', cristian, berkeley, servers }),
      offset: none,
      drift: ppm((id % 7) * 12),
    });
    this.sim = new Simulator({
      seed: 1,
      rules: links,
      processes: [...members.map((id) => process(id, 'member')), process(ofLeader, 'device'), process(ofAll, 'device', 'all')],
      observe: (event) => this.history.push(event),
    });
  }

  at(s: number, run: () => void): this {
    this.sim.at(later(0 as TrueTime, seconds(s)), run);
    return this;
  }
  tell(s: number, of: number, command: Parameters<ReturnType<Simulator['process']>['deliver']>[0]): this {
    return this.at(s, () => this.sim.process(nodeId(of)).deliver(command));
  }
  restart(s: number, wiped: boolean): this {
    const all = members.map((id) => this.sim.process(id));
    const crash = (): void => {
      for (const process of all) {
        process.crash();
        if (wiped) process.wipe();
      }
    };
    return this.at(s, crash).at(s + 2, () => {
      for (const process of all) process.start();
    });
  }

  /** What devices read in the last ten seconds of so many. */
  readings(until: number): readonly number[] {
    this.sim.run(seconds(until));
    const since = seconds(until - 10);
    return [ofLeader, ofAll].map((id) => this.history.filter((e) => e.node === id && e.trueUs > since && reading.has(e.kind)).length);
  }
}
const reading = new Set(['cristian.read', 'marzullo.selected']);

describe.each(['classic', 'safe'] as const)('devices of a cluster that elects by %s Bully read on', (mode) => {
  it('where the clock rule was changed and all members start anew, as they were configured', () => {
    const cluster = new Cluster(mode).tell(8, 5, { kind: 'command', command: { kind: 'node.switch', clock: 'cristian' } });
    expect(
      cluster
        .restart(20, false)
        .readings(45)
        .filter((n) => n < 2),
    ).toEqual([]);
  });
  it('where all members lose their disks, and elect by lower terms than before', () => {
    const cluster = new Cluster(mode);
    for (const s of [6, 9, 12]) cluster.tell(s, 1, { kind: 'command', command: { kind: 'election.call' } });
    expect(
      cluster
        .restart(20, true)
        .readings(60)
        .filter((n) => n < 2),
    ).toEqual([]);
    expect(new Set(cluster.history.filter((e) => e.kind === 'election.forgotten').map((e) => e.node))).toEqual(new Set([ofLeader, ofAll]));
    const judge = new ElectionJudge({ ...electionDefaults, mode });
    for (const event of cluster.history) judge.observe(event);
    expect(judge.verdicts(cluster.sim.now()).find(({ rule }) => rule === 'election.term-order')).toMatchObject({ verdict: 'holds' });
  });
  it('and remember what they know while one leader after the other is killed', () => {
    const cluster = new Cluster(mode);
    for (const s of [6, 16, 26]) cluster.at(s, () => cluster.sim.process(nodeId(5)).crash()).at(s + 5, () => cluster.sim.process(nodeId(5)).start());
    expect(cluster.readings(45).filter((n) => n < 2)).toEqual([]);
    expect(cluster.history.filter((e) => e.kind === 'election.forgotten')).toEqual([]);
  });
});
