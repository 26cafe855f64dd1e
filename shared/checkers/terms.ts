/**
 * Leaderships are never confused: each term has one leader, no process goes back to an older term, and none obeys a
 * command of an older term than the newest that it accepted. Three-part terms make sure of that, whatever fails; so
 * these rules rest on nothing, and a violation is a bug.
 */
import type { HistoryEvent } from '../history.ts';
import { compareTerms, formatTerm, type NodeId, type Term } from '../protocol.ts';
import type { TrueTime } from '../time.ts';
import { commandOf } from './leadership.ts';
import { finding, type Verdict } from './verdict.ts';

export class Terms {
  readonly #leaders = new Map<string, string>();
  readonly #accepted = new Map<NodeId, Term>();
  /** The last command that reached a node, and when: a leader that corrects its own clock obeys nobody. */
  readonly #commanded = new Map<NodeId, { readonly term: Term; readonly at: TrueTime }>();
  readonly #violations = new Map<Rule, string>();
  #elected = 0;
  #obeyed = 0;

  observe(event: HistoryEvent): void {
    const { node } = event;
    switch (event.kind) {
      case 'node.started':
      // A device remembers a term no more that nobody knows who could be asked, as the members have lost their disks.
      case 'election.forgotten':
        this.#accepted.delete(node);
        this.#commanded.delete(node);
        break;
      case 'election.elected':
        this.#elected += 1;
        if (event.leader === node) this.#leads(event.term, `${node}/${event.incarnation}`);
        this.#accept(node, event.term);
        break;
      case 'election.granted':
        this.#accept(node, event.term);
        break;
      case 'message.received': {
        const term = commandOf(event.message);
        if (term !== undefined) this.#commanded.set(node, { term, at: event.trueUs });
        break;
      }
      case 'berkeley.adjusted':
      case 'cristian.read':
        this.#obey(node, event.trueUs);
        break;
    }
  }

  verdicts(): readonly Verdict[] {
    return [
      this.#verdict('election.one-per-term', `terms led: ${this.#leaders.size}, one leader each`),
      this.#verdict('election.term-order', `leaderships accepted: ${this.#elected}, none older than the last`),
      this.#verdict('election.no-stale-command', `commands obeyed: ${this.#obeyed}, none of an older term`),
    ];
  }

  #leads(term: Term, who: string): void {
    const before = this.#leaders.get(formatTerm(term));
    if (before !== undefined && before !== who) this.#violate('election.one-per-term', `term ${formatTerm(term)} was led by ${before} and by ${who}`);
    this.#leaders.set(formatTerm(term), who);
  }

  #accept(node: NodeId, term: Term): void {
    const before = this.#accepted.get(node);
    if (before !== undefined && compareTerms(term, before) < 0) {
      this.#violate('election.term-order', `${node} accepted term ${formatTerm(term)} after ${formatTerm(before)}`);
    }
    this.#accepted.set(node, term);
  }

  #obey(node: NodeId, at: TrueTime): void {
    const command = this.#commanded.get(node);
    const newest = this.#accepted.get(node);
    if (command?.at !== at || newest === undefined) return;
    const { term } = command;
    this.#obeyed += 1;
    if (compareTerms(term, newest) >= 0) return;
    this.#violate('election.no-stale-command', `${node} obeyed term ${formatTerm(term)} after accepting ${formatTerm(newest)}`);
  }

  #violate(rule: Rule, what: string): void {
    if (!this.#violations.has(rule)) this.#violations.set(rule, what);
  }

  #verdict(rule: Rule, detail: string): Verdict {
    const violation = this.#violations.get(rule);
    return { rule, verdict: finding(violation === undefined, true), detail: violation ?? detail };
  }
}

type Rule = 'election.one-per-term' | 'election.term-order' | 'election.no-stale-command';
