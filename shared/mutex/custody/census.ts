/**
 * The leader's part: it counts the tokens, and makes one where there is none. Nobody else does, so that there are never two
 * of one epoch; where two processes believe that they lead, the later epoch voids the earlier one.
 */
import { compareTerms, type NodeId, type Term } from '../../protocol.ts';
import type { Duration } from '../../time.ts';
import type { Contender } from '../lock.ts';
import { finding } from './finding.ts';
import { reportOf } from './sightings.ts';
import { learned, renewed } from './transfer.ts';
import type { Custody, Kept, Report, Sighting, Token } from './words.ts';

export interface Censuses<K extends string, T extends Token> {
  /** Asks everyone who is not suspected, if this process leads. */
  begin(custody: Custody<T>, contender: Contender): Kept<K, T>;
  reported(custody: Custody<T>, contender: Contender, from: NodeId, report: Report): Kept<K, T>;
}

/** `mint` makes what else a new token bears, from what everyone reported. */
export function censuses<K extends string, T extends Token>(
  mint: (bare: Token, reports: ReadonlyMap<NodeId, Report>) => T,
  resend: Duration,
): Censuses<K, T> {
  return { begin, reported };

  function begin(custody: Custody<T>, contender: Contender): Kept<K, T> {
    const { leader, member } = contender;
    if (leader?.id !== member.self) return { custody, effects: [] };
    const number = custody.censuses + 1;
    const census = { reports: new Map(), before: custody.census?.before };
    const message = { kind: 'mutex.census', term: leader.term, number } as const;
    return and(
      {
        custody: { ...custody, censuses: number, census },
        effects: [
          ...others(contender).map((to) => ({ kind: 'send', to, message }) as const),
          { kind: 'set-timer', timer: 'mutex.census', after: resend },
        ],
      },
      (next) => conclude(next, contender, leader.term),
    );
  }

  function reported(custody: Custody<T>, contender: Contender, from: NodeId, report: Report): Kept<K, T> {
    const { census, censuses: number } = custody;
    const { leader } = contender;
    if (census === undefined || leader === undefined || census.reports.has(from)) return { custody, effects: [] };
    if (report.number !== number || compareTerms(report.term, leader.term) !== 0) return { custody, effects: [] };
    const reports = new Map(census.reports).set(from, report);
    return conclude({ ...custody, census: { ...census, reports } }, contender, leader.term);
  }

  /** Once everyone has answered: what this process itself knows counts as of now. */
  function conclude(custody: Custody<T>, contender: Contender, term: Term): Kept<K, T> {
    const { census, censuses: number } = custody;
    if (census === undefined || others(contender).some((id) => !census.reports.has(id))) return { custody, effects: [] };
    const reports = new Map(census.reports).set(contender.member.self, reportOf(custody, contender, term, number));
    const found = finding(reports, contender.suspects, census.before);
    switch (found.kind) {
      case 'open':
        return { custody: { ...custody, census: { ...census, before: found.acknowledged } }, effects: [] };
      case 'lost':
        return regenerate(custody, contender, found.token, reports);
      default:
        return settle(custody, contender, found.token, reports);
    }
  }

  /** Everyone is told where the token is, and whether they heard is asked for until they did. */
  function settle(custody: Custody<T>, contender: Contender, token: Sighting, reports: ReadonlyMap<NodeId, Report>): Kept<K, T> {
    const isKnown = [...reports.values()].every(({ epoch }) => epoch !== null && compareTerms(epoch, token.epoch) === 0);
    const heard = learned<K, T>(custody, token);
    const over: Kept<K, T>['effects'] = isKnown ? [{ kind: 'clear-timer', timer: 'mutex.census' }] : [];
    return {
      custody: { ...heard.custody, census: isKnown ? undefined : { reports, before: undefined } },
      effects: [...over, ...heard.effects, ...others(contender).map((to) => ({ kind: 'send', to, message: renewed(token) }) as const)],
    };
  }

  function regenerate(custody: Custody<T>, contender: Contender, lost: Sighting | undefined, reports: ReadonlyMap<NodeId, Report>): Kept<K, T> {
    const { self, incarnation } = contender.member;
    const epoch: Term = { number: (lost?.epoch.number ?? 0) + 1, node: self, incarnation };
    const made = { epoch, hop: 0, at: self };
    const event = { kind: 'mutex.regenerated', term: epoch, instead: lost?.epoch ?? null } as const;
    const kept = settle(
      { ...custody, held: mint({ epoch, hop: 0, count: 0 }, reports), passing: undefined, trace: { ...made, start: incarnation } },
      contender,
      made,
      reports,
    );
    return { custody: kept.custody, effects: [{ kind: 'emit', event }, { kind: 'clear-timer', timer: 'mutex.resend' }, ...kept.effects] };
  }

  function and(kept: Kept<K, T>, next: (custody: Custody<T>) => Kept<K, T>): Kept<K, T> {
    const { custody, effects } = next(kept.custody);
    return { custody, effects: [...kept.effects, ...effects] };
  }
}

const others = ({ member, suspects }: Contender): readonly NodeId[] => member.members.filter((id) => id !== member.self && !suspects.has(id));
