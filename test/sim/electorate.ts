/** A simulated cluster that elects its leader, with the judge of elections attached, for the suites of this room. */
import { ElectionJudge } from '../../shared/checkers/election.ts';
import type { Verdict } from '../../shared/checkers/verdict.ts';
import { defaults as berkeley } from '../../shared/clock/berkeley.ts';
import { defaults as cristian } from '../../shared/clock/cristian.ts';
import { type Algorithm, type ElectionConfig, electionDefaults } from '../../shared/election/config.ts';
import { uniform } from '../../shared/faults/delay.ts';
import type { Rule } from '../../shared/faults/rules.ts';
import type { HistoryEvent } from '../../shared/history.ts';
import { type Choice, type ClockRule, type Node, node, type Role } from '../../shared/node.ts';
import { type NodeId, nodeId, type Protocol } from '../../shared/protocol.ts';
import type { Process } from '../../shared/sim/process.ts';
import { Simulator } from '../../shared/sim/simulator.ts';
import { type Duration, later, milliseconds, none, ppm, type TrueTime } from '../../shared/time.ts';

export interface Setup {
  readonly seed?: number;
  readonly size: number;
  readonly election?: Partial<ElectionConfig>;
  readonly rules?: readonly Rule[];
  readonly driftOf?: (id: NodeId) => number;
  readonly offsetOf?: (id: NodeId) => Duration;
  readonly down?: readonly number[];
  /** The members' clock rule, Berkeley's where nothing is said. */
  readonly clock?: ClockRule;
  /** Clients of the leader's clock, which vote on nothing. */
  readonly devices?: readonly NodeId[];
  /** Hears of everything, as the judge does. */
  readonly observe?: (event: HistoryEvent) => void;
  /** Replaces the protocol, for example by one with a bug. */
  readonly mutate?: (protocol: Protocol<Node>) => Protocol<Node>;
}

export const algorithms: readonly Algorithm[] = ['bully', 'ring', 'chang-roberts', 'hirschberg-sinclair'];

/** The live default. */
export const links: readonly Rule[] = [{ does: 'delay', delay: uniform(milliseconds(2), milliseconds(8)) }];

export class Electorate {
  readonly sim: Simulator;
  readonly history: HistoryEvent[] = [];
  readonly ids: readonly NodeId[];
  readonly #judge: ElectionJudge;

  constructor({ seed = 1, size, election, rules = links, down = [], devices = [], ...setup }: Setup) {
    const { driftOf = () => 0, offsetOf = () => none, clock = 'berkeley', mutate = (protocol) => protocol, observe } = setup;
    const config = { ...electionDefaults, ...election };
    this.#judge = new ElectionJudge(config);
    this.ids = Array.from({ length: size }, (_, i) => nodeId(i + 1));
    const process = (role: Role) => {
      const protocol = mutate(node({ role, election: config, clock, cristian, berkeley }));
      return (id: NodeId) => ({
        id,
        name: `p${id}`,
        role,
        protocol,
        offset: offsetOf(id),
        drift: ppm(driftOf(id)),
        down: down.includes(id),
      });
    };
    this.sim = new Simulator({
      seed,
      rules,
      processes: [...this.ids.map(process('member')), ...devices.map(process('device'))],
      observe: (event) => {
        this.history.push(event);
        this.#judge.observe(event);
        observe?.(event);
      },
    });
  }

  process(id: number): Process {
    return this.sim.process(nodeId(id));
  }

  /** Has `id` call for an election. */
  call(id: number): void {
    this.process(id).deliver({ kind: 'command', command: { kind: 'election.call' } });
  }

  /** Tells `id` to change what the cluster runs, which it does if it leads. */
  order(id: number, choice: Partial<Choice>): void {
    this.process(id).deliver({ kind: 'command', command: { kind: 'node.switch', ...choice } });
  }

  run(span: Duration): this {
    this.sim.run(span);
    return this;
  }

  at(after: Duration, run: () => void): this {
    this.sim.at(later(0 as TrueTime, after), run);
    return this;
  }

  /** Those who live and believe that they lead. */
  leaders(): readonly NodeId[] {
    return this.ids.filter((id) => this.follows(id) === id);
  }

  /** Whom a process follows. */
  follows(id: number): NodeId | undefined {
    const { state } = this.process(id);
    return state?.role === 'member' ? state.election.office.leader : undefined;
  }

  verdicts(): readonly Verdict[] {
    return this.#judge.verdicts(this.sim.now());
  }

  verdict(rule: string): Verdict {
    const found = this.verdicts().find((v) => v.rule === rule);
    if (found === undefined) throw new Error(`no verdict on ${rule}`);
    return found;
  }

  /** The rules that were found to be `finding`. */
  found(finding: Verdict['verdict']): readonly string[] {
    return this.verdicts().flatMap((v) => (v.verdict === finding ? [v.rule] : []));
  }

  events<K extends HistoryEvent['kind']>(kind: K, of?: number): readonly Extract<HistoryEvent, { kind: K }>[] {
    return this.history.filter((e): e is Extract<HistoryEvent, { kind: K }> => e.kind === kind && (of === undefined || e.node === of));
  }
}
