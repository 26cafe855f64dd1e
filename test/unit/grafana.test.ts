/**
 * Dashboards, provisioning and Prometheus, against what they speak of: the registry of metrics, the members of the
 * cluster, and each other. A panel that asks for a metric nobody exports is empty for ever, and looks like calm.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { files } from '../../grafana/build/files.ts';
import { layout, timeSeries } from '../../grafana/build/panels.ts';
import { parseCluster } from '../../services/node/cluster.ts';
import { type Metric, metrics } from '../../shared/metrics.ts';
import { byDefault } from './posture.ts';

const at = (path: string): URL => new URL(`../../${path}`, import.meta.url);
const yaml = (path: string) => parse(readFileSync(at(path), 'utf8'), { merge: true });

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly description: string;
  readonly datasource: { readonly uid: string };
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets: readonly { readonly expr: string; readonly datasource: { readonly uid: string } }[];
}
interface Dashboard {
  readonly uid: string;
  readonly schemaVersion: number;
  readonly panels: readonly Panel[];
  readonly annotations: { readonly list: readonly { readonly expr: string }[] };
}

const dashboards: Dashboard[] = files.map(([, text]) => JSON.parse(text));
const panels = dashboards.flatMap((dashboard) => dashboard.panels);

/** Labels that Prometheus gives to a target, whatever it exports. */
const TARGET = ['job', 'instance', 'node', 'role'];

/** What is wrong with an expression: a metric or label that does not exist, or a metric of a kind that cannot be read so. */
function wrong(expr: string): string[] {
  return [...expr.matchAll(/\b(lockstep_\w+)(?:\{([^}]*)\})?(\[)?/g)].flatMap(([, name = '', matchers = '', ranged]) => {
    const [base, metric] = find(name);
    if (metric === undefined) return [`${name} is not in the registry`];
    const labels: Metric['labels'] = metric.labels;
    const faults = metric.kind === 'histogram' && base === name ? [`${name} is a histogram: ask for its buckets`] : [];
    if (metric.kind !== 'gauge' && ranged === undefined) faults.push(`${name} counts up: ask for its increase`);
    for (const [, label = '', value = ''] of matchers.matchAll(/(\w+)\s*(?:=~|!~|!=|=)\s*"([^"]*)"/g)) {
      const values = labels[label];
      if (values === undefined && !TARGET.includes(label)) faults.push(`${name} has no label ${label}`);
      if (Array.isArray(values) && !values.includes(value)) faults.push(`${name} has no ${label} "${value}"`);
    }
    return faults;
  });
}

function find(name: string): [base: string, metric: Metric | undefined] {
  const known: Readonly<Record<string, Metric>> = metrics;
  const base = name.replace(/_(bucket|sum|count)$/, '');
  return known[base]?.kind === 'histogram' ? [base, known[base]] : [name, known[name]];
}

describe('expressions', () => {
  test.each(panels.map((panel) => [panel.title, panel] as const))('of "%s" ask for what exists', (_, { targets }) => {
    expect(targets.length).toBeGreaterThan(0);
    expect(targets.flatMap(({ expr }) => wrong(expr))).toEqual([]);
  });

  test('of annotations ask for what exists', () => {
    expect(dashboards.flatMap(({ annotations }) => annotations.list.flatMap(({ expr }) => wrong(expr)))).toEqual([]);
  });

  test.each([
    ['a metric that nobody exports', 'max(lockstep_clock_skew_seconds)'],
    ['a label that it does not have', 'lockstep_clock_state{status="unknown"}'],
    ['a value that it never has', 'lockstep_clock_state{state="free-running"}'],
    ['a histogram as a number', 'rate(lockstep_sync_round_trip_seconds[5s])'],
    ['a counter as a number', 'lockstep_sync_rounds_total{result="ok"}'],
    ['buckets of what has none', 'rate(lockstep_sync_rounds_total_bucket[5s])'],
  ])('that ask for %s are caught', (_, expr) => expect(wrong(expr)).toHaveLength(1));
});

