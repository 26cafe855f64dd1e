/**
 * A client of several time servers: it asks every member for the leader's time, and believes what a majority of them can
 * agree on (Marzullo 1984).
 *
 * A member that follows the leader knows the leader's clock within its own bound. So each answer, with its round trip, is an
 * interval that contains the leader's clock, unless the server lies or is broken; and those are found out by the others.
 */
import { type Effect, type NodeId, type Protocol, peers, type Reading, type Step, type Term, unreachable } from '../protocol.ts';
import { atMost, type Duration, half, minus, type Ppm, ppm, type RawTime, sum } from '../time.ts';
import { correction } from './correction.ts';
import { type Estimate, roundTrip, type Sample, single } from './cristian/estimators.ts';
import type { Reply } from './cristian/time-server.ts';
import { select } from './marzullo/selection.ts';
import { type Answer, type Config, defaults, type Event, type Marzullo, type State } from './marzullo/vocabulary.ts';
import {
  apart,
  contradiction,
  disrupted,
  isNewer,
  isStale,
  ledBy,
  reference,
  sampled,
  settling,
  silence,
  statusChange,
  targetOf,
  unheard,
} from './standing.ts';

export { type Config, defaults, type Marzullo } from './marzullo/vocabulary.ts';

export function marzullo(config: Config = defaults): Protocol<Marzullo> {
  return {
    start: (member) => ({ state: { member, standing: unheard, attempt: 0, survey: undefined }, effects: [] }),

    step(state, input, now) {
      switch (input.kind) {
        case 'leader':
          return follow(state, input);
        case 'timer':
          return expire(state, input.timer, now);
        case 'message':
          return input.message.kind === 'cristian.reply' ? receive(state, input.from, input.message, now) : { state, effects: [] };
        case 'deposed':
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

  function follow(state: State, { leader, term }: { readonly leader: NodeId; readonly term: Term }): Step<Marzullo> {
    const led = ledBy(state.standing, leader, term, state.member.self);
    const standing = led.leading ? reference(led) : led;
    const next = led.leading
      ? ({ kind: 'clear-timer', timer: 'marzullo.survey' } as const)
      : ({ kind: 'set-timer', timer: 'marzullo.survey', after: settling(led, config.settle) } as const);
    return { state: { ...state, standing, survey: undefined }, effects: [next, ...statusChange(state.standing, standing)] };
  }

  function expire(state: State, timer: Marzullo['timer'], now: Reading): Step<Marzullo> {
    switch (timer) {
      case 'marzullo.survey':
        return ask(state, now);
      case 'marzullo.gather':
        return finish(state, now);
      case 'marzullo.silence': {
        const { standing, effects } = silence(state.standing, timer, config.voidAfter);
        return { state: { ...state, standing }, effects };
      }
    }
  }

  function ask(state: State, now: Reading): Step<Marzullo> {
    const attempt = state.attempt + 1;
    const { incarnation } = state.member;
    return {
      state: { ...state, attempt, survey: { sent: now.raw, answers: new Map() } },
      effects: [
        ...peers(state.member).map((to) => ({ kind: 'send', to, message: { kind: 'cristian.request', attempt, incarnation } }) as const),
        { kind: 'set-timer', timer: 'marzullo.gather', after: config.gather },
        { kind: 'set-timer', timer: 'marzullo.survey', after: config.period },
      ],
    };
  }

  function receive(state: State, from: NodeId, reply: Reply, now: Reading): Step<Marzullo> {
    const { survey, standing } = state;
    const asked = reply.attempt === state.attempt && reply.incarnation === state.member.incarnation;
    if (survey === undefined || !asked) return ignored(state, 'unasked', from);
    if (isStale(standing, reply.term)) return ignored(state, 'stale-term', from);
    if (!reply.synchronized) return ignored(state, 'not-synchronized', from);
    const anew = isNewer(standing, reply.term);
    const followed = anew ? ledBy(standing, reply.term.node, reply.term, state.member.self) : standing;
    // Answers about the clock of an older term are about another clock.
    const before = anew ? new Map<NodeId, Answer>() : survey.answers;
    const sample: Sample = { sent: survey.sent, received: now.raw, server: reply.clock };
    const read = single(sample, { rho: config.rho, leastDelay: 0 as Duration });
    const answers = new Map(before).set(from, intervalOf(from, sample, read, reply));
    const taken: State = { ...state, standing: followed, survey: { ...survey, answers } };
    const effects = [told(from, sample, read, now), ...statusChange(standing, followed)];
    if (answers.size < peers(state.member).length) return { state: taken, effects };
    const finished = finish(taken, now);
    return { state: finished.state, effects: [...effects, ...finished.effects] };
  }

  /** Where the leader's disciplined clock is against our raw clock, by one server's answer. */
  function intervalOf(of: NodeId, sample: Sample, { correction: target, error }: Estimate, { pending, bound, limit }: Reply): Answer {
    const middle = minus(target, pending);
    const travelled = atMost((sample.received - sample.sent) as Duration, limit);
    const reach = sum(error, bound, travelled);
    return { interval: { of, low: minus(middle, reach), high: sum(middle, reach) }, growth: ppm(apart(config.rho) + limit) };
  }

  function finish(state: State, now: Reading): Step<Marzullo> {
    const { survey, standing, member } = state;
    if (survey === undefined) return { state, effects: [] };
    const idle: State = { ...state, survey: undefined };
    const cleared = { kind: 'clear-timer', timer: 'marzullo.gather' } as const;
    const answers = [...survey.answers.values()];
    const growth = ppm(Math.max(apart(config.rho), ...answers.map((a) => a.growth)));
    const selection = select(
      answers.map(({ interval }) => interval),
      peers(member).length,
    );
    if (selection.kind === 'refused')
      return { state: idle, effects: [cleared, { kind: 'emit', event: { kind: 'marzullo.refused', reason: selection.reason } }] };

    const { low, high, truechimers, falsetickers } = selection;
    const middle = half(sum(low, high));
    const error = sum(half(minus(high, low)), aged(survey.sent, now, growth));
    const sample = { at: now.raw, correction: middle, pending: 0 as Duration, error, growth, free: middle, apart: growth };
    const why = contradiction(standing, sample, now);
    const by = minus(middle, (targetOf(now) - now.raw) as Duration);
    const adjustment = why === undefined ? correction(standing, by, config.policy) : undefined;
    if (adjustment === undefined) {
      const doubted = disrupted(standing, why ?? 'a correction beyond the panic limit was refused', sample);
      return {
        state: { ...idle, standing: doubted },
        effects: [cleared, { kind: 'emit', event: { kind: 'marzullo.refused', reason: doubted.why } }, ...statusChange(standing, doubted)],
      };
    }
    const corrected = sampled(standing, { leaderPending: 0 as Duration, error, asOf: now.raw, growth }, sample);
    return {
      state: { ...idle, standing: corrected },
      effects: [
        cleared,
        { kind: 'emit', event: { kind: 'marzullo.selected', by, how: adjustment.how, error, truechimers, falsetickers } },
        { kind: 'adjust-clock', adjustment },
        ...statusChange(standing, corrected),
        { kind: 'set-timer', timer: 'marzullo.silence', after: (3 * config.period) as Duration },
      ],
    };
  }
}

/** What was read of the server's own clock, of which a liar or a broken one shows by itself. What it says of the leader's is another matter. */
const told = (of: NodeId, sample: Sample, { correction: read, error }: Estimate, now: Reading): Effect<Marzullo> => ({
  kind: 'emit',
  event: { kind: 'marzullo.sampled', of, offset: minus(read, (targetOf(now) - now.raw) as Duration), error, roundTrip: roundTrip(sample) },
});

/** The answers came at several instants of the survey; each may have aged by all of it. */
const aged = (sent: RawTime, now: Reading, growth: Ppm): Duration => sum(atMost((now.raw - sent) as Duration, growth), 1 as Duration);

const ignored = (state: State, reason: Extract<Event, { kind: 'marzullo.ignored' }>['reason'], from: NodeId): Step<Marzullo> => ({
  state,
  effects: [{ kind: 'emit', event: { kind: 'marzullo.ignored', reason, from } }],
});
