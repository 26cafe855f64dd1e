/**
 * The dashboards, against a real cluster and a real Prometheus: every query of every panel is asked over the course of one
 * story in which the leader is killed and returns, an election is called, critical sections are entered, and a node is disturbed.
 * What stays empty is listed here, with the reason; everything else has to answer, in the shape that its panel needs.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { StateView } from '../../services/console/live-frames.ts';
import { clockStates, mutexStates } from '../../shared/metrics.ts';
import { alerts, metricsIn, recording } from '../unit/expressions.ts';
import { type Cluster, cluster, eventually, inStep, json, timed, type Watch, watch } from './cluster.ts';
import { asked, chosen, dashboards, misshapen, type Prometheus, prometheusAt, type Series } from './prometheus.ts';

const NODES = ['kmc', 'mit', 'tapmi', 'sols', 'master', 'mobile', 'laptop'];
const SECOND = 1_000;
const election = 'bully';

/** Queries that answer nothing in this story, and why. */
const emptyByDesign: Readonly<Record<string, string>> = {};

let here: Cluster;
let prometheus: Prometheus;
let observed: Watch;
let token = '';
let commands = 0;
/** When the cluster was in step first, by the host's clock, in seconds. */
let began = 0;
/** When something happened that the dashboards mark, by the name of the mark. */
const happened: Record<string, number> = {};
/** A mark is made as soon as two scrapes differ, and an alert waits for some more. */
const soon = 30;

const now = (): number => Date.now() / SECOND;
const report = (line: string): void => console.info(`e2e: ${line}`);
const latest = (): StateView => observed.latest();

async function command(verb: string, ...args: readonly string[]): Promise<void> {
  commands += 1;
  const response = await fetch(`${here.console}/api/commands`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ id: `e2e-${commands}`, verb, args }),
  });
  expect(await response.json(), `${verb} ${args.join(' ')}`).toMatchObject({ ok: true });
}

const led = (leader: string, gone: readonly string[] = []): Promise<StateView> =>
  eventually(
    `${leader} leads, and all are in step`,
    60 * SECOND,
    latest,
    (state) => timed(state).every(({ name, up, leader: followed }) => gone.includes(name) || (up && followed === leader)) && inStep(state, gone),
  );

/** The sum over all nodes, by kind and by what became of them. */
async function counted(): Promise<Readonly<Record<string, number>>> {
  const sums = await prometheus.query(`sum by (kind, outcome) (lockstep_messages_total{kind=~"${election}[.].+"})`);
  return Object.fromEntries(sums.map(({ metric, values }) => [`${metric.kind} ${metric.outcome}`, values[0]?.[1] ?? Number.NaN]));
}
const shown = ({ messages }: StateView): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Object.entries(messages)
      .filter(([kind]) => kind.startsWith(`${election}.`))
      .flatMap(([kind, { delivered, dropped, unanswered }]) =>
        Object.entries({ delivered, dropped, unanswered }).map(([outcome, count]) => [`${kind} ${outcome}`, count] as const),
      ),
  );

/** Which of its metrics says what a member's or device's picture on the page says, in microseconds. */
const clocks = {
  lockstep_clock_error_seconds: 'errorUs',
  lockstep_clock_offset_seconds: 'offsetUs',
  lockstep_clock_true_offset_seconds: 'trueOffsetUs',
  lockstep_clock_offset_bound_seconds: 'boundUs',
} as const;

