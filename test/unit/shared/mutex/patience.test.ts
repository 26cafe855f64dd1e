/** A process that has waited for longer than a healthy queue can take, and those of whom it asks again what may be lost. */
import { describe, expect, it } from 'vitest';
import type { MutexAlgorithm, MutexConfig } from '../../../../shared/mutex/config.ts';
import type { Again } from '../../../../shared/mutex/patience.ts';
import { type NodeId, nodeId } from '../../../../shared/protocol.ts';
import { seconds } from '../../../../shared/time.ts';
import { epoch, Process, p1, p2, p3, p4, token } from './tokens.ts';

const [p5] = [5].map(nodeId) as [NodeId];
const five = [p1, p2, p3, p4, p5];
const again = (by: NodeId, left: number, request = 1): Again => ({ kind: 'mutex.again', by, incarnation: 1, request, left });
const impatient = (algorithm: MutexAlgorithm): Process => new Process(p2, { algorithm }).follows(p3).wants().rings('mutex.patience');

describe('a process that waits', () => {
  it('is patient for longer than all sections take that may come before its own, and until it enters', () => {
    const workload = { think: 'off', shortest: seconds(1), longest: seconds(3) } as const;
    const process = new Process(p2, { algorithm: 'central', workload }).follows(p3).wants();
    expect(process.effects).toContainEqual({ kind: 'set-timer', timer: 'mutex.patience', after: seconds(2 + 2 * 3 * 3) });
    process.hears(p3, { kind: 'central.grant', incarnation: 1, request: 1, term: epoch(1, p3) });
    expect(process.timers('clear-timer')).toContain('mutex.patience');
    expect(process.rings('mutex.patience').effects).toEqual([]);
  });

  it.each<readonly [MutexAlgorithm, readonly string[]]>([
    ['central', ['central.request>3', 'mutex.again>3']],
    ['central-lease', ['central-lease.request>3', 'mutex.again>3']],
    ['lamport', ['lamport.request>1', 'mutex.again>1', 'lamport.request>3', 'mutex.again>3']],
    ['ricart-agrawala', ['ricart-agrawala.request>1', 'mutex.again>1', 'ricart-agrawala.request>3', 'mutex.again>3']],
    ['roucairol-carvalho', ['roucairol-carvalho.request>1', 'mutex.again>1', 'mutex.hello>3', 'mutex.again>3']],
    ['maekawa', ['maekawa.request>1', 'mutex.again>1']],
  ])('asks again under %s, time and again', (algorithm, says) => {
    const process = impatient(algorithm);
    expect([process.says, process.timers('set-timer')]).toEqual([says, ['mutex.patience']]);
    expect(process.event('mutex.asked-again')?.request).toBe(1);
    expect(process.rings('mutex.patience').says).toEqual(says);
  });

  it('asks everyone for the token, since any of them may have it by now', () => {
    const process = new Process(p2, { algorithm: 'suzuki-kasami' }).told(epoch(1), p3).wants().rings('mutex.patience');
    expect(process.says).toEqual(['suzuki-kasami.request>1', 'suzuki-kasami.request>3', 'mutex.again>3']);
  });

  it('asks nobody whom it suspects', () => {
    const process = new Process(p2, { algorithm: 'ricart-agrawala' }).suspects(p3).wants().rings('mutex.patience');
    expect(process.event('mutex.asked-again')?.of).toEqual([p1]);
    expect([process.suspects(p1).rings('mutex.patience').says, process.timers('set-timer')]).toEqual([[], ['mutex.patience']]);
  });

  it('hears for whom it waits in the end, and whether that one is back', () => {
    const process = impatient('central').suspects(p1);
    const awaited = (on: NodeId, request = 1) => ({ kind: 'mutex.awaited', incarnation: 1, request, on }) as const;
    expect(process.hears(p3, awaited(p1, 7)).events).toEqual([]);
    expect(process.hears(p3, awaited(nodeId(77))).events).toEqual([]);
    expect(process.hears(p3, awaited(p1)).event('mutex.blocked')?.on).toEqual([p1]);
    expect(process.hears(p3, awaited(p1)).events).toEqual([]);
    expect(process.trusts(p1).event('mutex.blocked')?.on).toEqual([]);
    expect(process.suspects(p1).events).toEqual([]);
  });

  it('forgets that where another one leads', () => {
    const process = impatient('central').suspects(p1).hears(p3, { kind: 'mutex.awaited', incarnation: 1, request: 1, on: p1 });
    expect(process.follows(p2, 2).event('mutex.blocked')?.on).toEqual([]);
  });
});

