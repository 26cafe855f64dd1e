/** Each rule of mutual exclusion on a history that keeps it, one that breaks it, and one that had an excuse. */
import { describe, expect, it } from 'vitest';
import type { JudgedMutex } from '../../../../shared/checkers/mutex.ts';
import { nodeId } from '../../../../shared/protocol.ts';
import { microseconds, milliseconds, seconds } from '../../../../shared/time.ts';
import { Given, term, token } from './given.ts';

const found = (given: Given, rule: string): string => given.verdict(rule).verdict;

describe('mutex.exclusion', () => {
  const overlapping = (given: Given): Given => given.wants(1).wants(2).after(5).enters(1).after(5).enters(2);

  it('holds where one leaves before the next enters', () => {
    const given = new Given({ algorithm: 'ricart-agrawala' }).takesTurn(1).takesTurn(2);
    expect(found(given, 'mutex.exclusion')).toBe('holds');
    expect(given.judge).toMatchObject({ entries: 2, overlaps: 0 });
  });
  it('is broken by a bug where nothing excuses it', () => {
    const given = overlapping(new Given({ algorithm: 'ricart-agrawala' }));
    expect(given.verdict('mutex.exclusion')).toMatchObject({ verdict: 'bug', detail: expect.stringContaining('1 was inside for') });
    expect(given.judge.overlaps).toBe(1);
  });
  it('takes a crash for the end of a section', () => {
    const given = new Given({ algorithm: 'central-lease' }).wants(1).wants(2).enters(1).after(1).says(1, { kind: 'node.stopped', how: 'crashed' });
    expect(found(given.after(1).enters(2), 'mutex.exclusion')).toBe('holds');
  });

  const request = { kind: 'lamport.request', incarnation: 1, request: 1, timestamp: 1 };
  it.each<readonly [string, Given]>([
    ['a permission that was skipped', new Given({ algorithm: 'ricart-agrawala' }).says(1, { kind: 'mutex.skipped', request: 1, past: nodeId(2) })],
    ['a message that was overtaken', new Given({ algorithm: 'lamport' }).gets(2, 1, { ...request, kind: 'lamport.ack' }, 7).gets(2, 1, request, 5)],
    [
      'a message that was lost',
      new Given({ algorithm: 'lamport' }).says(1, { kind: 'message.dropped', to: nodeId(2), message: request as never, why: 'lost' }),
    ],
    ['a lease that was over', new Given({ algorithm: 'central-lease' }).says(1, { kind: 'mutex.lapsed', request: 1, token: token(1) })],
    ['a process that stood still', new Given({ algorithm: 'central-lease' }).says(1, { kind: 'heartbeat.stalled', gap: seconds(2) })],
    [
      'a grant that was late',
      new Given({ algorithm: 'central-lease' }).says(1, {
        kind: 'message.received',
        from: nodeId(3),
        message: { kind: 'central-lease.grant', incarnation: 1, request: 1, term: term(1), count: 1 },
        delayUs: 150_000,
        sentLamport: 1 as never,
      }),
    ],
    [
      'a token that is made anew after a false suspicion',
      new Given({ algorithm: 'token-ring' })
        .says(1, { kind: 'heartbeat.suspected', peer: nodeId(2), silent: milliseconds(900), why: 'missed' })
        .says(3, { kind: 'mutex.regenerated', term: term(2), instead: term(1) }),
    ],
  ])('has an excuse in %s', (_, given) => {
    expect(found(given.takesTurn(1), 'mutex.exclusion')).toBe('at-risk');
    expect(found(overlapping(given.after(1)), 'mutex.exclusion')).toBe('expected-violation');
  });
});

