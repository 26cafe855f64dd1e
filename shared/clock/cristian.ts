/**
 * Cristian's probabilistic clock synchronisation (Cristian 1989, Distributed Computing 3(3):146-158): the client.
 *
 * Every period the client asks the leader for its time, k times one after the other, and keeps what the estimator makes
 * of the round trips. It then sets its own target to the server's, and claims how far it may still be from it. The
 * request is part of the round trip, the samples are taken on the raw clock, and the correction really is applied.
 */
import { type NodeId, type Protocol, type Reading, type Step, type Term, unreachable } from '../protocol.ts';
import { atMost, type Duration, elapsed, magnitude, minus, none, ppm, shortest, sum } from '../time.ts';
import { type Estimate, estimate, roundTrip, type Sample } from './cristian/estimators.ts';
import type { Reply } from './cristian/time-server.ts';
import { type Config, type Cristian, defaults, type Event, type Exchanges, type State } from './cristian/vocabulary.ts';
import {
  apart,
  boundOf,
  type Claim,
  correction,
  disrupted,
  isNewer,
  isStale,
  ledBy,
  offsetOf,
  reference,
  type Standing,
  sampled,
  silent,
  statusChange,
  targetOf,
  unheard,
} from './standing.ts';

export { type Config, type Cristian, defaults } from './cristian/vocabulary.ts';

