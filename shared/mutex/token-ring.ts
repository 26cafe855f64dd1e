/**
 * The token ring (Le Lann 1977, IFIP Congress, pages 155-160): one token goes round, from each process to the next one, and
 * whoever has it may enter. Nobody asks for anything. Where everybody wants to enter, an entry costs one message; where
 * nobody does, the token still goes round, n messages a lap.
 *
 * An unused token would go round as fast as the links carry it, for nothing. So it rests for a moment with whoever does
 * not want it. Processes that are suspected are passed over.
 */
import { type NodeId, unreachable } from '../protocol.ts';
import type { MutexConfig } from './config.ts';
import { custodians } from './custody/sightings.ts';
import type { Custody, CustodyWords, Handed, Housekeeping, Kept, Token } from './custody/words.ts';
import { type Custodian, custodian } from './custody.ts';
import { type Contender, type Lock, noFurther, type Seat, still, type Turn } from './lock.ts';

type Kind = 'token-ring.token';
export type RingToken = Handed<Kind, Token>;

interface Ring {
  readonly custody: Custody<Token>;
}

export interface TokenRing {
  readonly lock: Ring;
  readonly message: RingToken | Housekeeping;
  readonly timer: 'token-ring.rest' | CustodyWords<Kind, Token>['timer'];
}

type At = Seat<TokenRing>;
type After = Turn<TokenRing>;

export function tokenRing({ resend, idlePause }: MutexConfig): Lock<TokenRing> {
  const keeper: Custodian<Kind, Token> = custodian({ kind: 'token-ring.token', resend, mint: (bare) => bare });

  return {
    start: () => ({ lock: { custody: keeper.nothing }, effects: [] }),
    want: (seat) => use(seat, []),
    leave: (seat) => hand(seat),
    receive: (seat, from, message) => moved(seat, keeper.receive(seat.lock.custody, seat.contender, from, message)),
    expire(seat, timer) {
      switch (timer) {
        case 'token-ring.rest':
          return seat.contender.phase === 'idle' ? hand(seat) : { lock: seat.lock, effects: [] };
        case 'mutex.resend':
        case 'mutex.census':
          return moved(seat, keeper.expire(seat.lock.custody, seat.contender, timer));
        default:
          return unreachable(timer);
      }
    },
    signal: (seat, heard) => moved(seat, keeper.signal(seat.lock.custody, seat.contender, heard)),
    again: still,
    awaits: custodians,
    through: noFurther,
  };

  /** A token that came, or was made, is used or rests; one that is void rests no more. */
  function moved(seat: At, { custody, effects }: Kept<Kind, Token>): After {
    const had = seat.lock.custody.held;
    const next = { ...seat, lock: { custody } };
    if (custody.held === had) return { lock: next.lock, effects };
    if (custody.held === undefined) return { lock: next.lock, effects: [...effects, { kind: 'clear-timer', timer: 'token-ring.rest' }] };
    return use(next, effects);
  }

  function use(seat: At, effects: After['effects']): After {
    const { held } = seat.lock.custody;
    const { phase } = seat.contender;
    if (held === undefined || phase === 'held') return { lock: seat.lock, effects };
    if (phase === 'idle') return { lock: seat.lock, effects: [...effects, { kind: 'set-timer', timer: 'token-ring.rest', after: idlePause }] };
    const token = { ...held, count: held.count + 1 };
    return {
      lock: { custody: { ...seat.lock.custody, held: token } },
      effects: [...effects, { kind: 'clear-timer', timer: 'token-ring.rest' }],
      enter: { token: { term: token.epoch, count: token.count } },
    };
  }

  /** To the next who can be told; a token that nobody else can have rests here. */
  function hand(seat: At): After {
    const { custody } = seat.lock;
    const { held, known } = custody;
    const to = next(seat.contender, custody);
    const start = to === undefined ? undefined : known.get(to)?.start;
    if (held === undefined || to === undefined || start === undefined) return use(seat, []);
    const { custody: passed, effects } = keeper.pass(custody, held, to, start);
    return { lock: { custody: passed }, effects };
  }
}

/** Whoever follows on the ring, has been heard of and is not suspected. */
function next({ member: { self, members }, suspects }: Contender, { known }: Custody<Token>): NodeId | undefined {
  const at = members.indexOf(self);
  return [...members.slice(at + 1), ...members.slice(0, at)].find((id) => known.has(id) && !suspects.has(id));
}
