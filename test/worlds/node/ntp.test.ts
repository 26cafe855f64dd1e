/**
 * Witnesses from outside: NTP clients that are none of ours read a node's clock, and find it as wrong as the oracle says.
 * A client of a few lines does so everywhere; chrony's where it is installed.
 */
import { spawn } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { env } from 'node:process';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { type Env, type Lab, lab, synchronized, until } from './lab.ts';

let world: Lab;
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.close();
  await world.close();
});

/** A node that NTP clients can ask at the UDP port of the same number. */
async function startNode(id: number, own: Env = {}): Promise<void> {
  await world.fork(world.env(id, { NTP_PORT: String(world.port(id)), ...own })).ready;
}

/** The host's wall clock in seconds, to the microseconds that `Date` leaves out: its readings are late, and least so right after a tick. */
const wallZero = ((): number => {
  const end = performance.now() + 20;
  let zero = 0;
  while (performance.now() < end) zero = Math.max(zero, Date.now() / 1e3 - performance.now() / 1e3);
  return zero;
})();
const wall = (): number => wallZero + performance.now() / 1e3;

const since1900 = 2_208_988_800;
const asked = Buffer.alloc(48);
asked[0] = 0x23;

async function ask(id: number, request: Buffer = asked): Promise<Buffer> {
  const socket = createSocket('udp4');
  sockets.push(socket);
  const answered = once(socket, 'message', { signal: AbortSignal.timeout(10_000) });
  socket.send(request, world.port(id), '127.0.0.1');
  return (await answered)[0] as Buffer;
}

/** The error of a node's clock as this client sees it, and half the round trip, which is how wrong that may be; in seconds. */
async function read(id: number): Promise<{ readonly error: number; readonly within: number }> {
  const readings = [];
  for (let i = 0; i < 8; i++) {
    const sent = wall();
    const answer = await ask(id);
    const received = wall();
    const [arrived, left] = [32, 40].map((at) => answer.readUInt32BE(at) + answer.readUInt32BE(at + 4) / 2 ** 32 - since1900) as [number, number];
    readings.push({ error: (arrived - sent + (left - received)) / 2, within: (received - sent - (left - arrived)) / 2 });
  }
  return readings.reduce((best, reading) => (reading.within < best.within ? reading : best));
}

const errorOf = async (id: number): Promise<number> => (await world.state(id)).clock.errorUs / 1e6;

/** Where chrony's daemon lies, an ordinary user does not always look. */
const path = `${env.PATH}:/usr/sbin:/usr/local/sbin:/opt/homebrew/sbin`;

