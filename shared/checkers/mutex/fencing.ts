/**
 * What the ledger accepts never goes back: no write bears a lower token than one accepted before, and no token serves two
 * sections. It is the one promise that survives a holder that is paused past its lease, and it rests on nothing but the
 * ledger's comparing; where that is switched off, what gets through is the lesson.
 */
import type { HistoryEvent } from '../../history.ts';
import { compareTokens, type FencingToken, formatToken, type NodeId } from '../../protocol.ts';
import { finding, type Verdict } from '../verdict.ts';
import type { Judged } from './scene.ts';

interface Written {
  readonly generation: number;
  readonly token: FencingToken;
  readonly by: string;
}

export class Fencing {
  readonly #judged: Judged;
  /** Under which generation of the lock each process entered last, by its request. */
  readonly #generations = new Map<NodeId, { readonly section: string; readonly generation: number }>();
  #highest: Written | undefined;
  #accepted = 0;
  #refused = 0;
  #stale = 0;
  #first: string | undefined;

  constructor(judged: Judged) {
    this.#judged = judged;
  }

  observe(event: HistoryEvent): void {
    switch (event.kind) {
      case 'mutex.entered':
        this.#generations.set(event.node, { section: sectionOf(event.node, event.incarnation, event.request), generation: event.generation });
        break;
      case 'ledger.refused':
        this.#refused += 1;
        break;
      case 'ledger.accepted':
        if (event.token !== null) this.#accept(event.from, sectionOf(event.from, event.start, event.request), event.token, event.stale);
        break;
    }
  }

  /** Nothing to say where no write bore a token. */
  verdict(): Verdict | undefined {
    if (this.#accepted + this.#refused === 0) return undefined;
    const { fencing } = this.#judged;
    const told = `writes with a token: ${this.#accepted} accepted, ${this.#refused} refused as stale`;
    const detail = [
      told,
      ...(this.#first === undefined ? [] : [`${this.#stale} accepted out of order: ${this.#first}`]),
      ...(fencing ? [] : ['fencing is off']),
    ];
    return { rule: 'mutex.fencing', verdict: finding(this.#first === undefined, fencing), detail: detail.join('; ') };
  }

  #accept(from: NodeId, by: string, token: FencingToken, stale: boolean): void {
    this.#accepted += 1;
    const entered = this.#generations.get(from);
    const generation = entered?.section === by ? entered.generation : (this.#highest?.generation ?? 0);
    const highest = this.#highest;
    const order = highest === undefined ? 1 : generation - highest.generation || compareTokens(token, highest.token);
    if (order < 0 || stale)
      this.#broke(`${formatToken(token)} of ${from} after ${highest === undefined ? 'a higher one' : formatToken(highest.token)}`);
    else if (order === 0 && highest?.by !== by) this.#broke(`${formatToken(token)} served both ${highest?.by} and ${by}`);
    if (order > 0) this.#highest = { generation, token, by };
  }

  #broke(what: string): void {
    this.#stale += 1;
    this.#first ??= what;
  }
}

const sectionOf = (node: NodeId, incarnation: number, request: number): string => `section ${request} of ${node}/${incarnation}`;
