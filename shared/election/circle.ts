/**
 * A ring, as the ring elections travel it: who comes next, and when a frame has travelled too far.
 *
 * A successor that is suspected is left out. One that cannot be reached, which shows only when a frame to it comes back,
 * is passed over with the frame as it is, so that whatever the frame has gathered goes on.
 */
import type { NodeId } from '../protocol.ts';
import type { ElectionConfig } from './config.ts';
import type { Office } from './office.ts';

/** In the direction of travel, or against it. */
export type Way = 1 | -1;

/** Whoever comes next after `past`; `undefined` where only this process is left. */
export function onward(config: ElectionConfig, { member, suspects }: Office, past: NodeId = member.self, way: Way = 1): NodeId | undefined {
  const ring = config.ring ?? member.members;
  const from = ring.indexOf(past);
  for (let step = 1; step <= ring.length; step++) {
    const next = ring[(from + way * step + ring.length * step) % ring.length];
    if (next === undefined || next === member.self) return undefined;
    if (!suspects.has(next)) return next;
  }
  return undefined;
}

/** Twice round is more than any frame needs: whoever should have taken this one off the ring has crashed. */
export const isOrphan = (hops: number, { member }: Office): boolean => hops >= 2 * member.members.length;

export const orphaned = (hops: number) => ({ kind: 'emit', event: { kind: 'election.orphan', hops } }) as const;
export const skipped = (past: NodeId) => ({ kind: 'emit', event: { kind: 'election.skipped', past } }) as const;
