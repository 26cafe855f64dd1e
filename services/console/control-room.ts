/**
 * All that the console knows: every node, the history of the cluster, the newest picture, and what is judged of it.
 *
 * It has no sockets and no clock of its own. The collector tells it what nodes say, and it is told the time, so that
 * everything here can be tested without a cluster.
 */
import type { JudgedMutex } from '../../shared/checkers/mutex.ts';
import type { ElectionConfig } from '../../shared/election/config.ts';
import type { HistoryEvent as Told } from '../../shared/history.ts';
import type { Running } from '../../shared/metrics/kinds.ts';
import type { MutexConfig } from '../../shared/mutex/config.ts';
import type { Incarnation, NodeId } from '../../shared/protocol.ts';
import { mutexOf } from '../../shared/scenario.ts';
import type { Ppm, TrueTime } from '../../shared/time.ts';
import { HistoryRing } from './history-ring.ts';
import { Judge } from './judge.ts';
import type { Role, SetupView, StateView, VerdictWord, WorldName } from './live-frames.ts';
import type { NodeFrame } from './node-frames.ts';
import { Past } from './past.ts';
import { type Picture, picture } from './picture.ts';
import { standingAt } from './sections.ts';
import { Suspicions } from './suspicions.ts';
import { greeted, happened, reached, type Watched, watched } from './watched.ts';

export interface Watchable {
  readonly id: NodeId;
  readonly name: string;
  readonly role: Role;
}

export class ControlRoom {
  readonly history = new HistoryRing();
  readonly past = new Past();
  readonly suspicions = new Suspicions();
  readonly world: WorldName;
  readonly nodes: readonly Watched[];
  /** What is configured of the lock, whichever runs. */
  readonly lock: MutexConfig;
  readonly #judge: Judge;
  readonly #violations = new Map<string, number>();
  #picture: Picture;
  /** What the members run, as far as one of them has ever said. */
  #running: Running;

  constructor(cluster: readonly Watchable[], world: WorldName, rho: Ppm, election?: ElectionConfig, mutex?: MutexConfig & JudgedMutex) {
    this.world = world;
    this.nodes = cluster.map(({ id, name, role }) => watched(id, name, role));
    this.lock = mutex ?? mutexOf({});
    this.#running = { clock: 'berkeley', election, mutex: mutex?.algorithm };
    this.#judge = new Judge(rho, this.nodes, election, mutex);
    this.#picture = picture(this.nodes, 0 as TrueTime, 0, world, this.#judge.verdicts(this.nodes));
  }

  /** The newest picture. */
  get picture(): Picture {
    return this.#picture;
  }

  get running(): Running {
    return this.#running;
  }

  /** What a node said, at `nowUs` of the console's monotonic clock. */
  hear(node: Watched, frame: Exclude<NodeFrame, { type: 'result' }>, nowUs: number): void {
    switch (frame.type) {
      case 'hello': {
        const known = node.incarnation;
        greeted(node, frame.bootId, frame.incarnation as Incarnation);
        node.setup = frame.setup ?? node.setup;
        if (known === node.incarnation) break;
        this.#judge.broke(node.id);
        this.suspicions.anew(node.id, frame.trueUs);
        break;
      }
      case 'events':
        for (const event of frame.events) {
          const missing = node.missing;
          if (!happened(node, event)) continue;
          if (node.missing > missing) this.#judge.broke(node.id);
          this.#judge.happened(node.id, event);
          this.#follow(node, event as unknown as Told);
          this.history.append(event);
        }
        break;
      case 'upto':
        reached(node, frame, nowUs);
        this.suspicions.sign(node.id, frame.trueUs);
        break;
    }
  }

  lost(node: Watched): void {
    node.connected = false;
  }

  /** Something that the console itself did to a node. */
  note(node: Watched, kind: string, fields: Readonly<Record<string, unknown>>): void {
    const { atUs } = this.#picture;
    this.history.append({
      ...fields,
      seq: 0,
      node: node.id,
      incarnation: node.incarnation ?? 0,
      trueUs: atUs,
      clockUs: null,
      lamport: 0,
      vector: {},
      hybrid: { l: atUs, c: 0 },
      kind,
    });
  }

  /** Draws and judges the next picture. */
  tick(nowUs: number): Picture {
    const drawn = picture(this.nodes, this.#picture.atUs, nowUs, this.world, []);
    this.#judge.judge(this.nodes, drawn.atUs, drawn.up);
    this.suspicions.judge(drawn.atUs);
    this.#running = runningOf(drawn.state.setup) ?? this.#running;
    const verdicts = this.#judge.verdicts(this.nodes);
    for (const { rule, verdict } of verdicts) {
      const before = this.#picture.state.verdicts.find((v) => v.rule === rule)?.verdict;
      if (verdict !== before) this.#violations.set(`${rule} ${verdict}`, this.violations(rule, verdict) + 1);
    }
    const elections = { last: this.#judge.lastElection(this.nodes) };
    this.#picture = { ...drawn, state: { ...drawn.state, verdicts, elections, ...this.#exclusion(drawn) } };
    this.past.take(this.#picture);
    return this.#picture;
  }

  #follow(node: Watched, event: Told): void {
    this.suspicions.sign(node.id, event.trueUs);
    if (event.kind === 'heartbeat.suspected') this.suspicions.suspected(event.peer, event.trueUs);
  }

  /** Who is inside the critical section, and what was written there. */
  #exclusion({ atUs, state }: Picture): Pick<StateView, 'mutex' | 'ledger'> {
    const { mutex: algorithm } = this.running;
    const holders = state.nodes.flatMap(({ name, mutex }) => (mutex?.state === 'held' ? [name] : []));
    const entries = this.nodes.reduce((sum, { sections }) => sum + standingAt(sections, atUs).entries, 0);
    const ledger = this.nodes.find(({ role }) => role === 'ledger')?.ledger;
    return {
      mutex: algorithm === undefined ? null : { algorithm, holders, entries },
      ledger: ledger === undefined ? null : { ...ledger, overlaps: this.#judge.overlaps },
    };
  }

  /** How often a rule was newly found to be violated in this way. */
  violations(rule: string, verdict: VerdictWord): number {
    return this.#violations.get(`${rule} ${verdict}`) ?? 0;
  }
}

const runningOf = (setup: SetupView | null): Running | undefined =>
  setup === null ? undefined : { clock: setup.clock, election: { algorithm: setup.election, mode: setup.mode }, mutex: setup.mutex ?? undefined };
