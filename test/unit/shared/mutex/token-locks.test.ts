/** What is each token algorithm's own: who gets the token next, and who is asked for it. */
import { describe, expect, it } from 'vitest';
import type { MutexConfig } from '../../../../shared/mutex/config.ts';
import { pathBetween, towards } from '../../../../shared/mutex/raymond/trees.ts';
import { nodeId } from '../../../../shared/protocol.ts';
import { epoch, Process, p1, p2, p3, p4, token } from './tokens.ts';

const members = [p1, p2, p3, p4];
const entered = (process: Process) => process.event('mutex.entered')?.token?.count;

describe('the token ring', () => {
  const handed = (hop: number, count = 0) => ({ kind: 'token-ring.token', start: 1, token: token(epoch(1), hop, count) }) as const;
  const ring = (self = p2) => new Process(self, { algorithm: 'token-ring' }, members);

  it('lets whoever has the token enter, and counts the entry', () => {
    const process = ring().wants().hears(p1, handed(4, 8));
    expect([entered(process), process.says]).toEqual([9, ['mutex.ack>1']]);
    expect(process.leaves().said('token-ring.token')).toEqual({ kind: 'token-ring.token', start: 1, token: token(epoch(1), 5, 9) });
    expect(process.says).toEqual(['token-ring.token>3']);
  });

  it('has an unused token rest for a moment, in which it may still be used', () => {
    const process = ring().hears(p1, handed(4));
    expect([process.says, process.timers('set-timer')]).toEqual([['mutex.ack>1'], ['token-ring.rest']]);
    expect(entered(process.wants())).toBe(1);
    expect(process.rings('token-ring.rest').says).toEqual([]);
    expect(ring().hears(p1, handed(4)).rings('token-ring.rest').says).toEqual(['token-ring.token>3']);
  });

  it('closes behind the last, and passes over whoever is suspected', () => {
    expect(ring(p4).hears(p3, handed(4)).rings('token-ring.rest').says).toEqual(['token-ring.token>1']);
    expect(ring(p4).hears(p3, handed(4)).suspects(p1).rings('token-ring.rest').says).toEqual(['token-ring.token>2']);
    const alone = ring(p4).hears(p3, handed(4)).suspects(p1).suspects(p2).suspects(p3).rings('token-ring.rest');
    expect([alone.says, alone.timers('set-timer'), alone.custody.held?.hop]).toEqual([[], ['token-ring.rest'], 4]);
  });

  it('addresses the newest start of the next process', () => {
    expect(ring().trusts(p3, 5).hears(p1, handed(4)).rings('token-ring.rest').said('token-ring.token')?.start).toBe(5);
  });

  it('waits for whoever was seen with the token last', () => {
    const process = ring().wants();
    const onWhom = () => process.suspects(p3).event('mutex.blocked')?.on;
    expect(onWhom()).toBeUndefined();
    expect(process.told(epoch(1), p3).event('mutex.blocked')?.on).toEqual([3]);
  });
});