describe('dashboards', () => {
  test('are committed as they are built: npm run dashboards', () => {
    expect(readdirSync(at('grafana/dashboards')).sort()).toEqual(files.map(([name]) => name).sort());
    for (const [name, text] of files) expect(readFileSync(at(`grafana/dashboards/${name}`), 'utf8'), name).toBe(text);
  });

  test('are of the model that file provisioning takes, with uids of their own', () => {
    expect(new Set(dashboards.map(({ schemaVersion }) => schemaVersion))).toEqual(new Set([42]));
    expect(new Set(dashboards.map(({ uid }) => uid)).size).toBe(dashboards.length);
    for (const { uid } of dashboards) expect(uid).toMatch(/^lockstep-[a-z]+$/);
  });

  test.each(dashboards.map((dashboard) => [dashboard.uid, dashboard] as const))(
    '%s: every panel has an id, a place and an explanation',
    (_, { panels }) => {
      expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
      const taken = new Map<string, string>();
      for (const { title, description, gridPos } of panels) {
        expect(description).not.toBe('');
        for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1)
          for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
            expect(x).toBeLessThan(24);
            expect(taken.get(`${x},${y}`), `${title} lies on another panel`).toBeUndefined();
            taken.set(`${x},${y}`, title);
          }
      }
    },
  );

  test('cannot be laid out in squares that are no squares', () => {
    const panel = timeSeries({ title: 'any', description: 'any', queries: [] });
    expect(() => layout([{ height: 4, panels: Array.from({ length: 5 }, () => panel) }])).toThrow('evenly');
  });
});

describe('provisioning', () => {
  const { datasources } = yaml('grafana/provisioning/datasources/prometheus.yaml');
  const { providers } = yaml('grafana/provisioning/dashboards/lockstep.yaml');
  const prometheus = yaml('grafana/prometheus/prometheus.yml');
  const { services } = yaml('docker-compose.yml');

  test('names one data source, which every panel asks', () => {
    expect(datasources).toHaveLength(1);
    expect(datasources[0]).toMatchObject({ uid: 'prometheus', type: 'prometheus', url: 'http://prometheus:9090', isDefault: true, editable: false });
    const uids = panels.flatMap(({ datasource, targets }) => [datasource.uid, ...targets.map((target) => target.datasource.uid)]);
    expect(new Set(uids)).toEqual(new Set(['prometheus']));
  });

  test('knows how often Prometheus scrapes', () => {
    expect(prometheus.global).toEqual({ scrape_interval: '1s', scrape_timeout: '900ms', evaluation_interval: '1s' });
    expect(datasources[0].jsonData.timeInterval).toBe(prometheus.global.scrape_interval);
  });

  test('mounts what it reads, opens with a dashboard that exists, and lets nobody edit it', () => {
    const { volumes, environment } = services.grafana;
    const [{ options, allowUiUpdates, disableDeletion }] = providers;
    expect(volumes).toContain('./grafana/provisioning:/etc/grafana/provisioning:ro');
    expect(volumes).toContain(`./grafana/dashboards:${options.path}:ro`);
    expect({ allowUiUpdates, disableDeletion }).toEqual({ allowUiUpdates: false, disableDeletion: true });
    const home = environment.GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH;
    expect(files.map(([name]) => `${options.path}/${name}`)).toContain(home);
    expect(environment).toMatchObject({ GF_AUTH_ANONYMOUS_ORG_ROLE: 'Viewer', GF_AUTH_DISABLE_LOGIN_FORM: 'true', GF_AUTH_BASIC_ENABLED: 'false' });
  });

  test('scrapes every node of the cluster and the console, by its role', () => {
    const parsed = parseCluster(byDefault(services.kmc.environment.CLUSTER));
    if (!parsed.ok) throw new Error(parsed.errors.join());
    const nodes = parsed.cluster.map(({ name, role, host, port }) => ({ targets: [`${host}:${port}`], labels: { node: name, role } }));
    const { METRICS_PORT } = services.console.environment;
    const console = { targets: [`console:${METRICS_PORT}`], labels: { node: 'console', role: 'console' } };
    expect(prometheus.scrape_configs).toEqual([{ job_name: 'lockstep', static_configs: [...nodes, console] }]);
  });
});
