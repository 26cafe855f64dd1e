/**
 * What the three token algorithms have in common: that there is one token, wherever it is.
 *
 * A token disappears with whoever has it. One authority, the leader, asks everyone for it whenever someone may have
 * crashed, and makes the next one where it is lost (Misra's two tokens, each of which notices the loss of the other, are
 * the alternative). The next one is of a higher epoch, and a process that has heard of an epoch refuses every token of an
 * earlier one: so whoever was merely paused while it was given up comes back with a token that is worth nothing. It may
 * even be inside, and stays there; its late write is refused by the ledger, since the epoch is part of the fencing token.
 */
import { compareTerms, type NodeId, type Signal, unreachable } from '../protocol.ts';
import type { Duration } from '../time.ts';
import { judged, strangers } from './acquaintance.ts';
import { censuses } from './custody/census.ts';
import { reportOf } from './custody/sightings.ts';
import { learned, type Transfers, transfers } from './custody/transfer.ts';
import type { Census, Custody, CustodyWords, Handed, Housekeeping, Kept, Report, Token } from './custody/words.ts';
import type { Contender } from './lock.ts';

export interface Custodian<K extends string, T extends Token> extends Pick<Transfers<K, T>, 'pass'> {
  /** Of a process that has just started: it knows of no token. */
  readonly nothing: Custody<T>;
  receive(custody: Custody<T>, contender: Contender, from: NodeId, message: Housekeeping | Handed<K, T>): Kept<K, T>;
  expire(custody: Custody<T>, contender: Contender, timer: CustodyWords<K, T>['timer']): Kept<K, T>;
  signal(custody: Custody<T>, contender: Contender, signal: Signal): Kept<K, T>;
}

interface Trade<K extends string, T extends Token> {
  /** What the algorithm's transfer of a token is called. */
  readonly kind: K;
  readonly resend: Duration;
  /** What else a new token bears, from what everyone reported. */
  readonly mint: (bare: Token, reports: ReadonlyMap<NodeId, Report>) => T;
}

export function custodian<K extends string, T extends Token>({ kind, resend, mint }: Trade<K, T>): Custodian<K, T> {
  const { pass, accept, acknowledged, again } = transfers<K, T>(kind, resend);
  const { begin, reported } = censuses<K, T>(mint, resend);
  return { nothing, pass, receive, expire, signal };

  function receive(custody: Custody<T>, contender: Contender, from: NodeId, message: Housekeeping | Handed<K, T>): Kept<K, T> {
    return isHousekeeping(message) ? looked(custody, contender, from, message) : accept(custody, contender.member, from, message);
  }

  function isHousekeeping(message: Housekeeping | Handed<K, T>): message is Housekeeping {
    return message.kind !== kind;
  }

  function looked(custody: Custody<T>, contender: Contender, from: NodeId, message: Housekeeping): Kept<K, T> {
    switch (message.kind) {
      case 'mutex.ack':
        return acknowledged(custody, message);
      case 'mutex.census':
        return answer(custody, contender, from, message);
      case 'mutex.report':
        return reported(custody, contender, from, message);
      case 'mutex.renewed':
        return learned(custody, message);
      default:
        return unreachable(message);
    }
  }

  function expire(custody: Custody<T>, contender: Contender, timer: CustodyWords<K, T>['timer']): Kept<K, T> {
    return timer === 'mutex.resend' ? again(custody) : begin(custody, contender);
  }

  function signal(custody: Custody<T>, contender: Contender, heard: Signal): Kept<K, T> {
    switch (heard.kind) {
      case 'leader':
        return heard.leader === contender.member.self ? begin({ ...custody, census: undefined }, contender) : resigned(custody);
      case 'deposed':
        return resigned(custody);
      case 'suspected':
        return begin({ ...custody, known: judged(custody.known, heard).known }, contender);
      case 'trusted': {
        const { known, sign } = judged(custody.known, heard);
        return sign === 'new' || sign === 'back' ? begin({ ...custody, known }, contender) : { custody, effects: [] };
      }
      case 'stalled':
      case 'unreachable':
        return { custody, effects: [] };
      default:
        return unreachable(heard);
    }
  }

  function resigned(custody: Custody<T>): Kept<K, T> {
    if (custody.census === undefined) return { custody, effects: [] };
    return { custody: { ...custody, census: undefined }, effects: [{ kind: 'clear-timer', timer: 'mutex.census' }] };
  }

  /** Whoever follows a later leader has nothing to say to an earlier one, which might make a token of it. */
  function answer(custody: Custody<T>, contender: Contender, from: NodeId, { term, number }: Census): Kept<K, T> {
    const follows = contender.leader?.term;
    const isPast = [follows, custody.answered].some((later) => later !== undefined && compareTerms(term, later) < 0);
    if (isPast) return { custody, effects: [] };
    const message = reportOf(custody, contender, term, number);
    return { custody: { ...custody, answered: term }, effects: [{ kind: 'send', to: from, message }] };
  }
}

const nothing = {
  held: undefined,
  passing: undefined,
  trace: undefined,
  told: undefined,
  known: strangers,
  answered: undefined,
  censuses: 0,
  census: undefined,
} as const;