describe('mutex.fencing and ledger.value', () => {
  /** 1 opens, 2 opens and closes with a higher token, and 1 closes with its own. */
  const late = (given: Given): Given =>
    given
      .wants(1)
      .enters(1, 1, token(1))
      .accepts(1, 1, 'open', token(1), 0)
      .wants(2)
      .enters(2, 1, token(2))
      .accepts(2, 1, 'open', token(2), 0)
      .accepts(2, 1, 'close', token(2), 1);

  it('hold where the late write is refused', () => {
    const given = late(new Given({ algorithm: 'central-lease' })).says(2, { kind: 'mutex.written', request: 1, value: 1 });
    given.says(103, { kind: 'ledger.refused', from: nodeId(1), start: 1, request: 1, part: 'close', token: token(1), highest: token(2) });
    expect(given.verdict('mutex.fencing')).toMatchObject({ verdict: 'holds', detail: 'writes with a token: 3 accepted, 1 refused as stale' });
    expect(found(given, 'ledger.value')).toBe('holds');
  });
  it.each([
    [true, 'bug'],
    [false, 'expected-violation'],
  ] as const)('with fencing %s, a late write that is accepted is: %s', (fencing, verdict) => {
    const given = late(new Given({ algorithm: 'central-lease', fencing })).accepts(1, 1, 'close', token(1), 1, true);
    expect(given.verdict('mutex.fencing')).toMatchObject({ verdict, detail: expect.stringContaining('1.3.1/1 of 1 after 1.3.1/2') });
    expect(given.verdict('ledger.value')).toMatchObject({ verdict, detail: expect.stringContaining('1 wrote 1 over the 1 of 2') });
  });
  it('see a token that serves two', () => {
    const given = new Given({ algorithm: 'central-lease' }).wants(1).enters(1, 1, token(1)).accepts(1, 1, 'open', token(1), 0);
    expect(found(given.wants(2).enters(2, 1, token(1)).accepts(2, 1, 'open', token(1), 0), 'mutex.fencing')).toBe('bug');
  });
  it('see a write that the ledger never accepted', () => {
    const given = new Given({ algorithm: 'central-lease' })
      .takesTurn(1)
      .accepts(1, 1, 'close', token(1), 1)
      .says(1, { kind: 'mutex.written', request: 1, value: 1 });
    expect(found(given, 'ledger.value')).toBe('holds');
    expect(found(given.says(2, { kind: 'mutex.written', request: 1, value: 2 }), 'ledger.value')).toBe('bug');
  });
  it('compare tokens within a generation of the lock only', () => {
    const given = new Given({ algorithm: 'central-lease' }).wants(1).enters(1, 1, token(9)).accepts(1, 1, 'open', token(9), 0).wants(2);
    given.says(2, { kind: 'mutex.entered', request: 1, generation: 1, token: token(1), waited: microseconds(0) });
    expect(found(given.accepts(2, 1, 'open', token(1), 0), 'mutex.fencing')).toBe('holds');
  });
});

