/**
 * Berkeley clock synchronisation (Gusella and Zatti 1989, "The accuracy of the clock synchronization achieved by TEMPO
 * in Berkeley UNIX 4.3BSD", IEEE TSE 15(7):847-853).
 *
 * No node is assumed to know the time. The leader serves as coordinator: it probes every clock, averages those that
 * agree, and tells each node how far to move. It sends differences, not times, so that the delay of the last message
 * does not matter, and it corrects itself like everyone else.
 */
import { type Adjustment, type Effect, type Member, type NodeId, type Protocol, peers, type Reading, type Step, type Term, unreachable } from '../protocol.ts';
import { type ClockTime, type Duration, elapsed, milliseconds, minus, none, type Ppm, ppm, type RawTime, seconds, sum } from '../time.ts';
import { type Agreement, type Average, agree, median } from './agreement.ts';
import { apart } from './estimators.ts';
import { type PeerReading, type Probed, peerReading, probed, type Sent } from './probes.ts';
import { type CorrectionPolicy, correction, defaultPolicy, isNewer, isStale, ledBy, reference, type Standing, type StatusChanged, sampled, silent, statusChange, unheard } from './standing.ts';
import { targetOf } from './time-server.ts';

export interface Config {
  /** From the start of one round to the start of the next. */
  readonly period: Duration;
  /** From hearing of its leadership to a coordinator's first round. */
  readonly settle: Duration;
  /** How many probes each peer is sent in a round, all at once. */
  readonly probes: number;
  /** How long the coordinator waits for reports before it averages what it has. */
  readonly gather: Duration;
  readonly average: Average;
  /** Clocks further apart than this are not averaged together. */
  readonly gamma: Duration;
  /** The drift a bound allows for. */
  readonly rho: Ppm;
  readonly policy: CorrectionPolicy;
  /** Without an adjustment for this long, nothing is claimed any more. */
  readonly voidAfter: Duration;
}

export const defaults: Config = {
  period: seconds(2),
  settle: milliseconds(500),
  probes: 5,
  gather: milliseconds(250),
  average: 'gamma',
  gamma: milliseconds(20),
  rho: ppm(200),
  policy: defaultPolicy,
  voidAfter: seconds(1000),
};

export interface Berkeley {
  readonly state: State;
  readonly message: Message;
  readonly timer: 'berkeley.round' | 'berkeley.gather' | 'berkeley.silence';
  readonly command: never;
  readonly event: Event;
}

export type Message = Poll | Report | Adjust;
interface Poll { readonly kind: 'berkeley.poll'; readonly term: Term; readonly round: number; readonly probe: number }
interface Report {
  readonly kind: 'berkeley.report';
  readonly round: number;
  readonly probe: number;
  /** The peer's target clock. */
  readonly clock: ClockTime;
  /** Whether the peer's clock has ever been corrected; if not, it takes no part in the average. */
  readonly synchronized: boolean;
}
interface Adjust extends Unfinished {
  readonly kind: 'berkeley.adjust';
  readonly term: Term;
  readonly round: number;
  readonly by: Duration;
  /** How far the coordinator may have misread this peer. */
  readonly error: Duration;
}
/** The coordinator's own correction that is not yet slewed in, and how fast it may slew itself at most. */
interface Unfinished { readonly pending: Duration; readonly limit: Ppm }

export type Event =
  | { readonly kind: 'berkeley.round-started'; readonly round: number; readonly polled: number }
  | ({ readonly kind: 'berkeley.sampled' } & PeerReading)
  | { readonly kind: 'berkeley.round-finished'; readonly round: number; readonly average: Duration; readonly agreeing: number; readonly heard: number }
  | { readonly kind: 'berkeley.round-refused'; readonly round: number; readonly reason: string }
  | { readonly kind: 'berkeley.adjusted'; readonly round: number; readonly by: Duration; readonly how: 'step' | 'slew' }
  | { readonly kind: 'berkeley.ignored'; readonly reason: 'stale-term' | 'stale-round' | 'not-leader' | 'unasked' | 'panic'; readonly from: NodeId }
  | StatusChanged;

export interface State {
  readonly member: Member;
  readonly standing: Standing;
  readonly round: number;
  /** The coordinator's round under way: when it sent the probes, what they say so far, and who was ever corrected. */
  readonly gathering: { readonly sent: Sent; readonly probed: ReadonlyMap<NodeId, Probed>; readonly synchronized: ReadonlySet<NodeId> } | undefined;
  /** The round this peer reported in last, when it first did, and whether it was adjusted since. */
  readonly reported: { readonly round: number; readonly at: RawTime; readonly adjusted: boolean } | undefined;
}

