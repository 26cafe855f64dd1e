/** A device: a client of the leader's clock, or of all members' clocks. It votes on nothing, and learns by asking who leads. */
import { type Enquiry, enquiry } from '../election/enquiry.ts';
import type { Input, Member, Reading } from '../protocol.ts';
import { clocks, isClocks } from './clocks.ts';
import { andThen, foreign, type Message, type Turn, told, unchanged } from './composition.ts';
import { partOf } from './setup.ts';
import { numbered } from './switch.ts';
import type { Clock, DeviceState, Node, NodeConfig } from './words.ts';

type DeviceTurn = Turn<DeviceState>;

export interface Device {
  start(member: Member, now: Reading): DeviceTurn;
  step(state: DeviceState, input: Input<Node>, now: Reading): DeviceTurn;
}

export function device(config: NodeConfig): Device {
  const rule: Clock['rule'] = config.servers === 'all' ? 'marzullo' : 'cristian';
  const clock = clocks(config);

  return {
    start(member, now) {
      const running = clock.start(rule, member, now);
      const { state, effects } = enquiry.start(member, now);
      return told(
        { state: { role: 'device', clockSince: 0, enquiry: state, clock: running.state }, effects: [...running.effects, ...effects] },
        now,
        tell,
      );
    },

    step(state, input, now) {
      switch (input.kind) {
        case 'message':
          return receive(state, input, now);
        case 'timer':
          return inPart(state, input, input.timer, now);
        case 'undelivered':
          return inPart(state, input, input.message.kind, now);
        default:
          return unchanged(state);
      }
    },
  };

  /**
   * Answers to what it asked under another number than now come too late. The number is whatever the leader says it is, a
   * higher or a lower one: members that all start anew begin at nought. Where that itself came late, the leader says so
   * again when it is asked under a number that is not its own.
   */
  function receive(state: DeviceState, input: Message, now: Reading): DeviceTurn {
    const { from, message } = input;
    if (message.kind === 'node.switch') return unchanged(from === state.enquiry.term?.node ? { ...state, clockSince: message.since.clock } : state);
    const timely = partOf(message.kind) === undefined || (message.setup ?? 0) === state.clockSince;
    return timely ? inPart(state, input, message.kind, now) : foreign(state, input);
  }

  /** To the part whose name the input bears. A device answers nobody's requests. */
  function inPart(state: DeviceState, input: Input<Node>, name: string, now: Reading): DeviceTurn {
    if (name === 'node.leader' || name === 'node.enquire') return inEnquiry(state, input, now);
    return isClocks(name) && !isRequest(input) ? inClock(state, input, now) : foreign(state, input);
  }

  function inEnquiry(state: DeviceState, input: Input<Node>, now: Reading): DeviceTurn {
    const { state: next, effects } = enquiry.step(state.enquiry, input as Input<Enquiry>, now);
    return told({ state: { ...state, enquiry: next }, effects }, now, tell);
  }

  function inClock(state: DeviceState, input: Input<Node>, now: Reading): DeviceTurn {
    const turn = clock.step(state.clock, input, now);
    if (turn === undefined) return foreign(state, input);
    const effects = turn.effects.map((e) =>
      e.kind === 'send' ? { ...e, message: numbered(e.message, { election: 0, clock: state.clockSince, mutex: 0 }) } : e,
    );
    return { state: { ...state, clock: turn.state }, effects };
  }

  function tell(state: DeviceState, event: Node['event'], now: Reading): DeviceTurn {
    if (event.kind !== 'election.elected') return unchanged(state);
    return andThen(unchanged(state), (next) => inClock(next, { kind: 'leader', leader: event.leader, term: event.term }, now));
  }
}

const isRequest = (input: Input<Node>): boolean => input.kind === 'message' && (input as Message).message.kind === 'cristian.request';
