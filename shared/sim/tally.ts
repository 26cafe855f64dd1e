/** What comes of several runs together: messages add up, and of a rule's verdicts the gravest stands. */
import type { Verdict } from '../checkers/verdict.ts';
import type { MessageCount } from '../history.ts';

const gravity: readonly Verdict['verdict'][] = ['holds', 'at-risk', 'expected-violation', 'inconclusive', 'bug'];
export const worse = (a: Verdict | undefined, b: Verdict): Verdict =>
  a === undefined || gravity.indexOf(b.verdict) > gravity.indexOf(a.verdict) ? b : a;

export const nothing: MessageCount = { attempted: 0, delivered: 0, dropped: 0, unanswered: 0 };
export const added = (a: MessageCount, b: MessageCount): MessageCount => ({
  attempted: a.attempted + b.attempted,
  delivered: a.delivered + b.delivered,
  dropped: a.dropped + b.dropped,
  unanswered: a.unanswered + b.unanswered,
});
