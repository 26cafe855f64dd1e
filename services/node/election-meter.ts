/**
 * Elections as Prometheus sees them: which part this node plays, how many it took part in, how long it was without a leader,
 * and how often another one led than before.
 */
import type { Mode } from '../../shared/election/config.ts';
import type { HistoryEvent } from '../../shared/history.ts';
import { type ElectionPart, electionParts } from '../../shared/metrics.ts';
import type { NodeId } from '../../shared/protocol.ts';
import type { TrueTime } from '../../shared/time.ts';
import type { Meters } from './metrics.ts';

export class ElectionMeter {
  readonly #meters: Pick<Meters, 'add' | 'set'>;
  /** When the election began that this node takes part in; a call on top of a call is one election. */
  #since: TrueTime | undefined;
  /** Who led last, also while nobody does. */
  #led: NodeId | undefined;

  /** None where nobody elects. */
  #algorithm: string;
  #mode: Mode | undefined;

  constructor(running: readonly string[], mode: Mode | undefined, meters: Pick<Meters, 'add' | 'set'>) {
    this.#algorithm = running.join();
    this.#mode = mode;
    this.#meters = meters;
    this.#plays('follower');
  }

  /** How elections are held from now on. Who leads goes on leading, and an election that is held goes on, unless this is another way. */
  run(running: readonly string[], mode: Mode | undefined): void {
    const algorithm = running.join();
    if (algorithm === this.#algorithm && mode === this.#mode) return;
    this.#algorithm = algorithm;
    this.#mode = mode;
    this.#since = undefined;
  }

  observe(event: HistoryEvent): void {
    const labels = { algorithm: this.#algorithm };
    switch (event.kind) {
      case 'election.started':
        this.#since ??= event.trueUs;
        this.#meters.add({ metric: 'lockstep_election_started_total', labels, value: 1 });
        this.#plays('candidate');
        break;
      case 'election.elected':
        if (this.#since !== undefined) {
          this.#meters.add({ metric: 'lockstep_election_duration_seconds', labels, value: (event.trueUs - this.#since) / 1e6 });
        }
        this.#since = undefined;
        this.#follows(event.leader);
        this.#plays(event.leader === event.node ? 'leader' : 'follower');
        break;
      case 'election.stepped-down':
        this.#plays(this.#since === undefined ? 'follower' : 'candidate');
        break;
    }
  }

  /** Each election makes a new term, also where the same one wins it. The first leader that is heard of follows upon nobody known. */
  #follows(leader: NodeId): void {
    const changed = this.#led !== undefined && this.#led !== leader;
    this.#led = leader;
    if (changed) this.#meters.add({ metric: 'lockstep_election_leader_changes_seen_total', labels: {}, value: 1 });
  }

  #plays(part: ElectionPart): void {
    for (const state of electionParts) this.#meters.set('lockstep_election_state', { state }, state === part ? 1 : 0);
  }
}
