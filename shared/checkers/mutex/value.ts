/**
 * The register counts the sections: each one stores what it read plus one. Whoever writes what somebody else has written
 * since loses that update, and the register falls behind. Tokens prevent it, where the ledger looks at them; the locks
 * that issue none rest on exclusion alone.
 */
import type { HistoryEvent } from '../../history.ts';
import { formatToken, type NodeId } from '../../protocol.ts';
import { finding, type Verdict } from '../verdict.ts';
import type { Exclusion } from './exclusion.ts';
import type { Judged } from './scene.ts';

export class LedgerValue {
  readonly #judged: Judged;
  readonly #exclusion: Exclusion;
  /** Sections whose closing write was accepted, and who has not been told yet. */
  readonly #untold = new Set<string>();
  #closed = 0;
  #told = 0;
  #value = 0;
  #by: NodeId | undefined;
  #tokens = false;
  #lost: string[] = [];
  #losses = 0;
  #untrue: string | undefined;
  /** The ledger ended, and may have accepted something of which it could not tell. */
  #ended = false;
  #ledger: NodeId | undefined;

  constructor(judged: Judged, exclusion: Exclusion) {
    this.#judged = judged;
    this.#exclusion = exclusion;
  }

  observe(event: HistoryEvent): void {
    if (event.kind === 'node.started' && event.role === 'ledger') this.#ledger = event.node;
    if (event.kind === 'node.stopped' && event.node === this.#ledger) {
      this.#ended = true;
      this.#by = undefined;
    }
    if (event.kind === 'ledger.accepted' && event.token !== null) this.#tokens = true;
    if (event.kind === 'ledger.accepted' && event.part === 'close') {
      const { from, value, token } = event;
      if (this.#by !== undefined && value !== this.#value + 1)
        this.#lose(`${from} wrote ${value} over the ${this.#value} of ${this.#by}${token === null ? '' : ` with token ${formatToken(token)}`}`);
      this.#closed += 1;
      this.#value = value;
      this.#by = from;
      this.#untold.add(`${from}/${event.start}/${event.request}`);
    }
    if (event.kind === 'mutex.written') {
      this.#told += 1;
      const known = this.#untold.delete(`${event.node}/${event.incarnation}/${event.request}`);
      if (!known) this.#untrue ??= `${event.node} was told of a write that the ledger never accepted`;
    }
  }

  /** Nothing to say where nothing was written. */
  verdict(): Verdict | undefined {
    if (this.#closed === 0) return undefined;
    const broken = this.#tokens ? (this.#judged.fencing ? undefined : 'fencing is off') : this.#exclusion.broken;
    const told = `the register shows ${this.#value}, sections written: ${this.#closed}, told so: ${this.#told}`;
    const lost =
      this.#losses === 0 ? [] : [`updates lost: ${this.#losses}: ${this.#lost.join(', ')}${this.#losses > this.#lost.length ? ', ...' : ''}`];
    const held = this.#losses === 0 && this.#untrue === undefined;
    const detail = [told, ...lost, this.#untrue, broken].filter((d) => d !== undefined);
    const assumed = this.#untrue === undefined ? broken === undefined : !this.#ended;
    if (this.#untrue !== undefined && this.#ended) detail.push('the ledger ended, and could not tell of everything');
    return { rule: 'ledger.value', verdict: finding(held, assumed), detail: detail.join('; ') };
  }

  #lose(what: string): void {
    this.#losses += 1;
    if (this.#lost.length < mostTold) this.#lost.push(what);
  }
}

/** So many corrupted writes are told one by one. */
const mostTold = 3;
