/**
 * Why fencing tokens are needed, in containers: whoever is inside the critical section is paused by the engine for longer
 * than its lease, somebody else enters, and the first one wakes up and writes. One cluster, trial after trial.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LedgerView } from '../../services/console/live-frames.ts';
import { fetchHistory, newestEvent, sendCommand } from '../../services/lab/console-client.ts';
import type { HistoryEvent } from '../../shared/history.ts';
import { compareTokens } from '../../shared/protocol.ts';
import { type Cluster, cluster, eventually, named, type Watch, watch } from './cluster.ts';

const NODES = ['kmc', 'mit', 'tapmi', 'sols', 'master', 'mobile', 'laptop', 'ledger'];
const TRIALS = 20;
const SECOND = 1_000;
const PAUSE = 5 * SECOND;
const TOKEN = randomUUID();
const SETTINGS = { OPERATOR_TOKEN: TOKEN, MUTEX: 'central-lease', MUTEX_THINK_MS: 'off', MUTEX_HOLD_MS: '3000:3000', MUTEX_LEASE_MS: '2000' };

let here: Cluster;
let observed: Watch;
const report = (line: string): void => console.info(`e2e: ${line}`);
const place = () => ({ consoleUrl: here.console, token: TOKEN });
const register = (): LedgerView => observed.latest().ledger ?? expect.fail('there is no ledger');

async function enter(node: string): Promise<void> {
  expect(await sendCommand(place(), { id: randomUUID(), verb: 'enter', args: [node] })).toEqual({ ok: true });
}

type Told<K extends HistoryEvent['kind']> = Extract<HistoryEvent, { kind: K }>;

/** The first event of its kind after number `since` that `node` told. */
async function told<K extends HistoryEvent['kind']>(since: number, node: string, kind: K): Promise<Told<K>> {
  const { id } = named(observed.latest(), node);
  const first = async () => (await fetchHistory(place(), since)).find((event): event is Told<K> => event.kind === kind && event.node === id);
  return (await eventually(`${kind} of ${node}`, 30 * SECOND, first, (event) => event !== undefined)) ?? expect.fail();
}

/** `holder` is paused inside, `next` enters meanwhile; both have left when it is over. */
async function trial(
  holder: string,
  next: string,
): Promise<{ readonly first: Told<'mutex.entered'>; readonly second: Told<'mutex.entered'>; readonly since: number }> {
  const since = await newestEvent(place());
  await enter(holder);
  const first = await told(since, holder, 'mutex.entered');
  const paused = performance.now();
  await here.compose('pause', holder);
  await enter(next);
  const second = await told(since, next, 'mutex.entered');
  await told(since, next, 'mutex.exited');
  await eventually(
    'the pause is over',
    2 * PAUSE,
    () => performance.now() - paused,
    (ms) => ms >= PAUSE,
  );
  await here.compose('unpause', holder);
  await told(since, holder, 'mutex.exited');
  // Whoever was paused is trusted again, and follows.
  await eventually(
    `${holder} follows`,
    30 * SECOND,
    observed.latest,
    (state) => named(state, holder).up && named(state, holder).leader === state.leader,
  );
  return { first, second, since };
}

beforeAll(async () => {
  here = await cluster(SETTINGS);
  await here.compose('build', '--quiet');
  observed = watch(here.console);
  await here.compose('up', '--detach', '--wait', 'console', ...NODES);
  await eventually('all follow master', 60 * SECOND, observed.latest, ({ nodes }) =>
    nodes.every(({ up, role, leader }) => up && (role === 'ledger' || leader === 'master')),
  );
}, 600 * SECOND);

afterAll(async () => {
  await observed?.stop();
  await here?.compose('down', '--volumes', '--timeout', '2');
  await here?.docker('image', 'rm', here.image);
}, 120 * SECOND);

test(
  `a write that comes after a pause of 5 s with a lease of 2 s is refused by its token, ${TRIALS} times of ${TRIALS}`,
  async () => {
    const members = ['kmc', 'mit', 'tapmi', 'sols'];
    let refused = 0;
    for (let i = 0; i < TRIALS; i++) {
      const [holder = '', next = ''] = [members[i % 4], members[(i + 1) % 4]];
      const { first, second, since } = await trial(holder, next);
      const fenced = await told(since, holder, 'mutex.fenced');
      expect(fenced).toMatchObject({ request: first.request, token: first.token, highest: second.token });
      expect(first.token !== null && second.token !== null && compareTokens(first.token, second.token)).toBeLessThan(0);
      expect((await told(since, next, 'mutex.written')).value).toBe(i + 1);
      refused += 1;
    }
    report(`${refused} of ${TRIALS} late writes refused`);
    await eventually('the control room heard of all', 10 * SECOND, register, (ledger) => ledger.refused === TRIALS);
    expect(register()).toMatchObject({ value: TRIALS, refused: TRIALS, stale: 0 });
    expect(observed.latest().verdicts.filter(({ rule, verdict }) => verdict === 'bug' && /^(?:mutex|ledger)\./.test(rule))).toEqual([]);
  },
  900 * SECOND,
);

test(
  'without fencing the late write is taken, an update is lost, and that is said',
  async () => {
    await here.compose('down', '--volumes', '--timeout', '2');
    await here.composeWith({ FENCING: 'off' }, 'up', '--detach', '--wait', 'console', ...NODES);
    await eventually(
      'all follow master',
      60 * SECOND,
      observed.latest,
      ({ nodes, ledger }) => ledger?.refused === 0 && nodes.every(({ up, role, leader }) => up && (role === 'ledger' || leader === 'master')),
    );
    const { since } = await trial('kmc', 'mit');
    const events = await fetchHistory(place(), since);
    const closed = events.filter((event) => event.kind === 'ledger.accepted' && event.part === 'close');
    // Two sections were told that they had written, and the register counts one.
    const written = events.flatMap((event) => (event.kind === 'mutex.written' ? [event.value] : []));
    expect(written).toHaveLength(2);
    expect(new Set(written).size).toBe(1);
    expect(closed.filter((event) => event.kind === 'ledger.accepted' && event.stale)).toHaveLength(1);
    const ledger = await eventually('the control room says so', 10 * SECOND, register, ({ stale }) => stale > 0);
    expect(ledger.value).toBe(written[0]);
    await eventually('the checker says so', 10 * SECOND, observed.latest, ({ verdicts }) =>
      verdicts.some(({ rule, verdict }) => rule === 'ledger.value' && verdict === 'expected-violation'),
    );
    report(`fencing off: ${JSON.stringify(ledger)}; ${JSON.stringify(observed.latest().verdicts.filter(({ rule }) => rule.startsWith('mutex.')))}`);
  },
  240 * SECOND,
);
