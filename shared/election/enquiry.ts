/**
 * How a device, which votes on nothing, learns who leads: it asks one member after the other, in turn, and believes the
 * newest term that it is told of. So it needs no member in particular, and no member needs to know of it.
 *
 * Terms fall where the members have all lost their disks and begin anew. A device does not do so with them, and would
 * wait for ever for the term that it remembers. So it forgets that term once everybody was asked several times, and of
 * those who answered nobody knew it any more, though they did know an older one. A leader of the past is not believed
 * for that: while anybody answers who knows the newer one, it is remembered.
 */
import { compareTerms, type Member, type NodeId, type Protocol, type Step, type Term, unreachable } from '../protocol.ts';
import { milliseconds } from '../time.ts';
import type { Office } from './office.ts';
import type { Elected, Forgotten } from './outcome.ts';

export interface Enquiry {
  readonly state: EnquiryState;
  readonly message: WhoLeads;
  readonly timer: 'node.enquire';
  readonly command: never;
  readonly event: Elected | Forgotten;
}

/** What the sender knows: asked of a member, or told by one. */
export interface WhoLeads {
  readonly kind: 'node.leader';
  readonly term: Term | null;
}

export interface EnquiryState {
  readonly members: readonly NodeId[];
  /** Who is asked next. */
  readonly turn: number;
  readonly term: Term | null;
  /** The newest of the older terms that were told since anybody knew this one, and how many were asked since the first of them. */
  readonly doubt: { readonly term: Term; readonly asked: number } | undefined;
}

const every = milliseconds(250);
/** How often everybody is asked, more than once as answers may be lost, before what nobody knows any more is forgotten. */
const laps = 3;

/** What a member tells: the leadership that it follows, if any. */
export const whoLeads = ({ leader, term }: Office): WhoLeads => ({ kind: 'node.leader', term: leader === undefined ? null : (term ?? null) });

export const enquiry: Protocol<Enquiry> = {
  start: ({ members }: Member) => ({ state: { members, turn: 0, term: null, doubt: undefined }, effects: ask(members[0], null) }),

  step(state, input) {
    switch (input.kind) {
      case 'timer':
        return next(state);
      case 'message':
        return told(state, input.message.term);
      case 'command':
        return unreachable(input.command);
      default:
        return { state, effects: [] };
    }
  },
};

function told(state: EnquiryState, term: Term | null): Step<Enquiry> {
  if (term === null) return { state, effects: [] };
  const order = state.term === null ? 1 : compareTerms(term, state.term);
  if (order > 0) return believe(state, term);
  if (order === 0) return { state: { ...state, doubt: undefined }, effects: [] };
  const { doubt } = state;
  const newest = doubt === undefined || compareTerms(term, doubt.term) > 0 ? term : doubt.term;
  return { state: { ...state, doubt: { term: newest, asked: doubt?.asked ?? 0 } }, effects: [] };
}

function next({ doubt, ...before }: EnquiryState): Step<Enquiry> {
  const turn = (before.turn + 1) % Math.max(1, before.members.length);
  const over = doubt !== undefined && doubt.asked >= laps * before.members.length;
  const counted = doubt && { ...doubt, asked: doubt.asked + 1 };
  const { state, effects } = over ? forget({ ...before, doubt }, doubt.term) : { state: { ...before, doubt: counted }, effects: [] };
  return { state: { ...state, turn }, effects: [...effects, ...ask(state.members[turn], state.term)] };
}

const believe = (state: EnquiryState, term: Term): Step<Enquiry> => ({
  state: { ...state, term, doubt: undefined },
  effects: [{ kind: 'emit', event: { kind: 'election.elected', leader: term.node, term } }],
});

function forget(state: EnquiryState, instead: Term): Step<Enquiry> {
  if (state.term === null) return { state, effects: [] };
  const believed = believe(state, instead);
  return { state: believed.state, effects: [{ kind: 'emit', event: { kind: 'election.forgotten', term: state.term } }, ...believed.effects] };
}

function ask(member: NodeId | undefined, term: Term | null) {
  const timer = { kind: 'set-timer', timer: 'node.enquire', after: every } as const;
  return member === undefined ? [timer] : [{ kind: 'send', to: member, message: { kind: 'node.leader', term } } as const, timer];
}
