/**
 * A member: a failure detector, an election, a clock rule and mutual exclusion, composed.
 *
 * Whoever the election names leads the others, and clock and lock hear of it in the same step, so that no input comes in
 * between: a leader serves from the moment that it wins, and serves no longer from the moment that it steps down. The
 * detector tells whom it suspects, and its beats say whom the election named. Nothing else passes between the parts.
 *
 * A process that stood still, or whose lease is over, learns that before it takes the input that is due.
 */
import { answer } from '../clock/cristian/time-server.ts';
import { appointed, type ElectionConfig } from '../election/config.ts';
import { type Election, type ElectionProtocol, election } from '../election/election.ts';
import { whoLeads } from '../election/enquiry.ts';
import { type Detector, failureDetector, gapOf, type Watched } from '../election/failure-detector.ts';
import { isStale } from '../election/office.ts';
import { mutexDefaults } from '../mutex/config.ts';
import { isSpokenBy } from '../mutex/kinds.ts';
import { type Mutex, type MutexProtocol, mutex } from '../mutex/mutex.ts';
import { type Input, type NodeId, type Reading, type Signal, type Term, unreachable } from '../protocol.ts';
import { none, type Ppm, ppm } from '../time.ts';
import { clocks, isClocks } from './clocks.ts';
import { andThen, foreign, type Message, replying, said, type Turn, told, unchanged } from './composition.ts';
import { type Choice, isSameLock, type Setup } from './setup.ts';
import { type Exchangeable, type MemberNode, switchable } from './switch.ts';
import type { MemberState, Node, NodeConfig } from './words.ts';

type MemberTurn = Turn<MemberState>;

export const member = (config: NodeConfig): MemberNode => switchable(exchangeable(config));

