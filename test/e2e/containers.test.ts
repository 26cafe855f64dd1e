/**
 * The cluster as a visitor starts it: `docker compose up`, real containers, real kills. The whole file is one story of
 * one cluster, told in order, because starting it is what costs time; it is always taken down again.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { deviations } from '../unit/posture.ts';
import { type Cluster, claim, cluster, eventually, inStep, isTrue, json, named, timed, type Watch, watch } from './cluster.ts';

const NODES = ['kmc', 'mit', 'tapmi', 'sols', 'master', 'mobile', 'laptop'];
const SECOND = 1_000;
const US_PER_SECOND = 1_000_000;

let here: Cluster;
let observed: Watch;
const since = (start: number): string => `${((performance.now() - start) / SECOND).toFixed(1)} s`;
const report = (line: string): void => console.info(`e2e: ${line}`);

let upAt = 0;

beforeAll(async () => {
  here = await cluster();
  const built = performance.now();
  await here.compose('build', '--quiet');
  report(`image built in ${since(built)}`);
  upAt = performance.now();
  observed = watch(here.console);
  try {
    await here.compose('up', '--detach', '--wait');
  } catch (error) {
    throw new Error(`the cluster does not start; its last words:\n${await here.compose('logs', '--no-color', '--tail', '5')}`, { cause: error });
  }
  report(`up, all healthy after ${since(upAt)}`);
}, 600 * SECOND);

afterAll(async () => {
  await observed?.stop();
  await here?.compose('down', '--volumes', '--timeout', '2');
  await here?.docker('image', 'rm', here.image);
}, 120 * SECOND);

describe('the clocks', () => {
  test('come into step', async () => {
    const state = await eventually(
      'all in step',
      90 * SECOND,
      () => observed.latest(),
      (latest) => inStep(latest),
    );
    report(`in step ${since(upAt)} after up: spread ${state.spreadUs} us, bounds ${state.nodes.map(({ clock }) => clock.boundUs).join(', ')} us`);
    expect(state).toMatchObject({ world: 'docker', leader: 'master', truth: 'one-host' });
    expect(timed(state).map(({ name }) => name)).toEqual(NODES);
    expect(state.nodes.filter(({ role, up }) => role === 'ledger' && up)).toHaveLength(1);
  });
});

describe('Prometheus', () => {
  interface Answer {
    readonly status: string;
    readonly data: { readonly result: readonly { readonly metric: Record<string, string> }[] };
  }
  const query = (expr: string) => json<Answer>(`${here.prometheus}/api/v1/query?query=${encodeURIComponent(expr)}`);
  const nodesOf = ({ data }: Answer) => data.result.map(({ metric }) => metric.node ?? '').sort();

  test('scrapes every node, the ledger and the console', async () => {
    await eventually(
      'all targets up',
      20 * SECOND,
      () => query('up{job="lockstep"} == 1'),
      (answer) => answer.data.result.length === NODES.length + 2,
    );
    for (const series of [
      'lockstep_clock_error_seconds',
      'lockstep_clock_offset_seconds',
      'lockstep_clock_true_offset_seconds',
      'lockstep_clock_offset_bound_seconds',
    ])
      expect(nodesOf(await query(series)), series).toEqual([...NODES].sort());
    expect(nodesOf(await query('lockstep_clock_spread_seconds'))).toEqual(['console']);
  });
});

describe('a container', () => {
  test('is declared as the posture says, once all variables are filled in', async () => {
    expect(deviations(JSON.parse(await here.compose('config', '--format', 'json')))).toEqual([]);
  });

  test('is run so by the engine', async () => {
    const ids = (await here.compose('ps', '--quiet')).trim().split('\n');
    const containers: Inspected[] = JSON.parse(await here.docker('inspect', ...ids));
    expect(containers).toHaveLength(NODES.length + 4);
    for (const { Name, Config, HostConfig } of containers) {
      expect(HostConfig, Name).toMatchObject({ ReadonlyRootfs: true, Privileged: false, CapAdd: null, CapDrop: ['ALL'] });
      expect(HostConfig.SecurityOpt, Name).toContain('no-new-privileges:true');
      expect(Config.User, Name).not.toMatch(/^(|0|root)(:.*)?$/);
      expect(HostConfig.Binds?.join() ?? '', Name).not.toContain('docker.sock');
      for (const bindings of Object.values(HostConfig.PortBindings ?? {})) for (const { HostIp } of bindings) expect(HostIp, Name).toBe('127.0.0.1');
    }
  });

  test('is nobody special inside, cannot write its own files, and holds no package manager', async () => {
    const probe = `
      const { writeFileSync, existsSync, statSync } = require('node:fs');
      let written; try { writeFileSync('/app/x', ''); written = true } catch (error) { written = error.code }
      const key = statSync('/run/lockstep/cluster.key');
      console.log(JSON.stringify({ uid: process.getuid(), written, npm: existsSync('/usr/local/bin/npm'), lab: existsSync('/app/services/lab'),
        dev: existsSync('/app/node_modules/vitest'), key: [key.size, (key.mode & 0o777).toString(8)] }))`;
    const seen = JSON.parse(await here.compose('exec', '-T', 'kmc', 'node', '-e', probe));
    expect(seen).toEqual({ uid: 1000, written: 'EROFS', npm: false, lab: false, dev: false, key: [32, '400'] });
  });
});

describe('a killed member', () => {
  let incarnation = 0;

  test('is seen, and the others keep step without it', async () => {
    incarnation = named(observed.latest(), 'mit').incarnation ?? 0;
    const killed = performance.now();
    await here.compose('kill', 'mit');
    await eventually(
      'mit is down',
      10 * SECOND,
      () => named(observed.latest(), 'mit').up,
      (isUp) => !isUp,
    );
    report(`mit seen down ${since(killed)} after the kill`);
    const first = observed.answers.length - 1;
    const atUs = () => named(observed.latest(), 'kmc').clock.clockUs ?? 0;
    const downUs = atUs();
    await eventually('ten seconds on the clocks', 30 * SECOND, atUs, (now) => now - downUs >= 10 * US_PER_SECOND);
    await eventually('the others in step', 10 * SECOND, observed.latest, (latest) => inStep(latest, ['mit']));
    const meanwhile = observed.answers.slice(first);
    const others = meanwhile.flatMap((state) => timed(state).filter(({ name }) => name !== 'mit'));
    expect(meanwhile.length).toBeGreaterThan(10);
    expect(meanwhile.filter((state) => named(state, 'mit').up)).toEqual([]);
    expect(others.filter(({ up, clock }) => !up || clock.status !== 'synchronized')).toEqual([]);
  });

  test('is back in step within 15 seconds of its start', async () => {
    const started = performance.now();
    await here.compose('start', 'mit');
    report(`the engine took ${since(started)} to start mit`);
    const node = await eventually(
      'mit is back within its bound',
      15 * SECOND,
      () => named(observed.latest(), 'mit'),
      (mit) => mit.up && mit.clock.status === 'synchronized' && isTrue(mit),
    );
    report(`mit within its bound ${since(started)} after its start: ${JSON.stringify(claim(node))}`);
    expect(node.incarnation).toBeGreaterThan(incarnation);
  });
});

test('no claim was false in any answer of the console', () => {
  const claims = observed.answers.flatMap(({ nodes }) => nodes.flatMap((node) => claim(node) ?? []));
  report(`${claims.length} claims in ${observed.answers.length} answers`);
  expect(claims.length).toBeGreaterThan(50 * NODES.length);
  expect(claims.filter(({ gapUs, boundUs }) => gapUs > boundUs)).toEqual([]);
});

interface Inspected {
  readonly Name: string;
  readonly Config: { readonly User: string };
  readonly HostConfig: {
    readonly SecurityOpt: readonly string[];
    readonly Binds: readonly string[] | null;
    readonly PortBindings: Readonly<Record<string, readonly { readonly HostIp: string }[]>> | null;
  };
}