describe("Suzuki and Kasami's lock", () => {
  const asks = (request: number, start = 1) => ({ kind: 'suzuki-kasami.request', incarnation: start, request }) as const;
  const asked = (node: typeof p1, request: number, start = 1) => ({ node, incarnation: start, request });
  type Asked = ReturnType<typeof asked>;
  const handed = (served: readonly Asked[], queue: readonly Asked[], hop = 1) =>
    ({ kind: 'suzuki-kasami.token', start: 1, token: { ...token(epoch(1), hop), served, queue } }) as const;
  const process = (self = p2) => new Process(self, { algorithm: 'suzuki-kasami' }, members).told(epoch(1), p4);
  const holder = (served: readonly Asked[] = [], queue: readonly Asked[] = []) => process().hears(p1, handed(served, queue));

  it('asks everyone, and nobody where it has the token', () => {
    expect(process().wants().says).toEqual(['suzuki-kasami.request>1', 'suzuki-kasami.request>3', 'suzuki-kasami.request>4']);
    const idle = holder().wants();
    expect([idle.says, entered(idle)]).toEqual([[], 1]);
  });

  it('asks only once there is a token, and again where there is a new one', () => {
    const early = new Process(p2, { algorithm: 'suzuki-kasami' }, members).wants();
    expect(early.says).toEqual([]);
    expect(early.told(epoch(1), p4).says).toHaveLength(3);
    expect(early.told(epoch(1), p3, 5).says).toEqual([]);
    expect(early.told(epoch(2), p3).says).toHaveLength(3);
  });

  it('hands an idle token to whoever asks for the entry after its last', () => {
    expect(holder([asked(p1, 4)]).hears(p1, asks(4)).says).toEqual([]);
    expect(holder([asked(p1, 4)]).hears(p1, asks(5)).says).toEqual(['suzuki-kasami.token>1']);
    expect(holder([asked(p1, 4, 2)]).hears(p1, asks(5, 1)).says).toEqual([]);
    expect(holder([asked(p1, 4)]).hears(p1, asks(1, 2)).says).toEqual(['suzuki-kasami.token>1']);
  });

  it('queues whoever asks while it is inside, first come, first served, behind those who are in the queue', () => {
    const inside = process()
      .wants()
      .hears(p1, handed([], [asked(p4, 2)]));
    expect(inside.hears(p3, asks(1)).hears(p1, asks(1)).says).toEqual([]);
    expect(inside.leaves().says).toEqual(['suzuki-kasami.token>4']);
    const { token: passed } = inside.said('suzuki-kasami.token') ?? {};
    expect(passed?.queue).toEqual([asked(p1, 1), asked(p3, 1)]);
    expect(passed?.served).toEqual([asked(p2, 1)]);
  });

  it('passes over whoever is suspected, and comes back to it', () => {
    const busy = process()
      .wants()
      .hears(p1, handed([], [asked(p4, 2), asked(p3, 1)]))
      .suspects(p4)
      .leaves();
    expect(busy.says).toEqual(['suzuki-kasami.token>3']);
    expect(busy.said('suzuki-kasami.token')?.token.queue).toEqual([asked(p4, 2)]);
    const idle = holder().suspects(p4).hears(p4, asks(3));
    expect(idle.says).toEqual([]);
    expect(idle.trusts(p4).says).toEqual(['suzuki-kasami.token>4']);
  });

  it('takes no notice of what an earlier start asked for', () => {
    const idle = holder().trusts(p4, 2).hears(p4, asks(3, 1));
    expect([idle.says, idle.refusal]).toEqual([[], 'outdated']);
  });

  it('asks whoever is back again', () => {
    const waiting = process().wants().suspects(p3);
    expect(waiting.trusts(p3).says).toEqual(['suzuki-kasami.request>3']);
    expect(waiting.trusts(p3, 2).says).toEqual(['suzuki-kasami.request>3']);
    expect(waiting.trusts(p3, 2).says).toEqual([]);
  });

  it('rebuilds the token from what everyone knows of its own requests', () => {
    const leader = new Process(p4, { algorithm: 'suzuki-kasami' }, [p1, p3, p4]).follows(p4);
    const report = (from: typeof p1, requested: number, served: number) =>
      leader.hears(from, {
        kind: 'mutex.report',
        term: epoch(1, p4),
        number: 1,
        incarnation: 1,
        requested,
        served,
        epoch: null,
        hop: 0,
        to: null,
        whose: 'none',
        start: 0,
      });
    report(p1, 7, 7);
    report(p3, 5, 4);
    expect(leader.says.at(-1)).toBe('suzuki-kasami.token>3');
    expect(leader.said('suzuki-kasami.token')?.token.served).toEqual([asked(p1, 7), asked(p3, 4), asked(p4, 0)]);
  });
});