describe('mutex.progress', () => {
  const settled = (lock: JudgedMutex): Given => new Given(lock).after(600_000);
  const elected = (leader: number) => ({ kind: 'election.elected', leader: nodeId(leader), term: term(1) }) as never;
  const dies = { kind: 'node.stopped', how: 'crashed' } as const;

  it('is a bug where one waits in vain, and everyone lives', () => {
    const given = settled({ algorithm: 'ricart-agrawala' }).wants(1);
    expect(found(given.after(11_000), 'mutex.progress')).toBe('holds');
    expect(given.after(1_000).verdict('mutex.progress')).toMatchObject({ verdict: 'bug', detail: '1 waited for 12000.0 ms, longer than 11200.0 ms' });
  });
  it('allows for sections that are long, and for everyone ahead', () => {
    const workload = { think: seconds(1), shortest: seconds(5), longest: seconds(20) };
    const given = settled({ algorithm: 'ricart-agrawala', workload }).wants(1).after(130_000);
    expect(found(given, 'mutex.progress')).toBe('holds');
    expect(found(given.after(1), 'mutex.progress')).toBe('bug');
  });
  it.each([
    ['a leader that was elected', elected(2)],
    ['a frame that was lost', { kind: 'message.dropped', to: nodeId(3), message: { kind: 'central.request' }, why: 'lost' } as never],
    ['a process that stood still', { kind: 'heartbeat.stalled', gap: seconds(1) } as never],
  ])('is excused by %s for as long as it takes to get over that, and no longer', (_, trouble) => {
    const given = settled({ algorithm: 'central' }).wants(1).after(5).says(3, elected(3)).after(5).says(2, trouble);
    expect(found(given.after(14_400), 'mutex.progress')).toBe('expected-violation');
    expect(found(given.after(1), 'mutex.progress')).toBe('bug');
  });
  it('is a bug also where something happened only when it was so long already', () => {
    const given = settled({ algorithm: 'ricart-agrawala' }).wants(1).after(12_000).says(2, elected(2)).after(1).enters(1);
    expect(found(given, 'mutex.progress')).toBe('bug');
  });
  it('does not count what sections last longer than they should, since the ledger does not answer', () => {
    const given = settled({ algorithm: 'ricart-agrawala' }).wants(1);
    for (let i = 1; i <= 7; i++) given.wants(2, i).enters(2, i).after(2_000).leaves(2, i);
    expect(found(given, 'mutex.progress')).toBe('holds');
    expect(found(given.after(10_000), 'mutex.progress')).toBe('bug');
  });
  it('waits with the textbook for whoever crashed inside, and for nobody who had left', () => {
    const led = (): Given => settled({ algorithm: 'central' }).says(3, elected(3)).wants(1).enters(1);
    const left = led().leaves(1).passes(1, 3, { kind: 'central.release', incarnation: 1, request: 1 });
    expect(found(left.says(1, dies).wants(2).after(20_000), 'mutex.progress')).toBe('bug');
    expect(led().says(1, dies).wants(2).after(20_000).verdict('mutex.progress')).toMatchObject({
      verdict: 'expected-violation',
      detail: expect.stringContaining('1 is down and has released nothing: it is waited for, by design'),
    });
  });
  it('waits for whoever stands between a process and the token of a tree, and for nobody else', () => {
    const made = { kind: 'mutex.regenerated', term: term(1), instead: null } as never;
    const tree = (dead: number): Given => {
      const given = new Given({ algorithm: 'raymond', tree: 'line' }, 4).says(3, elected(3)).says(3, made).says(dead, dies);
      return given.after(600_000).wants(1).after(20_000);
    };
    expect(tree(2).verdict('mutex.progress')).toMatchObject({
      verdict: 'expected-violation',
      detail: expect.stringContaining('2 is down, on the way to the token'),
    });
    expect(found(tree(4), 'mutex.progress')).toBe('bug');
  });
  it.each(['central', 'central-lease', 'token-ring', 'suzuki-kasami', 'raymond'] as const)('%s waits for somebody who leads', (algorithm) => {
    const leaderless = settled({ algorithm }).says(3, elected(3)).says(3, dies).after(600_000).wants(1).after(20_000);
    expect(leaderless.verdict('mutex.progress')).toMatchObject({
      verdict: 'expected-violation',
      detail: expect.stringContaining('nobody leads'),
    });
    const led = settled({ algorithm }).says(3, elected(3)).says(3, dies).says(2, elected(2)).after(600_000).wants(1).after(20_000);
    expect(found(led, 'mutex.progress')).toBe('bug');
  });
  it('names for whom is waited', () => {
    const given = new Given({ algorithm: 'ricart-agrawala' }).wants(1).says(1, { kind: 'mutex.blocked', request: 1, on: [nodeId(2)] });
    expect(given.after(2_000).verdict('mutex.progress')).toMatchObject({ verdict: 'at-risk', detail: expect.stringContaining('1 waits for 2') });
    expect(found(given.after(10_000), 'mutex.progress')).toBe('expected-violation');
  });
});

describe('mutex.bypass', () => {
  it('is a bug where a token that goes round passes somebody twice a lap', () => {
    const given = new Given({ algorithm: 'token-ring' }).wants(1);
    expect(found(given.takesTurn(2, 1).takesTurn(3, 1), 'mutex.bypass')).toBe('holds');
    expect(found(given.takesTurn(2, 2), 'mutex.bypass')).toBe('bug');
    expect(given.judge.bypass.largest).toBe(3);
  });
  it('counts from when all have heard of a request where the token comes to whoever asks', () => {
    const asking = { kind: 'suzuki-kasami.request', incarnation: 1, request: 1 };
    const given = new Given({ algorithm: 'suzuki-kasami' }).wants(1).takesTurn(2, 1).takesTurn(2, 2).gets(2, 1, asking).gets(3, 1, asking);
    expect(found(given.takesTurn(2, 3).takesTurn(3, 1), 'mutex.bypass')).toBe('holds');
    expect(found(given.takesTurn(2, 4), 'mutex.bypass')).toBe('bug');
  });
});

