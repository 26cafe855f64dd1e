/** What it takes to enter where everyone has to agree, and what the agreement of a process that has crashed is worth. */
import { type Effect, type NodeId, peers } from '../protocol.ts';
import type { MutexConfig } from './config.ts';
import type { Contender, LockEffects, LockWords, Turn } from './lock.ts';

/**
 * Enters once nobody's consent is missing, or nobody's but that of processes which are suspected, where the configuration
 * allows for it. From such an entry on, exclusion rests on the failure detector.
 */
export function enterWhere<W extends LockWords>(
  lock: W['lock'],
  { phase, request, suspects }: Contender,
  missing: readonly NodeId[],
  onCrash: MutexConfig['onCrash'],
): Turn<W> {
  const mayPass = (id: NodeId): boolean => onCrash === 'suspect' && suspects.has(id);
  if (phase !== 'wanted' || !missing.every(mayPass)) return { lock, effects: [] };
  const effects = missing.map((past) => ({ kind: 'emit', event: { kind: 'mutex.skipped', request, past } }) as const);
  return { lock, effects, enter: { token: null } };
}

export const everyoneElse = ({ member }: Contender): readonly NodeId[] => peers(member);

/** What was said first, and what comes of it. */
export const after = <W extends LockWords>(effects: readonly Effect<LockEffects<W>>[], turn: Turn<W>): Turn<W> => ({
  ...turn,
  effects: [...effects, ...turn.effects],
});

/** A message that is not used. */
export const refused = <W extends LockWords>(lock: W['lock'], message: W['message'], from: NodeId, why: 'duplicate' | 'outdated'): Turn<W> => ({
  lock,
  effects: [{ kind: 'emit', event: { kind: 'mutex.refused', message: message.kind, from, why } }],
});
