/**
 * Which transfers of Suzuki and Kasami's token serve somebody. One that is sent again, since nobody said in time that it had
 * come, is the same message. One of an epoch that is over serves nobody: whoever slept while the token was replaced hands
 * it over, and it is refused.
 */
import type { HistoryEvent } from '../../history.ts';
import { compareTerms, formatTerm, type Term } from '../../protocol.ts';

export class Transfers {
  /** By direction, the last one. */
  readonly #handed = new Map<string, string>();
  #newest: Term | undefined;
  #renewed = false;

  /** Whether there was more than one token, so that whoever hears of the new one late asks anew. */
  get renewed(): boolean {
    return this.#renewed;
  }

  /** Whether what goes this `way` is to be counted. Whatever is no token is. */
  counts(way: string, message: Extract<HistoryEvent, { kind: 'message.sent' }>['message']): boolean {
    if (message.kind !== 'suzuki-kasami.token') return true;
    const { epoch, hop } = message.token;
    const order = this.#newest === undefined ? 0 : compareTerms(epoch, this.#newest);
    if (order < 0) return false;
    this.#renewed ||= order > 0;
    this.#newest = epoch;
    const transfer = `${formatTerm(epoch)}/${hop}`;
    const isAgain = this.#handed.get(way) === transfer;
    this.#handed.set(way, transfer);
    return !isAgain;
  }
}
