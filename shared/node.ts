/**
 * One node of the cluster: an election and a clock rule, composed into one protocol.
 *
 * Whoever the election names leads the others, and the clock hears of it in the same step, so that no input comes in
 * between. Nothing else passes between the parts. A member takes part in the clock rule of the cluster; a device is a
 * Cristian client of whoever leads, and votes on nothing.
 */
import { type Berkeley, type Config as BerkeleyConfig, berkeley } from './clock/berkeley.ts';
import { answer } from './clock/cristian/time-server.ts';
import { type Cristian, type Config as CristianConfig, cristian } from './clock/cristian.ts';
import { type Drift, estimateDrift } from './clock/drift.ts';
import { type Marzullo, type Config as MarzulloConfig, marzullo, defaults as marzulloDefaults } from './clock/marzullo.ts';
import type { Standing } from './clock/standing.ts';
import { type Appointed, appointed } from './election/appointed.ts';
import { type Input, type Member, type NodeId, type Protocol, type Reading, type Step, unreachable } from './protocol.ts';
import { type Ppm, ppm } from './time.ts';

export type Role = 'member' | 'device';
export type ClockRule = 'cristian' | 'berkeley';

export interface NodeConfig {
  readonly role: Role;
  /** The members' clock rule. */
  readonly clock: ClockRule;
  /** Whom a device asks: the leader by Cristian's algorithm, or all members, of whom Marzullo's selects. */
  readonly servers?: 'leader' | 'all';
  readonly cristian: CristianConfig;
  readonly berkeley: BerkeleyConfig;
  readonly marzullo?: MarzulloConfig;
}

export interface Node {
  readonly state: State;
  readonly message: Cristian['message'] | Berkeley['message'];
  readonly timer: Cristian['timer'] | Berkeley['timer'] | Marzullo['timer'];
  readonly command: never;
  readonly event: Appointed['event'] | Cristian['event'] | Berkeley['event'] | Marzullo['event'] | Ignored;
}

/** A frame for a part that this node does not run. */
export interface Ignored {
  readonly kind: 'node.ignored';
  readonly message: string;
  readonly from: NodeId;
}

export interface State {
  readonly election: Appointed['state'];
  readonly clock: Clock;
}

type Clock =
  | { readonly rule: 'cristian'; readonly state: Cristian['state'] }
  | { readonly rule: 'berkeley'; readonly state: Berkeley['state'] }
  | { readonly rule: 'marzullo'; readonly state: Marzullo['state'] };

/** What this node may say of its clock. */
export const standingOf = (state: State): Standing => state.clock.state.standing;

/** How fast its raw clock drifts against the leader's, as far as its samples tell. */
export const driftOf = (state: State): Drift | undefined => estimateDrift(standingOf(state).samples);

export function node(config: NodeConfig): Protocol<Node> {
  const rule = config.role === 'member' ? config.clock : config.servers === 'all' ? 'marzullo' : 'cristian';
  const parts = {
    election: appointed,
    cristian: cristian(config.cristian),
    berkeley: berkeley(config.berkeley),
    marzullo: marzullo(config.marzullo ?? marzulloDefaults),
  };
  /** How fast the clock rule slews a leader that others follow: Cristian's server is corrected by nobody. */
  const selfSlew: Ppm = rule === 'berkeley' ? config.berkeley.policy.leader : ppm(0);

  return {
    start(member, now) {
      const election = parts.election.start(member, now);
      const clock = startClock(member, now);
      return elected({ state: { election: election.state, clock: clock.state }, effects: [...clock.effects, ...election.effects] }, now);
    },

    step(state, input, now) {
      switch (input.kind) {
        case 'message':
          return receive(state, input, now);
        case 'timer':
          return inClock(state, input, now);
        case 'leader':
          return inClock(state, input, now);
        case 'command':
          return unreachable(input.command);
        default:
          return unreachable(input);
      }
    },
  };

  function startClock(member: Member, now: Reading): { readonly state: Clock; readonly effects: Step<Node>['effects'] } {
    const { state, effects } = parts[rule].start(member, now);
    return { state: { rule, state } as Clock, effects };
  }

  /** A newly elected leader is told to the clock in the same step. */
  function elected({ state, effects }: Step<Node>, now: Reading): Step<Node> {
    const outcome = effects.flatMap((e) => (e.kind === 'emit' && e.event.kind === 'election.elected' ? [e.event] : [])).at(-1);
    if (outcome === undefined) return { state, effects };
    const led = inClock(state, { kind: 'leader', leader: outcome.leader, term: outcome.term }, now);
    return { state: led.state, effects: [...effects, ...led.effects] };
  }

  function receive(state: State, input: Extract<Input<Node>, { kind: 'message' }>, now: Reading): Step<Node> {
    const { from, message } = input;
    if (message.kind !== 'cristian.request') return inClock(state, input, now);
    const reply = answer(standingOf(state), message, now, selfSlew);
    return reply === undefined ? ignored(state, message.kind, from) : { state, effects: [{ kind: 'send', to: from, message: reply }] };
  }

  function inClock(state: State, input: Input<Node>, now: Reading): Step<Node> {
    const clock = stepClock(state.clock, input, now);
    if (clock !== undefined) return { state: { ...state, clock: clock.state }, effects: clock.effects };
    return input.kind === 'message' ? ignored(state, input.message.kind, input.from) : { state, effects: [] };
  }

  /** `undefined` for an input that belongs to another rule than the one that runs. */
  function stepClock(clock: Clock, input: Input<Node>, now: Reading): { readonly state: Clock; readonly effects: Step<Node>['effects'] } | undefined {
    switch (clock.rule) {
      case 'cristian': {
        if (!isCristians(input)) return undefined;
        const { state, effects } = parts.cristian.step(clock.state, input, now);
        return { state: { rule: 'cristian', state }, effects };
      }
      case 'berkeley': {
        if (!isBerkeleys(input)) return undefined;
        const { state, effects } = parts.berkeley.step(clock.state, input, now);
        return { state: { rule: 'berkeley', state }, effects };
      }
      case 'marzullo': {
        if (!isMarzullos(input)) return undefined;
        const { state, effects } = parts.marzullo.step(clock.state, input, now);
        return { state: { rule: 'marzullo', state }, effects };
      }
    }
  }
}

const ignored = (state: State, message: string, from: NodeId): Step<Node> => ({
  state,
  effects: [{ kind: 'emit', event: { kind: 'node.ignored', message, from } }],
});

/** Kinds carry the name of their protocol; an input of no protocol in particular belongs to each. */
const belongs = (input: Input<Node>, messages: ClockRule, timers: Clock['rule']): boolean =>
  input.kind === 'message' ? input.message.kind.startsWith(`${messages}.`) : input.kind !== 'timer' || input.timer.startsWith(`${timers}.`);
const isCristians = (input: Input<Node>): input is Input<Cristian> => belongs(input, 'cristian', 'cristian');
const isBerkeleys = (input: Input<Node>): input is Input<Berkeley> => belongs(input, 'berkeley', 'berkeley');
/** A client of several servers speaks Cristian's messages. */
const isMarzullos = (input: Input<Node>): input is Input<Marzullo> => belongs(input, 'cristian', 'marzullo');
