/**
 * A peer's side of a round: report the clock when asked, and move it as told.
 */
import type { NodeId, Reading, Step } from '../../protocol.ts';
import { type Duration, minus, ppm, type RawTime, sum } from '../../time.ts';
import { correction } from '../correction.ts';
import { apart, contradiction, correctedBy, disrupted, isNewer, isStale, type Standing, sampled, statusChange, targetOf } from '../standing.ts';
import { follow, inStepSince } from './electorate.ts';
import { type Adjust, type Berkeley, type Config, ignored, type Poll, type State } from './vocabulary.ts';

export function report(config: Config, state: State, from: NodeId, { term, round, probe }: Poll, now: Reading): Step<Berkeley> {
  const { standing } = state;
  if (from !== standing.leader) return ignored(state, 'not-leader', from);
  if (isStale(standing, term)) return ignored(state, 'stale-term', from);
  const anew = isNewer(standing, term);
  const followed = anew ? follow(config, state, from, term, now) : standing;
  const last = anew ? undefined : state.reported;
  if (last !== undefined && round < last.round) return ignored(state, 'stale-round', from);
  const inStep = inStepSince(config, followed) ?? null;
  return {
    state: { ...state, standing: followed, reported: last?.round === round ? last : { round, at: now.raw, adjusted: false } },
    effects: [
      { kind: 'send', to: from, message: { kind: 'berkeley.report', term, round, probe, clock: targetOf(now), inStep } },
      ...statusChange(standing, followed),
    ],
  };
}

export function obey(config: Config, state: State, from: NodeId, adjust: Adjust, now: Reading): Step<Berkeley> {
  const { standing, reported } = state;
  if (from !== standing.leader) return ignored(state, 'not-leader', from);
  if (isStale(standing, adjust.term)) return ignored(state, 'stale-term', from);
  // An adjustment belongs to the clock that was reported: one of another round, or given twice, would correct the wrong one.
  if (reported === undefined || isNewer(standing, adjust.term)) return ignored(state, 'unasked', from);
  if (adjust.round !== reported.round || reported.adjusted) return ignored(state, 'stale-round', from);
  const adjustment = correction(standing, adjust.by, config.policy);
  if (adjustment === undefined) return ignored(state, 'panic', from);

  const corrected = claimed(config, standing, reported.at, adjust, now);
  return {
    state: { ...state, standing: corrected, reported: { ...reported, adjusted: true } },
    effects: [
      { kind: 'emit', event: { kind: 'berkeley.adjusted', round: adjust.round, by: adjust.by, how: adjustment.how } },
      { kind: 'adjust-clock', adjustment },
      ...statusChange(standing, corrected),
      { kind: 'set-timer', timer: 'berkeley.silence', after: (3 * config.period) as Duration },
    ],
  };
}

/** The coordinator's clock as it was read at `at`: a claim, unless it contradicts what was read before. */
function claimed({ rho }: Config, standing: Standing, at: RawTime, { round, by, error, corrected, pending, limit }: Adjust, now: Reading): Standing {
  const growth = ppm(apart(rho) + limit);
  const target = sum((targetOf(now) - now.raw) as Duration, by);
  const sample = { at, correction: target, pending, error, growth, free: minus(target, corrected), apart: apart(rho) };
  const why = contradiction(standing, sample, now);
  if (why !== undefined) return correctedBy(disrupted(standing, why, sample), { error, asOf: at }, round);
  return sampled(standing, { leaderPending: pending, error, asOf: at, growth }, sample, round);
}
