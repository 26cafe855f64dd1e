/**
 * Judges the elections of a run, simulated or real: safety always, agreement once everything has been quiet for a while.
 */

import { majority } from '../election/bully/mandate.ts';
import { type ElectionConfig, electionDefaults } from '../election/config.ts';
import { longestDelay } from '../election/election.ts';
import { timeout } from '../election/failure-detector.ts';
import type { HistoryEvent } from '../history.ts';
import type { NodeId } from '../protocol.ts';
import { type Duration, half, microseconds, seconds, type TrueTime } from '../time.ts';
import { Circles } from './circles.ts';
import { disturbance, isElectionFrame } from './disturbance.ts';
import { OneLeader, OneLease } from './leadership.ts';
import { Terms } from './terms.ts';
import { finding, type Verdict } from './verdict.ts';

/** More elections of one process in a minute than this are a storm. */
const calm = 20;
const minute = seconds(60);

export class ElectionJudge {
  readonly #config: ElectionConfig;
  readonly #terms = new Terms();
  readonly #circles = new Circles();
  readonly #oneLeader: OneLeader;
  readonly #oneLease: OneLease;
  readonly #members = new Set<NodeId>();
  readonly #up = new Set<NodeId>();
  readonly #follows = new Map<NodeId, NodeId>();
  readonly #calls = new Map<NodeId, TrueTime[]>();
  #storm: string | undefined;
  #elections = 0;
  #now = 0 as TrueTime;
  #unquiet = 0 as TrueTime;
  #last: string | undefined;
  #called = false;

  constructor(config: ElectionConfig = electionDefaults) {
    this.#config = config;
    this.#oneLeader = new OneLeader((members) => settleOf(config, members));
    this.#oneLease = new OneLease(config.leaseRho);
  }

  observe(event: HistoryEvent): void {
    this.#now = event.trueUs;
    const why = disturbance(event, (node) => this.#up.has(node), half(this.#config.answerWithin));
    if (why !== undefined) this.#oneLeader.broken(why);
    if (why !== undefined) this.#unsettled(why);
    // Whoever has no connection yet is told a little later.
    if (event.kind === 'message.unanswered' && isElectionFrame(event.message.kind) && this.#up.has(event.to)) this.#unquiet = event.trueUs;
    this.#terms.observe(event);
    this.#circles.observe(event);
    if (this.#config.mode === 'safe') this.#oneLease.observe(event, this.#members.size);
    this.#follow(event);
  }

  /** As of `at`, where nothing has happened since the last event. */
  verdicts(at?: TrueTime): readonly Verdict[] {
    this.#now = Math.max(at ?? this.#now, this.#now) as TrueTime;
    this.#oneLeader.judge(this.#now, this.#members.size);
    return [
      ...this.#terms.verdicts(),
      this.#config.mode === 'safe' ? this.#oneLease.verdict() : this.#oneLeader.verdict(),
      this.#agreement(),
      {
        rule: 'election.calm',
        verdict: finding(this.#storm === undefined, this.#last === undefined),
        detail: this.#storm ?? `calls: ${this.#elections}, no storm`,
      },
      ...this.#circles.verdicts(this.#members.size),
    ];
  }

  #follow(event: HistoryEvent): void {
    const { node, trueUs: at } = event;
    switch (event.kind) {
      case 'node.started':
        if (event.role !== 'member') return;
        this.#members.add(node);
        this.#up.add(node);
        this.#gone(node, at);
        break;
      case 'node.stopped':
        if (!this.#up.delete(node)) return;
        this.#gone(node, at);
        this.#called = false;
        break;
      case 'election.elected':
        if (!this.#members.has(node)) return;
        this.#follows.set(node, event.leader);
        if (event.leader === node) this.#oneLeader.began(node, event.term, at);
        else this.#oneLeader.ended(node, at, this.#members.size);
        break;
      case 'election.stepped-down':
        this.#follows.delete(node);
        this.#oneLeader.ended(node, at, this.#members.size);
        break;
      case 'election.started':
        this.#elections += 1;
        this.#called = true;
        this.#call(node, at);
        break;
    }
  }

  #gone(node: NodeId, at: TrueTime): void {
    this.#follows.delete(node);
    this.#oneLeader.ended(node, at, this.#members.size);
    this.#unquiet = at;
  }

  #unsettled(why: string): void {
    this.#unquiet = this.#now;
    this.#last = why;
  }

  #call(node: NodeId, at: TrueTime): void {
    const recent = [...(this.#calls.get(node) ?? []), at].filter((t) => at - t < minute);
    this.#calls.set(node, recent);
    if (recent.length > calm) this.#storm ??= `${node} took part in ${recent.length} elections within a minute`;
  }

  /** All who live follow the highest who lives; in the safe variant only where a majority lives, and otherwise nobody leads. */
  #agreement(): Verdict {
    const live = [...this.#up];
    const highest = Math.max(...live) as NodeId;
    // What was disturbed may have been put off before it is tried again.
    const settle = settleOf(this.#config, this.#members.size) + (this.#last === undefined ? 0 : longestDelay);
    const quiet = this.#now - this.#unquiet >= settle;
    const electing = this.#config.begins === 'by-itself' || this.#called;
    const minority = this.#config.mode === 'safe' && live.length < majority(this.#members.size);
    const astray = minority ? live.filter((id) => this.#follows.get(id) === id) : live.filter((id) => this.#follows.get(id) !== highest);
    const name = (id: NodeId): string => `${id} follows ${this.#follows.get(id) ?? 'nobody'}`;
    const told = minority ? 'a minority lives, and nobody leads' : `all ${live.length} who live follow ${highest}`;
    const reason = quiet ? [] : [`not quiet for ${(settle / 1e6).toFixed(1)} s yet${this.#last === undefined ? '' : `: ${this.#last}`}`];
    const detail = [astray.length === 0 ? told : astray.map(name).join(', '), ...reason].join('; ');
    return { rule: 'election.agreement', verdict: finding(astray.length === 0, quiet && electing), detail };
  }
}

/**
 * How long an election takes to settle among so many: detection, where there is any, the election itself twice over, and in
 * the safe variant until old grants have run out.
 */
export function settleOf(config: ElectionConfig, members: number): Duration {
  const { algorithm, mode, begins, detector, coordinatorWithin, answerWithin, listen, lease } = config;
  const detection = begins === 'by-itself' ? timeout(detector) + detector.every + listen : 0;
  const laps = { bully: 0, ring: 2, 'chang-roberts': 3, 'hirschberg-sinclair': 9 }[algorithm];
  return microseconds(detection + answerWithin + 2 * coordinatorWithin + laps * members * answerWithin + (mode === 'safe' ? 2 * lease : 0));
}
