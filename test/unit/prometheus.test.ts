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
import { counted, orNobody } from '../../grafana/build/expressions.ts';
import { files } from '../../grafana/build/files.ts';
import { alerts, chosen, recording, wrong } from './expressions.ts';

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
interface Asking {
  readonly type: string;
  readonly title: string;
  readonly targets: readonly { readonly expr: string }[];
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
    const rules = queries.map((expr, at) => ({ record: `query:${at}`, expr: chosen(expr) }));
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

  /** What a query answers in a course of scrapes, a second apart from 0 s on. Nothing happens exactly at a scrape. */
  function answers(expr: string, course: Readonly<Record<string, string>>, at: Readonly<Record<string, Readonly<Record<string, number>>>>): string {
    const asked = Object.entries(at).map(([time, samples]) => ({
      expr,
      eval_time: time,
      exp_samples: Object.entries(samples).map(([labels, value]) => ({ labels, value })),
    }));
    const input_series = Object.entries(course).map(([series, values]) => ({ series, values }));
    const path = join(scratch, 'answers.yml');
    writeFileSync(path, JSON.stringify({ evaluation_interval: '1s', tests: [{ interval: '1s', input_series, promql_expr_test: asked }] }));
    return promtool('test', 'rules', path);
  }

  describe('counts to the last message', () => {
    const sent = 'lockstep_messages_total{node="kmc",kind="bully.election"}';
    const began = 'process_start_time_seconds{node="kmc"}';
    const live = chosen(counted('lockstep_messages_total', 'kind'));
    const bully = (count: number) => ({ '{kind="bully.election"}': count });
    const old = '-1000x100';

    test('what ten seconds brought, wherever scrapes fall, and not ten of nine', () => {
      const course = { [sent]: '100x20 109x60', [began]: old };
      const exactly = { '15300ms': bully(0), '21700ms': bully(9), '25s': bully(9), '30999ms': bully(9), '32200ms': bully(0) };
      expect(answers(live, course, exactly)).toBe('ok');
      const estimated = 'sum by (kind) (increase(lockstep_messages_total[10s]))';
      expect(answers(estimated, course, { '25300ms': bully(9) })).toContain('"bully.election"} 1E+01');
    });

    test('of several nodes together', () => {
      const others = { 'lockstep_messages_total{node="mit",kind="bully.election"}': '70x22 75x60', 'process_start_time_seconds{node="mit"}': old };
      const course = { [sent]: '0x20 9x60', [began]: old, ...others };
      expect(answers(live, course, { '22400ms': bully(9), '26300ms': bully(14), '30300ms': bully(14), '32600ms': bully(5) })).toBe('ok');
    });

    test('where a step is long, the most in any ten seconds of it', () => {
      const course = { [sent]: '0x20 9x10 12x60', [began]: old };
      const zoomed = chosen(counted('lockstep_messages_total', 'kind'), false, 20);
      expect(answers(zoomed, course, { '20s': bully(0), '40s': bully(9), '60s': bully(3), '80s': bully(0) })).toBe('ok');
    });

    test('all that a program counted that began anew', () => {
      const course = { [sent]: '5x20 stale _x4 3x30', [began]: `${'-1000x20'} stale _x4 25x30` };
      expect(answers(live, course, { '22500ms': bully(0), '26500ms': bully(3), '34500ms': bully(3), '37500ms': bully(0) })).toBe('ok');
      // So soon that no scrape was in vain.
      const soon = { [sent]: '5x20 7x30', [began]: '-1000x20 20x30' };
      expect(answers(live, soon, { '21500ms': bully(7), '29500ms': bully(7), '32500ms': bully(0) })).toBe('ok');
    });

    test('of one that was paused what is new, and not what it ever counted', () => {
      const short = { [sent]: '500x20 stale _x3 503x30', [began]: '-1000x20 stale _x3 -1000x30' };
      expect(answers(live, short, { '22500ms': bully(0), '25500ms': bully(3), '30500ms': bully(3), '32500ms': bully(0) })).toBe('ok');
      const long = { [sent]: '500x20 stale _x28 503x2 505x30', [began]: '-1000x20 stale _x28 -1000x33' };
      expect(answers(live, long, { '40500ms': {}, '50500ms': bully(0), '55500ms': bully(2), '65500ms': bully(0) })).toBe('ok');
    });

    test('of one that was killed what it told last', () => {
      const course = { [sent]: '500x20 503 stale _x50', [began]: '-1000x21 stale _x50' };
      expect(answers(live, course, { '25500ms': bully(3), '45500ms': {} })).toBe('ok');
    });

    test('of an algorithm that was switched on at once, and nothing of what was there before Prometheus', () => {
      expect(answers(live, { [sent]: '_x20 0x1 2x30', [began]: old }, { '15s': {}, '22500ms': bully(2), '35500ms': bully(0) })).toBe('ok');
      const late = { [sent]: '_x20 700x30', [began]: '_x20 -1000x30' };
      expect(answers(live, late, { '21500ms': bully(0), '31500ms': bully(0) })).toBe('ok');
    });
  });