function exchangeable(config: NodeConfig): Exchangeable {
  const held: ElectionConfig = config.election ?? appointed;
  const excluding = config.mutex ?? mutexDefaults;
  const detector = failureDetector(held.detector);
  const clock = clocks(config);
  const elections = new Map<string, ElectionProtocol>();
  const locks = new Map<string, MutexProtocol>();

  return {
    start(self, now, found) {
      const setup = configured(config, held);
      const keeps = clock.start(config.clock, self, now);
      const detects = detector.start(self, now);
      const elects = electing(setup).start(self, now, found);
      const excludes = locking(setup)?.start(self, now);
      const state: MemberState = {
        role: 'member',
        setup,
        turnover: { due: undefined, open: true, ready: new Set() },
        armed: new Set(),
        detector: detects.state,
        election: elects.state,
        clock: keeps.state,
        mutex: excludes?.state,
      };
      return tellAll({ state, effects: [...keeps.effects, ...detects.effects, ...elects.effects, ...(excludes?.effects ?? [])] }, now);
    },

    step(state, input, now) {
      const woken = awake(state, now);
      // A timer that was due while the process stood still may have been cleared by what it learned on waking.
      const cleared = input.kind === 'timer' && woken.effects.some((e) => e.kind === 'clear-timer' && e.timer === input.timer);
      return cleared ? woken : andThen(woken, (next) => take(next, input, now));
    },

    exchange(state, setup, now) {
      const { election: elects, mutex: excludes } = state;
      const locked = isSameLock(setup, state.setup);
      const turned = unchanged<MemberState>({ ...state, setup, mutex: locked ? excludes : undefined });
      const stopped = locked ? turned : andThen(turned, (next) => disarmed(next, /^mutex\./, state.setup.mutex));
      const reelecting = setup.election !== state.setup.election || setup.mode !== state.setup.mode;
      const elected = reelecting
        ? andThen(stopped, (next) => andThen(disarmed(next, undefined, state.setup.election), (after) => continued(after, elects, now)))
        : stopped;
      return setup.clock === state.setup.clock
        ? elected
        : andThen(elected, (next) => andThen(disarmed(next, undefined, state.setup.clock), (after) => otherClock(after, now)));
    },

    repeat: repeated,

    open(state, now) {
      const lock = locking(state.setup);
      if (lock === undefined) return unchanged(state);
      const { leader, term, member: self } = state.election.office;
      const { state: excludes, effects } = lock.start(self, now);
      const heard = [...state.detector.peers].flatMap(([peer, watched]) => heardSoFar(peer, watched));
      const led: readonly Signal[] = leader === undefined || term === undefined ? [] : [{ kind: 'leader', leader, term }];
      const opened: MemberTurn = { state: { ...state, mutex: excludes }, effects };
      return [...heard, ...led].reduce((turn, signal) => andThen(turn, (next) => inMutex(next, signal, now)), opened);
    },
  };

  function repeated(state: MemberState, peer: NodeId, now: Reading): MemberTurn {
    const { incarnation, suspected } = state.detector.peers.get(peer) ?? {};
    return incarnation === undefined || suspected === true
      ? unchanged(state)
      : inMutex(state, { kind: 'trusted', peer, incarnation, missed: true }, now);
  }

  function electing({ election: algorithm, mode }: Choice): ElectionProtocol {
    const name = `${algorithm} ${mode}`;
    const known = elections.get(name) ?? election({ ...held, algorithm, mode });
    elections.set(name, known);
    return known;
  }

  function locking({ mutex: algorithm, since: { mutex: generation } }: Setup): MutexProtocol | undefined {
    if (algorithm === null) return undefined;
    const name = `${algorithm} ${generation}`;
    const known = locks.get(name) ?? mutex({ ...excluding, algorithm, generation });
    locks.set(name, known);
    return known;
  }

  /** Another algorithm elects from now on; who leads is not changed by that. */
  function continued(state: MemberState, elects: Election['state'], now: Reading): MemberTurn {
    const { state: election, effects } = electing(state.setup).succeed(elects, now);
    return tellAll({ state: { ...state, election }, effects }, now);
  }

  /** Another rule keeps the clock from now on. It claims nothing until its first sample, and the clock goes on where it is. */
  function otherClock(state: MemberState, now: Reading): MemberTurn {
    const { leader, term, member: self } = state.election.office;
    const { state: started, effects } = clock.exchange(state.clock, state.setup.clock, self, now);
    const turned: MemberTurn = { state: { ...state, clock: started }, effects };
    return leader === undefined || term === undefined ? turned : andThen(turned, (next) => inClock(next, { kind: 'leader', leader, term }, now));
  }

  /** Whoever stood still looks at that first, and whoever's lease is over leads no more. */
  function awake(state: MemberState, now: Reading): MemberTurn {
    const gap = gapOf(held.detector, state.detector, now);
    const stalled: Signal = { kind: 'stalled', gap: gap ?? none };
    const inAll = (next: MemberState): MemberTurn =>
      andThen(
        andThen(inDetector(next, stalled, now), (after) => inElection(after, stalled, now)),
        (after) => inMutex(after, stalled, now),
      );
    const woken = gap === undefined ? unchanged(state) : inAll(state);
    return andThen(woken, (next) =>
      electing(next.setup).lapsed(next.election, now) ? inElection(next, { kind: 'timer', timer: 'bully.lease' }, now) : unchanged(next),
    );
  }

  function take(state: MemberState, input: Input<Node>, now: Reading): MemberTurn {
    switch (input.kind) {
      case 'message':
        return receive(state, input, now);
      case 'timer':
        return inPart(state, input, input.timer, now);
      case 'undelivered':
        return inPart(state, input, input.message.kind, now);
      case 'command':
        return inPart(state, input, input.command.kind, now);
      case 'unreachable':
        return inDetector(state, input, now);
      // What the parts tell each other comes from no world.
      case 'leader':
      case 'deposed':
      case 'trusted':
      case 'suspected':
      case 'stalled':
        return unchanged(state);
      default:
        return unreachable(input);
    }
  }

  function receive(state: MemberState, input: Message, now: Reading): MemberTurn {
    const { from, message } = input;
    if (message.kind === 'heartbeat.beat') return andThen(inDetector(state, input, now), (next) => inElection(next, input, now));
    if (message.kind === 'node.leader') return replying(state, from, whoLeads(state.election.office));
    const term = commandedIn(message);
    if (term !== undefined && isStale(state.election.office, term)) {
      return said(state, { kind: 'election.stale', from, message: message.kind, term });
    }
    if (message.kind !== 'cristian.request') return inPart(state, input, message.kind, now);
    const reply = answer(state.clock.state.standing, message, now, selfSlew(state));
    return reply === undefined ? foreign(state, input) : replying(state, from, reply);
  }

  /** To the part whose name the input bears. */
  function inPart(state: MemberState, input: Input<Node>, name: string, now: Reading): MemberTurn {
    const [of = ''] = name.split('.', 1);
    if (isClocks(name)) return inClock(state, input, now);
    if (of === 'heartbeat' && name !== 'heartbeat.ack') return inDetector(state, input, now);
    if (of === 'election' || of === 'heartbeat' || of === state.setup.election) return inElection(state, input, now);
    return isOfLock(state.setup, input, name) ? inMutex(state, input, now) : foreign(state, input);
  }

  function inDetector(state: MemberState, input: Input<Node>, now: Reading): MemberTurn {
    const { state: detects, effects } = detector.step(state.detector, input as Input<Detector>, now);
    return tellAll({ state: { ...state, detector: detects }, effects }, now);
  }

  function inElection(state: MemberState, input: Input<Node>, now: Reading): MemberTurn {
    const { state: elects, effects } = electing(state.setup).step(state.election, input as Input<Election>, now);
    return tellAll({ state: { ...state, election: elects }, effects }, now);
  }

  function inClock(state: MemberState, input: Input<Node>, now: Reading): MemberTurn {
    const turn = clock.step(state.clock, input, now);
    return turn === undefined ? foreign(state, input) : { state: { ...state, clock: turn.state }, effects: turn.effects };
  }

  function inMutex(state: MemberState, input: Input<Node>, now: Reading): MemberTurn {
    const lock = locking(state.setup);
    if (lock === undefined || state.mutex === undefined) return foreign(state, input);
    const { state: excludes, effects } = lock.step(state.mutex, input as Input<Mutex>, now);
    return { state: { ...state, mutex: excludes }, effects };
  }

  function tellAll(turn: MemberTurn, now: Reading): MemberTurn {
    return told(turn, now, tell);
  }

  function tell(state: MemberState, event: Node['event'], now: Reading): MemberTurn {
    switch (event.kind) {
      case 'election.elected':
        return toFollowers(state, { kind: 'leader', leader: event.leader, term: event.term }, now);
      case 'election.stepped-down':
        return toFollowers(state, { kind: 'deposed' }, now);
      case 'heartbeat.trusted':
        return heardOf(state, { kind: 'trusted', peer: event.peer, incarnation: event.start }, now);
      case 'heartbeat.suspected':
        return heardOf(state, { kind: 'suspected', peer: event.peer }, now);
      default:
        return unchanged(state);
    }
  }

  function heardOf(state: MemberState, signal: Signal, now: Reading): MemberTurn {
    return andThen(inElection(state, signal, now), (next) => inMutex(next, signal, now));
  }

  /** How fast the clock rule slews a leader that others follow: Cristian's server is corrected by nobody. */
  function selfSlew({ setup }: MemberState): Ppm {
    return setup.clock === 'berkeley' ? config.berkeley.policy.leader : ppm(0);
  }

  function toFollowers(state: MemberState, signal: Signal, now: Reading): MemberTurn {
    return andThen(
      andThen(inDetector(state, signal, now), (next) => inClock(next, signal, now)),
      (next) => inMutex(next, signal, now),
    );
  }
}

