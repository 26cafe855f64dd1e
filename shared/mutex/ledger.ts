/**
 * The protected resource: a register that critical sections write to, and that refuses stale fencing tokens.
 *
 * A section opens with a write that reads the value, and closes with one that stores the next value. Two sections that
 * overlap therefore lose an update, which shows: the register falls behind the number of sections that were told that
 * they had written. A token that is lower than the highest seen so far is refused, also after a restart. That is the only
 * defence against a holder that was paused past its lease: no check on its own side can help, since it may be paused
 * between the check and the write (Kleppmann 2016, "How to do distributed locking").
 */
import { compareTokens, type FencingToken, type Keepsake, type NodeId, type Protocol, type Register, type Step } from '../protocol.ts';

/** `open` reads the register; `close` stores `value` in it. */
export interface Write {
  readonly kind: 'ledger.write';
  readonly incarnation: number;
  readonly request: number;
  readonly part: 'open' | 'close';
  /** Of the lock: it rises when the algorithm is switched, so that its tokens are above all earlier ones. */
  readonly generation: number;
  /** `null` where the algorithm issues none: such a write is accepted, and judged for overlap only. */
  readonly token: FencingToken | null;
  readonly value: number;
}

/** The register's value after the write. */
export interface Accepted {
  readonly kind: 'ledger.accepted';
  readonly incarnation: number;
  readonly request: number;
  readonly part: Write['part'];
  readonly value: number;
}

export interface Refused {
  readonly kind: 'ledger.refused';
  readonly incarnation: number;
  readonly request: number;
  readonly part: Write['part'];
  readonly highest: FencingToken | null;
}

export interface Ledger {
  readonly state: LedgerState;
  readonly message: Write | Accepted | Refused;
  readonly timer: never;
  readonly command: never;
  readonly event: LedgerEvent;
}

export type LedgerEvent =
  /** `stale`: the token was lower than the highest, and the write was accepted only because fencing is off. */
  | {
      readonly kind: 'ledger.accepted';
      readonly from: NodeId;
      readonly start: number;
      readonly request: number;
      readonly part: Write['part'];
      readonly token: FencingToken | null;
      readonly value: number;
      readonly stale: boolean;
    }
  | {
      readonly kind: 'ledger.refused';
      readonly from: NodeId;
      readonly start: number;
      readonly request: number;
      readonly part: Write['part'];
      readonly token: FencingToken | null;
      readonly highest: FencingToken | null;
    };

export interface LedgerState extends Register {
  /** The newest write of each process and what it was answered, so that a write that is sent again is not counted again. */
  readonly answered: ReadonlyMap<NodeId, { readonly write: Write; readonly answer: Accepted | Refused }>;
}

export interface LedgerConfig {
  /** Without it the register takes every write: for the lesson. */
  readonly fencing: boolean;
}

export function ledger({ fencing }: LedgerConfig): Protocol<Ledger> {
  return {
    start(_, __, found) {
      const { value, generation, highest } = found?.register ?? { value: 0, generation: 0, highest: null };
      return { state: { value, generation, highest, answered: new Map() }, effects: [] };
    },

    step(state, input) {
      if (input.kind !== 'message' || input.message.kind !== 'ledger.write') return { state, effects: [] };
      return written(state, input.from, input.message);
    },
  };

  function written(state: LedgerState, from: NodeId, write: Write): Step<Ledger> {
    const before = state.answered.get(from);
    const order = before === undefined ? 1 : compareWrites(write, before.write);
    if (before !== undefined && order === 0) return { state, effects: [{ kind: 'send', to: from, message: before.answer }] };
    // A second copy that comes after what followed it.
    if (order < 0) return { state, effects: [] };
    const stale = isStale(state, write);
    return stale && fencing ? refuse(state, from, write) : accept(state, from, write, stale);
  }

  function accept(state: LedgerState, from: NodeId, write: Write, stale: boolean): Step<Ledger> {
    const { incarnation, request, part, token } = write;
    const value = part === 'open' ? state.value : write.value;
    const seen = stale || token === null ? state : { generation: write.generation, highest: token };
    const register: Register = { value, generation: seen.generation, highest: seen.highest };
    const answer: Accepted = { kind: 'ledger.accepted', incarnation, request, part, value };
    const keep: Keepsake = { term: null, register };
    const event = { kind: 'ledger.accepted', from, start: incarnation, request, part, token, value, stale } as const;
    return {
      state: { ...register, answered: new Map(state.answered).set(from, { write, answer }) },
      // An answer that was seen must not be forgotten by a crash.
      effects: [
        { kind: 'persist', keep },
        { kind: 'emit', event },
        { kind: 'send', to: from, message: answer },
      ],
    };
  }

  function refuse(state: LedgerState, from: NodeId, write: Write): Step<Ledger> {
    const { incarnation, request, part, token } = write;
    const { highest } = state;
    const answer: Refused = { kind: 'ledger.refused', incarnation, request, part, highest };
    return {
      state: { ...state, answered: new Map(state.answered).set(from, { write, answer }) },
      effects: [
        { kind: 'emit', event: { kind: 'ledger.refused', from, start: incarnation, request, part, token, highest } },
        { kind: 'send', to: from, message: answer },
      ],
    };
  }
}

/** A token is never lower than itself, so that a section writes twice with one. Without a token there is nothing to compare. */
function isStale({ generation, highest }: Register, write: Write): boolean {
  if (write.token === null || highest === null) return false;
  return write.generation < generation || (write.generation === generation && compareTokens(write.token, highest) < 0);
}

const places = { open: 0, close: 1 } as const;
/** Positive where `a` was written later; both are of one process. */
const compareWrites = (a: Write, b: Write): number =>
  a.incarnation - b.incarnation || a.generation - b.generation || a.request - b.request || places[a.part] - places[b.part];