  /** What the graph of that title asks. */
  function asks(graph: string): string {
    const panels = files.flatMap(([, text]) => (JSON.parse(text) as { readonly panels: readonly Asking[] }).panels);
    return chosen(panels.find(({ type, title }) => type === 'timeseries' && title === graph)?.targets[0]?.expr ?? '');
  }

  test('shows how often a node stood still, also after a pause in which it was not heard', () => {
    const course = { 'lockstep_stalls_total{node="mit"}': '2x20 stale _x38 3x30', 'lockstep_stalls_total{node="kmc"}': '4x20 stale _x5 0x80' };
    const stood = (mit: number, kmc: number) => ({ '{node="mit"}': mit, '{node="kmc"}': kmc });
    expect(
      answers(asks('Stood still'), course, {
        '15500ms': stood(0, 0),
        '30500ms': { '{node="kmc"}': 0 },
        '61500ms': stood(1, 0),
        '75500ms': stood(0, 0),
      }),
    ).toBe('ok');
  });

  /** What Grafana asks for the mark of that name. */
  const mark = (name: string): string => {
    const [file] = files.map(
      ([, text]) => JSON.parse(text) as { readonly annotations: { readonly list: readonly { readonly name: string; readonly expr: string }[] } },
    );
    return chosen(file?.annotations.list.find((each) => each.name === name)?.expr ?? '');
  };

  test('marks every node that is down, by a value above nought', () => {
    const course = { 'up{job="lockstep",node="mit"}': '1x20 0x5 1x30', 'up{job="lockstep",node="kmc"}': '1x60' };
    const marked = { '{job="lockstep",node="mit"}': 1 };
    expect(answers(mark('Nodes down'), course, { '15s': {}, '21500ms': marked, '25500ms': marked, '31500ms': {} })).toBe('ok');
  });

  test('marks a fault while it is in force, and a clock that jumps when it does', () => {
    const course = {
      'lockstep_faults_active{node="mit",kind="freeze"}': '0x20 1x5 0x60',
      'lockstep_clock_faults_total{node="mit",kind="freeze"}': '0x20 1x80',
      'lockstep_clock_faults_total{node="mit",kind="step"}': '0x50 4x80',
    };
    const marks = `(${mark('Faults')}) > bool 0`;
    expect(answers(marks, course, { '15s': {}, '23500ms': { '{kind="freeze"}': 1 }, '40s': {}, '52500ms': { '{kind="step"}': 1 }, '60s': {} })).toBe(
      'ok',
    );
  });

  test('counts the time since the last round of those who wait for one', () => {
    const since = 'lockstep_sync_last_success_timestamp_seconds';
    const course = {
      [`${since}{node="mit"}`]: '18x60',
      [`${since}{node="master"}`]: '0x60',
      [`${since}{node="mobile"}`]: '19x60',
      'lockstep_election_is_leader{node="mit"}': '0x60',
      'lockstep_election_is_leader{node="master"}': '1x60',
    };
    expect(answers(asks('Since the last accepted round'), course, { '20s': { '{node="mit"}': 2, '{node="mobile"}': 1 } })).toBe('ok');
  });

  test('names who leads, and nobody where nobody does', () => {
    const course = { 'lockstep_election_is_leader{node="mit"}': '1x10 0x10', 'lockstep_election_is_leader{node="kmc"}': '0x20' };
    const who = (name: string, value: number, metric = '') => ({ [`${metric}{node="${name}"}`]: value });
    const expected = { '5s': who('mit', 1, 'lockstep_election_is_leader'), '15s': who('nobody', 0) };
    expect(answers(orNobody('lockstep_election_is_leader == 1'), course, expected)).toBe('ok');
  });

  test('takes twenty elections in a minute for no storm, and one more for one, wherever scrapes fall', () => {
    const { expr = '' } = alerts.find(({ alert }) => alert === 'LockstepElectionStorm') ?? {};
    const started = 'lockstep_election_started_total{node="kmc",algorithm="bully"}';
    const storm = `(${expr}) > bool 0`;
    for (const time of ['60300ms', '60700ms', '62100ms']) {
      expect(answers(storm, { [started]: '0x30 20x60' }, { [time]: {} }), `20 at ${time}`).toBe('ok');
      expect(answers(storm, { [started]: '0x30 21x60' }, { [time]: { '{node="kmc"}': 1 } }), `21 at ${time}`).toBe('ok');
    }
  });

  test('refuses what is no query', () => expect(check(['sum by (node (up)'])).toContain('parse error'));
});
