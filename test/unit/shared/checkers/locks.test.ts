/** A lock that is switched while the cluster runs: the next one is judged from its opening on, and knows what went before. */
import { describe, expect, it } from 'vitest';
import { LockJudge } from '../../../../shared/checkers/locks.ts';
import type { MutexAlgorithm } from '../../../../shared/mutex/config.ts';
import { nodeId } from '../../../../shared/protocol.ts';
import { Given, term, token } from './given.ts';

const under = (algorithm: MutexAlgorithm): Given<LockJudge> => new Given<LockJudge>({ algorithm }, 3, new LockJudge({ algorithm }));
const dies = { kind: 'node.stopped', how: 'crashed' } as const;
const found = (given: Given<LockJudge>, rule: string): string => given.verdict(rule).verdict;

/** These members leave the lock that they run, and the next one opens. */
function switched(given: Given<LockJudge>, mutex: MutexAlgorithm, by = [1, 2, 3], generation = 1): Given<LockJudge> {
  for (const node of by) given.after(1).says(node, { kind: 'node.switched', number: generation, generation, mutex } as never);
  for (const node of by) given.after(1).says(node, { kind: 'node.opened', number: generation });
  return given;
}
/** An entry of Ricart and Agrawala's lock, with what it costs. */
function pays(given: Given<LockJudge>, node: number, request: number, setup: number): Given<LockJudge> {
  const others = [1, 2, 3].filter((id) => id !== node);
  given.wants(node, request).after(1);
  for (const to of others) given.passes(node, to, { kind: 'ricart-agrawala.request', incarnation: 1, request, timestamp: 1, setup });
  for (const from of others) given.passes(from, node, { kind: 'ricart-agrawala.reply', incarnation: 1, start: 1, request, timestamp: 1, setup });
  return given.enters(node, request).after(1).leaves(node, request);
}

describe('a lock that was switched on', () => {
  it('knows who trusts whom, and so its entries are counted', () => {
    const given = pays(switched(under('central').takesTurn(1), 'ricart-agrawala'), 1, 1, 1);
    expect(given.verdict('mutex.counts')).toMatchObject({ verdict: 'holds', detail: expect.stringContaining('4.00 delivered an entry over 1') });
  });
  it('knows who leads: an entry of the coordinator is free', () => {
    const leads = { kind: 'election.elected', leader: nodeId(3), term: term(1) } as never;
    const given = switched(under('lamport').says(3, leads).takesTurn(1), 'central').takesTurn(3);
    expect(given.verdict('mutex.counts')).toMatchObject({ verdict: 'holds', detail: expect.stringContaining('0.00 delivered') });
  });
  it('counts whom others pass by', () => {
    const given = switched(under('central').takesTurn(1), 'token-ring').wants(1).takesTurn(2, 1).takesTurn(2, 2);
    expect(found(given, 'mutex.bypass')).toBe('holds');
    expect(found(given.takesTurn(2, 3), 'mutex.bypass')).toBe('bug');
  });
  it('knows who is gone, and names it where it is waited for', () => {
    const given = switched(under('central').takesTurn(1).says(2, dies), 'maekawa', [1, 3]).after(1).wants(1).after(30_000);
    expect(given.verdict('mutex.progress')).toMatchObject({ verdict: 'expected-violation', detail: expect.stringContaining('2 is down') });
  });
  it('may be one of before, where a later change was ordered by one that had not heard of this one', () => {
    const given = switched(under('central').takesTurn(1), 'lamport').takesTurn(1);
    for (const node of [1, 2, 3]) given.after(1).says(node, { kind: 'node.switched', number: 2, generation: 0, mutex: 'central' } as never);
    given.says(1, { kind: 'node.opened', number: 2 }).wants(1, 1).wants(2, 1).enters(1, 1).after(1).enters(2, 1);
    expect(given.judge.overlaps).toBe(1);
  });
  it('is not blamed for one that waited under the lock before, and neither is that one', () => {
    const given = under('central').after(60_000).takesTurn(1).wants(2);
    for (const node of [1, 2, 3]) given.after(1).says(node, { kind: 'node.switched', number: 1, generation: 1, mutex: 'lamport' } as never);
    expect(found(given.after(30_000), 'mutex.progress')).toBe('holds');
    given.says(1, { kind: 'node.opened', number: 1 }).takesTurn(1);
    expect(found(given.after(30_000), 'mutex.progress')).toBe('holds');
  });
});

describe('whoever still runs the lock before', () => {
  const inside = (): Given<LockJudge> => {
    const given = under('ricart-agrawala');
    given
      .says(1, { kind: 'node.started', name: 'p1', role: 'member', seq: 1 } as never, 2)
      .wants(1, 1, 1, 2)
      .enters(1, 1, null, 2);
    return switched(given.after(1), 'suzuki-kasami', [2, 3]).takesTurn(2);
  };

  it('is no part of what is judged when it wakes up', () => {
    const given = inside().after(1).leaves(1, 1, 2).wants(1, 2, 1, 2).enters(1, 2, null, 2).wants(2, 2).enters(2, 2);
    expect(given.judge.verdicts().filter(({ verdict }) => verdict === 'bug')).toEqual([]);
    expect(given.judge.overlaps).toBe(0);
  });
  it('has not taken a token that it was handed', () => {
    const made = { kind: 'mutex.regenerated', term: term(1), instead: null } as never;
    const handed = { kind: 'token-ring.token', start: 2, token: { epoch: term(1), hop: 1, count: 1 }, setup: 1 };
    const given = switched(under('lamport').takesTurn(1), 'token-ring').says(3, made);
    given
      .says(1, { kind: 'node.started', name: 'p1', role: 'member', seq: 1 } as never, 2)
      .passes(3, 1, handed)
      .after(1);
    given.says(3, { kind: 'mutex.regenerated', term: term(2), instead: term(1) } as never).takesTurn(2);
    expect(found(given, 'mutex.census')).toBe('holds');
  });
  it('is the excuse where it writes over what was written since', () => {
    const given = inside().accepts(2, 1, 'close', token(1), 1).after(1);
    expect(found(given, 'ledger.value')).toBe('holds');
    expect(given.accepts(1, 1, 'close', null, 1).verdict('ledger.value')).toMatchObject({
      verdict: 'expected-violation',
      detail: expect.stringContaining('1 wrote under another lock'),
    });
  });
  it('costs nobody of the new one anything, though its frames are of the same kind', () => {
    const again = switched(switched(under('ricart-agrawala').takesTurn(1), 'central').takesTurn(1), 'ricart-agrawala', [1, 2, 3], 2);
    again.gets(1, 2, { kind: 'ricart-agrawala.reply', incarnation: 1, start: 1, request: 1, timestamp: 1 });
    expect(found(pays(again, 1, 1, 2), 'mutex.counts')).toBe('holds');
  });
  it('has a token of its own, also where that is called by the same epoch', () => {
    const made = { kind: 'mutex.regenerated', term: term(1), instead: null } as never;
    const given = switched(under('token-ring').says(3, made).takesTurn(3), 'raymond');
    given
      .gets(1, 3, { kind: 'token-ring.token', start: 1, token: { epoch: term(1), hop: 1, count: 1 } })
      .says(3, made)
      .takesTurn(2);
    expect(found(given, 'mutex.census')).toBe('holds');
  });
});
