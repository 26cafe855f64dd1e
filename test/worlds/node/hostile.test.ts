/** Whoever is hostile to a node is refused and counted, and the node keeps time all the while. */
import { connect as connectTcp } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encode } from '../../../shared/wire.ts';
import { connect, type Guest, identityOf, join } from './guests.ts';
import { type Lab, lab, synchronized, until } from './lab.ts';

// Node 1 is played by the test; 2 is the victim, and 3 leads.
const victim = 2;
let world: Lab;
beforeAll(async () => {
  world = await lab('1', '2', '3');
  await world.start(victim, { OFFSET_MS: '200' });
  await world.start(3);
  await synchronized(world, victim);
  exported = await seriesOf();
});
afterAll(() => world.close());

/** Everything of its own that the victim exports, without the values. */
const seriesOf = async (): Promise<readonly string[]> =>
  [...(await (await fetch(world.url(victim, '/metrics'))).text()).matchAll(/^(lockstep_\S+) /gm)].map(([, series = '']) => series).sort();
let exported: readonly string[] = [];

const rejected = (reason: string): Promise<number> => world.metric(victim, `lockstep_frames_rejected_total{reason="${reason}"}`);
const authFailed = (reason: string): Promise<number> => world.metric(victim, `lockstep_peer_auth_failures_total{reason="${reason}"}`);

/** The leader goes on correcting the victim. */
async function keepsTime(): Promise<void> {
  const reports = async (): Promise<number> => (await world.state(victim)).messages['berkeley.report']?.delivered ?? 0;
  const before = await reports();
  await until('the victim reports to another round', async () => (await reports()) > before);
  expect((await world.state(victim)).status).toBe('synchronized');
}

async function guest(): Promise<Guest> {
  const joined = await join(world, identityOf(world, 1), victim);
  expect(joined.outcome.ok).toBe(true);
  return joined;
}

const message = (change: object): string =>
  JSON.stringify({
    type: 'message',
    seq: 1,
    stamp: { lamport: 1, vector: { 1: 1 }, hybrid: { l: 0, c: 0 } },
    message: { kind: 'cristian.request', attempt: 1 },
    oracle: { sentUs: 1 },
    ...change,
  });
const deep = `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`;

describe('a peer that proved who it is', () => {
  it.each([
    ['no JSON', 'nonsense'],
    ['an array', '[]'],
    ['a number', '1'],
    ['binary data', Buffer.from(encode({ type: 'ping' }))],
    ['deep nesting', deep],
    ['another field', message({ colour: 'blue' })],
    ['__proto__', '{"type":"ping","__proto__":{"polluted":true}}'],
    ['a __proto__ as the clock of nobody', message({}).replace('{"1":1}', '{"__proto__":1}')],
    ['a number beyond all numbers', message({}).replace('"sentUs":1', '"sentUs":1e999')],
    ['a fraction', message({}).replace('"sentUs":1', '"sentUs":1.5')],
    ['a kind that every object has', message({ message: { kind: 'cristian.request', attempt: 'constructor' } })],
  ])('is refused after three frames that are %s', async (_, frame) => {
    const before = await rejected('malformed');
    const { socket, closed } = await guest();
    for (let i = 0; i < 5; i++) socket.send(frame);
    expect((await closed).code).toBe(1008);
    expect((await rejected('malformed')) - before).toBe(3);
    expect(Object.prototype).not.toHaveProperty('polluted');
    await keepsTime();
  });

  it('may say what this version does not know, which is counted and not used', async () => {
    const before = await rejected('unknown_kind');
    const { socket, frames } = await guest();
    for (let i = 0; i < 10; i++) socket.send(message({ message: { kind: 'paxos.promise' } }));
    socket.send('{"type":"tomorrow"}');
    socket.send(encode({ type: 'ping' }));
    await until('an answer to the ping', () => frames.includes(encode({ type: 'pong' })));
    expect((await rejected('unknown_kind')) - before).toBe(11);
    socket.terminate();
  });

  it.each([
    ['a frame that is too large', 1009, ({ socket }: Guest) => socket.send('x'.repeat(70_000))],
    [
      'two hundred tiny fragments',
      1008,
      ({ socket }: Guest) => {
        for (let i = 0; i < 200; i++) socket.send('x', { fin: false });
      },
    ],
  ])('is refused with %s', async (_, code, send) => {
    const before = await rejected('overflow');
    const joined = await guest();
    send(joined);
    expect((await joined.closed).code).toBe(code);
    expect((await rejected('overflow')) - before).toBe(1);
    await keepsTime();
  });

  it('is refused with text that is no text', async () => {
    const before = await rejected('malformed');
    const { socket, closed } = await guest();
    socket.send(Buffer.from([0xff, 0xfe]), { binary: false });
    expect((await closed).code).toBe(1007);
    expect((await rejected('malformed')) - before).toBe(1);
  });

  it('is refused once it floods', async () => {
    const before = await rejected('rate');
    const { socket, closed } = await guest();
    for (let i = 0; i < 3_000; i++) socket.send(encode({ type: 'ping' }));
    expect((await closed).code).toBe(1008);
    expect((await rejected('rate')) - before).toBe(1);
    await keepsTime();
  });

  it('is gone once it says nothing more', async () => {
    const { closed } = await guest();
    expect((await closed).code).toBe(1006);
    await until('the victim knows', async () => (await world.state(victim)).peers.find(({ id }) => id === 1)?.up === false);
  });

  it('is replaced by a later start of itself, and not by an earlier one', async () => {
    const first = await guest();
    const second = await guest();
    expect((await first.closed).code).toBe(1001);
    const { closed } = await join(world, identityOf(world, 1, { incarnation: 1 }), victim);
    expect((await closed).code).toBe(1008);
    expect(second.socket.readyState).toBe(second.socket.OPEN);
    second.socket.terminate();
  });
});

