/**
 * Cristian's probabilistic clock synchronisation (Cristian 1989, Distributed Computing 3(3):146-158): the client.
 *
 * Every period the client asks the leader for its time, k times one after the other, and keeps what the estimator makes
 * of the round trips. It then sets its own target to the server's, and claims how far it may still be from it. The
 * request is part of the round trip, the samples are taken on the raw clock, and the correction really is applied.
 */
import { type NodeId, type Protocol, type Reading, type Step, type Term, unreachable } from '../protocol.ts';
import { type Duration, minus, none } from '../time.ts';
import { correction } from './correction.ts';
import { roundTrip, type Sample } from './cristian/estimators.ts';
import { type Contradiction, compared, conclude, disproves, type Samples, smallestRoundTrip } from './cristian/reading.ts';
import type { Reply } from './cristian/time-server.ts';
import { type Config, type Cristian, defaults, type Event, type Exchanges, type State } from './cristian/vocabulary.ts';
import { disrupted, isNewer, isStale, ledBy, reference, sampled, settling, silence, statusChange, targetOf, unheard, unled } from './standing.ts';

export { type Config, type Cristian, defaults } from './cristian/vocabulary.ts';

export function cristian(config: Config = defaults): Protocol<Cristian> {
  return {
    start: (member) => ({ state: { member, standing: unheard, attempt: 0, exchanges: undefined, leastDelay: config.leastDelay }, effects: [] }),

    step(state, input, now) {
      switch (input.kind) {
        case 'leader':
          return follow(state, input, now);
        case 'timer':
          return expire(state, input.timer, now);
        case 'message':
          return input.message.kind === 'cristian.reply' ? receive(state, input.from, input.message, now) : { state, effects: [] };
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

  function follow(state: State, { leader, term }: { readonly leader: NodeId; readonly term: Term }, now: Reading): Step<Cristian> {
    const led = ledBy(state.standing, leader, term, state.member.self);
    // Whoever is corrected by it is in step with its clock, and so is that itself.
    const standing = led.leading ? { ...reference(led), corrected: { error: none, asOf: now.raw, in: { term, round: 0 } } } : led;
    return {
      state: { ...state, standing, exchanges: undefined },
      effects: [
        { kind: 'clear-timer', timer: 'cristian.attempt' },
        led.leading
          ? { kind: 'clear-timer', timer: 'cristian.reading' }
          : { kind: 'set-timer', timer: 'cristian.reading', after: settling(led, config.settle) },
        ...statusChange(state.standing, standing),
      ],
    };
  }

  function withdraw(state: State): Step<Cristian> {
    const standing = unled(state.standing);
    return { state: { ...state, standing, exchanges: undefined }, effects: statusChange(state.standing, standing) };
  }

  function expire(state: State, timer: Cristian['timer'], now: Reading): Step<Cristian> {
    switch (timer) {
      case 'cristian.reading': {
        const asked = ask({ ...state, exchanges: { attempts: 0, sent: now.raw, samples: [], newest: undefined } }, now);
        return { state: asked.state, effects: [{ kind: 'set-timer', timer, after: config.period }, ...asked.effects] };
      }
      case 'cristian.attempt':
        return next(state, now);
      case 'cristian.silence': {
        const { standing, effects } = silence(state.standing, timer, config.voidAfter);
        return { state: { ...state, standing }, effects };
      }
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
        { kind: 'send', to: standing.leader, message: { kind: 'cristian.request', attempt, incarnation: state.member.incarnation } },
        { kind: 'set-timer', timer: 'cristian.attempt', after: config.patience },
      ],
    };
  }

  function receive(state: State, from: NodeId, reply: Reply, now: Reading): Step<Cristian> {
    const { standing, exchanges } = state;
    // A leader that was succeeded tells its successor's time, in the new term: what it says is no claim about its own clock.
    if (from !== standing.leader || from !== reply.term.node) return ignored(state, 'not-leader', from);
    if (isStale(standing, reply.term)) return ignored(state, 'stale-term', from);
    if (exchanges === undefined || !isAnswer(reply, state)) return ignored(state, 'unasked', from);
    if (!reply.synchronized) return unsynchronized(state, from, reply);
    const sample: Sample = { sent: exchanges.sent, received: now.raw, server: reply.clock };
    const told = { kind: 'emit', event: { kind: 'cristian.sampled', of: from, server: reply.clock, roundTrip: roundTrip(sample) } } as const;
    const taken = take(disprove(state, sample), from, exchanges, sample, reply);
    const after = next(taken.state, now);
    return { state: after.state, effects: [told, ...disproof(state, taken.state, sample), ...taken.effects, ...after.effects] };
  }

  /** What was claimed of a leader that has started anew since is withdrawn, though nothing can be claimed of the new one yet. */
  function unsynchronized(state: State, from: NodeId, { term }: Reply): Step<Cristian> {
    const { standing, member } = state;
    const followed = isNewer(standing, term) ? ledBy(standing, from, term, member.self) : standing;
    const after = failed({ ...state, standing: followed, exchanges: undefined }, 'server-not-synchronized', from);
    return { state: after.state, effects: [...after.effects, ...statusChange(standing, followed)] };
  }

  /** Keeps the sample, if its round trip is short enough to be of use. */
  function take(state: State, from: NodeId, exchanges: Exchanges, sample: Sample, reply: Reply): Step<Cristian> {
    const { standing } = state;
    if (roundTrip(sample) > config.acceptWithin) return ignored(state, 'slow', from);
    // Samples from before the server restarted, or corrected itself, were taken of another clock.
    const anew = isNewer(standing, reply.term);
    const sameClock = !anew && exchanges.newest?.updates === reply.updates;
    const followed = anew ? ledBy(standing, from, reply.term, state.member.self) : standing;
    const samples = sameClock ? [...exchanges.samples, sample] : [sample];
    return {
      state: { ...state, standing: followed, exchanges: { ...exchanges, samples, newest: reply } },
      effects: statusChange(standing, followed),
    };
  }

  /** An assumption that a sample proves false is given up. */
  function disprove(state: State, sample: Sample): State {
    return disproves(sample, state.leastDelay) ? { ...state, leastDelay: none } : state;
  }

  function disproof(before: State, after: State, sample: Sample): Step<Cristian>['effects'] {
    if (before.leastDelay === after.leastDelay) return [];
    return [{ kind: 'emit', event: { kind: 'cristian.disproved', leastDelay: before.leastDelay, roundTrip: roundTrip(sample) } }];
  }

  /** One exchange is over, answered or not: the next one, or the end of the reading. */
  function next(state: State, now: Reading): Step<Cristian> {
    const { exchanges } = state;
    if (exchanges === undefined) return { state, effects: [] };
    const enough = exchanges.samples.length >= config.samples || exchanges.attempts >= config.attempts;
    return enough ? finish({ ...state, exchanges: undefined }, exchanges, now) : ask(state, now);
  }

  function finish(state: State, { samples: [first, ...rest], newest, attempts }: Exchanges, now: Reading): Step<Cristian> {
    const { standing } = state;
    const of = standing.leader;
    if (of === undefined) return { state, effects: [] };
    if (first === undefined || newest === undefined) return failed(state, 'timeout', of);
    const samples: Samples = [first, ...rest];
    const assumptions = { rho: config.rho, leastDelay: state.leastDelay };
    const conclusion = conclude(config.estimator, samples, newest, standing, now, assumptions);
    if (conclusion.kind === 'contradiction') return contradicted(state, of, conclusion);

    const target = (targetOf(now) - now.raw) as Duration;
    const by = minus(conclusion.sample.correction, target);
    const adjustment = correction(standing, by, config.policy);
    if (adjustment === undefined) return failed(state, 'panic', of);
    const { claim, sample } = conclusion;
    const corrected = sampled(standing, claim, sample);
    const read = {
      kind: 'cristian.read',
      of,
      by,
      how: adjustment.how,
      error: claim.error,
      roundTrip: smallestRoundTrip(samples),
      samples: samples.length,
      attempts,
    } as const;
    return {
      state: { ...state, standing: corrected },
      effects: [
        { kind: 'clear-timer', timer: 'cristian.attempt' },
        { kind: 'emit', event: read },
        { kind: 'emit', event: { kind: 'cristian.compared', ...compared(samples, target, assumptions) } },
        { kind: 'adjust-clock', adjustment },
        ...statusChange(standing, corrected),
        { kind: 'set-timer', timer: 'cristian.silence', after: (3 * config.period) as Duration },
      ],
    };
  }

  function contradicted(state: State, of: NodeId, { why, sample }: Contradiction): Step<Cristian> {
    const standing = disrupted(state.standing, why, sample);
    const { effects } = failed(state, 'contradiction', of);
    return { state: { ...state, standing }, effects: [...effects, ...statusChange(state.standing, standing)] };
  }
}

const isAnswer = ({ attempt, incarnation }: Reply, state: State): boolean => attempt === state.attempt && incarnation === state.member.incarnation;

const ignored = (state: State, reason: Extract<Event, { kind: 'cristian.ignored' }>['reason'], from: NodeId): Step<Cristian> => ({
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
