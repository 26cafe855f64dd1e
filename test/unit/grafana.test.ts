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
import { type MetricName, metrics } from '../../shared/metrics.ts';
import { alerts, metricsIn, wrong } from './expressions.ts';
import { byDefault } from './posture.ts';

const at = (path: string): URL => new URL(`../../${path}`, import.meta.url);
const yaml = (path: string) => parse(readFileSync(at(path), 'utf8'), { merge: true });

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description: string;
  readonly datasource: { readonly uid: string };
  readonly options: { readonly textMode?: string };
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets: readonly { readonly expr: string; readonly datasource: { readonly uid: string } }[];
}
interface Dashboard {
  readonly uid: string;
  readonly schemaVersion: number;
  readonly refresh: string;
  readonly panels: readonly Panel[];
  readonly annotations: { readonly list: readonly { readonly name: string; readonly expr: string }[] };
  readonly templating: { readonly list: readonly { readonly name: string; readonly definition: string }[] };
  readonly links: readonly { readonly type: string; readonly url?: string; readonly keepTime?: boolean; readonly tags?: readonly string[] }[];
}

const dashboards: Dashboard[] = files.map(([, text]) => JSON.parse(text));
const panels = dashboards.flatMap((dashboard) => dashboard.panels);

const marks = dashboards.flatMap(({ annotations }) => annotations.list.map(({ expr }) => expr));

/** Metrics that no panel, no mark and no alert asks for, and why. */
const elsewhere: Partial<Record<MetricName, string>> = {
  lockstep_console_info: 'tells the dashboards where the control room is',
};

