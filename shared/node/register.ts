/** The ledger's node: a register, and nothing beside it. It elects nobody, and its clock is corrected by nobody. */
import { type Ledger, type LedgerConfig, ledger } from '../mutex/ledger.ts';
import type { Input, Keepsake, Member, Reading } from '../protocol.ts';
import { foreign, type Turn } from './composition.ts';
import type { LedgerNodeState, Node } from './words.ts';

export interface Register {
  start(member: Member, now: Reading, found?: Keepsake): Turn<LedgerNodeState>;
  step(state: LedgerNodeState, input: Input<Node>, now: Reading): Turn<LedgerNodeState>;
}

export function register(config: LedgerConfig): Register {
  const kept = ledger(config);
  return {
    start(member, now, found) {
      const { state, effects } = kept.start(member, now, found);
      return { state: { role: 'ledger', ledger: state }, effects };
    },
    step(state, input, now) {
      if (input.kind !== 'message' || !input.message.kind.startsWith('ledger.')) return foreign(state, input);
      const { state: next, effects } = kept.step(state.ledger, input as Input<Ledger>, now);
      return { state: { role: 'ledger', ledger: next }, effects };
    },
  };
}
