/** A cluster that runs is told to run something else: nobody jumps, nobody loses its leader, and no two are inside together. */
import { describe, expect, it } from 'vitest';
import { ClockJudge } from '../../shared/checkers/clock.ts';
import { defaults as berkeley } from '../../shared/clock/berkeley.ts';
import { defaults as cristian } from '../../shared/clock/cristian.ts';
import { electionDefaults } from '../../shared/election/config.ts';
import { uniform } from '../../shared/faults/delay.ts';
import { partition, type Rule } from '../../shared/faults/rules.ts';
import type { HistoryEvent } from '../../shared/history.ts';
import { mutexDefaults } from '../../shared/mutex/config.ts';
import { type Choice, type MemberState, node, type Role } from '../../shared/node.ts';
import { nodeId } from '../../shared/protocol.ts';
import { Simulator } from '../../shared/sim/simulator.ts';
import { milliseconds, ppm, seconds } from '../../shared/time.ts';

const ledger = nodeId(103);
const device = nodeId(101);
const members = [1, 2, 3, 4, 5].map(nodeId);
const links: readonly Rule[] = [{ does: 'delay', delay: uniform(milliseconds(2), milliseconds(8)) }];
const started = { election: 'bully', mode: 'classic', clock: 'berkeley', mutex: 'central' } as const satisfies Choice;

class Cluster {
  readonly history: HistoryEvent[] = [];
  readonly clocks = new ClockJudge({ rho: ppm(200), average: 'gamma' });
  readonly sim: Simulator;

  constructor(seed = 1) {
    const mutex = { ...mutexDefaults, algorithm: started.mutex, ledger };
    const config = { election: electionDefaults, clock: started.clock, cristian, berkeley, mutex };
    const process = (id: typeof ledger, role: Role) => ({
      id,
      name: `n${id}`,
      role,
      protocol: node({ role, ...config }),
      offset: milliseconds(id * 3),
      drift: ppm(id === 103 ? 0 : (id % 7) * 12),
    });
    this.sim = new Simulator({
      seed,
      rules: links,
      processes: [...members.map((id) => process(id, 'member')), process(device, 'device'), process(ledger, 'ledger')],
      observe: (event) => {
        this.history.push(event);
        this.clocks.observe(event);
      },
    });
    this.sim.run(seconds(12));
  }

  order(choice: Partial<Choice>, of = 5): this {
    this.history.length = 0;
    this.sim.process(nodeId(of)).deliver({ kind: 'command', command: { kind: 'node.switch', ...choice } });
    return this;
  }

  run(s: number): this {
    this.sim.run(seconds(s));
    return this;
  }

  state(id: number): MemberState {
    return this.sim.process(nodeId(id)).state as MemberState;
  }

  of<K extends HistoryEvent['kind']>(kind: K): readonly Extract<HistoryEvent, { kind: K }>[] {
    return this.history.filter((e): e is Extract<HistoryEvent, { kind: K }> => e.kind === kind);
  }

  /** Kinds that were sent, without what keeps the cluster together. */
  sent(): ReadonlySet<string> {
    return new Set(this.of('message.sent').map((e) => e.message.kind));
  }

  /** Sections that began before an earlier one had ended. */
  overlaps(): number {
    const inside = new Set<number>();
    let overlaps = 0;
    for (const e of this.history) {
      if (e.kind === 'mutex.entered') {
        overlaps += inside.size;
        inside.add(e.node);
      } else if (e.kind === 'mutex.exited' || e.kind === 'node.stopped') inside.delete(e.node);
    }
    return overlaps;
  }
}

const kindsOf = (sent: ReadonlySet<string>, name: string): readonly string[] => [...sent].filter((kind) => kind.startsWith(`${name}.`));

