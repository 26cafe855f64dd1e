/** How the console keeps its lines to the nodes, against a node that only pretends. */
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { type Collector, collect } from '../../../services/console/collector.ts';
import { ControlRoom } from '../../../services/console/control-room.ts';
import { type Cluster, fingerprint, type Peer, parseCluster } from '../../../services/node/cluster.ts';
import { acceptor, SeenNonces, shake } from '../../../services/node/handshake.ts';
import { ppm } from '../../../shared/time.ts';

const key = Buffer.alloc(32, 1);

let server: WebSocketServer;
let cluster: Cluster;
let room: ControlRoom;
let collector: Collector;
let incarnation: number;
const warned: string[] = [];
/** What was said on each connection that was admitted, in turn. */
let lines: { readonly socket: WebSocket; readonly heard: { readonly type: string; readonly [field: string]: unknown }[] }[];

beforeEach(async () => {
  incarnation = 7;
  lines = [];
  warned.length = 0;
  server = new WebSocketServer({ port: 0, host: '127.0.0.1', path: '/history' });
  await new Promise((resolve) => server.once('listening', resolve));
  const parsed = parseCluster(`1=kmc@127.0.0.1:${(server.address() as AddressInfo).port}`);
  if (!parsed.ok) expect.fail(parsed.errors.join());
  cluster = parsed.cluster;
  const seen = new SeenNonces();
  server.on('connection', (socket) => {
    const identity = { key, cluster: fingerprint(cluster), id: 1, incarnation };
    shake(
      socket,
      acceptor(identity, (from, role) => from === 100 && role === 'console', seen),
      ({ ok }) => {
        if (!ok) return;
        const line = { socket, heard: [] as (typeof lines)[number]['heard'] };
        socket.on('message', (data) => line.heard.push(JSON.parse(String(data))));
        lines.push(line);
      },
    );
  });
  room = new ControlRoom(
    cluster.map(({ id, name, role }: Peer) => ({ id, name, role })),
    'processes',
    ppm(200),
  );
});

afterEach(() => {
  collector.close();
  for (const socket of server.clients) socket.terminate();
  server.close();
});

const begin = (withKey = key): void => {
  collector = collect(cluster, withKey, room, {
    nowUs: () => performance.now() * 1_000,
    chance: () => 0,
    warn: (_, message) => warned.push(message),
  });
};
const line = (at: number) => expect.poll(() => lines[at]?.heard[0], { timeout: 10_000 });
const say = (at: number, frame: object): void => lines[at]?.socket.send(JSON.stringify(frame));
const hello = () => ({ type: 'hello', bootId: 'b', name: 'kmc', role: 'member', incarnation, trueUs: 1 });
const event = (seq: number) => ({
  seq,
  node: 1,
  incarnation,
  trueUs: seq,
  clockUs: 0,
  lamport: 1,
  vector: { 1: 1 },
  hybrid: { l: 0, c: 0 },
  kind: 'k',
});

describe('a line to a node', () => {
  it('begins with what there is, and goes on after the last event heard when it was lost', async () => {
    begin();
    await line(0).toEqual({ type: 'resume', since: 0 });
    say(0, hello());
    say(0, { type: 'events', events: [event(1), event(2), event(3)] });
    await expect.poll(() => room.history.newest).toBe(3);
    lines[0]?.socket.terminate();
    await expect.poll(() => room.nodes[0]?.connected).toBe(false);
    await line(1).toEqual({ type: 'resume', since: 3 });
  });

  it('begins anew with a node that was started again', async () => {
    begin();
    await line(0).toEqual({ type: 'resume', since: 0 });
    say(0, hello());
    say(0, { type: 'events', events: [event(1), event(2)] });
    await expect.poll(() => room.history.newest).toBe(2);
    incarnation = 8;
    lines[0]?.socket.terminate();
    await line(1).toEqual({ type: 'resume', since: 0 });
    say(1, hello());
    say(1, { type: 'events', events: [event(1)] });
    await expect.poll(() => room.history.newest).toBe(3);
  });

  it('outlives frames that make no sense', async () => {
    begin();
    await line(0).toBeDefined();
    say(0, { type: 'events', events: [{ kind: 'no header' }] });
    say(0, { type: 'upto', trueUs: -1 });
    lines[0]?.socket.send('{');
    say(0, hello());
    say(0, { type: 'upto', trueUs: 5, messages: {} });
    await expect.poll(() => room.nodes[0]?.upto).toBe(5);
    expect(warned).toEqual(Array.from({ length: 3 }, () => 'a frame of kmc is malformed'));
  });

  it('is not held to whoever does not have the key', async () => {
    begin(Buffer.alloc(32, 2));
    await expect.poll(() => warned[0]).toMatch(/^kmc is not admitted: /);
    expect(lines).toEqual([]);
    expect(room.nodes[0]?.connected).toBe(false);
  });
});

describe('a command for a node', () => {
  it('is answered by the node', async () => {
    begin();
    await line(0).toBeDefined();
    const node = room.nodes[0] ?? expect.fail();
    const told = collector.tell(node, 'drift', ['200ppm']);
    await expect.poll(() => lines[0]?.heard[1]).toMatchObject({ type: 'command', verb: 'drift', args: ['200ppm'] });
    say(0, { type: 'result', id: lines[0]?.heard[1]?.id, ok: false, error: 'too fast' });
    expect(await told).toEqual({ ok: false, error: 'too fast' });
  });

  it('fails where the node is down', async () => {
    begin();
    expect(await collector.tell(room.nodes[0] ?? expect.fail(), 'drift', [])).toEqual({ ok: false, error: 'kmc is down' });
  });
});