export function cristian(config: Config = defaults): Protocol<Cristian> {
  return {
    start: (member) => ({ state: { member, standing: unheard, attempt: 0, exchanges: undefined }, effects: [] }),

    step(state, input, now) {
      switch (input.kind) {
        case 'leader':
          return follow(state, input);
        case 'timer':
          return expire(state, input.timer, now);
        case 'message':
          return input.message.kind === 'cristian.reply' ? receive(state, input.from, input.message, now) : { state, effects: [] };
        case 'command':
          return unreachable(input.command);
        default:
          return unreachable(input);
      }
    },
  };

  function follow(state: State, { leader, term }: { readonly leader: NodeId; readonly term: Term }): Step<Cristian> {
    const led = ledBy(state.standing, leader, term, state.member.self);
    const standing = led.leading ? reference(led) : led;
    return {
      state: { ...state, standing, exchanges: undefined },
      effects: [
        { kind: 'clear-timer', timer: 'cristian.attempt' },
        led.leading ? { kind: 'clear-timer', timer: 'cristian.reading' } : { kind: 'set-timer', timer: 'cristian.reading', after: config.settle },
        ...statusChange(state.standing, standing, led.leading ? 'leads, and is the reference' : 'a new leader was named'),
      ],
    };
  }

  function expire(state: State, timer: Cristian['timer'], now: Reading): Step<Cristian> {
    switch (timer) {
      case 'cristian.reading': {
        const { state: asked, effects } = ask({ ...state, exchanges: { attempts: 0, sent: now.raw, samples: [], newest: undefined } }, now);
        return { state: asked, effects: [{ kind: 'set-timer', timer, after: config.period }, ...effects] };
      }
      case 'cristian.attempt':
        return next(state, now);
      case 'cristian.silence':
        return silence(state);
    }
  }

  /** Sends the next request of the reading. */
  function ask(state: State, now: Reading): Step<Cristian> {
    const { exchanges, standing } = state;
    if (exchanges === undefined || standing.leader === undefined) return { state, effects: [] };
    const attempt = state.attempt + 1;
    return {
      state: { ...state, attempt, exchanges: { ...exchanges, attempts: exchanges.attempts + 1, sent: now.raw } },
      effects: [
        { kind: 'send', to: standing.leader, message: { kind: 'cristian.request', attempt } },
        { kind: 'set-timer', timer: 'cristian.attempt', after: config.patience },
      ],
    };
  }

  function receive(state: State, from: NodeId, reply: Reply, now: Reading): Step<Cristian> {
    const { standing, exchanges } = state;
    if (from !== standing.leader) return ignored(state, 'not-leader', from);
    if (isStale(standing, reply.term)) return ignored(state, 'stale-term', from);
    if (exchanges === undefined || reply.attempt !== state.attempt) return ignored(state, 'unasked', from);
    if (!reply.synchronized) return failed({ ...state, exchanges: undefined }, 'server-not-synchronized', from);

    const sample: Sample = { sent: exchanges.sent, received: now.raw, server: reply.clock };
    // Samples from before the server restarted, or corrected itself, were taken of another clock.
    const sameClock = !isNewer(standing, reply.term) && exchanges.newest?.updates === reply.updates;
    const renewed = isNewer(standing, reply.term) ? ledBy(standing, from, reply.term, state.member.self) : standing;
    const taken: State = {
      ...state,
      standing: renewed,
      exchanges: { ...exchanges, samples: sameClock ? [...exchanges.samples, sample] : [sample], newest: reply },
    };
    const { state: after, effects } = next(taken, now);
    return {
      state: after,
      effects: [
        { kind: 'emit', event: { kind: 'cristian.sampled', of: from, server: reply.clock, roundTrip: roundTrip(sample) } },
        ...statusChange(standing, renewed, 'the leader started anew'),
        ...effects,
      ],
    };
  }

  /** One exchange is over, answered or not: the next one, or the conclusion of the reading. */
  function next(state: State, now: Reading): Step<Cristian> {
    const { exchanges } = state;
    if (exchanges === undefined) return { state, effects: [] };
    return exchanges.attempts < config.samples ? ask(state, now) : conclude({ ...state, exchanges: undefined }, exchanges, now);
  }

  function conclude(state: State, { samples: [first, ...rest], newest }: Exchanges, now: Reading): Step<Cristian> {
    const { standing } = state;
    const of = standing.leader;
    if (of === undefined) return { state, effects: [] };
    if (first === undefined || newest === undefined) return failed(state, 'timeout', of);
    const samples = [first, ...rest] as const;
    const read = estimate(config.estimator, samples, config);
    if (read === undefined || contradicts(standing, read, newest, now)) return contradicted(state, of);

    const by = minus(read.correction, (targetOf(now) - now.raw) as Duration);
    const adjustment = correction(standing, by, config.policy);
    if (adjustment === undefined) return failed(state, 'panic', of);
    const corrected = sampled(standing, claimOf(read, newest, samples));
    return {
      state: { ...state, standing: corrected },
      effects: [
        { kind: 'clear-timer', timer: 'cristian.attempt' },
        {
          kind: 'emit',
          event: { kind: 'cristian.read', of, by, how: adjustment.how, error: read.error, roundTrip: smallest(samples), samples: samples.length },
        },
        { kind: 'adjust-clock', adjustment },
        ...statusChange(standing, corrected, 'a reading was accepted'),
        { kind: 'set-timer', timer: 'cristian.silence', after: (3 * config.period) as Duration },
      ],
    };
  }

  /** Whether a reading and the claim it should confirm cannot both be true. */
  function contradicts(standing: Standing, read: Estimate, newest: Reply, now: Reading): boolean {
    const claimed = offsetOf(standing, now);
    const bound = boundOf(standing, now);
    if (claimed === undefined || bound === undefined) return false;
    const offset = minus((read.correction - (now.clock - now.raw)) as Duration, newest.pending);
    return magnitude(minus(offset, claimed)) > sum(bound, read.error);
  }

  function contradicted(state: State, of: NodeId): Step<Cristian> {
    const standing = disrupted(state.standing);
    const { effects } = failed(state, 'contradiction', of);
    return {
      state: { ...state, standing },
      effects: [...effects, ...statusChange(state.standing, standing, 'a clock jumped, or drifts more than was assumed')],
    };
  }

  function claimOf(read: Estimate, newest: Reply, samples: readonly Sample[]): Claim {
    const last = samples.at(-1);
    // The server told its pending slew when it stamped; it may have slewed on while the reply travelled.
    const slewed = last === undefined ? none : atMost(elapsed(last.sent, read.asOf), newest.limit);
    return {
      leaderPending: newest.pending,
      error: sum(read.error, slewed),
      asOf: read.asOf,
      growth: ppm(apart(config.rho) + newest.limit),
    };
  }

  function silence(state: State): Step<Cristian> {
    const { standing } = state;
    const quiet = silent(standing);
    return {
      state: { ...state, standing: quiet },
      effects: [
        ...statusChange(standing, quiet, 'no reading was accepted for a while'),
        ...(quiet.status === 'free-running' ? [{ kind: 'set-timer', timer: 'cristian.silence', after: config.voidAfter } as const] : []),
      ],
    };
  }
}

const smallest = (samples: readonly Sample[]): Duration => shortest(...samples.map(roundTrip));

const ignored = (state: State, reason: 'stale-term' | 'not-leader' | 'unasked', from: NodeId): Step<Cristian> => ({
  state,
  effects: [{ kind: 'emit', event: { kind: 'cristian.ignored', reason, from } }],
});

const failed = (state: State, reason: Extract<Event, { kind: 'cristian.failed' }>['reason'], of: NodeId): Step<Cristian> => ({
  state,
  effects: [
    { kind: 'clear-timer', timer: 'cristian.attempt' },
    { kind: 'emit', event: { kind: 'cristian.failed', reason, of } },
  ],
});
