/** What a checker finds: whether a rule held, and whether the assumption it rests on did. */
export type Finding = 'holds' | 'at-risk' | 'expected-violation' | 'bug' | 'inconclusive';

export interface Verdict {
  readonly rule: string;
  readonly verdict: Finding;
  readonly detail: string;
}

/** A rule that fails while its assumption holds is a bug; one that fails because it was broken is the lesson. */
export function finding(held: boolean, assumed: boolean): Finding {
  if (held) return assumed ? 'holds' : 'at-risk';
  return assumed ? 'bug' : 'expected-violation';
}