describe('a dialler', () => {
  it.each([
    ['with another key', 'bad_proof', { key: Buffer.alloc(32) }, 1, 'peer'],
    ['of another cluster', 'cluster', { cluster: 'another' }, 1, 'peer'],
    ['that nobody knows', 'peer', {}, 77, 'peer'],
    ['that should be dialled', 'peer', {}, 3, 'peer'],
    ['that is no console', 'peer', {}, 1, 'console'],
  ] as const)('%s is refused', async (_, reason, change, id, as) => {
    const identity = identityOf(world, id, change);
    if (reason === 'bad_proof') {
      // It cannot tell that the victim's proof is right, and says something all the same.
      const { socket, closed } = await connect(world, victim, '/peer');
      const before = await authFailed(reason);
      socket.send(
        JSON.stringify({
          type: 'hello',
          role: 'peer',
          versions: { least: 1, most: 1 },
          cluster: identity.cluster,
          from: 1,
          to: victim,
          incarnation: 1,
          nonce: 'ab'.repeat(32),
        }),
      );
      socket.send(JSON.stringify({ type: 'proof', proof: 'cd'.repeat(32) }));
      expect(await closed).toEqual({ code: 4401, reason });
      expect((await authFailed(reason)) - before).toBe(1);
      return;
    }
    const before = await authFailed(reason);
    const { closed } = await join(world, identity, victim, as);
    expect(await closed).toEqual({ code: 4401, reason });
    expect((await authFailed(reason)) - before).toBe(1);
  });

  it('without a common version is refused, and told so', async () => {
    const { socket, closed } = await connect(world, victim, '/peer');
    socket.send(
      JSON.stringify({
        type: 'hello',
        role: 'peer',
        versions: { least: 7, most: 9 },
        cluster: 'c',
        from: 1,
        to: victim,
        incarnation: 1,
        nonce: '00'.repeat(32),
      }),
    );
    expect(await closed).toEqual({ code: 4406, reason: 'version' });
  });

  it.each(['/peer', '/history'])('that speaks before it has said who it is, is refused on %s', async (path) => {
    const before = await authFailed('malformed');
    const { socket, frames, closed } = await connect(world, victim, path);
    socket.send(path === '/peer' ? message({}) : JSON.stringify({ type: 'resume', since: 0 }));
    expect((await closed).code).toBe(4401);
    expect(frames).toEqual([]);
    expect((await authFailed('malformed')) - before).toBe(1);
  });

  it('that says nothing is refused after a while', async () => {
    const before = await authFailed('timeout');
    const { closed } = await connect(world, victim, '/peer');
    expect((await closed).code).toBe(4401);
    expect((await authFailed('timeout')) - before).toBe(1);
  });

  it.each([
    ['/peer', 'from a page', { origin: 'http://127.0.0.1' }, 403],
    ['/elsewhere', 'of another path', {}, 404],
    ['/peer/', 'of nearly the path', {}, 404],
  ])('of %s %s is not let in', (path, _, headers, status) => expect(connect(world, victim, path, headers)).rejects.toThrow(`status ${status}`));

  it('that speaks no HTTP is cut off, and the node goes on', async () => {
    const socket = connectTcp(world.port(victim), '127.0.0.1');
    socket.on('error', () => undefined);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.write('\u0000\u0001 nonsense\r\n\r\n');
    await closed;
    await keepsTime();
  });
});

describe('the routes', () => {
  it.each([
    ['/healthz', 200, { ok: true }],
    ['/readyz', 200, { ready: true, missing: [] }],
    ['/elsewhere', 404, { error: 'not found' }],
    ['/peer', 404, { error: 'not found' }],
  ])('%s answers %i', async (path, status, body) => {
    const response = await fetch(world.url(victim, path));
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual(body);
    expect(response.headers.get('x-powered-by')).toBeNull();
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
  });

  it('say what a node lacks that is not ready', async () => {
    const alone = await lab('1', '2', '3');
    await alone.start(1);
    const response = await fetch(alone.url(1, '/readyz'));
    expect(response.status).toBe(503);
    expect(await response.json()).toEqual({ ready: false, missing: [expect.stringContaining('1 of 3'), expect.stringContaining('unknown')] });
    await alone.close();
  });
});

it('none of that made a metric that was not there before', async () => {
  expect(exported.length).toBeGreaterThan(100);
  expect(await seriesOf()).toEqual(exported);
});
