/**
 * How a device, which votes on nothing, learns who leads: it asks one member after the other, in turn, and believes the
 * newest term that it is told of. So it needs no member in particular, and no member needs to know of it.
 */
import { compareTerms, type Member, type NodeId, type Protocol, type Term, unreachable } from '../protocol.ts';
import { milliseconds } from '../time.ts';
import type { Office } from './office.ts';
import type { Elected } from './outcome.ts';

export interface Enquiry {
  readonly state: EnquiryState;
  readonly message: WhoLeads;
  readonly timer: 'node.enquire';
  readonly command: never;
  readonly event: Elected;
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
}

const every = milliseconds(250);

/** What a member tells: the leadership that it follows, if any. */
export const whoLeads = ({ leader, term }: Office): WhoLeads => ({ kind: 'node.leader', term: leader === undefined ? null : (term ?? null) });

export const enquiry: Protocol<Enquiry> = {
  start: ({ members }: Member) => ({ state: { members, turn: 0, term: null }, effects: ask(members[0], null) }),

  step(state, input) {
    switch (input.kind) {
      case 'timer': {
        const turn = (state.turn + 1) % Math.max(1, state.members.length);
        return { state: { ...state, turn }, effects: ask(state.members[turn], state.term) };
      }
      case 'message': {
        const { term } = input.message;
        if (term === null || (state.term !== null && compareTerms(term, state.term) <= 0)) return { state, effects: [] };
        return { state: { ...state, term }, effects: [{ kind: 'emit', event: { kind: 'election.elected', leader: term.node, term } }] };
      }
      case 'command':
        return unreachable(input.command);
      default:
        return { state, effects: [] };
    }
  },
};

function ask(member: NodeId | undefined, term: Term | null) {
  const timer = { kind: 'set-timer', timer: 'node.enquire', after: every } as const;
  return member === undefined ? [timer] : [{ kind: 'send', to: member, message: { kind: 'node.leader', term } } as const, timer];
}
