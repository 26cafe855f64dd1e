/** Maekawa's grants and the census of tokens, on histories made by hand. */
import { describe, expect, it } from 'vitest';
import { incarnation, nodeId } from '../../../../shared/protocol.ts';
import { milliseconds } from '../../../../shared/time.ts';
import { Given, term, token } from './given.ts';

describe('mutex.votes', () => {
  const quorums = [
    [1, 2],
    [2, 3],
    [3, 1],
  ].map((quorum) => quorum.map(nodeId));
  const asking = { incarnation: 1, request: 1, timestamp: 1, turn: 0, inside: false };
  const granting = { incarnation: 1, start: 1, request: 1, turn: 0 };
  const request = { kind: 'maekawa.request', ...asking };
  const grant = { kind: 'maekawa.grant', ...granting };

  it('is a bug where an arbiter grants a second before it has its grant back', () => {
    const given = new Given({ algorithm: 'maekawa' }).wants(1).wants(3).passes(1, 2, request).passes(3, 2, request).sends(2, 1, grant);
    expect(given.verdict('mutex.votes').verdict).toBe('holds');
    expect(given.sends(2, 3, grant).verdict('mutex.votes')).toMatchObject({
      verdict: 'bug',
      detail: expect.stringContaining('while 1 had its grant'),
    });
  });
  it.each(['release', 'yield'])('holds where a %s came between', (word) => {
    const given = new Given({ algorithm: 'maekawa' })
      .wants(1)
      .wants(3)
      .sends(2, 1, grant)
      .gets(2, 1, { ...asking, kind: `maekawa.${word}` })
      .sends(2, 3, grant);
    expect(given.verdict('mutex.votes').verdict).toBe('holds');
  });
  it.each([
    ['a later start of whoever was granted is heard of', { ...request, incarnation: 2 }],
    ['it asks for something later', { ...request, request: 2 }],
    ['it asks again in a later turn, having yielded', { ...request, turn: 1 }],
  ])('holds where %s', (_, asked) => {
    const given = new Given({ algorithm: 'maekawa' }).wants(1).wants(3).sends(2, 1, grant).gets(2, 1, asked).sends(2, 3, grant);
    expect(given.verdict('mutex.votes').verdict).toBe('holds');
  });
  it('holds where a grant that went to a start that was over is for nobody', () => {
    const given = new Given({ algorithm: 'maekawa' }).says(1, { kind: 'node.started', name: 'p1', role: 'member' }, 2).wants(3);
    given
      .sends(2, 1, grant)
      .says(2, { kind: 'heartbeat.trusted', peer: nodeId(1), start: incarnation(2) })
      .sends(2, 3, grant);
    expect(given.verdict('mutex.votes').verdict).toBe('holds');
  });
  it.each([
    ['what was asked is asked again in the same turn', request],
    ['an earlier start of it releases', { ...asking, kind: 'maekawa.release', incarnation: 0 }],
    ['it yields what it was granted in an earlier turn', { ...asking, kind: 'maekawa.yield', turn: -1 }],
  ])('is a bug where only %s', (_, heard) => {
    const given = new Given({ algorithm: 'maekawa' }).wants(1).wants(3).sends(2, 1, grant).gets(2, 1, heard).sends(2, 3, grant);
    expect(given.verdict('mutex.votes').verdict).toBe('bug');
  });
  it('is a bug where an arbiter grants somebody while it is inside by its own grant', () => {
    const given = new Given({ algorithm: 'maekawa' }).wants(2).enters(2).after(1).sends(2, 1, grant);
    expect(given.verdict('mutex.votes')).toMatchObject({ verdict: 'bug', detail: expect.stringContaining('by its own grant') });
  });

  /** Each has granted itself, and waits for the next. */
  const circle = (yields: boolean): Given => {
    const given = new Given({ algorithm: 'maekawa', quorums, yields }).wants(1).wants(2).wants(3);
    return given.passes(1, 2, request).passes(2, 3, request).passes(3, 1, request);
  };

  it('draws a circle that is older than a second', () => {
    expect(circle(true).after(900).verdict('mutex.votes').verdict).toBe('holds');
    expect(circle(true).after(1_100).verdict('mutex.votes')).toMatchObject({
      verdict: 'bug',
      detail: expect.stringMatching(/^1 -> 2 -> 3 -> 1 wait/),
    });
    const lost = { kind: 'message.dropped', to: nodeId(1), message: { ...asking, kind: 'maekawa.yield' }, why: 'lost' } as never;
    expect(circle(true).says(3, lost).after(4_200).verdict('mutex.votes').verdict).toBe('holds');
    expect(circle(true).says(3, lost).after(4_201).verdict('mutex.votes').verdict).toBe('bug');
    expect(circle(false).after(1_100).verdict('mutex.votes').verdict).toBe('expected-violation');
  });
});

