/** Who asked a process for the token, and which of that still counts. */
import { compareTerms, type NodeId, type Term } from '../../protocol.ts';
import { epochOf } from '../custody/sightings.ts';
import type { Custody, Token } from '../custody/words.ts';

export interface Request {
  readonly kind: 'raymond.request';
  readonly incarnation: number;
  readonly epoch: Term;
  /** The last transfer that the sender had to do with: it has asked since. */
  readonly hop: number;
}

/** A neighbour's request, or one's own. */
export interface Errand {
  readonly node: NodeId;
  readonly incarnation: number;
  readonly epoch: Term;
}

/** At which hop this process last had to do with the token of the newest epoch. */
export function lastHop({ trace, told }: Custody<Token>): number {
  const epoch = epochOf({ trace, told });
  return trace !== undefined && epoch !== undefined && compareTerms(trace.epoch, epoch) === 0 ? trace.hop : 0;
}

/** Why a request is not queued. One that was made before its sender got the token is over, and may be a second copy. */
export function objection(custody: Custody<Token>, from: NodeId, { incarnation, epoch, hop }: Request): 'stale-term' | 'outdated' | undefined {
  const { trace, known } = custody;
  const newest = epochOf(custody);
  if (newest !== undefined && compareTerms(epoch, newest) < 0) return 'stale-term';
  if (incarnation < (known.get(from)?.start ?? 0)) return 'outdated';
  const gaveIt = trace !== undefined && trace.at === from && compareTerms(trace.epoch, epoch) === 0;
  return gaveIt && hop < trace.hop ? 'outdated' : undefined;
}

/** Added at the end, unless it is there already, or a later one is; what the same process asked for earlier is void. */
export function added(queue: readonly Errand[], errand: Errand): readonly Errand[] {
  const before = queue.find(({ node }) => node === errand.node);
  if (before !== undefined && compareErrands(errand, before) <= 0) return queue;
  return [...queue.filter((other) => other !== before), errand];
}

const compareErrands = (a: Errand, b: Errand): number => a.incarnation - b.incarnation || compareTerms(a.epoch, b.epoch);
