/** A node as a process: how it starts, how it refuses to, how it ends, and how it is found again. */
import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { compareTerms } from '../../../shared/protocol.ts';
import { termOf } from '../course.ts';
import { type Lab, lab, type State, until } from './lab.ts';

let world: Lab;
afterEach(() => world.close());

/** Node `id` follows `leader`, itself where it leads, and its clock is set. */
const following = (id: number, leader: string): Promise<State> =>
  until(`node ${id} follows ${leader}`, async () => {
    const state = await world.state(id);
    return state.leader === leader && state.status === 'synchronized' && state;
  });
/** Whether the term of `a` is older than that of `b`. */
const isOlder = (a: State, b: State): boolean => compareTerms(termOf(a.term), termOf(b.term)) < 0;

describe('a node', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('leaves in good order on %s', async (signal) => {
    world = await lab('1', '2');
    await world.start(1);
    const child = world.fork(world.env(2));
    await child.ready;
    await until('they are connected', async () => (await world.state(1)).peers[0]?.up === true);
    child.process.kill(signal);
    // One that needs longer than its own deadline ends with code 1.
    expect(await child.ended).toEqual({ code: 0, signal: null, stderr: '' });
    await until('the other knows', async () => (await world.state(1)).peers[0]?.up === false);
  });

  it('ends when whoever launched it is gone', async () => {
    world = await lab('1');
    const child = world.fork(world.env(1));
    await child.ready;
    child.process.disconnect();
    expect((await child.ended).code).toBe(0);
  });

  it('tells every error of its environment at once, and no stack', async () => {
    world = await lab('1');
    const { code, stderr } = await world.fork(
      world.env(1, { CLUSTER: '1=n1,2=n2:king@x:1', NODE_ID: 'one', CLOCK: 'ntp', LINK_DELAY: '5', KEY_FILE: '/nowhere' }),
    ).ended;
    expect(code).toBe(78);
    expect(stderr.trimEnd().split('\n')).toHaveLength(6);
    for (const name of ['CLUSTER', 'NODE_ID', 'CLOCK', 'LINK_DELAY', 'KEY_FILE']) expect(stderr).toContain(name);
    expect(stderr).not.toContain('    at ');
  });

  it('says what to do about a port that is in use', async () => {
    world = await lab('1');
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(world.port(1), '127.0.0.1', resolve));
    const { code, stderr } = await world.fork(world.env(1)).ended;
    taken.close();
    expect(code).toBe(78);
    expect(stderr).toContain(`port ${world.port(1)} is in use: set LOCKSTEP_PORT_BASE`);
    expect(stderr).not.toContain('    at ');
  });

  it('that led and was killed is succeeded, and when it comes back others follow it again, in a newer term', async () => {
    world = await lab('1', '2');
    await world.start(1, { OFFSET_MS: '150' });
    const first = world.fork(world.env(2));
    await first.ready;
    const before = await following(1, 'n2');
    first.process.kill('SIGKILL');
    expect((await first.ended).signal).toBe('SIGKILL');
    const meanwhile = await following(1, 'n1');
    expect(meanwhile.peers[0]?.up).toBe(false);

    await world.fork(world.env(2)).ready;
    const after = await following(1, 'n2');
    expect([isOlder(before, meanwhile), isOlder(meanwhile, after)]).toEqual([true, true]);
    expect((await world.state(2)).incarnation).toBeGreaterThan(Number(before.term?.split('.')[2]));
    expect(await world.metric(1, 'lockstep_peer_reconnects_total')).toBe(1);
  });

  it('that was paused is taken for gone, and is found again when it goes on', async () => {
    world = await lab('1', '2');
    await world.start(1);
    const child = world.fork(world.env(2));
    await child.ready;
    await following(1, 'n2');
    child.process.kill('SIGSTOP');
    await until('it is taken for gone', async () => (await world.state(1)).peers[0]?.up === false);
    const meanwhile = await following(1, 'n1');
    child.process.kill('SIGCONT');
    await until('it is connected again', async () => (await world.state(1)).peers[0]?.up === true);
    expect(await world.metric(2, 'lockstep_stalls_total')).toBeGreaterThan(0);
    expect(isOlder(meanwhile, await following(1, 'n2'))).toBe(true);
  });
});
