/**
 * What a census has made out: who has the token, or that it is lost, or that it cannot be told yet.
 *
 * Answers are given at different moments, so that they may contradict each other while a token is on its way. Such a census
 * is held again. A token that was acknowledged, and that its receiver knows nothing of in the census after, is lost.
 */
import type { NodeId } from '../../protocol.ts';
import { compareSightings } from './sightings.ts';
import type { Report, Sighting } from './words.ts';

export type Finding =
  | { readonly kind: 'found'; readonly token: Sighting }
  | { readonly kind: 'lost'; readonly token: Sighting | undefined }
  /** What its receiver must know of by the next census: nothing, as long as it is merely on its way. */
  | { readonly kind: 'open'; readonly acknowledged: Sighting | undefined };

/** First-hand knowledge goes before hearsay of the same moment. */
const worth = { holding: 2, passing: 1, passed: 1, none: 0 } as const;

export function finding(reports: ReadonlyMap<NodeId, Report>, suspects: ReadonlySet<NodeId>, before: Sighting | undefined): Finding {
  const sightings = [...reports.values()].flatMap(({ epoch, hop, to, whose, start }) =>
    epoch === null || to === null ? [] : [{ token: { epoch, hop, at: to }, whose, start }],
  );
  const [best] = sightings.sort((a, b) => compareSightings(b.token, a.token) || worth[b.whose] - worth[a.whose]);
  if (best === undefined) return { kind: 'lost', token: undefined };
  const { token, whose, start } = best;
  if (whose === 'holding') return { kind: 'found', token };
  const answer = reports.get(token.at);
  const isNewer = start > 0 && answer !== undefined && answer.incarnation > start;
  if (suspects.has(token.at) || isNewer) return { kind: 'lost', token };
  const again = before !== undefined && before.at === token.at && compareSightings(before, token) === 0;
  const acknowledged = whose === 'passing' ? undefined : token;
  return acknowledged !== undefined && again ? { kind: 'lost', token } : { kind: 'open', acknowledged };
}
