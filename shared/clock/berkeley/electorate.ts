/**
 * Who has a say in the average, and what average they come to.
 *
 * Gamma tells a wild clock from a sound one only among clocks that were in step. One that was never corrected, that may have
 * been read too badly when it was, or that may have drifted too far until it was led again, is simply adjusted. If it had a
 * say, a busy moment before the leader is lost, or a while without one, could leave a group that refuses every round from
 * then on.
 */
import type { NodeId, Reading, Term } from '../../protocol.ts';
import { atMost, elapsed, none, sum } from '../../time.ts';
import { type Agreement, agree, fewest, median } from '../agreement.ts';
import { apart, ledBy, type Standing } from '../standing.ts';
import { isExcluded } from './outliers.ts';
import type { PeerReading } from './probes.ts';
import type { Config, State } from './vocabulary.ts';

type Voter = Pick<PeerReading, 'of' | 'offset'>;

/** Whether the clock was within gamma of the one it was corrected by, as far as it could be read. */
export const isInStep = ({ gamma }: Config, { corrected }: Standing): boolean => corrected !== undefined && corrected.error <= gamma;

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

/** Whose clocks are averaged: those in step that were not wild for a while, and while there is none, all. */
export function electorate(
  config: Config,
  { standing, member, gathering, trusts }: State,
  readings: readonly PeerReading[],
): { readonly voters: readonly Voter[]; readonly atFirst: boolean } {
  const own: Voter = { of: member.self, offset: none };
  const trustworthy = readings.filter((r) => gathering?.synchronized.has(r.of) && !isExcluded(trusts, r.of));
  const voters = isInStep(config, standing) ? [own, ...trustworthy] : trustworthy;
  return voters.length > 0 ? { voters, atFirst: false } : { voters: [own, ...readings], atFirst: true };
}

/**
 * A group that is not in step lies so far apart that no tolerance could hold, so its median is taken. It is taken as well
 * where enough clocks were read, but too few of them have a say: a group of three would otherwise refuse for ever once one
 * of them has started anew.
 */
export function average(config: Config, voters: readonly Voter[], read: number, atFirst: boolean): Agreement {
  const offsets = voters.map((v) => v.offset);
  const tooFew = offsets.length < fewest(config.average) && read >= fewest(config.average);
  if (tooFew || (atFirst && config.average === 'gamma')) return { kind: 'agreed', average: median(offsets), agreeing: offsets.length };
  return agree(config.average, offsets, config.gamma);
}