describe('a clock rule', () => {
  const cluster = new Cluster().order({ clock: 'cristian' }).run(30);

  it('is another one at every member, in order of the same number', () => {
    expect(cluster.of('node.switched').map((e) => [e.node, e.number, e.clock])).toHaveLength(5);
    expect(members.map((id) => cluster.state(id).clock.rule)).toEqual(members.map(() => 'cristian'));
    expect(kindsOf(cluster.sent(), 'berkeley')).toEqual([]);
  });
  it('goes on where the clocks are: nothing steps, every claim is true, and all are synchronized again', () => {
    expect(cluster.of('cristian.read').filter((e) => e.how === 'step')).toEqual([]);
    expect(cluster.clocks.verdicts().map(({ rule, verdict }) => [rule, verdict])).toContainEqual(['clock.bound', 'holds']);
    expect(members.map((id) => cluster.state(id).clock.state.standing.status)).toEqual(members.map(() => 'synchronized'));
  });
  it('leaves devices what they ask, under the new number', () => {
    const read = cluster.of('cristian.read').filter((e) => e.node === device);
    expect(read.length).toBeGreaterThan(10);
  });
  it('may be the first one again', () => {
    const back = cluster.order({ clock: 'berkeley' }).run(20);
    expect(back.of('berkeley.round-finished').length).toBeGreaterThan(7);
    expect(members.map((id) => back.state(id).setup.number)).toEqual(members.map(() => 2));
    expect(kindsOf(back.sent(), 'cristian').length).toBe(2);
    expect(back.of('message.sent').filter((e) => e.message.kind === 'cristian.request' && e.node !== device && e.trueUs > 43e6)).toEqual([]);
  });
});

describe('an election', () => {
  it.each(['ring', 'chang-roberts', 'hirschberg-sinclair'] as const)('is held as %s from then on, under the same leader until then', (name) => {
    const cluster = new Cluster().order({ election: name }).run(3);
    expect(cluster.of('election.elected')).toEqual([]);
    expect(members.map((id) => cluster.state(id).election.office.leader)).toEqual(members.map(() => 5));
    cluster.sim.process(nodeId(5)).crash();
    cluster.run(5);
    expect(kindsOf(cluster.sent(), name).length).toBeGreaterThan(0);
    expect(kindsOf(cluster.sent(), 'bully')).toEqual([]);
    expect([1, 2, 3, 4].map((id) => cluster.state(id).election.office.leader)).toEqual([4, 4, 4, 4]);
  });
  it('becomes safe: the leader asks for votes before it leads on', () => {
    const cluster = new Cluster().order({ mode: 'safe' }).run(10);
    expect(kindsOf(cluster.sent(), 'bully')).toContain('bully.propose');
    expect(members.map((id) => cluster.state(id).election.office.leader)).toEqual(members.map(() => 5));
    expect(cluster.of('election.lease').length).toBeGreaterThan(10);
  });
});