describe('mutex.census', () => {
  const handed = (hop: number, number = 1) => ({ kind: 'token-ring.token', start: 1, token: { epoch: term(number), hop, count: hop } });
  const made = (given: Given, node: number, number: number, instead: number | null): Given =>
    given.says(node, { kind: 'mutex.regenerated', term: term(number), instead: instead === null ? null : term(instead) });
  const begun = (): Given => made(new Given({ algorithm: 'token-ring' }).wants(2), 3, 1, null).after(1);
  const refused = { kind: 'mutex.refused', message: 'token-ring.token', from: nodeId(3), why: 'duplicate' } as const;
  const verdict = (given: Given): string => given.verdict('mutex.census').verdict;

  it('holds while a token goes from one to the next, and is sent again until it is acknowledged', () => {
    const given = begun()
      .passes(3, 1, handed(1))
      .after(1)
      .sends(3, 1, handed(1))
      .passes(1, 2, handed(2))
      .after(1)
      .enters(2, 1, token(1))
      .gets(1, 3, handed(1))
      .says(1, refused);
    expect(
      given
        .after(1)
        .says(2, { kind: 'mutex.exited', request: 1, held: milliseconds(1) })
        .verdict('mutex.census'),
    ).toMatchObject({
      verdict: 'holds',
      detail: 'tokens: one in each of 1 epochs, handed over 2 times, never taken twice',
    });
  });
  it('is a bug where a second copy is taken', () => {
    const given = begun().passes(3, 1, handed(1)).after(1).passes(1, 2, handed(2)).after(1).gets(1, 3, handed(1));
    expect(given.after(1).says(1, { kind: 'mutex.requested', request: 1, timestamp: 1 }).verdict('mutex.census')).toMatchObject({
      verdict: 'bug',
      detail: expect.stringContaining('1 took transfer 1 of token 1.3.1 again'),
    });
  });
  it('is a bug where somebody enters without it, or hands over what it has not', () => {
    expect(verdict(begun().enters(2, 1, token(1)))).toBe('bug');
    expect(verdict(begun().sends(1, 2, handed(2)))).toBe('bug');
  });
  it('is a bug where a new one is made although nobody suspects the holder, or a second one of the same epoch', () => {
    expect(verdict(made(begun().passes(3, 1, handed(1)).after(1), 3, 2, 1))).toBe('bug');
    expect(verdict(made(begun(), 3, 1, null))).toBe('bug');
  });
  it('holds where the holder has crashed, or is suspected, and says the terms', () => {
    const crashed = begun().passes(3, 1, handed(1)).after(1).says(1, { kind: 'node.stopped', how: 'crashed' });
    expect(made(crashed, 3, 2, 1).verdict('mutex.census')).toMatchObject({
      verdict: 'holds',
      detail: expect.stringContaining('term 1.3.1 -> 2.3.1'),
    });
    const paused = begun()
      .passes(3, 1, handed(1))
      .after(1)
      .says(3, { kind: 'heartbeat.suspected', peer: nodeId(1), silent: milliseconds(900), why: 'missed' });
    expect(verdict(made(paused, 3, 2, 1))).toBe('holds');
  });
});