describe('mutex.entries', () => {
  it.each<readonly [string, (given: Given) => Given]>([
    ['enters without having asked', (given) => given.enters(2)],
    ['leaves without having been inside', (given) => given.leaves(2)],
    ['enters by another request', (given) => given.wants(2, 1).enters(2, 2)],
    ['speaks for an earlier start', (given) => given.says(2, { kind: 'node.started', name: 'p2', role: 'member' }, 2).wants(2, 1, 1, 1)],
  ])('is a bug where somebody %s', (_, wrong) => {
    const given = new Given({ algorithm: 'central' }).takesTurn(1);
    expect(found(given, 'mutex.entries')).toBe('holds');
    expect(found(wrong(given.after(1)), 'mutex.entries')).toBe('bug');
  });
});

describe('mutex.order', () => {
  it('is a bug where a later request enters first, and knows nothing of the other locks', () => {
    const given = new Given({ algorithm: 'lamport' }).wants(1, 1, 5).wants(2, 1, 5).after(1);
    expect(given.enters(2).verdict('mutex.order')).toMatchObject({ verdict: 'bug', detail: expect.stringContaining('2 (5) entered before 1 (5)') });
    expect(new Given({ algorithm: 'maekawa' }).takesTurn(1).rules()).not.toContain('mutex.order');
  });
});

describe('mutex.counts', () => {
  const paid = (algorithm: 'ricart-agrawala' | 'lamport', replies: number): Given => {
    const given = new Given({ algorithm }).wants(1).after(1);
    for (const to of [2, 3]) given.passes(1, to, { kind: `${algorithm}.request`, incarnation: 1, request: 1, timestamp: 1 });
    for (let i = 0; i < replies; i++)
      given.passes(2 + (i % 2), 1, { kind: `${algorithm}.reply`, incarnation: 1, start: 1, request: 1, timestamp: 1 });
    return given.enters(1).after(1).leaves(1);
  };

  it.each([
    [2, 'holds'],
    [1, 'bug'],
    [3, 'bug'],
  ] as const)('with %i replies: %s', (replies, verdict) => expect(found(paid('ricart-agrawala', replies), 'mutex.counts')).toBe(verdict));

  it('does not judge an entry during which somebody crashed', () => {
    const given = new Given({ algorithm: 'ricart-agrawala' }).wants(1).after(1).says(2, { kind: 'node.stopped', how: 'crashed' }).enters(1).leaves(1);
    expect(given.rules()).not.toContain('mutex.counts');
  });
  it('does not take the token of somebody whose history is late for the answer that the same one still owes', () => {
    const asks = { kind: 'suzuki-kasami.request', incarnation: 1, request: 1 };
    const comes = { kind: 'suzuki-kasami.token', start: 1, token: { epoch: term(1), hop: 1, served: [], queue: [] } };
    const given = new Given({ algorithm: 'suzuki-kasami' }).wants(1).passes(1, 2, asks).sends(1, 3, asks).after(1);
    // What 3 did is not told: as many have arrived as have left.
    given.gets(1, 3, comes).enters(1, 1, token(1)).after(1).leaves(1);
    expect(given.rules()).not.toContain('mutex.counts');
    given.gets(3, 1, asks).sends(3, 1, comes);
    expect(given.verdict('mutex.counts')).toMatchObject({ verdict: 'holds', detail: expect.stringContaining('3.00 delivered an entry over 1') });
  });

  it('does not judge an entry for which one that is down was not asked', () => {
    const asks = { kind: 'suzuki-kasami.request', incarnation: 1, request: 1 };
    const comes = { kind: 'suzuki-kasami.token', start: 1, token: { epoch: term(1), hop: 1, served: [], queue: [] } };
    const given = new Given({ algorithm: 'suzuki-kasami' }).says(3, { kind: 'node.stopped', how: 'crashed' }).after(1).wants(1);
    given.passes(1, 2, asks).passes(2, 1, comes).enters(1, 1, token(1)).after(1).leaves(1);
    expect(given.rules()).not.toContain('mutex.counts');
  });

  it('does not judge an entry of one that has not heard of everyone yet', () => {
    const asks = { kind: 'suzuki-kasami.request', incarnation: 2, request: 1 };
    const comes = { kind: 'suzuki-kasami.token', start: 2, token: { epoch: term(1), hop: 1, served: [], queue: [] } };
    const given = new Given({ algorithm: 'suzuki-kasami' }).says(1, { kind: 'node.started', name: 'p1', role: 'member' }, 2);
    given
      .says(1, { kind: 'heartbeat.trusted', peer: nodeId(2), start: 1 } as never, 2)
      .after(1)
      .wants(1, 1, 1, 2);
    given.passes(1, 2, asks).passes(2, 1, comes).enters(1, 1, token(1), 2).after(1).leaves(1, 1, 2);
    expect(given.rules()).not.toContain('mutex.counts');
  });

  it('does not judge an entry while somebody asks again for what it may have missed', () => {
    const again = { kind: 'mutex.asked-again', request: 1, of: [nodeId(1)] } as const;
    const entry = (before: number): Given => {
      const given = new Given({ algorithm: 'ricart-agrawala' }).wants(2).says(2, again).after(before).wants(1);
      for (const to of [2, 3, 2]) given.passes(1, to, { kind: 'ricart-agrawala.request', incarnation: 1, request: 1, timestamp: 1 });
      for (const from of [2, 3]) given.passes(from, 1, { kind: 'ricart-agrawala.reply', incarnation: 1, start: 1, request: 1, timestamp: 1 });
      return given.enters(1).after(1).leaves(1);
    };
    expect(entry(10).rules()).not.toContain('mutex.counts');
    expect(found(entry(1_000), 'mutex.counts')).toBe('bug');
  });

  it.each([true, false])('charges the coordinator nothing, and nobody for a renewal, whether it is granted: %s', (granted) => {
    const given = new Given({ algorithm: 'central-lease' })
      .says(3, { kind: 'election.elected', leader: nodeId(3), term: term(1) } as never)
      .takesTurn(3);
    const ticket = { incarnation: 1, request: 1, term: term(1), count: 2 };
    given
      .wants(1)
      .passes(1, 3, { kind: 'central-lease.request', ...ticket })
      .passes(3, 1, { kind: 'central-lease.grant', ...ticket })
      .enters(1, 1, token(2));
    given.passes(1, 3, { kind: 'central-lease.renew', ...ticket });
    if (granted) given.passes(3, 1, { kind: 'central-lease.grant', ...ticket });
    given.leaves(1);
    given.passes(1, 3, { kind: 'central-lease.release', ...ticket });
    expect(given.verdict('mutex.counts')).toMatchObject({ verdict: 'holds', detail: '1.50 delivered an entry over 2 entries (each 0 or 3)' });
  });
});

