/** When the members of a cluster were of one mind about their leader, by what they said of it themselves. */
import type { HistoryEvent } from '../../../shared/history.ts';
import { compareTerms, type NodeId, type Term } from '../../../shared/protocol.ts';
import type { TrueTime } from '../../../shared/time.ts';

/** From `at` on all of them followed the leader of `term`; there are moments of no agreement, too. */
export interface Accord {
  readonly at: TrueTime;
  readonly term: Term | undefined;
}

/** Each change of what `members` agree on, in the order of true time. Who is not among them has no say. */
export function accords(events: readonly HistoryEvent[], members: ReadonlySet<NodeId>): readonly Accord[] {
  const follows = new Map<NodeId, Term>();
  const found: Accord[] = [];
  for (const event of events.toSorted((a, b) => a.trueUs - b.trueUs)) {
    if (!members.has(event.node)) continue;
    if (event.kind === 'election.elected') follows.set(event.node, event.term);
    else if (event.kind === 'election.stepped-down') follows.delete(event.node);
    else continue;
    const term = common([...follows.values()], members.size);
    if (!isSame(term, found.at(-1)?.term)) found.push({ at: event.trueUs, term });
  }
  return found;
}

export interface Succession {
  readonly at: TrueTime;
  readonly term: Term;
}

/** The first agreement on a leadership later than `than`, by one of `members`. */
export function successor(events: readonly HistoryEvent[], members: ReadonlySet<NodeId>, than: Term): Succession | undefined {
  const agreed = accords(events, members).flatMap(({ at, term }) => (term === undefined ? [] : [{ at, term }]));
  return agreed.find(({ term }) => compareTerms(term, than) > 0 && members.has(term.node));
}

function common(terms: readonly Term[], size: number): Term | undefined {
  const [first] = terms;
  return terms.length === size && terms.every((term) => isSame(term, first)) ? first : undefined;
}

const isSame = (a: Term | undefined, b: Term | undefined): boolean => (a === undefined || b === undefined ? a === b : compareTerms(a, b) === 0);
