/** What a node shows of itself to whoever asks for `/state`: all of it belongs to one instant. */
import type { LedgerConfig } from '../../shared/mutex/ledger.ts';
import { type Choice, type State, standingOf } from '../../shared/node.ts';
import { formatTerm, formatToken } from '../../shared/protocol.ts';
import { leaderTimeOf } from '../../shared/view.ts';
import type { Glance } from './world.ts';

/** What a member runs by now, and since which change. */
export function setupOf({ state }: Pick<Glance, 'state'>): { readonly setup?: Choice & { readonly number: number } } {
  if (state.role !== 'member') return {};
  const { number, election, mode, clock, mutex } = state.setup;
  return { setup: { number, election, mode, clock, mutex } };
}

export function shown(glance: Glance, nameOf: (id: number) => string) {
  const { line, clock, reading, state } = glance;
  const { leader, term } = standingOf(state);
  const now = leaderTimeOf(state, reading);
  return {
    leader: leader === undefined ? null : nameOf(leader),
    term: term === undefined ? null : formatTerm(term),
    ...setupOf(glance),
    status: line.status,
    offsetUs: clock.offsetUs,
    boundUs: clock.boundUs,
    clock: { ...clock, clockUs: reading.clock, status: line.status, driftPpm: line.driftPpm, pendingUs: line.pendingUs, slewing: line.slewing },
    /** The leader's clock lies in between, now. */
    leaderTime: now === undefined ? null : { earliestUs: now.earliest, latestUs: now.latest },
  };
}

/** What stands in the register; nothing but a ledger has one. */
export function registerOf(state: State, fencing: LedgerConfig = { fencing: true }) {
  if (state.role !== 'ledger') return {};
  const { value, generation, highest } = state.ledger;
  return { register: { value, generation, highest: highest === null ? null : formatToken(highest), ...fencing } };
}
