/**
 * The Compose file, read as a document: who may do what, and whether the cluster that it describes is one cluster. The
 * checks are shown to catch what they are there for, each by a file with one thing changed.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { variables } from '../../services/node/variables.ts';
import { byDefault, type Compose, deviations, type Service } from './posture.ts';

const text = readFileSync(new URL('../../docker-compose.yml', import.meta.url), 'utf8');
const read = (): Compose => parse(text, { merge: true });
const compose = read();
const nodes = Object.entries(compose.services).filter(([, service]) => service.environment?.NODE_ID !== undefined);

describe('posture', () => {
  test('holds for every service', () => expect(deviations(compose)).toEqual([]));

  const planted: [what: string, service: string, change: object][] = [
    ['privileged', 'kmc', { privileged: true }],
    ['added capability', 'kmc', { cap_add: ['NET_ADMIN'] }],
    ['capabilities kept', 'console', { cap_drop: [] }],
    ['root', 'grafana', { user: '0:0' }],
    ['no user', 'prometheus', { user: undefined }],
    ['writable file system', 'mit', { read_only: false }],
    ['new privileges', 'key', { security_opt: [] }],
    ['seccomp off', 'sols', { security_opt: ['no-new-privileges:true', 'seccomp:unconfined'] }],
    ['host network', 'master', { network_mode: 'host' }],
    ['default network', 'master', { networks: undefined }],
    ['process ids of the host', 'tapmi', { pid: 'host' }],
    ['Docker socket', 'console', { volumes: ['/var/run/docker.sock:/var/run/docker.sock:ro'] }],
    ['directory of the host', 'console', { volumes: ['./services:/app/services:ro'] }],
    ['writable provisioning', 'grafana', { volumes: ['./grafana/provisioning:/etc/grafana/provisioning'] }],
    ['published node', 'mobile', { ports: ['127.0.0.1:4100:4100'] }],
    ['node on the edge', 'laptop', { networks: ['cluster', 'edge'] }],
    ['every address', 'grafana', { ports: ['3000:3000'] }],
    ['every address, named', 'prometheus', { ports: ['0.0.0.0:9090:9090'] }],
    ['every address, spelled out', 'prometheus', { ports: [{ target: 9090, published: '9090' }] }],
    ['openable Prometheus', 'prometheus', { ports: [`\${LOCKSTEP_BIND:-127.0.0.1}:9090:9090`] }],
    ['console open by default', 'console', { ports: [`\${LOCKSTEP_BIND:-0.0.0.0}:8080:8080`] }],
    ['moving tag', 'grafana', { image: 'grafana/grafana:latest' }],
    ['no limit', 'grafana', { deploy: { resources: { limits: { memory: '512M', cpus: '1.0' } } } }],
    ['endless log', 'kmc', { logging: { driver: 'json-file' } }],
    ['no health check', 'kmc', { healthcheck: undefined }],
    ['secret', 'console', { environment: { OPERATOR_TOKEN: 'letmein' } }],
  ];
  test.each(planted)('%s in %s is caught', (_, name, change) => {
    const service = { ...compose.services[name], ...change } as Service;
    expect(deviations({ ...compose, services: { [name]: service } })).not.toEqual([]);
  });

  test('an open cluster network is caught', () => {
    expect(deviations({ ...compose, networks: { ...compose.networks, cluster: {} } })).toHaveLength(nodes.length);
  });
});

describe('one image', () => {
  const ours = Object.values(compose.services).filter(({ image }) => image?.startsWith('lockstep/'));

  test('is built in one place and never pulled', () => {
    expect(Object.keys(compose.services).filter((name) => compose.services[name]?.build !== undefined)).toEqual(['key']);
    expect(new Set(ours.map(({ image, pull_policy }) => `${image} ${pull_policy}`))).toEqual(
      new Set([`lockstep/node:\${LOCKSTEP_VERSION:-dev} never`]),
    );
  });

  test('has an init process and room for a health check beside the program', () => {
    for (const { init, deploy } of ours) {
      expect(init).toBe(true);
      expect(Number.parseInt(String(deploy?.resources?.limits?.memory), 10)).toBeGreaterThanOrEqual(192);
    }
  });

  test('asks of the engine nothing newer than 20.10', () => {
    for (const { healthcheck } of Object.values(compose.services)) expect(healthcheck?.start_interval).toBeUndefined();
    expect(text).not.toMatch(/^version:/m);
  });
});

describe('one cluster', () => {
  const entriesOf = (cluster: string) =>
    cluster.split(',').map((entry) => {
      const [, id, name, role = 'member', host, port] = /^(\d+)=([a-z][a-z0-9]*)(?::(\w+))?@([a-z0-9]+):(\d+)$/.exec(entry) ?? [];
      return { id: Number(id), name, role, host, port };
    });
  const entries = entriesOf(byDefault(nodes[0]?.[1].environment?.CLUSTER ?? ''));
  const [, ten = ''] = /^CLUSTER=(.*)$/m.exec(readFileSync(new URL('../../ten.env', import.meta.url), 'utf8')) ?? [];
  const everyDay = nodes.filter(([, { profiles }]) => profiles === undefined);

  test('is told to everybody in the same words', () => {
    const told = [...nodes.map(([, node]) => node), compose.services.console].map((service) => service?.environment?.CLUSTER);
    expect(new Set(told).size).toBe(1);
  });

  test('passes on every variable that a node knows, but for those that are right in every container', () => {
    const right = ['LISTEN_HOST', 'KEY_FILE', 'STATE_DIR'];
    const known = Object.keys(variables).filter((variable) => !right.includes(variable));
    for (const [name, { environment }] of nodes) expect(Object.keys(environment ?? {}).sort(), name).toEqual(known.sort());
  });

  test.each([
    ['every day', everyDay, entries],
    ['the profile `ten`', nodes, entriesOf(ten)],
  ])('of %s names each service once, by its id, at its own host', (_, running, named) => {
    const services = running.map(([service, { environment }]) => ({ id: Number(environment?.NODE_ID), name: environment?.NODE_NAME, service }));
    expect(named.map(({ id, name, host }) => ({ id, name, service: host }))).toEqual(services);
    for (const { name, service } of services) expect(name).toBe(service);
    expect(new Set(named.map(({ id }) => id)).size).toBe(named.length);
    expect(new Set(named.map(({ port }) => port))).toEqual(new Set(['4100']));
  });

  test('has ten members with the profile `ten`', () => {
    expect(entriesOf(ten).flatMap(({ id, role }) => (role === 'member' ? [id] : []))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(nodes.flatMap(([name, { profiles }]) => (profiles === undefined ? [] : [`${name} ${profiles}`]))).toEqual(
      ['p6', 'p7', 'p8', 'p9', 'p10'].map((name) => `${name} ten`),
    );
  });

  test('has five members, two devices and a ledger, and master leads at the start', () => {
    const members = entries.filter(({ role }) => role === 'member').sort((a, b) => a.id - b.id);
    expect(members.map(({ id, name }) => `${id} ${name}`)).toEqual(['1 kmc', '2 mit', '3 tapmi', '4 sols', '5 master']);
    expect(entries.filter(({ role }) => role === 'device').map(({ id, name }) => `${id} ${name}`)).toEqual(['101 mobile', '102 laptop']);
    expect(entries.filter(({ role }) => role === 'ledger').map(({ id, name }) => `${id} ${name}`)).toEqual(['103 ledger']);
  });

  test('starts about a second apart, fast and slow, within what is promised', () => {
    const offsets = nodes.map(([, { environment }]) => Number(environment?.OFFSET_MS));
    const drifts = nodes.map(([, { environment }]) => Number(environment?.DRIFT_PPM));
    expect(Math.max(...offsets.map(Math.abs))).toBeLessThanOrEqual(500);
    expect(Math.max(...drifts.map(Math.abs))).toBeLessThanOrEqual(100);
    expect(Math.max(...offsets) - Math.min(...offsets)).toBeGreaterThanOrEqual(900);
    expect(Math.min(...drifts)).toBeLessThan(0);
    expect(Math.max(...drifts)).toBeGreaterThan(0);
  });

  test('keeps the state of each node apart, and the key out of reach of all but its writer', () => {
    const states = nodes.map(([, { volumes }]) => volumes?.find((volume) => String(volume).endsWith(':/var/lib/lockstep')));
    expect(states).toEqual(nodes.map(([name]) => `${name}-state:/var/lib/lockstep`));
    const writers = Object.entries(compose.services).filter(([, { volumes }]) => volumes?.includes('cluster-key:/run/lockstep'));
    expect(writers.map(([name]) => name)).toEqual(['key']);
    for (const [, { volumes }] of nodes) expect(volumes).toContain('cluster-key:/run/lockstep:ro');
  });
});