describe('what a lock is not blamed for', () => {
  const lives = { kind: 'heartbeat.trusted', peer: nodeId(1), start: 1 } as never;
  const suspects = { kind: 'heartbeat.suspected', peer: nodeId(1), silent: 900_000, why: 'silent' } as never;
  const overlaps = (given: Given) => given.after(1).wants(2).enters(2, 1, token(1, 2));
  const inside = (algorithm: 'central' | 'token-ring' | 'suzuki-kasami' | 'raymond' | 'ricart-agrawala') =>
    new Given({ algorithm }).wants(1).enters(1, 1, token(1));

  it.each(['token-ring', 'suzuki-kasami', 'raymond'] as const)(
    '%s: a holder that was taken for dead, and heard again before another token was made',
    (algorithm) => {
      const given = inside(algorithm).says(2, suspects).after(100).says(2, lives);
      given.says(2, { kind: 'mutex.regenerated', term: term(2, 2), instead: term(1) } as never);
      expect(given.verdict('mutex.exclusion').verdict).toBe('holds');
      overlaps(given);
      expect(given.verdict('mutex.exclusion')).toMatchObject({
        verdict: 'expected-violation',
        detail: expect.stringContaining('2 suspected 1, which lives'),
      });
      expect(given.rules()).toContain('mutex.census');
      expect(given.verdict('mutex.census').verdict).not.toBe('bug');
    },
  );

  it('two leaders, each of whom made a token', () => {
    const leads = (node: number) => ({ kind: 'election.elected', leader: nodeId(node), term: term(node, node) }) as never;
    const made = (node: number) => ({ kind: 'mutex.regenerated', term: term(node, node), instead: null }) as never;
    const given = new Given({ algorithm: 'token-ring' })
      .says(1, leads(1))
      .says(1, made(1))
      .wants(1)
      .enters(1, 1, { term: term(1, 1), count: 1 });
    given
      .after(1)
      .says(2, leads(2))
      .says(2, made(2))
      .wants(2)
      .enters(2, 1, { term: term(2, 2), count: 1 });
    expect(given.verdict('mutex.exclusion')).toMatchObject({ verdict: 'expected-violation', detail: expect.stringContaining('both led') });
    expect(given.verdict('mutex.census').verdict).not.toBe('bug');
  });

  it('a process that stood still, where the lock rests on who is believed to live, and only there', () => {
    const stood = { kind: 'heartbeat.stalled', gap: 3_000_000 } as never;
    expect(found(overlaps(inside('token-ring').says(1, stood)), 'mutex.exclusion')).toBe('expected-violation');
    expect(found(overlaps(inside('central').says(1, stood)), 'mutex.exclusion')).toBe('expected-violation');
    expect(found(overlaps(inside('ricart-agrawala').says(1, stood)), 'mutex.exclusion')).toBe('bug');
  });

  it('a holder that is paused inside, for which others wait', () => {
    const given = inside('central').says(2, suspects).after(1_000).wants(2).after(12_000);
    expect(given.verdict('mutex.progress')).toMatchObject({
      verdict: 'expected-violation',
      detail: expect.stringContaining('1 lives and does not answer'),
    });
  });

  it('a ledger that ended before it could tell what it took', () => {
    const written = { kind: 'mutex.written', request: 2, value: 2 } as never;
    const given = new Given({ algorithm: 'central' })
      .takesTurn(1)
      .accepts(1, 1, 'close', null, 1)
      .says(1, { ...(written as object), request: 1 } as never);
    expect(given.verdict('ledger.value').verdict).toBe('holds');
    given.says(103, { kind: 'node.stopped', how: 'crashed' }).says(1, written);
    expect(given.verdict('ledger.value').verdict).toBe('expected-violation');
    given.says(103, { kind: 'node.started', name: 'ledger', role: 'ledger' }).accepts(1, 3, 'close', null, 3);
    expect(given.verdict('ledger.value').detail).not.toContain('updates lost');
  });
});

