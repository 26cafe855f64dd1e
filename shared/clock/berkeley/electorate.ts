/**
 * Who has a say in the average, and what average they come to.
 *
 * Gamma tells a wild clock from a sound one only among clocks that were in step with each other, and those are the ones that
 * were last corrected in the same round. One that was never corrected, that may have been read too badly when it was, that
 * may have drifted too far until it was led again, that missed a round, or that comes from another side of a split, is
 * simply adjusted. If it had a say, a busy moment before the leader is lost, or a while without one, could leave a group
 * that refuses every round from then on.
 */
import { compareTerms, type NodeId, type Reading, type Term } from '../../protocol.ts';
import { atMost, elapsed, none, sum } from '../../time.ts';
import { type Agreement, type Average, agree, fewest, median } from '../agreement.ts';
import { apart, ledBy, type Round, type Standing } from '../standing.ts';
import { isExcluded } from './outliers.ts';
import type { PeerReading } from './probes.ts';
import type { Config, State } from './vocabulary.ts';

type Voter = Pick<PeerReading, 'of' | 'offset'>;

/** The round in which the clock was last corrected, if it was within gamma of its leader's then, as far as it could be read. */
export const inStepSince = ({ gamma }: Config, { corrected }: Standing): Round | undefined =>
  corrected !== undefined && corrected.error <= gamma ? corrected.in : undefined;

/**
 * The standing under a new leader. What the last correction was worth is judged here and not in every round: sound clocks that
 * are refused a common time because others are wild must not lose their say by waiting.
 */
export function follow({ gamma, rho }: Config, { standing, member }: State, leader: NodeId, term: Term, now: Pick<Reading, 'raw'>): Standing {
  const led = ledBy(standing, leader, term, member.self);
  const { corrected } = led;
  const lost = corrected !== undefined && sum(corrected.error, atMost(elapsed(corrected.asOf, now.raw), apart(rho))) > gamma;
  return lost ? { ...led, corrected: undefined } : led;
}

const compareRounds = (a: Round, b: Round): number => compareTerms(a.term, b.term) || a.round - b.round;

/** Whose clocks are averaged: those in step since the newest round that were not wild for a while, and where there is none, all. */
export function electorate(
  config: Config,
  state: State,
  readings: readonly PeerReading[],
): { readonly voters: readonly Voter[]; readonly atFirst: boolean } {
  const { standing, member, gathering, trusts } = state;
  const own: Voter = { of: member.self, offset: none };
  const inStep = [own, ...readings].flatMap((voter) => {
    const since = voter === own ? inStepSince(config, standing) : gathering?.inStep.get(voter.of);
    return since === undefined || isExcluded(trusts, voter.of) ? [] : [{ ...voter, since }];
  });
  const newest = inStep
    .map(({ since }) => since)
    .toSorted(compareRounds)
    .at(-1);
  const voters = newest === undefined ? [] : inStep.filter(({ since }) => compareRounds(since, newest) === 0);
  return voters.length > 0 ? { voters, atFirst: false } : { voters: [own, ...readings], atFirst: true };
}

/**
 * A group that is not in step lies so far apart that no tolerance could hold, so its median is taken. It is taken as well
 * where enough clocks were read, but too few of them have a say: a group of three would otherwise refuse for ever once one
 * of them has started anew.
 */
export function average(
  config: Config,
  voters: readonly Voter[],
  read: number,
  atFirst: boolean,
): { readonly rule: Average; readonly agreement: Agreement } {
  const rule = config.average;
  const offsets = voters.map((v) => v.offset);
  const tooFew = offsets.length < fewest(rule) && read >= fewest(rule);
  if (tooFew || (atFirst && rule === 'gamma'))
    return { rule: 'median', agreement: { kind: 'agreed', average: median(offsets), agreeing: offsets.length } };
  return { rule, agreement: agree(rule, offsets, config.gamma) };
}