/** What the page says, under the names and in the units of the metrics that say it too. */
function figures(state: StateView): ReadonlyMap<string, number> {
  const number = (value: number | null | undefined, scale = 1): number => (value === null || value === undefined ? Number.NaN : value / scale);
  const one = (yes: boolean): number => (yes ? 1 : 0);
  const of = ({ name, clock }: StateView['nodes'][number]) => [
    ...Object.entries(clocks).map(([metric, field]) => [`${metric} ${name}`, number(clock[field], 1e6)] as const),
    ...Object.entries(clockStates).map(([status, label]) => [`lockstep_clock_state ${name} ${label}`, one(clock.status === status)] as const),
  ];
  const inside = ({ name, mutex }: StateView['nodes'][number]) => [
    [`lockstep_mutex_entries_total ${name}`, number(mutex?.entries)] as const,
    ...mutexStates.map((each) => [`lockstep_mutex_state ${name} ${each}`, one(mutex?.state === each)] as const),
  ];
  const { ledger, spreadUs, nodes } = state;
  return new Map([
    ...timed(state).flatMap(of),
    ...nodes.filter(({ role }) => role === 'member').flatMap(inside),
    ['lockstep_clock_spread_seconds console', number(spreadUs, 1e6)],
    ['lockstep_mutex_overlaps_total console', number(ledger?.overlaps)],
    ['lockstep_ledger_writes_total ledger accepted', number(ledger?.accepted) - number(ledger?.stale)],
    ['lockstep_ledger_writes_total ledger refused', number(ledger?.refused)],
    ['lockstep_ledger_writes_total ledger stale_accepted', number(ledger?.stale)],
  ]);
}

/**
 * Where what was scraped last is nothing of what the page said in the last moments. A scrape lies somewhere among its pictures,
 * and a clock moves steadily from one to the next; by how much it may miss them is far less than what nodes are apart.
 */
async function contradictions(): Promise<readonly string[]> {
  const names = [...new Set([...figures(latest()).keys()].map((key) => key.split(' ', 1)[0]))];
  const scraped = await prometheus.query(`{__name__=~"${names.join('|')}"}`);
  const told = new Map(
    scraped.map(({ metric: { __name__, node, state, result }, values }) => [
      [__name__, node, state ?? result].filter(Boolean).join(' '),
      values[0]?.[1] ?? Number.NaN,
    ]),
  );
  const pictures = observed.answers.slice(-20).map(figures);
  return [...figures(latest()).keys()].flatMap((key) => {
    const shown = pictures.map((picture) => picture.get(key) ?? Number.NaN);
    const [value = Number.NaN, least, most, apart] = [told.get(key), Math.min(...shown), Math.max(...shown), key.includes('_seconds ') ? 0.001 : 0];
    // Also where one of them says nothing, or no number.
    return value >= least - apart && value <= most + apart ? [] : [`${key}: ${value} is not from ${least} to ${most}`];
  });
}

/** No message of an election for a while: whatever was begun is over, and what it cost is known, also to a panel of ten seconds. */
async function calm(): Promise<void> {
  let counts = '';
  let since = 0;
  const unchanged = (): number => {
    const told = JSON.stringify(shown(latest()));
    if (told !== counts) [counts, since] = [told, now()];
    return now() - since;
  };
  await eventually('no election is held', 60 * SECOND, unchanged, (seconds) => seconds > 12);
}