it('a token that is sent again, since nobody said in time that it had come, costs once', () => {
  const asks = { kind: 'suzuki-kasami.request', incarnation: 1, request: 1 };
  const comes = { kind: 'suzuki-kasami.token', start: 1, token: { epoch: term(1), hop: 1, served: [], queue: [] } };
  const given = new Given({ algorithm: 'suzuki-kasami' }).wants(1).passes(1, 2, asks).passes(1, 3, asks).passes(3, 1, comes);
  given.enters(1, 1, token(1)).after(1).passes(3, 1, comes).leaves(1);
  expect(given.verdict('mutex.counts')).toMatchObject({ verdict: 'holds', detail: expect.stringContaining('3.00 delivered an entry over 1') });
});

it('a token of an epoch that is over, handed over by one that slept while it was replaced, costs nobody anything', () => {
  const asks = { kind: 'suzuki-kasami.request', incarnation: 1, request: 1 };
  const comes = (number: number) => ({ kind: 'suzuki-kasami.token', start: 1, token: { epoch: term(number), hop: 1, served: [], queue: [] } });
  const given = new Given({ algorithm: 'suzuki-kasami' }).wants(1).passes(1, 2, asks).passes(1, 3, asks).passes(3, 1, comes(2));
  given.enters(1, 1, token(1, 2)).passes(2, 1, comes(1)).after(1).leaves(1);
  expect(given.verdict('mutex.counts')).toMatchObject({ verdict: 'holds', detail: expect.stringContaining('3.00 delivered an entry over 1') });
});

it('an entry of one that asked before it heard of a new token, and then anew, is not judged', () => {
  const asks = { kind: 'suzuki-kasami.request', incarnation: 1, request: 1 };
  const comes = (number: number) => ({ kind: 'suzuki-kasami.token', start: 1, token: { epoch: term(number), hop: 1, served: [], queue: [] } });
  const entry = (after: number): Given => {
    const given = new Given({ algorithm: 'suzuki-kasami' }).passes(3, 2, comes(1)).passes(3, 2, comes(2));
    given
      .says(2, { kind: 'election.elected', leader: nodeId(3), term: term(2) } as never)
      .after(after)
      .wants(1);
    for (const to of [2, 3, 2, 3]) given.passes(1, to, asks);
    return given.passes(2, 1, comes(2)).enters(1, 1, token(1, 2)).after(1).leaves(1);
  };
  expect(entry(15).rules()).not.toContain('mutex.counts');
  expect(found(entry(1_000), 'mutex.counts')).toBe('bug');
});
