/**
 * What elections cost, as their history tells it: who had crashed, who called, and what became of each message. From that
 * the closed forms say what it should have cost.
 *
 * An election begins with the first call and is over when nothing of it has been seen for longer than any of its own
 * time-outs. The forms know of no faults and of one election at a time: where that was not so, it is said why.
 */
import { type Algorithm, type ElectionConfig, electionDefaults, type Mode } from '../election/config.ts';
import { timeout } from '../election/failure-detector.ts';
import { type ElectionKind, electionKinds } from '../election/kinds.ts';
import type { HistoryEvent, MessageCount } from '../history.ts';
import { compareTerms, type NodeId, type Term } from '../protocol.ts';
import { type Duration, elapsed, half, type TrueTime } from '../time.ts';
import { judgeCounts, type Theory, theory } from './counts.ts';
import { isElectionFrame } from './disturbance.ts';
import type { Verdict } from './verdict.ts';

export interface Held {
  readonly algorithm: Algorithm;
  readonly mode: Mode;
  readonly members: readonly NodeId[];
  readonly crashed: readonly NodeId[];
  /** Who called of its own accord, or was told to; others were drawn in. */
  readonly initiators: readonly NodeId[];
  /** The newest leadership that anybody had accepted when it was over. */
  readonly term: Term | null;
  readonly began: TrueTime;
  /** Until the last process followed somebody anew; until the last message where nobody did. */
  readonly lasted: Duration;
  readonly messages: Readonly<Record<string, MessageCount>>;
  readonly expected: Theory;
  readonly verdict: Verdict;
}

export interface Setting {
  readonly equalDelays: boolean;
  /** Who is configured; where that is not said, whoever ever started. */
  readonly members?: readonly NodeId[];
  /** The silence after which an election is over. */
  readonly quiet?: Duration;
}

interface Course {
  readonly crashed: readonly NodeId[];
  readonly began: TrueTime;
  last: TrueTime;
  followed: TrueTime | undefined;
  readonly initiators: NodeId[];
  readonly drawn: NodeId[];
  readonly numbers: Set<number>;
  readonly messages: Map<string, { attempted: number; delivered: number; dropped: number; unanswered: number }>;
  broken: string | undefined;
}

export class Elections {
  readonly #config: ElectionConfig;
  readonly #setting: Setting;
  readonly #members = new Set<NodeId>();
  readonly #up = new Set<NodeId>();
  /** When each was last asked to take part in an election: whoever calls in that very step was drawn in. */
  readonly #asked = new Map<NodeId, TrueTime>();
  /** By whom each is suspected. */
  readonly #suspects = new Map<NodeId, ReadonlySet<NodeId>>();
  #term: Term | null = null;
  #course: Course | undefined;
  #last: Held | undefined;

  constructor(setting: Setting, config: ElectionConfig = electionDefaults) {
    this.#config = config;
    this.#setting = setting;
    for (const id of setting.members ?? []) this.#members.add(id);
  }

  observe(event: HistoryEvent): void {
    this.#closeAt(event.trueUs);
    this.#lives(event);
    switch (event.kind) {
      case 'node.started':
      case 'node.stopped':
        this.#come(event);
        break;
      case 'heartbeat.suspected':
        this.#suspects.set(event.peer, this.#suspecting(event.peer).union(new Set([event.node])));
        this.#passedOver();
        break;
      case 'heartbeat.trusted':
        this.#suspects.set(event.peer, this.#suspecting(event.peer).difference(new Set([event.node])));
        return;
      case 'heartbeat.stalled':
        this.#broken(`${event.node} stood still`);
        break;
      case 'election.started':
        this.#call(event);
        break;
      case 'election.elected':
        this.#follow(event);
        break;
      case 'message.sent':
      case 'message.received':
      case 'message.dropped':
      case 'message.unanswered':
        if (isElectionFrame(event.message.kind)) this.#count(event);
        break;
    }
  }

  /** The last election that is over, as of `at`. */
  last(at: TrueTime): Held | undefined {
    this.#closeAt(at);
    return this.#last;
  }

  #closeAt(at: TrueTime): void {
    if (this.#course === undefined || elapsed(this.#course.last, at) < this.#quiet()) return;
    this.#last = this.#close(this.#course);
    this.#course = undefined;
  }

