/**
 * Where the token is, as one process can tell. Sightings are ordered by epoch and hop, and the newest one is right in this:
 * the token has not come back through this process since, or it would know of a newer one.
 */
import { compareTerms, type NodeId, type Term } from '../../protocol.ts';
import type { Contender } from '../lock.ts';
import type { Custody, Report, Sighting, Token } from './words.ts';

type Moment = Pick<Sighting, 'epoch' | 'hop'>;
type Knowledge = Pick<Custody<Token>, 'trace' | 'told'>;

/** Positive where `a` was later in the life of tokens. */
export const compareSightings = (a: Moment, b: Moment): number => compareTerms(a.epoch, b.epoch) || a.hop - b.hop;

/** The newest that is known of the token; what the process did itself goes before what it was told of the same moment. */
export const newest = ({ trace, told }: Knowledge): Sighting | undefined =>
  trace === undefined || (told !== undefined && compareSightings(told, trace) > 0) ? told : trace;

/** The newest epoch that is known. */
export const epochOf = (custody: Knowledge): Term | undefined => newest(custody)?.epoch;

/** An epoch has begun since: whatever was asked for in an earlier one has to be asked for again. */
export const isRenewed = (before: Knowledge, after: Knowledge): boolean => {
  const [old, epoch] = [epochOf(before), epochOf(after)];
  return epoch !== undefined && (old === undefined || compareTerms(epoch, old) > 0);
};

/** Who is believed to have the token; the leader looks after one that nobody knows of. */
export function custodians({
  contender,
  lock,
}: {
  readonly contender: Contender;
  readonly lock: { readonly custody: Knowledge };
}): readonly NodeId[] {
  const { member, leader } = contender;
  const at = newest(lock.custody)?.at;
  const believed = at === undefined || at === member.self ? leader?.id : at;
  return believed === undefined || believed === member.self ? [] : [believed];
}

/** What this process answers to a census. */
export function reportOf(custody: Custody<Token>, { member, phase, request }: Contender, term: Term, number: number): Report {
  const { incarnation, self } = member;
  const sighting = newest(custody);
  const own = sighting !== undefined && sighting === custody.trace;
  const passed = custody.passing === undefined ? 'passed' : 'passing';
  return {
    kind: 'mutex.report',
    term,
    number,
    incarnation,
    requested: request,
    served: phase === 'idle' ? request : request - 1,
    epoch: sighting?.epoch ?? null,
    hop: sighting?.hop ?? 0,
    to: sighting?.at ?? null,
    whose: !own ? 'none' : sighting.at === self ? 'holding' : passed,
    start: own ? (custody.trace?.start ?? 0) : 0,
  };
}
