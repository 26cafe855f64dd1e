/** What goes round a ring, told by hand: what a process sent before it crashed is not what it sends after it has started anew. */
import { describe, expect, it } from 'vitest';
import { Circles } from '../../../../shared/checkers/circles.ts';
import type { HistoryEvent } from '../../../../shared/history.ts';
import { incarnation, nodeId, type Term } from '../../../../shared/protocol.ts';

const term = (number: number, node: number): Term => ({ number, node: nodeId(node), incarnation: incarnation(1) });

/** Three members, in whose hands frames are. */
class Ring {
  readonly #circles = new Circles();

  sends(node: number, message: object): this {
    return this.#says(node, { kind: 'message.sent', to: nodeId(1), message });
  }
  gets(node: number, message: object, times = 1): this {
    for (let i = 0; i < times; i++) this.#says(node, { kind: 'message.received', from: nodeId(1), message });
    return this;
  }
  #says(node: number, happening: object): this {
    this.#circles.observe({ node: nodeId(node), incarnation: incarnation(1), ...happening } as unknown as HistoryEvent);
    return this;
  }
  found(rule: string): string | undefined {
    return this.#circles.verdicts(3).find((v) => v.rule === rule)?.verdict;
  }
}

/** The first list of 1 in its start `start`, and what it tells of its outcome. */
const list = (start: number) => ({ kind: 'ring.election', initiator: 1, attempt: 1, number: 1, list: [1], incarnations: [start], hops: 0 });
const told = (start: number, leader: number) => ({
  kind: 'ring.coordinator',
  initiator: 1,
  incarnation: start,
  attempt: 1,
  term: term(1, leader),
  list: [1],
  hops: 0,
});

describe('ring.winner', () => {
  const won = (ring: Ring, start: number, leader: number): Ring => {
    ring.sends(1, list(start));
    for (let id = 2; id <= leader; id++) ring.gets(id, list(start));
    return ring.sends(1, told(start, leader));
  };

  it('knows the first election of a process from the first one after it lost its disk', () => {
    expect(won(won(new Ring(), 1, 2), 2, 1).found('ring.winner')).toBe('holds');
  });
  it('finds two winners of one election', () => {
    expect(won(new Ring(), 1, 2).sends(1, told(1, 1)).found('ring.winner')).toBe('bug');
  });
  it('finds a winner who is not the highest, whatever an earlier start has gathered', () => {
    expect(won(new Ring(), 1, 3).sends(1, list(2)).gets(2, list(2)).sends(1, told(2, 1)).found('ring.winner')).toBe('bug');
  });
});

describe('ring.hops', () => {
  const chang = (start: number) => ({ kind: 'chang-roberts.election', candidate: 1, incarnation: start, number: 2, hops: 0 });
  const probe = (start: number) => ({
    kind: 'hirschberg-sinclair.probe',
    candidate: 1,
    incarnation: start,
    number: 2,
    phase: 0,
    left: 1,
    way: 1,
    hops: 0,
  });
  const elected = (start: number) => ({
    kind: 'chang-roberts.elected',
    term: { ...term(2, 1), incarnation: incarnation(start) },
    hops: 0,
  });

  it.each([
    ['a list', list],
    ['an outcome', (start: number) => told(start, 1)],
    ['a candidacy', chang],
    ['a probe', probe],
    ['an answer', (start: number) => ({ ...probe(start), kind: 'hirschberg-sinclair.reply' })],
    ['a leader', elected],
  ])('does not take %s of an earlier start, that is still on its way, for the new one', (_, frame) => {
    const both = new Ring().sends(1, frame(1)).gets(2, frame(1), 2).sends(1, frame(2)).gets(2, frame(1), 3).gets(3, frame(2), 5);
    expect(both.found('ring.hops')).toBe('holds');
    expect(both.gets(2, frame(1), 2).found('ring.hops')).toBe('bug');
  });
});