  /** Longer than anybody waits within an election without sending anything. */
  #quiet(): Duration {
    const { algorithm, mode, answerWithin, coordinatorWithin, lease, detector } = this.#config;
    const laps = { bully: 0, ring: 1, 'chang-roberts': 2, 'hirschberg-sinclair': 8 }[algorithm];
    const grants = mode === 'safe' ? Math.max(lease, 2 * timeout(detector)) : 0;
    return this.#setting.quiet ?? ((answerWithin + coordinatorWithin + laps * this.#members.size * answerWithin + grants) as Duration);
  }

  #come(event: Extract<HistoryEvent, { kind: 'node.started' | 'node.stopped' }>): void {
    const { node } = event;
    for (const [peer, by] of this.#suspects) this.#suspects.set(peer, by.difference(new Set([node])));
    if (event.kind === 'node.stopped') {
      if (this.#up.delete(node)) this.#broken('a process crashed during the election');
    } else if (event.role === 'member') {
      this.#members.add(node);
      this.#up.add(node);
      this.#broken('a process started during the election');
    }
  }

  /** Who takes part lives, whether or not its start was told. The forms are for those who were there from the beginning. */
  #lives(event: HistoryEvent): void {
    const { node, kind } = event;
    const takesPart = kind === 'election.started' || (kind === 'message.sent' && isElectionFrame(event.message.kind));
    if (!takesPart || !this.#members.has(node) || this.#up.has(node)) return;
    this.#up.add(node);
    if (this.#course !== undefined) this.#course = { ...this.#course, crashed: this.#course.crashed.filter((id) => id !== node) };
    this.#broken(`${node} was not known to live`);
  }

  #suspecting(peer: NodeId): ReadonlySet<NodeId> {
    return this.#suspects.get(peer) ?? new Set();
  }

  /** A ring leaves out whom it suspects, also one that lives. */
  #passedOver(): void {
    if (this.#config.algorithm === 'bully') return;
    const wronged = [...this.#up].find((id) => !this.#up.isDisjointFrom(this.#suspecting(id)));
    if (wronged !== undefined) this.#broken(`${wronged} is suspected, and lives`);
  }

  #call({ node, trueUs, number }: Extract<HistoryEvent, { kind: 'election.started' }>): void {
    const course = this.#course ?? this.#open(trueUs);
    course.last = trueUs;
    course.numbers.add(number);
    if (this.#asked.get(node) === trueUs) course.drawn.push(node);
    else if (course.initiators.push(node) > new Set(course.initiators).size) this.#broken(`${node} called more than once`);
    if (course.numbers.size > 1) this.#broken('elections overlapped');
  }

  #open(began: TrueTime): Course {
    const crashed = ascending([...this.#members].filter((id) => !this.#up.has(id)));
    this.#course = {
      crashed,
      began,
      last: began,
      followed: undefined,
      initiators: [],
      drawn: [],
      numbers: new Set(),
      messages: new Map(),
      broken: undefined,
    };
    this.#passedOver();
    return this.#course;
  }

  #follow({ node, term, trueUs }: Extract<HistoryEvent, { kind: 'election.elected' }>): void {
    if (!this.#members.has(node)) return;
    if (this.#term === null || compareTerms(term, this.#term) > 0) this.#term = term;
    if (this.#course === undefined) return;
    this.#course.followed = trueUs;
    this.#course.last = trueUs;
  }

  #count(event: Extract<HistoryEvent, { kind: keyof typeof fates }>): void {
    const course = this.#course;
    if (course === undefined) return;
    const { kind } = event.message;
    course.last = event.trueUs;
    if (event.kind === 'message.received' && callsToIt.includes(kind)) this.#asked.set(event.node, event.trueUs);
    const before = course.messages.get(kind) ?? nothing;
    const fate = fates[event.kind];
    course.messages.set(kind, { ...before, [fate]: before[fate] + 1 });
    if (event.kind === 'message.dropped') this.#broken('frames were lost');
    if (event.kind === 'message.received' && event.delayUs > half(this.#config.answerWithin)) this.#broken('frames took longer than allowed for');
    if (event.kind === 'message.unanswered' && this.#up.has(event.to)) this.#broken(`no way was open to ${event.to}, which lives`);
    if (kind === 'bully.refuse') this.#broken('votes were refused');
  }

  /** The first reason is told. */
  #broken(why: string): void {
    if (this.#course !== undefined) this.#course.broken ??= why;
  }

  #close({ crashed, began, last, followed, drawn, initiators: calling, messages: counted, broken }: Course): Held {
    const { algorithm, mode } = this.#config;
    const members = ascending([...this.#members]);
    const initiators = ascending([...new Set(calling.length === 0 ? drawn : calling)]);
    const messages = Object.fromEntries(electionKinds(algorithm, mode).map((kind) => [kind, counted.get(kind) ?? nothing]));
    const expected = theory({
      algorithm,
      mode,
      ids: members,
      down: crashed,
      initiators,
      suspected: crashed.filter((id) => this.#suspecting(id).size > 0),
      equalDelays: this.#setting.equalDelays,
      together: initiators.length === 1,
      confirmed: followed === undefined,
    });
    const lasted = elapsed(began, followed ?? last);
    return {
      algorithm,
      mode,
      members,
      crashed,
      initiators,
      term: this.#term,
      began,
      lasted,
      messages,
      expected,
      verdict: judgeCounts(expected, messages, 1, broken),
    };
  }
}

/** The one election of a run in which nobody calls unless told to. */
export function called(history: readonly HistoryEvent[], config: ElectionConfig, equalDelays: boolean): Held | undefined {
  const elections = new Elections({ equalDelays, quiet: Number.POSITIVE_INFINITY as Duration }, config);
  for (const event of history) elections.observe(event);
  return elections.last(Number.POSITIVE_INFINITY as TrueTime);
}

const callsToIt: readonly string[] = ['bully.election', 'chang-roberts.election', 'hirschberg-sinclair.probe'] satisfies readonly ElectionKind[];

const fates = {
  'message.sent': 'attempted',
  'message.received': 'delivered',
  'message.dropped': 'dropped',
  'message.unanswered': 'unanswered',
} as const satisfies Readonly<Record<string, keyof MessageCount>>;

const nothing: MessageCount = { attempted: 0, delivered: 0, dropped: 0, unanswered: 0 };
const ascending = (ids: readonly NodeId[]): readonly NodeId[] => ids.toSorted((a, b) => a - b);
