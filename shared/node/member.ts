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
import { appointed } from '../election/config.ts';
import { type Election, election } from '../election/election.ts';
import { whoLeads } from '../election/enquiry.ts';
import { type Detector, failureDetector, gapOf } from '../election/failure-detector.ts';
import { isStale } from '../election/office.ts';
import { type Mutex, mutex } from '../mutex/mutex.ts';
import { type Input, type Keepsake, type Member, type Reading, type Signal, type Term, unreachable } from '../protocol.ts';
import { none, type Ppm, ppm } from '../time.ts';
import { clocks, isClocks } from './clocks.ts';
import { foreign, type Message, replying, said, type Turn, then, told, unchanged } from './composition.ts';
import type { MemberState, Node, NodeConfig } from './words.ts';

type MemberTurn = Turn<MemberState>;

export interface MemberNode {
  start(member: Member, now: Reading, found?: Keepsake): MemberTurn;
  step(state: MemberState, input: Input<Node>, now: Reading): MemberTurn;
}

export function member(config: NodeConfig): MemberNode {
  const held = config.election ?? appointed;
  const parts = {
    detector: failureDetector(held.detector),
    election: election(held),
    clock: clocks(config),
    mutex: config.mutex === undefined ? undefined : mutex(config.mutex),
  };
  /** How fast the clock rule slews a leader that others follow: Cristian's server is corrected by nobody. */
  const selfSlew: Ppm = config.clock === 'berkeley' ? config.berkeley.policy.leader : ppm(0);

  return {
    start(self, now, found) {
      const clock = parts.clock.start(config.clock, self, now);
      const detector = parts.detector.start(self, now);
      const elects = parts.election.start(self, now, found);
      const excludes = parts.mutex?.start(self, now);
      return tellAll(
        {
          state: { role: 'member', detector: detector.state, election: elects.state, clock: clock.state, mutex: excludes?.state },
          effects: [...clock.effects, ...detector.effects, ...elects.effects, ...(excludes?.effects ?? [])],
        },
        now,
      );
    },

    step(state, input, now) {
      const woken = awake(state, now);
      // A timer that was due while the process stood still may have been cleared by what it learned on waking.
      const cleared = input.kind === 'timer' && woken.effects.some((e) => e.kind === 'clear-timer' && e.timer === input.timer);
      return cleared ? woken : then(woken, (next) => take(next, input, now));
    },
  };

  /** Whoever stood still looks at that first, and whoever's lease is over leads no more. */
  function awake(state: MemberState, now: Reading): MemberTurn {
    const gap = gapOf(held.detector, state.detector, now);
    const stalled: Signal = { kind: 'stalled', gap: gap ?? none };
    const inAll = (next: MemberState): MemberTurn =>
      then(
        then(inDetector(next, stalled, now), (after) => inElection(after, stalled, now)),
        (after) => inMutex(after, stalled, now),
      );
    const woken = gap === undefined ? unchanged(state) : inAll(state);
    return then(woken, (next) =>
      parts.election.lapsed(next.election, now) ? inElection(next, { kind: 'timer', timer: 'bully.lease' }, now) : unchanged(next),
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
    if (message.kind === 'heartbeat.beat') return then(inDetector(state, input, now), (next) => inElection(next, input, now));
    if (message.kind === 'node.leader') return replying(state, from, whoLeads(state.election.office));
    const term = commandedIn(message);
    if (term !== undefined && isStale(state.election.office, term)) {
      return said(state, { kind: 'election.stale', from, message: message.kind, term });
    }
    if (message.kind !== 'cristian.request') return inPart(state, input, message.kind, now);
    const reply = answer(state.clock.state.standing, message, now, selfSlew);
    return reply === undefined ? foreign(state, input) : replying(state, from, reply);
  }

  /** To the part whose name the input bears. */
  function inPart(state: MemberState, input: Input<Node>, name: string, now: Reading): MemberTurn {
    const [of = ''] = name.split('.', 1);
    if (isClocks(name)) return inClock(state, input, now);
    if (of === 'heartbeat' && name !== 'heartbeat.ack') return inDetector(state, input, now);
    if (of === 'election' || of === 'heartbeat' || of === held.algorithm) return inElection(state, input, now);
    const ours = of === 'mutex' || of === 'ledger' || of === config.mutex?.algorithm;
    return ours ? inMutex(state, input, now) : foreign(state, input);
  }

  function inDetector(state: MemberState, input: Input<Node>, now: Reading): MemberTurn {
    const { state: detector, effects } = parts.detector.step(state.detector, input as Input<Detector>, now);
    return tellAll({ state: { ...state, detector }, effects }, now);
  }

  function inElection(state: MemberState, input: Input<Node>, now: Reading): MemberTurn {
    const { state: elects, effects } = parts.election.step(state.election, input as Input<Election>, now);
    return tellAll({ state: { ...state, election: elects }, effects }, now);
  }

  function inClock(state: MemberState, input: Input<Node>, now: Reading): MemberTurn {
    const turn = parts.clock.step(state.clock, input, now);
    return turn === undefined ? foreign(state, input) : { state: { ...state, clock: turn.state }, effects: turn.effects };
  }

  function inMutex(state: MemberState, input: Input<Node>, now: Reading): MemberTurn {
    if (parts.mutex === undefined || state.mutex === undefined) return foreign(state, input);
    const { state: excludes, effects } = parts.mutex.step(state.mutex, input as Input<Mutex>, now);
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
    return then(inElection(state, signal, now), (next) => inMutex(next, signal, now));
  }

  function toFollowers(state: MemberState, signal: Signal, now: Reading): MemberTurn {
    return then(
      then(inDetector(state, signal, now), (next) => inClock(next, signal, now)),
      (next) => inMutex(next, signal, now),
    );
  }
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