export function berkeley(config: Config = defaults): Protocol<Berkeley> {
  return {
    start: (member) => ({ state: { member, standing: unheard, round: 0, gathering: undefined, reported: undefined }, effects: [] }),

    step(state, input, now) {
      switch (input.kind) {
        case 'leader': return lead(state, input);
        case 'timer': return expire(state, input.timer, now);
        case 'message': return receive(state, input.from, input.message, now);
        case 'command': return unreachable(input.command);
        default: return unreachable(input);
      }
    },
  };

  function lead(state: State, { leader, term }: { readonly leader: NodeId; readonly term: Term }): Step<Berkeley> {
    const led = ledBy(state.standing, leader, term, state.member.self);
    // A clock that was synchronized before it was elected goes on serving, so that no clock jumps when the leader changes.
    const standing = led.leading && led.updates > 0 ? reference(led) : led;
    return {
      state: { ...state, standing, round: 0, gathering: undefined, reported: undefined },
      effects: [
        { kind: 'clear-timer', timer: 'berkeley.gather' },
        led.leading ? { kind: 'set-timer', timer: 'berkeley.round', after: config.settle } : { kind: 'clear-timer', timer: 'berkeley.round' },
        ...statusChange(state.standing, standing, 'a new leader was named'),
      ],
    };
  }

  function expire(state: State, timer: Berkeley['timer'], now: Reading): Step<Berkeley> {
    switch (timer) {
      case 'berkeley.round': return poll(state, now);
      case 'berkeley.gather': return finish(state, now);
      case 'berkeley.silence': return silence(state);
    }
  }

  function poll(state: State, now: Reading): Step<Berkeley> {
    const { term } = state.standing;
    if (term === undefined) return { state, effects: [] };
    const round = state.round + 1;
    const polled = peers(state.member);
    const probes = Array.from({ length: config.probes }, (_, probe) => probe);
    return {
      state: { ...state, round, gathering: { sent: { target: targetOf(now), raw: now.raw }, probed: new Map(), synchronized: new Set() } },
      effects: [
        { kind: 'emit', event: { kind: 'berkeley.round-started', round, polled: polled.length } },
        ...probes.flatMap((probe) => polled.map((to) => ({ kind: 'send', to, message: { kind: 'berkeley.poll', term, round, probe } }) as const)),
        { kind: 'set-timer', timer: 'berkeley.gather', after: config.gather },
        { kind: 'set-timer', timer: 'berkeley.round', after: config.period },
      ],
    };
  }

  function receive(state: State, from: NodeId, message: Message, now: Reading): Step<Berkeley> {
    switch (message.kind) {
      case 'berkeley.poll': return report(state, from, message, now);
      case 'berkeley.report': return take(state, from, message, now);
      case 'berkeley.adjust': return obey(state, from, message);
      default: return unreachable(message);
    }
  }

  function report(state: State, from: NodeId, { term, round, probe }: Poll, now: Reading): Step<Berkeley> {
    const { standing } = state;
    if (from !== standing.leader) return ignored(state, 'not-leader', from);
    if (isStale(standing, term)) return ignored(state, 'stale-term', from);
    const anew = isNewer(standing, term);
    const followed = anew ? ledBy(standing, from, term, state.member.self) : standing;
    const last = anew ? undefined : state.reported;
    if (last !== undefined && round < last.round) return ignored(state, 'stale-round', from);
    return {
      state: { ...state, standing: followed, reported: last?.round === round ? last : { round, at: now.raw, adjusted: false } },
      effects: [
        { kind: 'send', to: from, message: { kind: 'berkeley.report', round, probe, clock: targetOf(now), synchronized: standing.updates > 0 } },
        ...statusChange(standing, followed, 'the leader started anew'),
      ],
    };
  }

  function take(state: State, from: NodeId, { round, clock, synchronized }: Report, now: Reading): Step<Berkeley> {
    const { gathering } = state;
    if (gathering === undefined || round !== state.round) return ignored(state, 'stale-round', from);
    const answer = probed(gathering.sent, gathering.probed.get(from), { peer: clock, target: targetOf(now), raw: now.raw });
    const heard: State = {
      ...state,
      gathering: {
        ...gathering,
        probed: new Map(gathering.probed).set(from, answer),
        synchronized: synchronized ? new Set(gathering.synchronized).add(from) : gathering.synchronized,
      },
    };
    const complete = peers(state.member).every((id) => heard.gathering?.probed.get(id)?.answers === config.probes);
    return complete ? finish(heard, now) : { state: heard, effects: [] };
  }

  function finish(state: State, now: Reading): Step<Berkeley> {
    const { gathering, standing, round } = state;
    if (gathering === undefined) return { state, effects: [] };
    const idle: State = { ...state, gathering: undefined };
    const span = elapsed(gathering.sent.raw, now.raw);
    // Delays that add up to less than nothing belong to a clock that jumped in the middle of the round.
    const readings = [...gathering.probed].map(([of, p]) => peerReading(of, p, span, config.rho)).filter((r) => r.error > 0);
    const agreement = average(standing, readings, gathering.synchronized, state.member);
    if (agreement.kind === 'refused') return refuse(idle, agreement.reason);
    const own = correction(standing, agreement.average, config.policy);
    if (own === undefined) return refuse(idle, 'the average lies beyond the panic limit');

    const corrected = reference({ ...standing, updates: standing.updates + 1 });
    const unfinished = afterwards(own, now);
    return {
      state: { ...idle, standing: corrected },
      effects: [
        { kind: 'clear-timer', timer: 'berkeley.gather' },
        ...readings.map((r) => ({ kind: 'emit', event: { kind: 'berkeley.sampled', ...r } }) as const),
        { kind: 'emit', event: { kind: 'berkeley.round-finished', round, average: agreement.average, agreeing: agreement.agreeing, heard: readings.length + 1 } },
        ...readings.map((r) => adjust(standing, round, r, agreement.average, unfinished)),
        { kind: 'emit', event: { kind: 'berkeley.adjusted', round, by: own.by, how: own.how } },
        { kind: 'adjust-clock', adjustment: own },
        ...statusChange(standing, corrected, 'its first round is completed'),
      ],
    };
  }

  function refuse(state: State, reason: string): Step<Berkeley> {
    return {
      state,
      effects: [
        { kind: 'clear-timer', timer: 'berkeley.gather' },
        { kind: 'emit', event: { kind: 'berkeley.round-refused', round: state.round, reason } },
      ],
    };
  }

  /** What of the coordinator's own correction is unfinished once it has made it, and how fast it may slew itself then. */
  function afterwards(own: Adjustment, now: Reading): Unfinished {
    const pending = own.how === 'slew' ? sum(now.pending, own.by) : now.pending;
    const slewing = own.how === 'slew' ? own.rate : now.slewing;
    return { pending, limit: ppm(pending === 0 ? config.policy.leader : Math.max(slewing, config.policy.leader)) };
  }

  function adjust({ term }: Standing, round: number, { of, offset, error }: PeerReading, to: Duration, unfinished: Unfinished): Effect<Berkeley> {
    if (term === undefined) throw new Error('a coordinator has a term');
    return { kind: 'send', to: of, message: { kind: 'berkeley.adjust', term, round, by: minus(to, offset), error, ...unfinished } };
  }

  /**
   * A clock that was never corrected takes no part in the average and is simply adjusted to it. While none was, the
   * group lies so far apart that no tolerance could hold, so its median is taken.
   */
  function average(standing: Standing, readings: readonly PeerReading[], synchronized: ReadonlySet<NodeId>, member: Member): Agreement {
    if (readings.length === 0 && peers(member).length > 0) return { kind: 'refused', reason: 'no peer answered' };
    const own = standing.updates > 0 ? [none] : [];
    const trusted = [...own, ...readings.filter((r) => synchronized.has(r.of)).map((r) => r.offset)];
    if (trusted.length > 0) return agree(config.average, trusted, config.gamma);
    const all = [none, ...readings.map((r) => r.offset)];
    return config.average === 'gamma' ? { kind: 'agreed', average: median(all), agreeing: all.length } : agree(config.average, all, config.gamma);
  }

  function obey(state: State, from: NodeId, adjust: Adjust): Step<Berkeley> {
    const { standing, reported } = state;
    if (from !== standing.leader) return ignored(state, 'not-leader', from);
    if (isStale(standing, adjust.term)) return ignored(state, 'stale-term', from);
    // An adjustment belongs to the clock that was reported: one of another round, or given twice, would correct the wrong one.
    if (reported === undefined || isNewer(standing, adjust.term)) return ignored(state, 'unasked', from);
    if (adjust.round !== reported.round || reported.adjusted) return ignored(state, 'stale-round', from);
    const adjustment = correction(standing, adjust.by, config.policy);
    if (adjustment === undefined) return ignored(state, 'panic', from);

    const growth = ppm(apart(config.rho) + adjust.limit);
    const corrected = sampled(standing, { leaderPending: adjust.pending, error: adjust.error, asOf: reported.at, growth });
    return {
      state: { ...state, standing: corrected, reported: { ...reported, adjusted: true } },
      effects: [
        { kind: 'emit', event: { kind: 'berkeley.adjusted', round: adjust.round, by: adjust.by, how: adjustment.how } },
        { kind: 'adjust-clock', adjustment },
        ...statusChange(standing, corrected, 'an adjustment was received'),
        { kind: 'set-timer', timer: 'berkeley.silence', after: (3 * config.period) as Duration },
      ],
    };
  }

  function silence(state: State): Step<Berkeley> {
    const standing = silent(state.standing);
    return {
      state: { ...state, standing },
      effects: [
        ...statusChange(state.standing, standing, 'no adjustment was received for a while'),
        ...(standing.status === 'free-running' ? [{ kind: 'set-timer', timer: 'berkeley.silence', after: config.voidAfter } as const] : []),
      ],
    };
  }
}

const ignored = (state: State, reason: Extract<Event, { kind: 'berkeley.ignored' }>['reason'], from: NodeId): Step<Berkeley> => ({
  state,
  effects: [{ kind: 'emit', event: { kind: 'berkeley.ignored', reason, from } }],
});