/** What chrony's daemon says of a node's clock, where it only looks and sets nothing; `undefined` where it is not installed. */
async function chronyd(id: number): Promise<string | undefined> {
  const server = `server 127.0.0.1 port ${world.port(id)} iburst`;
  const child = spawn('chronyd', ['-Q', '-t', '30', server], { env: { ...env, PATH: path }, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  }
  return new Promise((resolve) => {
    child.once('error', () => resolve(undefined));
    child.once('close', () => resolve(said));
  });
}

/** On top of half a round trip: how far the host's wall clock, read in milliseconds, may be off in either process. */
const tolerance = 0.001;
/** What chronyd takes from several round trips, of which it does not tell how long they were. */
const aFewMs = 0.01;

describe("a node's clock", () => {
  it.for([1.234, -0.75])('is read by any client: wrong by %d s', async (error) => {
    world = await lab('1');
    await startNode(1, { OFFSET_MS: String(error * 1e3) });
    await synchronized(world, 1);
    expect(await errorOf(1)).toBe(error);
    const seen = await read(1);
    expect(Math.abs(seen.error - error)).toBeLessThan(seen.within + tolerance);
  });

  it.for([1.234, -0.75])('is read by chronyd: wrong by %d s', async (error, { skip }) => {
    world = await lab('1');
    await startNode(1, { OFFSET_MS: String(error * 1e3) });
    await synchronized(world, 1);
    const found = await chronyd(1);
    if (found === undefined) return skip('chronyd is not installed: apt-get install chrony');
    const [, wrongBy] = /System clock wrong by (-?\d+\.\d+) seconds/.exec(found) ?? expect.fail(found);
    expect(Math.abs(Number(wrongBy) - error)).toBeLessThan(aFewMs);
  });

  it('is read while it follows another: as wrong as it is, and as far from the leader as it claims at most', async ({ skip }) => {
    world = await lab('1', '2');
    await startNode(2, { OFFSET_MS: '400', DRIFT_PPM: '50' });
    await startNode(1, { OFFSET_MS: '-300', DRIFT_PPM: '-80' });
    await until('node 1 has slewed to the leader', async () => {
      const { status, clock } = await world.state(1);
      return status === 'synchronized' && clock.offsetUs !== null && Math.abs(clock.offsetUs) < 3_000;
    });
    const before = await errorOf(1);
    const [own, leaders, answer] = [await read(1), await read(2), await ask(1)];
    const moved = Math.abs((await errorOf(1)) - before);
    expect(Math.abs(own.error - before)).toBeLessThan(own.within + moved + tolerance);

    expect([...answer.subarray(0, 2), ...answer.subarray(12, 16)]).toEqual([0x24, 2, 0, 0, 0, 2]);
    const distance = answer.readUInt32BE(4) / 2 ** 17 + answer.readUInt32BE(8) / 2 ** 16;
    expect(distance).toBeGreaterThan(0);
    expect(Math.abs(leaders.error - own.error)).toBeLessThan(distance + own.within + leaders.within + moved + tolerance);
    expect([...(await ask(2)).subarray(0, 16)]).toEqual([0x24, 1, 0, 0xed, ...Array(8).fill(0), ...Buffer.from('LOCL')]);

    const found = await chronyd(1);
    if (found === undefined) return skip('chronyd is not installed: apt-get install chrony');
    const [, wrongBy] = /System clock wrong by (-?\d+\.\d+) seconds/.exec(found) ?? expect.fail(found);
    const after = await errorOf(1);
    expect(Math.abs(Number(wrongBy) - (before + after) / 2)).toBeLessThan(Math.abs(after - before) + aFewMs);
  });

  it('raises the alarm while it follows nobody', async () => {
    world = await lab('1', '2');
    await startNode(1);
    const answer = await ask(1);
    expect([...answer.subarray(0, 2), answer.toString('ascii', 12, 16)]).toEqual([0xe4, 0, 'INIT']);
    expect(answer.subarray(16, 24)).toEqual(Buffer.alloc(8));
  });
});

describe('a port that is open to everybody', () => {
  const requests = (result: string): Promise<number> => world.metric(1, `lockstep_ntp_requests_total{result="${result}"}`);

  it('takes any bytes, and goes on answering', async () => {
    world = await lab('1');
    await startNode(1);
    const socket = createSocket('udp4');
    sockets.push(socket);
    const answers: Buffer[] = [];
    socket.on('message', (bytes) => answers.push(bytes));
    // No request of a client: the least that differs is its mode.
    const junk = fc.uint8Array({ maxLength: 1_400 }).filter((bytes) => ((bytes[0] ?? 0) & 7) !== 3);
    for (const bytes of fc.sample(junk, 500)) socket.send(bytes, world.port(1), '127.0.0.1');
    await until('they are counted', async () => (await requests('ignored')) > 100);
    expect((await ask(1, Buffer.concat([asked, Buffer.alloc(1_000)]))).length).toBe(48);
    expect(answers).toEqual([]);
  });

  it('answers an address so often and no more, until it has waited', async () => {
    world = await lab('1');
    await startNode(1);
    const socket = createSocket('udp4');
    sockets.push(socket);
    let answers = 0;
    socket.on('message', () => {
      answers += 1;
    });
    const began = performance.now();
    for (let i = 0; i < 200; i++) socket.send(asked, world.port(1), '127.0.0.1');
    await until('it is enough', async () => (await requests('limited')) > 0 && (await requests('answered')) + (await requests('limited')) > 150);
    expect(await requests('answered')).toBeLessThanOrEqual(50 + 20 * ((performance.now() - began) / 1e3));
    await until('its answers are here', async () => answers === (await requests('answered')));
    await until('it is answered again', () => {
      socket.send(asked, world.port(1), '127.0.0.1');
      return answers > 60;
    });
  });

  it('is told to be in use, and is closed unless it is asked for', async () => {
    world = await lab('1', '2');
    const taken = createSocket('udp4');
    sockets.push(taken);
    await new Promise<void>((resolve) => taken.bind(world.port(1), '127.0.0.1', resolve));
    const { code, stderr } = await world.fork(world.env(1, { NTP_PORT: String(world.port(1)) })).ended;
    expect([code, stderr]).toEqual([78, `NTP_PORT=${world.port(1)} is in use: set it to another UDP port, or to off\n`]);
    await world.fork(world.env(1)).ready;
    expect(await world.state(1)).toMatchObject({ ntpPort: null });
  });
});