beforeAll(async () => {
  // A busy host delays frames by more than an election usually allows for, and its closed form says nothing then.
  here = await cluster({ ELECTION_OK_MS: '1000' });
  prometheus = prometheusAt(here.prometheus);
  await here.compose('build', '--quiet');
  observed = watch(here.console);
  await here.compose('up', '--detach', '--wait');
  await led('master');
  began = now();
  token = [...(await here.compose('logs', '--no-log-prefix', 'console')).matchAll(/#token=([0-9a-f]{32})/g)].at(-1)?.[1] ?? '';
}, 600 * SECOND);

afterAll(async () => {
  await observed?.stop();
  await here?.compose('down', '--volumes', '--timeout', '2');
  await here?.docker('image', 'rm', here.image);
}, 120 * SECOND);

describe('a story', () => {
  test('of which Prometheus counts what the page counts', async () => {
    await eventually('the same counts', 20 * SECOND, async () => ({ page: shown(latest()), scraped: await counted() }), agree);
  });

  test('in which an election costs what the page and the closed form say', async () => {
    let last: StateView['elections']['last'] = null;
    let called = 0;
    const changes = async () => (await prometheus.query('sum(lockstep_election_leader_changes_seen_total)'))[0]?.values[0]?.[1];
    const changed = await changes();
    // What the form does not know of may happen all the same: then it says nothing, and another is called.
    for (let calls = 0; calls < 5 && last?.verdict.verdict !== 'holds'; calls += 1) {
      await calm();
      const before = await counted();
      const beganUs = latest().elections.last?.beganUs ?? 0;
      called = now();
      happened.Elections ??= called;
      await command('elect', 'kmc');
      const over = await eventually('its cost is known', 30 * SECOND, latest, ({ elections }) => (elections.last?.beganUs ?? 0) > beganUs);
      last = over.elections.last;
      report(`an election: ${last?.delivered} messages, ${JSON.stringify(last?.expected)} by the closed form, ${JSON.stringify(last?.verdict)}`);
      const cost = Object.entries(last?.messages ?? {}).map(([kind, { delivered }]) => [`${kind} delivered`, delivered] as const);
      await eventually('the same cost', 10 * SECOND, counted, (after) =>
        cost.every(([kind, delivered]) => (after[kind] ?? 0) - (before[kind] ?? 0) === delivered),
      );
    }
    if (last?.verdict.verdict !== 'holds') throw new Error('no election to which the closed form applies');
    expect(await changes(), 'the same leader is no other one').toBe(changed);
    const panel = asked.find(({ panel, legend }) => panel === 'lockstep-elections: Messages of elections, delivered' && legend === '{{kind}}');
    const costs = Object.entries(last.messages).map(([kind, { delivered }]) => ({ kind, delivered }));
    await eventually(
      'the same cost on its panel',
      10 * SECOND,
      async () =>
        (await prometheus.range(panel?.expr ?? '', called, now())).map(({ metric: { kind }, values }) => ({
          kind,
          delivered: Math.max(...values.map(([, value]) => value)),
        })),
      (peaks) => costs.every(({ kind, delivered }) => peaks.some((peak) => peak.kind === kind && peak.delivered === delivered)),
    );
    const expected = Object.entries(last.messages).map(([kind, { expected }]) => [kind, expected.delivered.most] as const);
    expect(expected.length).toBeGreaterThan(0);
    await eventually(
      'the same expectation',
      10 * SECOND,
      () => prometheus.query('lockstep_messages_expected'),
      (told) => expected.every(([kind, most]) => told.some(({ metric, values }) => metric.kind === kind && values[0]?.[1] === most)),
    );
  });

  test('in which every node says of itself what the page says of it', async () => {
    await eventually('entries and writes', 60 * SECOND, latest, ({ ledger, mutex }) => (mutex?.entries ?? 0) > 0 && (ledger?.accepted ?? 0) > 0);
    await eventually('no contradiction', 30 * SECOND, contradictions, (found) => found.length === 0);
  });

  test('in which the leader is killed, and the leadership series shows it within two scrapes', async () => {
    await here.compose('kill', 'master');
    const killed = now();
    for (const mark of ['Leader changes', 'Alerts', 'Nodes down']) happened[mark] = killed;
    await led('sols', ['master']);
    // What was scraped of it since, and when it last said that it leads.
    const [up] = await prometheus.query('up{node="master"}[1m]');
    const scrapes = (up?.values ?? []).filter(([at]) => at > killed);
    const down = scrapes.findIndex(([, value]) => value === 0);
    report(`down in scrape ${down + 1} after the kill; ${scrapes.length} scrapes`);
    expect(down).toBeGreaterThanOrEqual(0);
    expect(down).toBeLessThan(2);
    const said = (await prometheus.query('lockstep_election_state{node="master",state="leader"}[1m]'))[0]?.values ?? [];
    expect(said.at(-1)?.[0]).toBeLessThan(scrapes[down]?.[0] ?? 0);
    await eventually(
      'its successor',
      10 * SECOND,
      () => prometheus.query('lockstep_election_state{node="sols",state="leader"}'),
      ([successor]) => successor?.values[0]?.[1] === 1,
    );
    await eventually(
      'an alert',
      20 * SECOND,
      () => prometheus.query('ALERTS{alertname="LockstepNodeDown",alertstate="firing"}'),
      (firing) => firing.some(({ metric }) => metric.node === 'master'),
    );
    await eventually(
      'its detection is measured',
      20 * SECOND,
      () => prometheus.query('lockstep_failure_detection_seconds_count'),
      ([count]) => (count?.values[0]?.[1] ?? 0) >= 1,
    );
  });

  test('in which it returns, a node lies, its clock is moved, and critical sections are entered', async () => {
    await here.compose('start', 'master');
    await led('master');
    happened.Faults = now();
    // Far less than it claims to be sure of, so that no claim is false for it.
    await command('step', 'laptop', '100us');
    await eventually(
      'the step is counted',
      10 * SECOND,
      () => prometheus.query('lockstep_clock_faults_total{node="laptop",kind="step"}'),
      ([steps]) => steps?.values[0]?.[1] === 1,
    );
    await command('lie', 'laptop', '5ms');
    const entries = async () => (await prometheus.query('sum(lockstep_mutex_entries_total)'))[0]?.values[0]?.[1] ?? 0;
    const first = await entries();
    await eventually('entries', 60 * SECOND, entries, (count) => count >= first + 10);
    await command('lie', 'laptop', '0ms');
    await eventually(
      'drift is estimated',
      180 * SECOND,
      () => prometheus.query('lockstep_clock_drift_estimate_ratio'),
      (estimates) => estimates.some(({ values }) => Number.isFinite(values[0]?.[1])),
    );
    await eventually(
      'the alert heals',
      20 * SECOND,
      () => prometheus.query('ALERTS{alertname="LockstepNodeDown",alertstate="firing"}'),
      (firing) => firing.length === 0,
    );
  });
});

describe('after it', () => {
  let ended = 0;
  beforeAll(async () => {
    const told = now();
    // What came last has been scraped, and lies between two of the seconds that are asked for.
    await eventually(
      'three more scrapes',
      20 * SECOND,
      () => prometheus.query('min(timestamp(up))'),
      ([oldest]) => (oldest?.values[0]?.[1] ?? 0) > told + 3,
    );
    ended = now();
  });
  const course = (expr: string): Promise<readonly Series[]> => prometheus.range(expr, began, ended);

  test.each(asked.map((query) => [query.panel, query] as const))('%s has answers of the right shape', async (_, query) => {
    const found = misshapen(query, await course(query.expr));
    if (query.expr in emptyByDesign) expect(found, 'it is listed as empty').toMatch(/^no /);
    else expect(found, query.expr).toBeUndefined();
  });

  test.each(dashboards.flatMap(({ uid, annotations }) => annotations.list.map(({ name, expr }) => [uid, name, expr] as const)))(
    '%s marks: %s',
    // Grafana draws no mark for a value that is nought or less.
    async (_, name, expr) => {
      const from = happened[name] ?? began;
      const marks = await prometheus.range(chosen(expr), from, name in happened ? Math.min(from + soon, ended) : ended);
      const made = marks.filter(({ values }) => values.some(([, value]) => value > 0));
      expect(made.length).toBeGreaterThan(0);
      if (name === 'Faults') expect(made.map(({ metric: { kind } }) => kind)).toEqual(expect.arrayContaining(['lie', 'step']));
    },
  );

  test.each(dashboards.flatMap(({ uid, templating }) => templating.list.map(({ name, definition }) => [uid, name, definition] as const)))(
    '%s lets choose: %s',
    async (_, name, definition) => {
      const [, series = '', label = ''] = /^label_values\((.+), (\w+)\)$/.exec(definition) ?? [];
      const values = new Set((await course(series)).map(({ metric }) => metric[label]));
      if (name === 'node') expect([...values].sort()).toEqual([...NODES].sort());
      else expect([...values].filter(Boolean).length).toBeGreaterThan(0);
    },
  );

  test('every rule is evaluated without an error, and is about something', async () => {
    const rules = await prometheus.rules();
    expect(rules.map(({ name }) => name).sort()).toEqual([...alerts.map(({ alert }) => alert), ...recording.map(({ record }) => record)].sort());
    expect(rules.filter(({ health }) => health !== 'ok')).toEqual([]);
    for (const { record } of recording) expect(await course(record), record).not.toEqual([]);
    // An alert that does not fire answers nothing; what it watches must be there.
    for (const { alert, expr } of alerts)
      for (const metric of metricsIn(expr)) expect(await course(chosen(metric)), `${alert}: ${metric}`).not.toEqual([]);
  });

  test('no claim was false, and nothing is a bug, as Prometheus saw it', async () => {
    const fired = new Set((await course('ALERTS{alertstate="firing"}')).map(({ metric }) => metric.alertname));
    report(`alerts: ${[...fired].sort().join(', ')}`);
    const broken = latest().verdicts.filter(({ verdict }) => verdict === 'bug' || verdict === 'expected-violation');
    for (const { rule, verdict, detail } of broken) report(`${rule}: ${verdict}: ${detail}`);
    const never = ['LockstepClockBoundBroken', 'LockstepBug', 'LockstepTwoLeadersInOnePartition', 'LockstepStaleWriteAccepted'];
    for (const alert of never) expect(fired).not.toContain(alert);
    // Whoever stands still for longer than its lease does not know that it is over: the lesson that fencing is for.
    if (!fired.has('LockstepEventLoopStalled')) expect(fired).not.toContain('LockstepCriticalSectionOverlap');
  });

  test('no node exports 300 series of its own, or a new one', async () => {
    const counts = await course('count by (node) ({__name__=~"lockstep_.+",job="lockstep"})');
    expect(counts.length).toBe(NODES.length + counts.filter(({ metric }) => !NODES.includes(metric.node ?? '')).length);
    for (const { metric, values } of counts) {
      const sizes = new Set(values.map(([, size]) => size));
      expect(Math.max(...sizes), metric.node).toBeLessThan(300);
      expect([...sizes], metric.node).toHaveLength(1);
    }
  });
});

test('Grafana is provisioned with the dashboards, and lets nobody change them', async ({ skip }) => {
  for (const { uid } of dashboards) {
    const { dashboard } = await json<{ dashboard: { uid: string } }>(`${here.grafana}/api/dashboards/uid/${uid}`);
    expect(dashboard.uid).toBe(uid);
  }
  const { version } = await json<{ version?: string }>(`${here.grafana}/api/health`);
  if (version === undefined || !/^\d/.test(version)) return skip(`what answers is no Grafana (${version}): who may do what is not its business`);
  const { dashboard } = await json<{ dashboard: { uid: string } }>(`${here.grafana}/api/dashboards/home`);
  expect(dashboard.uid).toBe('lockstep-clocks');
  for (const { uid } of dashboards) {
    const { meta } = await json<{ meta: { canSave: boolean; canEdit: boolean } }>(`${here.grafana}/api/dashboards/uid/${uid}`);
    expect(meta, uid).toMatchObject({ canSave: false, canEdit: false });
  }
  const saved = await fetch(`${here.grafana}/api/dashboards/db`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ dashboard: { title: 'mine' }, overwrite: true }),
  });
  expect([401, 403]).toContain(saved.status);
});

/** Every kind that is counted, on either side. */
function agree({ page, scraped }: { readonly page: Readonly<Record<string, number>>; readonly scraped: Readonly<Record<string, number>> }): boolean {
  return Object.keys(page).length > 0 && Object.keys(page).every((key) => page[key] === scraped[key]);
}
