/**
 * What an election may not be blamed for: the things that break the assumptions under which one leader comes out.
 *
 * Bully's proof needs processes that stop when they fail, links that never fail, and a known bound on delays. A crash is
 * none of these; a lost frame, a reply that comes too late, a process that stood still, and a suspicion of one that
 * lives are.
 */
import type { HistoryEvent } from '../history.ts';
import type { NodeId } from '../protocol.ts';
import type { Duration } from '../time.ts';

/** Which assumption `event` breaks, if any; `up` tells whether a node is running, and half a time-out is the longest delay. */
export function disturbance(event: HistoryEvent, up: (node: NodeId) => boolean, longestDelay: Duration): string | undefined {
  switch (event.kind) {
    case 'message.dropped':
      return `a frame from ${event.node} to ${event.to} was ${event.why}`;
    case 'message.received':
      return isElectionFrame(event.message.kind) && event.delayUs > longestDelay
        ? `a frame from ${event.from} to ${event.node} took ${ms(event.delayUs)}, more than the ${ms(longestDelay)} allowed for`
        : undefined;
    case 'heartbeat.stalled':
      return `${event.node} stood still for ${ms(event.gap)}`;
    case 'heartbeat.suspected':
      return up(event.peer) ? `${event.node} suspected ${event.peer}, which lives` : undefined;
    default:
      return undefined;
  }
}

/** Only these are waited for; that heartbeats are late shows in suspicions. */
export const isElectionFrame = (kind: string): boolean => /^(?:bully|ring|chang-roberts|hirschberg-sinclair)\./.test(kind);

const ms = (us: number): string => `${(us / 1e3).toFixed(1)} ms`;
