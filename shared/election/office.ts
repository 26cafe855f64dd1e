/**
 * Who leads, as one process sees it: the part of every election that does not depend on how it is held.
 *
 * Leaderships are ordered by their terms, and no claim of a term lower than the highest seen is accepted. That alone
 * makes the views of processes converge, however many of them believed for a while that they had won.
 */
import { compareTerms, type Keepsake, type Member, type NodeId, type Term } from '../protocol.ts';
import type { ElectionEvent } from './outcome.ts';

export interface Office {
  readonly member: Member;
  /** Whom this process follows; itself while it leads. */
  readonly leader: NodeId | undefined;
  /** The newest leadership that it accepted. */
  readonly term: Term | undefined;
  /** The highest term of any claim that it has heard of. */
  readonly seen: Term | undefined;
  /** The highest number of a term that it was told of in any way: its next election is numbered above. */
  readonly floor: number;
  /** Peers of whom the failure detector has no sign. */
  readonly suspects: ReadonlySet<NodeId>;
}

/** What happens to the office, as effects. The newest term is kept before anyone can hear of it. */
export type Notice = { readonly kind: 'persist'; readonly keep: Keepsake } | { readonly kind: 'emit'; readonly event: ElectionEvent };
export interface Ruling {
  readonly office: Office;
  readonly effects: readonly Notice[];
  /** Why this process must call for an election now; none where it need not. */
  readonly call?: string;
}

export const vacant = (member: Member, found: Keepsake | undefined): Office => {
  const seen = found?.term ?? undefined;
  return { member, leader: undefined, term: undefined, seen, floor: seen?.number ?? 0, suspects: new Set() };
};

export const leads = ({ leader, member }: Office): boolean => leader === member.self;

export const raised = (office: Office, floor: number): Office => (floor <= office.floor ? office : { ...office, floor });

/** A term was heard of, whoever said so. */
export function heardOf(office: Office, term: Term): Office {
  const seen = office.seen === undefined || compareTerms(term, office.seen) > 0 ? term : office.seen;
  return raised({ ...office, seen }, term.number);
}

export const isStale = (office: Office, term: Term): boolean => office.seen !== undefined && compareTerms(term, office.seen) < 0;

export const isNewer = (office: Office, term: Term): boolean => office.term === undefined || compareTerms(term, office.term) > 0;

/** The term in which this process would lead by an election of this number: above whatever it has heard of meanwhile. */
export function ownTerm({ member, seen }: Office, number: number): Term {
  const term = { number, node: member.self, incarnation: member.incarnation };
  return seen !== undefined && compareTerms(term, seen) <= 0 ? { ...term, number: seen.number + 1 } : term;
}

/** This process follows the leader of `term` from now on. */
export function accept(office: Office, term: Term): Ruling {
  const abdicated = leads(office) && term.node !== office.member.self ? resigned(office, 'another leads') : [];
  return {
    office: { ...heardOf(office, term), leader: term.node, term },
    effects: [{ kind: 'persist', keep: { term } }, ...abdicated, { kind: 'emit', event: { kind: 'election.elected', leader: term.node, term } }],
  };
}

/** This process leads no more, if it did. */
export function stepDown(office: Office, why: string): Ruling {
  return leads(office) ? { office: { ...office, leader: undefined }, effects: resigned(office, why) } : { office, effects: [] };
}

const resigned = ({ term }: Office, why: string): readonly Notice[] =>
  term === undefined ? [] : [{ kind: 'emit', event: { kind: 'election.stepped-down', term, why } }];

/**
 * The leader of `term` says that it leads. A stale claim is refused. A leader lower than this process does not know of
 * it, so that this process calls for an election instead of following.
 */
export function claimed(office: Office, term: Term, message: string): Ruling {
  const { self, incarnation } = office.member;
  if (isStale(office, term)) return { office, effects: [{ kind: 'emit', event: { kind: 'election.stale', from: term.node, message, term } }] };
  if (office.leader === term.node && office.term !== undefined && compareTerms(office.term, term) === 0) return { office, effects: [] };
  if (term.node === self && term.incarnation !== incarnation)
    return { office: heardOf(office, term), effects: [], call: 'an earlier start of it was elected' };
  if (term.node >= self) return accept(office, term);
  const { office: freed, effects } = stepDown(heardOf(office, term), `${term.node} claims to lead`);
  return { office: freed, effects, call: `${term.node} leads, which is lower` };
}
