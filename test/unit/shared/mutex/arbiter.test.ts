/** Maekawa's arbiter with Sanders' correction, one rule at a time. */
import { describe, expect, it } from 'vitest';
import type { Claim } from '../../../../shared/mutex/claim.ts';
import { type Arbiter, closed, gone, opened, type Ruling, released, requested, told, yielded } from '../../../../shared/mutex/maekawa/arbiter.ts';
import { nodeId } from '../../../../shared/protocol.ts';

const claim = (timestamp: number, node = timestamp, request = 1): Claim => ({ node: nodeId(node), incarnation: 1, request, timestamp });
const open = opened(closed).arbiter;
const ask = (arbiter: Arbiter, of: Claim, turn = 0): Ruling => requested(arbiter, of, turn, true);
/** It has granted the first, and then heard of the others. */
const asked = (first: Claim, ...others: readonly Claim[]): Arbiter => [first, ...others].reduce((arbiter, of) => ask(arbiter, of).arbiter, open);
const said = ({ says }: Ruling): readonly string[] => says.map(({ kind, to }) => `${to.claim.node} ${kind.slice('maekawa.'.length)}`);
const back = (of: Claim, turn = 0) => [of, { request: of.request, turn }] as const;

describe('an arbiter', () => {
  it('grants the first who asks', () => expect(said(ask(open, claim(5)))).toEqual(['5 grant']));

  it('tells a later request that it failed', () => expect(said(ask(asked(claim(5)), claim(6)))).toEqual(['6 failed']));

  it('asks for its grant back where an earlier request comes, once', () => {
    const inquired = ask(asked(claim(5)), claim(4));
    expect(said(inquired)).toEqual(['5 inquire']);
    expect(said(ask(inquired.arbiter, claim(3)))).toEqual(['4 failed']);
  });

  it('tells whom a newcomer displaces at the head of the queue that it failed, unless it knows', () => {
    expect(said(ask(asked(claim(9), claim(5)), claim(3)))).toEqual(['5 failed']);
    expect(said(ask(asked(claim(2), claim(5)), claim(3)))).toEqual(['3 failed']);
  });

  it('tells a request that is better than the holder, but not than all who wait, that it failed', () =>
    expect(said(ask(asked(claim(9), claim(5)), claim(7)))).toEqual(['7 failed']));

  it('grants the earliest when it gets its grant back, and the holder waits again', () => {
    const given = yielded(asked(claim(9), claim(5), claim(3)), ...back(claim(9)));
    expect(said(given)).toEqual(['3 grant']);
    expect(given.arbiter.queue.map((s) => [s.claim.node, s.turn])).toEqual([
      [5, 0],
      [9, 1],
    ]);
    expect(said(released(given.arbiter, nodeId(3), 1))).toEqual(['5 grant']);
  });

  it('ignores a yield of an earlier turn, and of whoever holds nothing', () => {
    const again = ask(released(yielded(asked(claim(9), claim(3)), ...back(claim(9))).arbiter, nodeId(3), 1).arbiter, claim(2)).arbiter;
    expect(again.granted).toMatchObject({ turn: 1 });
    expect(yielded(again, ...back(claim(9), 0)).arbiter).toBe(again);
    expect(yielded(again, ...back(claim(2))).arbiter).toBe(again);
  });

  it('takes nothing back without INQUIRE', () => {
    expect(requested(asked(claim(5)), claim(4), 0, false).says).toEqual([]);
    expect(requested(asked(claim(5)), claim(6), 0, false).says).toEqual([]);
  });

  it('grants nothing that is over', () => {
    const over = released(asked(claim(5)), nodeId(5), 1).arbiter;
    expect(ask(over, claim(5)).arbiter).toBe(over);
    expect(said(ask(over, claim(8, 5, 2)))).toEqual(['5 grant']);
  });

  it('frees what a process held that has started again', () => {
    expect(said(gone(asked(claim(5), claim(6)), nodeId(5)))).toEqual(['6 grant']);
    expect(gone(asked(claim(5), claim(6)), nodeId(6)).arbiter.queue).toEqual([]);
  });

  it('says again what may be lost', () => {
    const arbiter = asked(claim(9), claim(5), claim(7));
    expect(said(ask(arbiter, claim(9)))).toEqual(['9 grant', '9 inquire']);
    expect(said(ask(arbiter, claim(7)))).toEqual(['7 failed']);
    expect(said(ask(arbiter, claim(5)))).toEqual([]);
    // Whoever asks in its next turn has yielded.
    expect(said(ask(arbiter, claim(9), 1))).toEqual(['5 grant']);
  });
});

describe('an arbiter that has just started', () => {
  it('tells of its grant only once nobody can be inside with one of an earlier start', () => {
    const granted = ask(closed, claim(5));
    expect(granted.says).toEqual([]);
    expect(said(ask(granted.arbiter, claim(6)))).toEqual(['6 failed']);
    expect(said(opened(granted.arbiter))).toEqual(['5 grant']);
  });

  it('makes way for whoever says that it is inside', () => {
    const inside = told(ask(closed, claim(5)).arbiter, claim(3), 2);
    expect(said(inside)).toEqual(['5 failed']);
    expect(said(released(opened(inside.arbiter).arbiter, nodeId(3), 1))).toEqual(['5 grant']);
    expect(told(asked(claim(5)), claim(3), 0).says).toEqual([]);
  });
});