const configured = ({ clock, mutex: excluding }: NodeConfig, { algorithm, mode }: ElectionConfig): Setup => ({
  number: 0,
  since: { election: 0, clock: 0, mutex: 0 },
  term: null,
  election: algorithm,
  mode,
  clock,
  mutex: excluding?.algorithm ?? null,
});

/** What the detector has told of a peer, for a part that was not there then. */
function heardSoFar(peer: NodeId, { incarnation, suspected }: Watched): readonly Signal[] {
  if (suspected) return [{ kind: 'suspected', peer }];
  return incarnation === undefined ? [] : [{ kind: 'trusted', peer, incarnation }];
}

/** For the lock that runs, or for what every lock has in common: its timers and commands, and the ledger's answers. */
const isOfLock = ({ mutex: algorithm }: Setup, { kind }: Input<Node>, name: string): boolean =>
  name.startsWith('ledger.') ||
  (name.startsWith('mutex.') && (kind === 'timer' || kind === 'command')) ||
  (algorithm !== null && isSpokenBy(algorithm, name));

/** The timers of a part that is switched off. */
function disarmed(state: MemberState, also: RegExp | undefined, of: string | null): MemberTurn {
  const its = [...state.armed].filter((timer) => timer.startsWith(`${of}.`) || also?.test(timer) === true);
  return { state, effects: its.map((timer) => ({ kind: 'clear-timer', timer })) };
}

/** The leadership in whose name a leader's message is sent: one of an older term is not obeyed. */
function commandedIn(message: Node['message']): Term | undefined {
  switch (message.kind) {
    case 'berkeley.poll':
    case 'berkeley.adjust':
    case 'cristian.reply':
    case 'central.grant':
      return message.term;
    default:
      return undefined;
  }
}
