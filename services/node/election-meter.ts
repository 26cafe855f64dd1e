/** Elections as Prometheus sees them: which part this node plays, how many it took part in, and how long it was without a leader. */
import type { HistoryEvent } from '../../shared/history.ts';
import { type ElectionPart, electionParts } from '../../shared/metrics.ts';
import type { TrueTime } from '../../shared/time.ts';
import type { Meters } from './metrics.ts';

export class ElectionMeter {
  readonly #meters: Pick<Meters, 'add' | 'set'>;
  /** When the election began that this node takes part in; a call on top of a call is one election. */
  #since: TrueTime | undefined;

  /** None where nobody elects. */
  #algorithm: string;

  constructor(running: readonly string[], meters: Pick<Meters, 'add' | 'set'>) {
    this.#algorithm = running.join();
    this.#meters = meters;
    this.#plays('follower');
  }

  /** Elections are held otherwise from now on. Who leads goes on leading. */
  run(running: readonly string[]): void {
    this.#algorithm = running.join();
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
        this.#plays(event.leader === event.node ? 'leader' : 'follower');
        break;
      case 'election.stepped-down':
        this.#plays(this.#since === undefined ? 'follower' : 'candidate');
        break;
    }
  }

  #plays(part: ElectionPart): void {
    for (const state of electionParts) this.#meters.set('lockstep_election_state', { state }, state === part ? 1 : 0);
  }
}