describe('expressions', () => {
  test.each(panels.map((panel) => [panel.title, panel] as const))('of "%s" ask for what exists', (_, { targets }) => {
    expect(targets.length).toBeGreaterThan(0);
    expect(targets.flatMap(({ expr }) => wrong(expr))).toEqual([]);
  });

  test('of annotations ask for what exists', () => {
    expect(marks.flatMap(wrong)).toEqual([]);
  });

  test('of annotations leave nothing but what is above nought: Grafana marks nothing else', () => {
    for (const expr of marks) expect(expr).toMatch(/ > 0$/);
  });

  test.each(panels.map((panel) => [panel.title, panel] as const))(
    'of "%s" lose nothing where a step is long, and make nothing more',
    (_, { type, targets }) => {
      if (type === 'stat') return;
      for (const { expr } of targets) {
        // What lies between two steps is in none of them, unless it is asked for at every second, or by the minute.
        const [, over = expr] = /^(?:max|avg)_over_time\((.+)\[\$__interval:1s\]\)$/.exec(expr) ?? [];
        if (over === expr) expect(expr).not.toMatch(/\[\d+s\]/);
        // An estimate: of shares it may be made, of what is counted never.
        if (!over.startsWith('histogram_quantile(')) expect(over).not.toContain('increase(');
      }
    },
  );

  test('of tiles that show a name always have one', () => {
    const named = panels.filter(({ options }) => options.textMode === 'name');
    const without = named.filter(({ targets }) => !targets.every(({ expr }) => expr.includes('or on () label_replace(vector(0)')));
    expect(named.length).toBeGreaterThan(without.length);
    expect(without.map(({ title }) => title)).toEqual(['Version']);
  });

  test('of variables ask for what exists', () => {
    const definitions = dashboards.flatMap(({ templating }) => templating.list.map(({ definition }) => definition));
    // Their series are what is asked for, and not their values.
    expect(definitions.flatMap((each) => wrong(each.replace(/label_values\((lockstep_\w+_total),/, 'label_values($1[1s],'))).filter(Boolean)).toEqual(
      [],
    );
  });

  test('every metric is shown or watched', () => {
    const used = new Set([
      ...panels.flatMap(({ targets }) => targets.flatMap(({ expr }) => metricsIn(expr))),
      ...[...marks, ...alerts.map(({ expr }) => expr)].flatMap(metricsIn),
    ]);
    const unused = Object.keys(metrics).filter((name) => !used.has(name));
    expect(unused.sort()).toEqual((Object.keys(elsewhere) as MetricName[]).sort());
  });

  test.each([
    ['a metric that nobody exports', 'max(lockstep_clock_skew_seconds)'],
    ['a label that it does not have', 'lockstep_clock_state{status="unknown"}'],
    ['a value that it never has', 'lockstep_clock_state{state="free-running"}'],
    ['a histogram as a number', 'rate(lockstep_sync_round_trip_seconds[5s])'],
    ['a counter as a number', 'lockstep_sync_rounds_total{result="ok"}'],
    ['a counter held against another', 'lockstep_stalls_total{node="mit"} - last_over_time(lockstep_stalls_total[2m] offset 10s)'],
    ['buckets of what has none', 'rate(lockstep_sync_rounds_total_bucket[5s])'],
    ['one value of several that it never has', 'increase(lockstep_messages_total{outcome=~"dropped|lost"}[5s])'],
    ['what nobody records', 'cluster:lockstep_election_is_leader:max'],
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

  test.each(dashboards.map((dashboard) => [dashboard.uid, dashboard] as const))(
    '%s: what happened is marked, nodes can be chosen, and the others are one click away, at the same time range',
    (_, { annotations, templating, links }) => {
      expect(annotations.list.map(({ name }) => name)).toEqual(['Leader changes', 'Elections', 'Faults', 'Alerts', 'Nodes down']);
      expect(templating.list.map(({ name }) => name)).toContain('node');
      expect(links).toContainEqual(expect.objectContaining({ type: 'dashboards', tags: ['lockstep'], keepTime: true, includeVars: true }));
      expect(links).toContainEqual(expect.objectContaining({ type: 'link', url: '$console', keepTime: true }));
    },
  );

  test('where what is shown belongs to an algorithm, that can be chosen too, by a name that no other dashboard has for others', () => {
    const everywhere = ['node', 'console', '__interval', '__rate_interval'];
    const choices = dashboards.map(({ templating }) => templating.list.map(({ name }) => name).filter((name) => !everywhere.includes(name)));
    const asked = dashboards.map(({ panels }) => {
      const text = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)).join();
      return [...new Set([...text.matchAll(/\$(\w+)/g)].map(([, name = '']) => name))].filter((name) => !everywhere.includes(name));
    });
    expect(choices).toEqual([['clock'], ['election'], ['mutex'], []]);
    expect(asked).toEqual(choices);
  });

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
    expect(environment).toMatchObject({
      GF_AUTH_ANONYMOUS_ENABLED: 'true',
      GF_AUTH_ANONYMOUS_ORG_ROLE: 'Viewer',
      GF_AUTH_DISABLE_LOGIN_FORM: 'true',
      GF_AUTH_BASIC_ENABLED: 'false',
    });
  });

  test('lets dashboards move every second, as they do', () => {
    const least = services.grafana.environment.GF_DASHBOARDS_MIN_REFRESH_INTERVAL;
    expect(least).toBe('1s');
    for (const { refresh } of dashboards) expect(refresh).toBe(least);
  });

  const targetsOf = (cluster: string) => {
    const parsed = parseCluster(cluster);
    if (!parsed.ok) throw new Error(parsed.errors.join());
    const nodes = parsed.cluster.map(({ name, role, host, port }) => ({ targets: [`${host}:${port}`], labels: { node: name, role } }));
    const { METRICS_PORT } = services.console.environment;
    return [...nodes, { targets: [`console:${METRICS_PORT}`], labels: { node: 'console', role: 'console' } }];
  };

  test('scrapes every node of the cluster and the console, by its role', () => {
    const targets = targetsOf(byDefault(services.kmc.environment.CLUSTER));
    expect(prometheus.scrape_configs).toEqual([{ job_name: 'lockstep', static_configs: targets }]);
  });

  test('scrapes ten members where there are ten, and is the same otherwise', () => {
    const ten = yaml('grafana/prometheus/ten.yml');
    const env = readFileSync(at('ten.env'), 'utf8');
    expect(services.prometheus.command.join(' ')).toContain('PROMETHEUS_CONFIG:-prometheus}.yml');
    expect(env).toContain('\nPROMETHEUS_CONFIG=ten\n');
    const targets = targetsOf(/^CLUSTER=(.*)$/m.exec(env)?.[1] ?? '');
    expect(ten).toEqual({ ...prometheus, scrape_configs: [{ job_name: 'lockstep', static_configs: targets }] });
  });
});
