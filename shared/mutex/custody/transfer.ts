/**
 * Hands a token over so that it is neither lost nor doubled: it is sent again until it is acknowledged, and whoever gets a
 * second copy acknowledges that as well, and does not use it. Sent again without the second, there would be two tokens;
 * without the first, none.
 */
import { compareTerms, type Member, type NodeId } from '../../protocol.ts';
import type { Duration } from '../../time.ts';
import { compareSightings, newest } from './sightings.ts';
import type { Ack, Custody, Handed, Kept, Renewed, Sighting, Token } from './words.ts';

export interface Transfers<K extends string, T extends Token> {
  /** Hands `token` over to `start` of `to`. */
  pass(custody: Custody<T>, token: T, to: NodeId, start: number): Kept<K, T>;
  /** A token has come, or a copy of one. */
  accept(custody: Custody<T>, member: Member, from: NodeId, message: Handed<K, T>): Kept<K, T>;
  acknowledged(custody: Custody<T>, ack: Ack): Kept<K, T>;
  again(custody: Custody<T>): Kept<K, T>;
}

export function transfers<K extends string, T extends Token>(kind: K, resend: Duration): Transfers<K, T> {
  return { pass, accept, acknowledged, again };

  function pass(custody: Custody<T>, token: T, to: NodeId, start: number): Kept<K, T> {
    const passing = { token: { ...token, hop: token.hop + 1 }, to, start };
    const { epoch, hop } = passing.token;
    return again({ ...custody, held: undefined, passing, trace: { epoch, hop, at: to, start } });
  }

  function again(custody: Custody<T>): Kept<K, T> {
    if (custody.passing === undefined) return { custody, effects: [] };
    const { token, to, start } = custody.passing;
    return {
      custody,
      effects: [
        { kind: 'send', to, message: { kind, start, token } },
        { kind: 'set-timer', timer: 'mutex.resend', after: resend },
      ],
    };
  }

  function accept(custody: Custody<T>, { self, incarnation }: Member, from: NodeId, { start, token }: Handed<K, T>): Kept<K, T> {
    const { epoch, hop } = token;
    const refused = (why: 'stale-term' | 'duplicate' | 'outdated') =>
      ({ kind: 'emit', event: { kind: 'mutex.refused', message: kind, from, why } }) as const;
    if (start !== incarnation) return { custody, effects: [refused('outdated')] };
    const known = newest(custody);
    // Its sender may not have heard that there is a newer one.
    if (known !== undefined && compareTerms(epoch, known.epoch) < 0) {
      return { custody, effects: [refused('stale-term'), { kind: 'send', to: from, message: renewed(known) }] };
    }
    const ack = { kind: 'send', to: from, message: { kind: 'mutex.ack', epoch, hop } } as const;
    if (custody.trace !== undefined && compareSightings(token, custody.trace) <= 0) return { custody, effects: [refused('duplicate'), ack] };
    // What was handed over has come back, or is void.
    const heard = custody.passing === undefined ? [] : [{ kind: 'clear-timer', timer: 'mutex.resend' } as const];
    return {
      custody: { ...custody, held: token, passing: undefined, trace: { epoch, hop, at: self, start: incarnation } },
      effects: [...heard, ack],
    };
  }

  function acknowledged(custody: Custody<T>, ack: Ack): Kept<K, T> {
    const { passing } = custody;
    if (passing === undefined || compareSightings(passing.token, ack) !== 0) return { custody, effects: [] };
    return { custody: { ...custody, passing: undefined }, effects: [{ kind: 'clear-timer', timer: 'mutex.resend' }] };
  }
}

export const renewed = ({ epoch, hop, at }: Sighting): Renewed => ({ kind: 'mutex.renewed', epoch, hop, at });

/** Where the token is, unless this process knows better. Whatever it has of an earlier epoch is void. */
export function learned<K extends string, T extends Token>(custody: Custody<T>, { epoch, hop, at }: Sighting): Kept<K, T> {
  const known = newest(custody);
  if (known !== undefined && compareSightings({ epoch, hop }, known) <= 0) return { custody, effects: [] };
  const isVoid = (token: T | undefined): boolean => token !== undefined && compareTerms(token.epoch, epoch) < 0;
  const next = { ...custody, told: { epoch, hop, at }, held: isVoid(custody.held) ? undefined : custody.held };
  if (!isVoid(custody.passing?.token)) return { custody: next, effects: [] };
  return { custody: { ...next, passing: undefined }, effects: [{ kind: 'clear-timer', timer: 'mutex.resend' }] };
}