describe('whoever is asked', () => {
  /** 3 leads, 1 is inside, and 2 waits. */
  const coordinator = (config: Partial<MutexConfig> = {}): Process =>
    new Process(p3, { algorithm: 'central', ...config })
      .follows(p3)
      .rings('central.open')
      .hears(p1, { kind: 'central.request', incarnation: 1, request: 1, inside: false })
      .hears(p2, { kind: 'central.request', incarnation: 1, request: 1, inside: false });

  it('passes it on to whoever is inside, whose release may be lost', () => {
    expect(coordinator().hears(p2, again(p2, 2)).sent).toEqual([{ to: p1, message: again(p2, 1) }]);
    expect(coordinator().wants().rings('mutex.patience').sent).toEqual([{ to: p1, message: again(p3, 2) }]);
  });

  it('names the one it cannot pass it on to', () => {
    const sent = coordinator().suspects(p1).hears(p2, again(p2, 2)).sent;
    expect(sent).toEqual([{ to: p2, message: { kind: 'mutex.awaited', incarnation: 1, request: 1, on: p1 } }]);
  });

  it('does not pass it on for ever, nor back, nor for a stranger', () => {
    expect(coordinator().hears(p2, again(p2, 0)).sent).toEqual([]);
    expect(coordinator().hears(p1, again(p2, 2)).sent).toEqual([]);
    expect(coordinator().hears(p2, again(p1, 2)).sent).toEqual([]);
    expect(
      coordinator()
        .suspects(p1)
        .hears(p2, again(nodeId(77), 2)).sent,
    ).toEqual([]);
    expect(coordinator().hears(p2, again(p2, Number.MAX_SAFE_INTEGER)).sent).toEqual([{ to: p1, message: again(p2, 2) }]);
  });

  it('says again that it has left, or that it is inside', () => {
    const holder = () =>
      new Process(p1, { algorithm: 'central' })
        .follows(p3)
        .wants()
        .hears(p3, { kind: 'central.grant', incarnation: 1, request: 1, term: epoch(1, p3) });
    expect(holder().hears(p3, again(p2, 1)).sent).toEqual([
      { to: p3, message: { kind: 'central.request', incarnation: 1, request: 1, inside: true } },
    ]);
    expect(holder().leaves().hears(p3, again(p2, 1)).says).toEqual(['central.release>3']);
    expect(holder().leaves().hears(p2, again(p2, 1)).says).toEqual([]);
  });

  it('asks its own neighbour again on the way to the token, or names it', () => {
    // The binary tree of five: 3 and 2 below 1, and 4 below 2, where the token is.
    const root = () =>
      new Process(p1, { algorithm: 'raymond' }, five)
        .told(epoch(1), p4)
        .hears(p3, { kind: 'raymond.request', incarnation: 1, epoch: epoch(1), hop: 0 })
        .hears(p3, again(p3, 4));
    expect(root().says).toEqual(['raymond.request>2', 'mutex.again>2']);
    expect(root().suspects(p2).hears(p3, again(p3, 4)).sent).toEqual([
      { to: p3, message: { kind: 'mutex.awaited', incarnation: 1, request: 1, on: p2 } },
    ]);
  });

  it('changes nothing where nothing was lost', () => {
    const process = new Process(p2, { algorithm: 'token-ring' }).hears(p1, { kind: 'token-ring.token', start: 1, token: token(epoch(1), 4) }).wants();
    const { lock, contender } = process.state;
    process.hears(p1, again(p1, 2));
    expect([process.state.lock, process.state.contender, process.says]).toEqual([lock, contender, []]);
  });
});
