/**
 * One node of the cluster: a failure detector, an election and a clock rule, composed into one protocol.
 *
 * Whoever the election names leads the others, and the clock hears of it in the same step, so that no input comes in
 * between: a leader serves from the moment that it wins, and serves no longer from the moment that it steps down. The
 * detector tells the election whom it suspects, and its beats say whom the election named. Nothing else passes between
 * the parts. A member takes part in all of them; a device is a Cristian client of whoever leads, and votes on nothing.
 *
 * A process that stood still, or whose lease is over, learns that before it takes the input that is due.
 */
import { type Berkeley, type Config as BerkeleyConfig, berkeley } from './clock/berkeley.ts';
import { answer } from './clock/cristian/time-server.ts';
import { type Cristian, type Config as CristianConfig, cristian } from './clock/cristian.ts';
import { type Drift, estimateDrift } from './clock/drift.ts';
import { type Marzullo, type Config as MarzulloConfig, marzullo, defaults as marzulloDefaults } from './clock/marzullo.ts';
import type { Standing } from './clock/standing.ts';
import { appointed, type ElectionConfig } from './election/config.ts';
import { type Election, election } from './election/election.ts';
import { type Enquiry, enquiry, whoLeads } from './election/enquiry.ts';
import { type Detector, failureDetector, gapOf } from './election/failure-detector.ts';
import { isStale } from './election/office.ts';
import {
  type Effect,
  type Input,
  type Keepsake,
  type Member,
  type NodeId,
  type Protocol,
  type Reading,
  type Signal,
  type Step,
  type Term,
  unreachable,
  type Vocabulary,
} from './protocol.ts';
import { type Ppm, ppm } from './time.ts';

export type Role = 'member' | 'device';
export type ClockRule = 'cristian' | 'berkeley';

export interface NodeConfig {
  readonly role: Role;
  /** Without it there are no elections, and the highest member leads for ever. */
  readonly election?: ElectionConfig;
  /** The members' clock rule. */
  readonly clock: ClockRule;
  /** Whom a device asks: the leader by Cristian's algorithm, or all members, of whom Marzullo's selects. */
  readonly servers?: 'leader' | 'all';
  readonly cristian: CristianConfig;
  readonly berkeley: BerkeleyConfig;
  readonly marzullo?: MarzulloConfig;
}

type Part = Detector | Election | Enquiry | Cristian | Berkeley | Marzullo;

export interface Node {
  readonly state: State;
  readonly message: Part['message'];
  readonly timer: Part['timer'];
  readonly command: Election['command'];
  readonly event: Part['event'] | Ignored;
}

/** A frame for a part that this node does not run. */
export interface Ignored {
  readonly kind: 'node.ignored';
  readonly message: string;
  readonly from: NodeId;
}

export type State = { readonly clock: Clock } & Standpoint;
/** How a node knows who leads: as one who elects, or by asking. */
type Standpoint =
  | { readonly role: 'member'; readonly detector: Detector['state']; readonly election: Election['state'] }
  | { readonly role: 'device'; readonly enquiry: Enquiry['state'] };
type Clock =
  | { readonly rule: 'cristian'; readonly state: Cristian['state'] }
  | { readonly rule: 'berkeley'; readonly state: Berkeley['state'] }
  | { readonly rule: 'marzullo'; readonly state: Marzullo['state'] };
type Message = Extract<Input<Node>, { kind: 'message' }>;

/** What this node may say of its clock. */
export const standingOf = (state: State): Standing => state.clock.state.standing;

/** How fast its raw clock drifts against the leader's, as far as its samples tell. */
export const driftOf = (state: State): Drift | undefined => estimateDrift(standingOf(state).samples);

/** Messages that go from one to the next, and come back to the sender where they cannot be delivered. */
export const isForwarded = ({ kind }: Node['message']): boolean => /^(?:ring|chang-roberts|hirschberg-sinclair)\./.test(kind);

/** Messages that keep a cluster together, and are counted apart from what an algorithm costs. */
export const isHousekeeping = (kind: string): boolean => kind.startsWith('heartbeat.') || kind.startsWith('node.');

