/**
 * The coordinator's side of a round: probe every peer, average the clocks that agree, tell each how far to move, and
 * correct its own clock last.
 */
import { type Adjustment, type Effect, type NodeId, peers, type Reading, type Step } from '../../protocol.ts';
import { type Duration, elapsed, minus, none, ppm, sum } from '../../time.ts';
import { median } from '../agreement.ts';
import { correction } from '../correction.ts';
import { correctedBy, isNewer, isStale, reference, type Standing, statusChange, targetOf } from '../standing.ts';
import { average, electorate } from './electorate.ts';
import { changes, judged, type Trusts } from './outliers.ts';
import { type PeerReading, peerReading, probed } from './probes.ts';
import { type Berkeley, type Config, ignored, type Report, type State, type Unfinished } from './vocabulary.ts';

export function poll(config: Config, state: State, now: Reading): Step<Berkeley> {
  const { term } = state.standing;
  if (term === undefined) return { state, effects: [] };
  const round = state.round + 1;
  const polled = peers(state.member);
  const probes = Array.from({ length: config.probes }, (_, probe) => probe);
  return {
    state: { ...state, round, gathering: { sent: { target: targetOf(now), raw: now.raw }, probed: new Map(), inStep: new Map() } },
    effects: [
      { kind: 'emit', event: { kind: 'berkeley.round-started', round, polled: polled.length } },
      ...probes.flatMap((probe) => polled.map((to) => ({ kind: 'send', to, message: { kind: 'berkeley.poll', term, round, probe } }) as const)),
      { kind: 'set-timer', timer: 'berkeley.gather', after: config.gather },
      { kind: 'set-timer', timer: 'berkeley.round', after: config.period },
    ],
  };
}

export function take(config: Config, state: State, from: NodeId, { term, round, clock, inStep }: Report, now: Reading): Step<Berkeley> {
  const { gathering, standing } = state;
  if (isStale(standing, term)) return ignored(state, 'stale-term', from);
  if (gathering === undefined || isNewer(standing, term) || round !== state.round) return ignored(state, 'stale-round', from);
  const answer = probed(gathering.sent, gathering.probed.get(from), { peer: clock, target: targetOf(now), raw: now.raw });
  const heard: State = {
    ...state,
    gathering: {
      ...gathering,
      probed: new Map(gathering.probed).set(from, answer),
      inStep: inStep === null ? gathering.inStep : new Map(gathering.inStep).set(from, inStep),
    },
  };
  const complete = peers(state.member).every((id) => heard.gathering?.probed.get(id)?.answers === config.probes);
  return complete ? finish(config, heard, now) : { state: heard, effects: [] };
}

export function finish(config: Config, state: State, now: Reading): Step<Berkeley> {
  const { gathering, standing, round } = state;
  if (gathering === undefined) return { state, effects: [] };
  const idle: State = { ...state, gathering: undefined };
  const span = elapsed(gathering.sent.raw, now.raw);
  // Delays that add up to less than nothing belong to a clock that jumped in the middle of the round.
  const readings = [...gathering.probed].map(([of, p]) => peerReading(of, p, span, config.rho)).filter((r) => r.error > 0);
  if (readings.length === 0 && peers(state.member).length > 0) return refuse(idle, 'no peer answered');
  const { voters, atFirst } = electorate(config, state, readings);
  const { rule, agreement } = average(config, voters, readings.length + 1, atFirst);
  if (agreement.kind === 'refused') return refuse(idle, agreement.reason);
  const own = correction(standing, agreement.average, config.policy);
  if (own === undefined) return refuse(idle, 'the average lies beyond the panic limit');

  // The coordinator is in step with the group where it could read most of the group well enough.
  const error = readings.length > 0 ? median(readings.map((r) => r.error)) : none;
  const corrected = reference(correctedBy(standing, { error, asOf: now.raw }, round));
  const unfinished = afterwards(config, own, now);
  const trusts = trusted(config, state, readings, agreement.average, now);
  return {
    state: { ...idle, standing: corrected, trusts, completed: now.raw },
    effects: [
      { kind: 'clear-timer', timer: 'berkeley.gather' },
      ...readings.map((r) => ({ kind: 'emit', event: { kind: 'berkeley.sampled', ...r } }) as const),
      {
        kind: 'emit',
        event: {
          kind: 'berkeley.round-finished',
          round,
          average: agreement.average,
          agreeing: agreement.agreeing,
          heard: readings.length + 1,
          averaged: voters.map((v) => v.of),
          rule,
        },
      },
      ...changes(state.trusts, trusts, readings).map((event) => ({ kind: 'emit', event }) as const),
      ...readings.map((r) => adjust(standing, round, r, agreement.average, unfinished)),
      { kind: 'emit', event: { kind: 'berkeley.adjusted', round, by: own.by, how: own.how } },
      { kind: 'adjust-clock', adjustment: own },
      ...statusChange(standing, corrected),
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
function afterwards(config: Config, own: Adjustment, now: Reading): Unfinished {
  const pending = own.how === 'slew' ? sum(now.pending, own.by) : now.pending;
  const slewing = own.how === 'slew' ? own.rate : now.slewing;
  const corrected = sum((targetOf(now) - now.raw) as Duration, own.by);
  return { corrected, pending, limit: ppm(pending === 0 ? config.policy.leader : Math.max(slewing, config.policy.leader)) };
}

function adjust({ term }: Standing, round: number, { of, offset, error }: PeerReading, to: Duration, unfinished: Unfinished): Effect<Berkeley> {
  if (term === undefined) throw new Error('a coordinator has a term');
  return { kind: 'send', to: of, message: { kind: 'berkeley.adjust', term, round, by: minus(to, offset), error, ...unfinished } };
}

/** The plain mean has no guard; that is its lesson. Peers that were not in step are yet to be judged. */
function trusted(config: Config, { gathering, trusts, completed }: State, readings: readonly PeerReading[], to: Duration, now: Reading): Trusts {
  if (config.average === 'mean') return trusts;
  const inStep = readings.filter((r) => gathering?.inStep.has(r.of));
  return judged(trusts, inStep, to, config.gamma, completed === undefined ? undefined : elapsed(completed, now.raw));
}
