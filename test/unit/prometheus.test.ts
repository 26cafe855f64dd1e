/**
 * The rules of Prometheus, judged by its own tool: promtool reads every configuration, rule and query, and plays each
 * alert through. Where it is not installed, that part is skipped; what needs no tool is judged everywhere.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { files } from '../../grafana/build/files.ts';
import { alerts, recording, wrong } from './expressions.ts';

const folder = fileURLToPath(new URL('../../grafana/prometheus', import.meta.url));
const has = spawnSync('promtool', ['--version']).status === 0;
const why = has ? '' : ' (skipped: promtool is not installed: apt-get install prometheus)';

function promtool(...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync('promtool', args, { cwd: folder, encoding: 'utf8', timeout: 60_000 });
  return status === 0 ? 'ok' : `${stdout}${stderr}`;
}

interface Case {
  readonly alert_rule_test?: readonly { readonly eval_time: string; readonly alertname: string; readonly exp_alerts: readonly unknown[] }[];
  readonly promql_expr_test?: readonly { readonly expr: string }[];
}
const { tests }: { tests: Case[] } = parse(readFileSync(join(folder, 'alerts.test.yml'), 'utf8'));
const played = tests.flatMap(({ alert_rule_test = [] }) => alert_rule_test);

describe('rules', () => {
  test.each([...alerts.map(({ alert, expr }) => [alert, expr] as const), ...recording.map(({ record, expr }) => [record, expr] as const)])(
    '%s asks for what exists',
    (_, expr) => expect(wrong(expr)).toEqual([]),
  );

  test.each(alerts.map(({ alert }) => alert))('%s is tested: it is silent, it fires, it heals', (alert) => {
    const fires = played
      .filter(({ alertname }) => alertname === alert)
      .toSorted((a, b) => Number.parseInt(a.eval_time, 10) - Number.parseInt(b.eval_time, 10))
      .map(({ exp_alerts }) => exp_alerts.length > 0);
    expect(fires.join()).toMatch(/false.*true.*false/);
  });

  test.each(recording.map(({ record }) => record))('%s is tested', (record) => {
    const asked = tests.flatMap(({ promql_expr_test = [] }) => promql_expr_test.map(({ expr }) => expr));
    expect(asked.filter((expr) => expr.startsWith(record))).not.toEqual([]);
  });
});

describe.skipIf(!has)(`promtool${why}`, () => {
  let scratch = '';
  beforeAll(() => {
    scratch = mkdtempSync(join(tmpdir(), 'lockstep-promtool-'));
  });
  afterAll(() => rmSync(scratch, { recursive: true }));

  /** Each query as if it were recorded, since promtool of 2.42 reads no query alone. */
  function check(queries: readonly string[]): string {
    const rules = queries.map((expr, at) => ({ record: `query:${at}`, expr: expr.replaceAll(/\$\w+/g, '.+') }));
    const path = join(scratch, 'queries.yml');
    writeFileSync(path, JSON.stringify({ groups: [{ name: 'queries', rules }] }));
    return promtool('check', 'rules', path);
  }

  test.each(['prometheus.yml', 'ten.yml'])('takes %s', (file) => expect(promtool('check', 'config', file)).toBe('ok'));
  test.each(['recording.yml', 'alerts.yml'])('takes %s', (file) => expect(promtool('check', 'rules', file)).toBe('ok'));
  test('finds that every alert fires and heals as its test says', () => expect(promtool('test', 'rules', 'alerts.test.yml')).toBe('ok'));

  test.each(files)('reads every query of %s', (_, text) => {
    const { panels, annotations } = JSON.parse(text) as {
      panels: { targets: { expr: string }[] }[];
      annotations: { list: { expr: string }[] };
    };
    const queries = [...panels.flatMap(({ targets }) => targets), ...annotations.list].map(({ expr }) => expr);
    expect(queries.length).toBeGreaterThan(10);
    expect(check(queries)).toBe('ok');
  });

  test('refuses what is no query', () => expect(check(['sum by (node (up)'])).toContain('parse error'));
});