export function node(config: NodeConfig): Protocol<Node> {
  const rule = config.role === 'member' ? config.clock : config.servers === 'all' ? 'marzullo' : 'cristian';
  const held = config.election ?? appointed;
  const parts = {
    detector: failureDetector(held.detector),
    election: election(held),
    cristian: cristian(config.cristian),
    berkeley: berkeley(config.berkeley),
    marzullo: marzullo(config.marzullo ?? marzulloDefaults),
  };
  /** How fast the clock rule slews a leader that others follow: Cristian's server is corrected by nobody. */
  const selfSlew: Ppm = rule === 'berkeley' ? config.berkeley.policy.leader : ppm(0);

  return {
    start(member, now, found) {
      const clock = parts[rule].start(member, now);
      const running = { rule, state: clock.state } as Clock;
      const others = config.role === 'member' ? startMember(member, now, found) : startDevice(member, now);
      return told({ state: { ...others.state, clock: running }, effects: [...clock.effects, ...others.effects] }, now);
    },

    step(state, input, now) {
      const woken = awake(state, now);
      // A timer that was due while the process stood still may have been cleared by what it learned on waking.
      const cleared = input.kind === 'timer' && woken.effects.some((e) => e.kind === 'clear-timer' && e.timer === input.timer);
      return cleared ? woken : then(woken, (next) => take(next, input, now));
    },
  };

  function startMember(member: Member, now: Reading, found: Keepsake | undefined): Started {
    const detector = parts.detector.start(member, now);
    const elects = parts.election.start(member, now, found);
    return {
      state: { role: 'member', detector: detector.state, election: elects.state },
      effects: [...detector.effects, ...elects.effects],
    };
  }

  function startDevice(member: Member, now: Reading): Started {
    const { state, effects } = enquiry.start(member, now);
    return { state: { role: 'device', enquiry: state }, effects };
  }

  /** Whoever stood still looks at that first, and whoever's lease is over leads no more. */
  function awake(state: State, now: Reading): Step<Node> {
    if (state.role === 'device') return { state, effects: [] };
    const gap = gapOf(held.detector, state.detector, now);
    const stalled: Signal = { kind: 'stalled', gap: gap ?? (0 as never) };
    const woken = gap === undefined ? unchanged(state) : then(inDetector(state, stalled, now), (next) => inElection(next, stalled, now));
    return then(woken, (next) =>
      next.role === 'member' && parts.election.lapsed(next.election, now)
        ? inElection(next, { kind: 'timer', timer: 'bully.lease' }, now)
        : unchanged(next),
    );
  }

  function take(state: State, input: Input<Node>, now: Reading): Step<Node> {
    switch (input.kind) {
      case 'message':
        return receive(state, input, now);
      case 'timer':
        return inPart(state, input, input.timer, now);
      case 'undelivered':
        return inPart(state, input, input.message.kind, now);
      case 'command':
        return inElection(state, input, now);
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

  function receive(state: State, input: Message, now: Reading): Step<Node> {
    const { from, message } = input;
    if (message.kind === 'heartbeat.beat') return then(inDetector(state, input, now), (next) => inElection(next, input, now));
    if (message.kind === 'node.leader' && state.role === 'member') return replying(state, from, whoLeads(state.election.office));
    const term = commandedIn(message);
    if (term !== undefined && state.role === 'member' && isStale(state.election.office, term)) {
      return said(state, { kind: 'election.stale', from, message: message.kind, term });
    }
    if (message.kind !== 'cristian.request') return inPart(state, input, message.kind, now);
    const reply = answer(standingOf(state), message, now, selfSlew);
    return reply === undefined ? ignored(state, message.kind, from) : replying(state, from, reply);
  }

  /** To the part whose name the input bears. */
  function inPart(state: State, input: Input<Node>, name: string, now: Reading): Step<Node> {
    if (name.startsWith('node.')) return inEnquiry(state, input, now);
    if (isClocks(name)) return inClock(state, input, now);
    if (name.startsWith('heartbeat.') && name !== 'heartbeat.ack') return inDetector(state, input, now);
    const ours = name.startsWith('election.') || name.startsWith('heartbeat.') || name.startsWith(`${held.algorithm}.`);
    return ours ? inElection(state, input, now) : foreign(state, input);
  }

  function inDetector(state: State, input: Input<Node>, now: Reading): Step<Node> {
    if (state.role !== 'member') return foreign(state, input);
    const { state: detector, effects } = parts.detector.step(state.detector, input as Input<Detector>, now);
    return told({ state: { ...state, detector }, effects }, now);
  }

  function inElection(state: State, input: Input<Node>, now: Reading): Step<Node> {
    if (state.role !== 'member') return foreign(state, input);
    const { state: elects, effects } = parts.election.step(state.election, input as Input<Election>, now);
    return told({ state: { ...state, election: elects }, effects }, now);
  }

  function inEnquiry(state: State, input: Input<Node>, now: Reading): Step<Node> {
    if (state.role !== 'device') return foreign(state, input);
    const { state: next, effects } = enquiry.step(state.enquiry, input as Input<Enquiry>, now);
    return told({ state: { ...state, enquiry: next }, effects }, now);
  }

  function inClock(state: State, input: Input<Node>, now: Reading): Step<Node> {
    const clock = stepClock(state.clock, input, now);
    return clock === undefined ? foreign(state, input) : { state: { ...state, clock: clock.state }, effects: clock.effects };
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

  /** What one part says, the others hear in the same step. */
  function told({ state, effects }: Step<Node>, now: Reading): Step<Node> {
    return effects.reduce<Step<Node>>((step, effect) => (effect.kind === 'emit' ? then(step, (next) => tell(next, effect.event, now)) : step), {
      state,
      effects,
    });
  }

  function tell(state: State, event: Node['event'], now: Reading): Step<Node> {
    switch (event.kind) {
      case 'election.elected':
        return toFollowers(state, { kind: 'leader', leader: event.leader, term: event.term }, now);
      case 'election.stepped-down':
        return toFollowers(state, { kind: 'deposed' }, now);
      case 'heartbeat.trusted':
        return inElection(state, { kind: 'trusted', peer: event.peer, incarnation: event.start }, now);
      case 'heartbeat.suspected':
        return inElection(state, { kind: 'suspected', peer: event.peer }, now);
      default:
        return unchanged(state);
    }
  }

  function toFollowers(state: State, signal: Signal, now: Reading): Step<Node> {
    return then(state.role === 'member' ? inDetector(state, signal, now) : unchanged(state), (next) => inClock(next, signal, now));
  }
}

interface Started {
  readonly state: Standpoint;
  readonly effects: readonly Effect<Vocabulary & Node>[];
}

const unchanged = (state: State): Step<Node> => ({ state, effects: [] });
const said = (state: State, event: Node['event']): Step<Node> => ({ state, effects: [{ kind: 'emit', event }] });
const replying = (state: State, to: NodeId, message: Node['message']): Step<Node> => ({ state, effects: [{ kind: 'send', to, message }] });
const ignored = (state: State, message: string, from: NodeId): Step<Node> => said(state, { kind: 'node.ignored', message, from });
const foreign = (state: State, input: Input<Node>): Step<Node> =>
  input.kind === 'message' ? ignored(state, input.message.kind, input.from) : unchanged(state);

function then(step: Step<Node>, next: (state: State) => Step<Node>): Step<Node> {
  const after = next(step.state);
  return { state: after.state, effects: [...step.effects, ...after.effects] };
}

/** Kinds carry the name of their protocol; an input of no protocol in particular belongs to each. */
const belongs = (input: Input<Node>, messages: ClockRule, timers: Clock['rule']): boolean =>
  input.kind === 'message' ? input.message.kind.startsWith(`${messages}.`) : input.kind !== 'timer' || input.timer.startsWith(`${timers}.`);
const isCristians = (input: Input<Node>): input is Input<Cristian> => belongs(input, 'cristian', 'cristian');
const isBerkeleys = (input: Input<Node>): input is Input<Berkeley> => belongs(input, 'berkeley', 'berkeley');
/** A client of several servers speaks Cristian's messages. */
const isMarzullos = (input: Input<Node>): input is Input<Marzullo> => belongs(input, 'cristian', 'marzullo');

/** The leadership in whose name a leader's message is sent: one of an older term is not obeyed. */
const commandedIn = (message: Node['message']): Term | undefined =>
  message.kind === 'berkeley.poll' || message.kind === 'berkeley.adjust' || message.kind === 'cristian.reply' ? message.term : undefined;

const isClocks = (name: string): boolean => /^(?:cristian|berkeley|marzullo)\./.test(name);
