/** The console's environment: defaults, and everything that is wrong said at once. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { readConfig } from '../../../services/console/config.ts';

const folder = mkdtempSync(join(tmpdir(), 'lockstep-test-'));
afterAll(() => rmSync(folder, { recursive: true }));
const KEY_FILE = join(folder, 'key');
writeFileSync(KEY_FILE, Buffer.alloc(32));
const CLUSTER = '1=kmc@kmc:4100,101=mobile:device@mobile:4100';

it('has defaults for everything but who is who', () => {
  const read = readConfig({ CLUSTER, KEY_FILE, OPERATOR_TOKEN: '' });
  if (!read.ok) expect.fail(read.errors.join());
  expect(read.config).toMatchObject({
    listenHost: '0.0.0.0',
    consolePort: 8080,
    metricsPort: 4100,
    world: 'docker',
    rho: 200,
    publicUrl: 'http://localhost:8080',
  });
  expect(read.config.access.operatorToken).toMatch(/^[0-9a-f]{32}$/);
  expect([...read.config.access.hosts]).toEqual(['localhost', '127.0.0.1', '[::1]']);
});

it('makes a new token for each start', () => {
  const tokens = [1, 2].map(() => readConfig({ CLUSTER, KEY_FILE })).map((read) => (read.ok ? read.config.access.operatorToken : ''));
  expect(tokens[0]).not.toBe(tokens[1]);
});

it('answers to the names it is given', () => {
  const read = readConfig({ CLUSTER, KEY_FILE, ALLOWED_HOSTS: 'Lab-PC.local,10.0.0.7', PUBLIC_URL: 'http://classroom:9000' });
  if (!read.ok) expect.fail(read.errors.join());
  expect([...read.config.access.hosts].slice(3)).toEqual(['classroom', 'lab-pc.local', '10.0.0.7']);
});

it('says at once all that is wrong, and no secret', () => {
  const read = readConfig({
    CLUSTER: '1=kmc',
    KEY_FILE: join(folder, 'none'),
    CONSOLE_PORT: '99999',
    WORLD: 'mars',
    RHO_PPM: '-1',
    OPERATOR_TOKEN: 'too short',
  });
  if (read.ok) expect.fail('was taken');
  expect(read.errors).toHaveLength(6);
  const said = read.errors.join('\n');
  for (const part of [
    'CONSOLE_PORT=99999 is refused: allowed is a port, 1 to 65535',
    'WORLD=mars',
    'RHO_PPM=-1',
    'OPERATOR_TOKEN=...',
    'CLUSTER entry "1=kmc"',
    'KEY_FILE=',
  ])
    expect(said).toContain(part);
  expect(said).not.toContain('too short');
});
