/** Histories of critical sections, made by hand: each rule has to see the one that breaks it. */
import { expect } from 'vitest';
import { type JudgedMutex, MutexJudge } from '../../../../shared/checkers/mutex.ts';
import type { Verdict } from '../../../../shared/checkers/verdict.ts';
import type { Happening, HistoryEvent } from '../../../../shared/history.ts';
import { type FencingToken, incarnation, nodeId, type Term } from '../../../../shared/protocol.ts';
import { microseconds, type TrueTime } from '../../../../shared/time.ts';

type Message = Extract<Happening, { kind: 'message.sent' }>['message'];

export const term = (number: number, node = 3): Term => ({ number, node: nodeId(node), incarnation: incarnation(1) });
export const token = (count: number, number = 1): FencingToken => ({ term: term(number), count });

export class Given<J extends Pick<MutexJudge, 'observe' | 'verdicts'> = MutexJudge> {
  readonly #judge: J;
  #ms = 0;

  /** Members 1 to 3, all of whom have heard of each other, and the ledger. */
  constructor(lock: JudgedMutex, members = 3, judge = new MutexJudge(lock) as unknown as J) {
    this.#judge = judge;
    const ids = Array.from({ length: members }, (_, i) => i + 1);
    for (const id of ids) this.says(id, { kind: 'node.started', name: `p${id}`, role: 'member' });
    this.says(103, { kind: 'node.started', name: 'ledger', role: 'ledger' });
    for (const id of ids)
      for (const peer of ids) if (peer !== id) this.says(id, { kind: 'heartbeat.trusted', peer: nodeId(peer), start: incarnation(1) });
  }

  get judge(): J {
    return this.#judge;
  }

  after(ms: number): this {
    this.#ms += ms;
    return this;
  }

  says(node: number, happening: Happening, start = 1): this {
    const us = this.#ms * 1_000;
    const header = { seq: 0, node: nodeId(node), incarnation: incarnation(start), trueUs: us as TrueTime, clockUs: us };
    this.#judge.observe({ ...header, lamport: 1, vector: {}, hybrid: { l: us, c: 0 }, ...happening } as unknown as HistoryEvent);
    return this;
  }

  wants(node: number, request = 1, timestamp = 1, start = 1): this {
    return this.says(node, { kind: 'mutex.requested', request, timestamp }, start);
  }
  enters(node: number, request = 1, bearing: FencingToken | null = null, start = 1): this {
    return this.says(node, { kind: 'mutex.entered', request, generation: 0, token: bearing, waited: microseconds(0) }, start);
  }
  leaves(node: number, request = 1, start = 1): this {
    return this.says(node, { kind: 'mutex.exited', request, held: microseconds(0) }, start);
  }
  takesTurn(node: number, request = 1): this {
    return this.after(1).wants(node, request).after(1).enters(node, request).after(1).leaves(node, request);
  }
  sends(from: number, to: number, message: object): this {
    return this.says(from, { kind: 'message.sent', to: nodeId(to), message: message as Message });
  }
  gets(node: number, from: number, message: object, sentLamport = 1): this {
    return this.says(node, { kind: 'message.received', from: nodeId(from), message: message as Message, delayUs: 0, sentLamport } as Happening);
  }
  passes(from: number, to: number, message: object): this {
    return this.sends(from, to, message).after(1).gets(to, from, message);
  }
  accepts(from: number, request: number, part: 'open' | 'close', bearing: FencingToken | null, value: number, stale = false): this {
    return this.says(103, { kind: 'ledger.accepted', from: nodeId(from), start: 1, request, part, token: bearing, value, stale });
  }

  verdict(rule: string): Verdict {
    const found = this.#judge.verdicts((this.#ms * 1_000) as TrueTime).find((v) => v.rule === rule);
    return found ?? expect.fail(`no verdict on ${rule}`);
  }
  rules(): readonly string[] {
    return this.#judge.verdicts().map(({ rule }) => rule);
  }
}