describe('a lock', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('is changed only once everybody has left the old one (seed %i)', (seed) => {
    const cluster = new Cluster(seed).order({ mutex: 'ricart-agrawala' }).run(20);
    expect(cluster.overlaps()).toBe(0);
    const left = Math.max(...cluster.of('node.switched').map((e) => e.trueUs));
    expect(Math.min(...cluster.of('node.opened').map((e) => e.trueUs))).toBeGreaterThan(left);
    expect(cluster.of('mutex.entered').filter((e) => e.generation === 1).length).toBeGreaterThan(20);
    expect(kindsOf(cluster.sent(), 'ricart-agrawala')).toHaveLength(2);
    expect(cluster.of('mutex.unwritten')).toEqual([]);
  });
  it('does not wait for a member that is suspected', () => {
    const cluster = new Cluster();
    cluster.sim.process(nodeId(2)).crash();
    cluster.run(3).order({ mutex: 'central-lease' }).run(10);
    expect(
      cluster
        .of('node.opened')
        .map((e) => e.node)
        .toSorted(),
    ).toEqual([1, 3, 4, 5]);
    expect(cluster.of('mutex.entered').length).toBeGreaterThan(10);
  });
  it('is changed also where the leader dies on the way', () => {
    const cluster = new Cluster();
    cluster.sim.shape([...partition([[nodeId(5)], [nodeId(1)]]), ...links]);
    cluster.order({ mutex: 'central-lease' });
    cluster.sim.run(milliseconds(20));
    cluster.sim.process(nodeId(5)).crash();
    cluster.sim.shape(links);
    cluster.run(20);
    expect([1, 2, 3, 4].map((id) => cluster.state(id).setup.mutex)).toEqual(Array(4).fill('central-lease'));
    expect(cluster.overlaps()).toBe(0);
    expect(cluster.of('mutex.entered').filter((e) => e.generation === 1).length).toBeGreaterThan(10);
  });
  it('is changed also where the leader starts anew on the way, and has never heard of it', () => {
    const cluster = new Cluster();
    cluster.sim.process(nodeId(2)).crash();
    cluster.order({ mutex: 'maekawa' });
    cluster.sim.run(milliseconds(150));
    cluster.sim.process(nodeId(5)).crash();
    expect(cluster.of('node.opened')).toEqual([]);
    cluster.sim.process(nodeId(2)).start();
    cluster.sim.run(milliseconds(400));
    cluster.sim.process(nodeId(5)).start();
    cluster.run(15);
    expect(members.map((id) => cluster.state(id).setup.mutex)).toEqual(members.map(() => 'maekawa'));
    expect(cluster.overlaps()).toBe(0);
    expect(new Set(cluster.of('mutex.entered').flatMap((e) => (e.generation === 1 ? [e.node] : [])))).toEqual(new Set(members));
  });
  it('refuses at the ledger what was granted under the old one', () => {
    const cluster = new Cluster().order({ mutex: 'central-lease' }).run(10);
    const writes = cluster.of('ledger.accepted').filter((e) => e.token !== null);
    expect(writes.length).toBeGreaterThan(10);
    expect(cluster.of('ledger.refused')).toEqual([]);
  });
});

describe('whoever missed a change', () => {
  it('is told when it starts again, and runs what the others run', () => {
    const cluster = new Cluster();
    cluster.sim.process(nodeId(2)).crash();
    cluster.run(3).order({ clock: 'cristian', mutex: 'ricart-agrawala', election: 'ring' }).run(5);
    cluster.sim.process(nodeId(2)).start();
    cluster.run(10);
    expect(cluster.state(2).setup).toEqual(cluster.state(5).setup);
    expect(cluster.state(2).clock.state.standing.status).toBe('synchronized');
    expect(cluster.of('mutex.entered').filter((e) => e.node === 2).length).toBeGreaterThan(0);
  });
  it('is told when it leads the others, as the one that was killed and came back', () => {
    const cluster = new Cluster();
    cluster.sim.process(nodeId(5)).crash();
    cluster.run(4).order({ clock: 'cristian', mutex: 'central-lease' }, 4).run(5);
    cluster.sim.process(nodeId(5)).start();
    cluster.run(15);
    expect(members.map((id) => cluster.state(id).setup)).toEqual(members.map(() => cluster.state(4).setup));
    expect(members.map((id) => cluster.state(id).election.office.leader)).toEqual(members.map(() => 5));
    expect(cluster.overlaps()).toBe(0);
    expect(cluster.clocks.verdicts().filter((v) => v.verdict === 'bug')).toEqual([]);
  });
  it('follows the later order, where two leaders of a partition gave different ones', () => {
    const cluster = new Cluster();
    cluster.sim.shape([...partition([members.slice(0, 3), members.slice(3)]), ...links]);
    cluster.run(5).order({ clock: 'cristian' }).order({ clock: 'berkeley', election: 'ring' }, 3).run(3);
    cluster.sim.shape(links);
    cluster.run(15);
    expect(members.map((id) => cluster.state(id).setup)).toEqual(members.map(() => cluster.state(5).setup));
  });
});

describe('an order', () => {
  const refused = (choice: Partial<Choice>, of = 5): readonly string[] =>
    new Cluster()
      .order(choice, of)
      .run(1)
      .of('node.unswitched')
      .map((e) => e.why);

  it('is the leader’s', () => expect(refused({ clock: 'cristian' }, 3)).toEqual(['only the leader switches']));
  it('must be possible', () => expect(refused({ mode: 'safe', election: 'ring' })).toEqual(['only bully has a safe variant']));
  it('must change something', () => expect(refused(started)).toEqual(['that is what runs already']));
});
