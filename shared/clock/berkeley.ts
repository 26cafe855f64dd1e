/**
 * Berkeley clock synchronisation (Gusella and Zatti 1989, "The accuracy of the clock synchronization achieved by TEMPO
 * in Berkeley UNIX 4.3BSD", IEEE TSE 15(7):847-853).
 *
 * No node is assumed to know the time. The leader serves as coordinator: it probes every clock, averages those that
 * agree, and tells each node how far to move. It sends differences, not times, so that the delay of the last message
 * does not matter, and it corrects itself like everyone else.
 */
import { type NodeId, type Protocol, type Reading, type Step, type Term, unreachable } from '../protocol.ts';
import { finish, poll, take } from './berkeley/coordinator.ts';
import { follow } from './berkeley/electorate.ts';
import { obey, report } from './berkeley/peer.ts';
import { type Berkeley, type Config, defaults, type Message, type State } from './berkeley/vocabulary.ts';
import { isNewer, reference, settling, silence, statusChange, unheard, unled } from './standing.ts';

export { type Berkeley, type Config, defaults } from './berkeley/vocabulary.ts';

export function berkeley(config: Config = defaults): Protocol<Berkeley> {
  return {
    start: (member) => ({
      state: { member, standing: unheard, round: 0, gathering: undefined, trusts: new Map(), completed: undefined, reported: undefined },
      effects: [],
    }),

    step(state, input, now) {
      switch (input.kind) {
        case 'leader':
          return lead(state, input, now);
        case 'timer':
          return expire(state, input.timer, now);
        case 'message':
          return receive(state, input.from, input.message, now);
        case 'deposed':
          return withdraw(state);
        case 'trusted':
        case 'suspected':
        case 'stalled':
        case 'unreachable':
        case 'undelivered':
          return { state, effects: [] };
        case 'command':
          return unreachable(input.command);
        default:
          return unreachable(input);
      }
    },
  };

  function lead(state: State, { leader, term }: { readonly leader: NodeId; readonly term: Term }, now: Reading): Step<Berkeley> {
    const led = follow(config, state, leader, term, now);
    // A clock that was synchronized before it was elected goes on serving, so that no clock jumps when the leader changes.
    const standing = led.leading && led.updates > 0 ? reference(led) : led;
    // A leader that was lost and is heard again in the same term goes on with its round: when that was first reported in still counts.
    const reported = isNewer(state.standing, term) ? undefined : state.reported;
    return {
      state: { ...state, standing, round: 0, gathering: undefined, trusts: new Map(), completed: undefined, reported },
      effects: [
        { kind: 'clear-timer', timer: 'berkeley.gather' },
        led.leading
          ? { kind: 'set-timer', timer: 'berkeley.round', after: settling(led, config.settle) }
          : { kind: 'clear-timer', timer: 'berkeley.round' },
        ...statusChange(state.standing, standing),
      ],
    };
  }

  function withdraw(state: State): Step<Berkeley> {
    const standing = unled(state.standing);
    return {
      state: { ...state, standing, gathering: undefined },
      effects: [
        { kind: 'clear-timer', timer: 'berkeley.round' },
        { kind: 'clear-timer', timer: 'berkeley.gather' },
        ...statusChange(state.standing, standing),
      ],
    };
  }

  function expire(state: State, timer: Berkeley['timer'], now: Reading): Step<Berkeley> {
    switch (timer) {
      case 'berkeley.round':
        return poll(config, state, now);
      case 'berkeley.gather':
        return finish(config, state, now);
      case 'berkeley.silence': {
        const { standing, effects } = silence(state.standing, timer, config.voidAfter);
        return { state: { ...state, standing }, effects };
      }
    }
  }

  function receive(state: State, from: NodeId, message: Message, now: Reading): Step<Berkeley> {
    switch (message.kind) {
      case 'berkeley.poll':
        return report(config, state, from, message, now);
      case 'berkeley.report':
        return take(config, state, from, message, now);
      case 'berkeley.adjust':
        return obey(config, state, from, message, now);
      default:
        return unreachable(message);
    }
  }
}