describe("Raymond's trees", () => {
  const nine = Array.from({ length: 9 }, (_, i) => nodeId(i + 1));
  const diameter = (shape: MutexConfig['tree']) => Math.max(...nine.flatMap((a) => nine.map((b) => pathBetween(shape, nine, a, b).length - 1)));

  it('have the diameters of the table', () => expect((['star', 'binary', 'line'] as const).map(diameter)).toEqual([2, 5, 8]));

  it('lead from each process to each other', () => {
    expect(pathBetween('binary', nine, nine[7] ?? p1, nine[5] ?? p1)).toEqual([8, 4, 2, 1, 3, 6]);
    expect(pathBetween('star', nine, p2, p4)).toEqual([2, 9, 4]);
    expect(towards('line', nine, p4, p1)).toBe(3);
    expect(towards('line', nine, p4, p4)).toBeUndefined();
    expect(towards('line', nine, p4, nodeId(77))).toBeUndefined();
  });
});

describe("Raymond's lock", () => {
  const handed = (hop: number) => ({ kind: 'raymond.token', start: 1, token: token(epoch(1), hop) }) as const;
  const asks = (hop = 0, of = 1, start = 1) => ({ kind: 'raymond.request', incarnation: start, epoch: epoch(of), hop }) as const;
  const line = (self = p2) => new Process(self, { algorithm: 'raymond', tree: 'line' }, members).told(epoch(1), p4);

  it('asks the neighbour that leads to the token, once, for all', () => {
    const process = line().hears(p1, asks());
    expect(process.says).toEqual(['raymond.request>3']);
    expect(process.wants().hears(p1, asks()).says).toEqual([]);
  });

  it('serves its queue in order, and asks the token back where others wait', () => {
    const process = line().hears(p1, asks()).wants().hears(p3, handed(3));
    expect(process.says).toEqual(['mutex.ack>3', 'raymond.token>1', 'raymond.request>1']);
    expect(entered(process.hears(p1, handed(5)))).toBe(1);
    expect(process.hears(p3, asks(3)).leaves().says).toEqual(['raymond.token>3']);
  });

  it('refuses a second copy of a request that was made before the token went to its sender', () => {
    const process = line().hears(p1, asks()).hears(p3, handed(3));
    expect(process.hears(p1, asks(0)).refusal).toBe('outdated');
    expect([process.hears(p1, asks(4)).refusal, process.says]).toEqual([undefined, []]);
    expect(process.hears(p1, handed(5)).says).toEqual(['mutex.ack>1', 'raymond.token>1']);
  });

  it('asks anew where a new token is, and forgets what was asked for in the earlier epoch', () => {
    const process = line().hears(p1, asks()).wants().told(epoch(2), p1);
    expect(process.says).toEqual(['raymond.request>1']);
    expect(process.hears(p3, asks()).refusal).toBe('stale-term');
    expect(process.says).toEqual(['mutex.renewed>3']);
  });

  it('keeps a request of an epoch that it has not heard of yet, until it has', () => {
    const process = line().hears(p3, asks(0, 2));
    expect(process.says).toEqual([]);
    process.hears(p3, asks(0, 1));
    expect(process.told(epoch(2), p1).says).toEqual(['raymond.request>1']);
  });

  it('waits for the neighbour on the way, and asks it again when it is back', () => {
    const process = line().wants().suspects(p3);
    expect(process.event('mutex.blocked')?.on).toEqual([3]);
    expect(process.trusts(p3).says).toEqual(['raymond.request>3']);
  });

  it('hands no token to whoever is suspected, and to a new start only when that asks', () => {
    const process = line().hears(p1, asks()).suspects(p1).hears(p3, handed(3));
    expect(process.says).toEqual(['mutex.ack>3']);
    const back = process.trusts(p1, 2);
    expect(back.says).toEqual([]);
    expect(back.hears(p1, asks(0, 1, 2)).said('raymond.token')).toMatchObject({ start: 2, token: { hop: 4 } });
    expect(back.hears(p1, asks(0, 1, 1)).refusal).toBe('outdated');
  });

  it('waits for a token that is said to be on its way to it', () => {
    const process = line().wants().told(epoch(1), p2, 9);
    expect(process.says).toEqual([]);
    expect(entered(process.hears(p3, handed(9)))).toBe(1);
  });
});
