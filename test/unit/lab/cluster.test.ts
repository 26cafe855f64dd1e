/** The default cluster: the same as in the Compose file, and what other sizes of it are. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { clusterOf } from '../../../services/lab/cluster.ts';
import { consoleEnvironment, nodeEnvironment } from '../../../services/lab/environment.ts';
import { parseCluster } from '../../../services/node/cluster.ts';
import { byDefault } from '../posture.ts';

interface Compose {
  readonly services: Readonly<Record<string, { readonly profiles?: readonly string[]; readonly environment?: Readonly<Record<string, string>> }>>;
}

it.each([
  ['those of every day', 5],
  ['those of the profile `ten` as well', 10],
])('has the nodes, offsets and drifts of the Compose file: %s', (_, count) => {
  const { services }: Compose = parse(readFileSync(new URL('../../../docker-compose.yml', import.meta.url), 'utf8'), { merge: true });
  const nodes = Object.values(services).flatMap(({ environment, profiles = [] }) =>
    environment?.NODE_ID === undefined || (profiles.length > 0 && count === 5) ? [] : [environment],
  );
  const told = clusterOf(count).map(({ id, name, offsetMs, driftPpm }) => [`${id}`, name, `${offsetMs}`, `${driftPpm}`]);
  expect(told).toEqual(nodes.map(({ NODE_ID, NODE_NAME, OFFSET_MS, DRIFT_PPM }) => [NODE_ID, NODE_NAME, OFFSET_MS, DRIFT_PPM]));
});

it('has the roles of the Compose file', () => {
  const { services }: Compose = parse(readFileSync(new URL('../../../docker-compose.yml', import.meta.url), 'utf8'), { merge: true });
  const roles = parseCluster(byDefault(services.kmc?.environment?.CLUSTER ?? ''));
  if (!roles.ok) expect.fail(roles.errors.join());
  expect(clusterOf().map(({ id, role }) => [id, role])).toEqual(roles.cluster.map(({ id, role }) => [id, role]));
});

it.each([1, 3, 5, 8, 20])('has %i members from 1 on, two devices and a ledger', (count) => {
  const nodes = clusterOf(count);
  expect(nodes.filter(({ role }) => role === 'member').map(({ id }) => id)).toEqual(Array.from({ length: count }, (_, i) => i + 1));
  expect(nodes.filter(({ role }) => role === 'device').map(({ name }) => name)).toEqual(['mobile', 'laptop']);
  expect(nodes.filter(({ role }) => role === 'ledger').map(({ id, name }) => `${id} ${name}`)).toEqual(['103 ledger']);
  expect(new Set(nodes.map(({ name }) => name)).size).toBe(count + 3);
});

it('gives further members clocks of their own, the same every time, within what the lab promises', () => {
  const further = clusterOf(20).filter(({ name }) => name.startsWith('p'));
  expect(further).toEqual(clusterOf(20).filter(({ name }) => name.startsWith('p')));
  expect(new Set(further.map(({ offsetMs }) => offsetMs)).size).toBeGreaterThan(10);
  for (const { offsetMs, driftPpm } of further) expect([Math.abs(offsetMs) <= 500, Math.abs(driftPpm) <= 100]).toEqual([true, true]);
});

it('tells every program the same cluster, and only what was asked for', () => {
  const nodes = clusterOf(1);
  const place = { folder: '/tmp/x', ports: { base: 5_000, console: 8_090 }, token: 't' };
  const kmc = nodeEnvironment(
    nodes[0] ?? expect.fail(),
    nodes,
    { clock: 'cristian', election: 'ring', mode: 'classic', mutex: 'raymond', linkLoss: 0, env: { LOG_LEVEL: 'warn' } },
    place,
  );
  expect(kmc).toMatchObject({
    CLUSTER: '1=kmc:member@127.0.0.1:5001,101=mobile:device@127.0.0.1:5101,102=laptop:device@127.0.0.1:5102,103=ledger:ledger@127.0.0.1:5103',
    NODE_ID: '1',
    OFFSET_MS: '480',
    CLOCK: 'cristian',
    ELECTION: 'ring',
    MODE: 'classic',
    MUTEX: 'raymond',
    LINK_LOSS: '0',
    LISTEN_HOST: '127.0.0.1',
    NTP_PORT: '5001',
    LOG_LEVEL: 'warn',
  });
  for (const absent of ['SEED', 'HEARTBEAT_MS', 'LINK_DELAY', 'RHO_PPM', 'MUTEX_THINK_MS', 'OPERATOR_TOKEN']) expect(kmc).not.toHaveProperty(absent);
  const console = consoleEnvironment(nodes, { rhoPpm: 50 }, place);
  expect(console).toMatchObject({
    CLUSTER: kmc.CLUSTER,
    KEY_FILE: kmc.KEY_FILE,
    WORLD: 'processes',
    CONSOLE_PORT: '8090',
    METRICS_PORT: '5100',
    OPERATOR_TOKEN: 't',
    RHO_PPM: '50',
  });
});
