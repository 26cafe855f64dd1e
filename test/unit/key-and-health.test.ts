/** The two small programs that only containers run, each as the process that it is. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, onTestFinished, test } from 'vitest';

async function run(program: string, env: Record<string, string>): Promise<{ code: number; out: string; error: string }> {
  const child = spawn(process.execPath, [`services/node/${program}.ts`], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let error = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    error += chunk;
  });
  const [code] = await once(child, 'close');
  return { code, out, error };
}

describe('the key', () => {
  const directory = mkdtempSync(join(tmpdir(), 'lockstep-key-'));
  const file = join(directory, 'cluster.key');
  const write = () => run('key', { KEY_FILE: file });
  afterEach(() => rmSync(file, { force: true }));
  afterAll(() => rmSync(directory, { recursive: true }));

  test('is 32 bytes that only its owner may read', async () => {
    expect((await write()).code).toBe(0);
    expect(readFileSync(file)).toHaveLength(32);
    expect(statSync(file).mode & 0o777).toBe(0o400);
  });

  test('is kept when it is there', async () => {
    await write();
    const key = readFileSync(file);
    expect((await write()).out).toContain('kept');
    expect(readFileSync(file)).toEqual(key);
  });

  test('is written anew when what is there is not a key, and differs each time', async () => {
    writeFileSync(file, 'too short', { mode: 0o400 });
    expect((await write()).out).toContain('written');
    const first = readFileSync(file);
    rmSync(file, { force: true });
    await write();
    expect(first).toHaveLength(32);
    expect(readFileSync(file)).not.toEqual(first);
  });

  test('is not half written where it cannot be', async () => {
    expect((await run('key', { KEY_FILE: join(directory, 'missing', 'cluster.key') })).code).not.toBe(0);
  });
});

describe('the health check', () => {
  async function serve(answer: RequestListener): Promise<number> {
    const server: Server = createServer(answer).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    return (server.address() as AddressInfo).port;
  }
  const healthz: (status: number) => RequestListener = (status) => (request, response) =>
    response.writeHead(request.url === '/healthz' ? status : 404).end();

  test('finds a node by its own entry in CLUSTER', async () => {
    const port = await serve(healthz(200));
    const cluster = `1=kmc@kmc:1,11=p11@p11:1,101=mobile:device@mobile:${port}`;
    expect(await run('health', { CLUSTER: cluster, NODE_ID: '101' })).toMatchObject({ code: 0, error: '' });
    expect(await run('health', { CLUSTER: cluster, NODE_ID: '1' })).toMatchObject({ code: 1 });
  });

  test('finds the console by the port of its metrics', async () => {
    expect(await run('health', { CLUSTER: '1=kmc@kmc:1', METRICS_PORT: String(await serve(healthz(200))) })).toMatchObject({ code: 0 });
  });

  test('says what is wrong with a program that answers otherwise', async () => {
    const port = String(await serve(healthz(503)));
    expect(await run('health', { METRICS_PORT: port })).toMatchObject({ code: 1, error: expect.stringContaining('503') });
  });

  test('gives up on a program that takes the question and says nothing', async () => {
    const port = String(await serve(() => undefined));
    expect(await run('health', { METRICS_PORT: port })).toMatchObject({ code: 1, error: expect.stringContaining('not healthy') });
  });
});
