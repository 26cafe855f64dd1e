/** How the lab words what it sees: the table, the lines for what changed, and the report of a start. */
import { describe, expect, it } from 'vitest';
import type { StateView } from '../../../services/console/live-frames.ts';
import { controlRoomUrl, leaderLine, placesLines, readyLine } from '../../../services/console/report.ts';
import { changesOf } from '../../../services/lab/changes.ts';
import { checkMemory } from '../../../services/lab/doctor.ts';
import { screen } from '../../../services/lab/screen.ts';
import { plain, tableOf } from '../../../services/lab/table.ts';

type Node = StateView['nodes'][number];

const clock: Node['clock'] = {
  errorUs: 1_250,
  offsetUs: -1_200,
  trueOffsetUs: -1_250,
  boundUs: 850,
  status: 'synchronized',
  why: null,
  driftPpm: 80,
  slewing: false,
  clockUs: 9,
};
const node = (name: string, change: Partial<Node> = {}): Node => ({
  id: 1,
  name,
  role: 'member',
  up: true,
  leader: 'master',
  term: '1.5.7',
  incarnation: 7,
  clock,
  mutex: null,
  ...change,
});
const down = {
  up: false,
  leader: null,
  term: null,
  clock: { ...clock, errorUs: null, offsetUs: null, trueOffsetUs: null, boundUs: null, driftPpm: null, status: 'unknown' as const },
};
const state = (change: Partial<StateView> = {}): StateView => ({
  world: 'processes',
  leader: 'master',
  term: '1.5.7',
  truth: 'one-host',
  nodes: [node('kmc'), node('master')],
  spreadUs: 2_500,
  setup: null,
  verdicts: [{ rule: 'clock.bound', verdict: 'holds', detail: '9 of 9 readings contained' }],
  messages: {},
  elections: { last: null },
  mutex: null,
  ledger: null,
  ...change,
});

it('the table has a line per node, its leader marked, and a dash for what is not claimed', () => {
  expect(tableOf(state({ nodes: [node('kmc', down), node('master')] }), plain)).toEqual([
    '  node    status           error    offset     bound    drift',
    '  kmc     down                 -         -         -        -',
    '* master  synchronized  +1.250ms  -1.200ms  ±0.850ms  +80 ppm',
    '',
    '  leader master (term 1)   spread 2.500ms',
    '  clock.bound holds: 9 of 9 readings contained',
  ]);
});

describe('what changed', () => {
  it('is nothing where nothing did', () => expect(changesOf(state(), state({ spreadUs: 9 }))).toEqual([]));

  it('at first is who leads, and that the clocks agree if they do', () => {
    expect(changesOf(undefined, state())).toEqual(['master leads (term 1)', 'every clock that is up is synchronized, spread 2.5 ms']);
  });

  it.each<[string, Partial<StateView>, Partial<StateView>, string[]]>([
    ['a new leader', {}, { leader: 'kmc', term: '2.1.7' }, ['kmc leads (term 2)']],
    ['nobody leads', {}, { leader: null, term: null }, ['nobody leads']],
    ['a new incarnation of the same term', { term: '1.5.0' }, {}, []],
    ['a node that goes', {}, { nodes: [node('kmc', down), node('master')] }, ['kmc is down']],
    ['a node that returns', { nodes: [node('kmc', down), node('master')] }, {}, ['kmc is up']],
    ['a clock that is lost', {}, { nodes: [node('kmc', { clock: { ...clock, status: 'free-running' } }), node('master')] }, ['kmc is free-running']],
    ['a verdict', {}, { verdicts: [{ rule: 'clock.bound', verdict: 'bug', detail: 'see' }] }, ['clock.bound: bug (see)']],
  ])('%s', (_, before, after, said) => expect(changesOf(state(before), state(after))).toEqual(said));

  it('the last clock that comes to agree is told, and that all do', () => {
    const before = state({ nodes: [node('kmc', { clock: { ...clock, status: 'unknown' } }), node('master')] });
    expect(changesOf(before, state())).toEqual(['kmc is synchronized', 'every clock that is up is synchronized, spread 2.5 ms']);
  });
});

describe('the report of a start', () => {
  it('has the token in the fragment of the address', () => {
    expect(controlRoomUrl({ consoleUrl: 'http://localhost:8080/', token: 'abc' })).toBe('http://localhost:8080/#token=abc');
  });
  it('names the places there are, and no others', () => {
    expect(placesLines({ consoleUrl: 'http://localhost:8080', token: 'abc' })).toEqual(['  Control room  http://localhost:8080/#token=abc']);
    expect(
      placesLines({
        consoleUrl: 'http://localhost:8080',
        token: 'abc',
        grafanaUrl: 'http://localhost:3000',
        prometheusUrl: 'http://localhost:9090',
      })[1],
    ).toBe('  Grafana       http://localhost:3000     Prometheus  http://localhost:9090');
  });
  it('tells how long it took, who leads and how far the clocks are apart', () => {
    expect(
      readyLine(
        [
          ['console', 412],
          ['kmc', 1_640],
        ],
        2_049,
      ),
    ).toBe('  Ready in 2.0 s: console 0.4 s, kmc 1.6 s');
    expect(leaderLine(state(), 412_345, 'npm run lab kill master')).toBe(
      '  Leader master (term 1)   spread 412 ms -> watch it fall     Try:  npm run lab kill master',
    );
    expect(leaderLine(state(), 2_345, 'x')).toBe('  Leader master (term 1)   spread 2.3 ms     Try:  x');
    expect(leaderLine({ leader: null, term: null }, null, 'x')).toContain('Nobody leads yet   spread not known yet');
  });
});

it('a screen goes back over what it drew, and no further', () => {
  const written: string[] = [];
  const draw = screen({ write: (text: string) => written.push(text) > 0 });
  draw(['a', 'b']);
  draw(['c']);
  draw(['d']);
  // The escape character itself may not stand in an expression.
  expect(written.map((text) => /\[(\d)A/.exec(text)?.[1])).toEqual([undefined, '2', '1']);
});

it.each([
  [8 * 2 ** 30, 'ok'],
  [900 * 2 ** 20, 'warning'],
  [300 * 2 ** 20, 'problem'],
])('the doctor calls %i bytes of memory %s', (bytes, is) => expect(checkMemory(bytes).is).toBe(is));

it('the table tells what the last election cost, once there was one', () => {
  const last = {
    algorithm: 'bully' as const,
    mode: 'classic' as const,
    initiators: ['kmc'],
    crashed: ['master'],
    leader: 'sols',
    term: '2.4.7',
    beganUs: 1,
    durationUs: 2,
    messages: {},
    delivered: 15,
    expected: { least: 15, most: 15 },
    verdict: { rule: 'election.counts', verdict: 'holds' as const, detail: '15 delivered, expected 15' },
  };
  expect(tableOf(state({ elections: { last } }), plain)).toContain(
    '  last election: kmc called, sols leads (term 2), holds: 15 delivered, expected 15',
  );
});
