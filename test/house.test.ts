/**
 * The house: which rooms there are, who may lean on whom, and what no room may do. The tables below are the rules; where the
 * code and a table differ, one of them is to be changed on purpose. A pure core stays pure only while something watches it,
 * and the last tests prove that the watching works, on sources that break each rule.
 */
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import {
  type Ban,
  bannedThings,
  circles,
  type House,
  importBreaches,
  medianLines,
  tooLong,
  unnamedFolders,
  withoutDocstring,
} from './house/judge.ts';
import { filesUnder, load, type Sources } from './house/sources.ts';

/** Anyone may build on these. */
const foundations = ['shared/time.ts', 'shared/random.ts', 'shared/protocol.ts'];
/** The algorithms. They are siblings, and never import each other. */
const algorithms = ['shared/clock/', 'shared/election/', 'shared/mutex/', 'shared/logical/'];
/** A clock as it is, and as it is corrected: what worlds are built from. No algorithm may know the first. */
const instruments = ['shared/clock/oscillator.ts', 'shared/clock/disciplined.ts'];
/** What was seen, and what was true. No algorithm may know either. */
const records = ['shared/history.ts', 'shared/oracle.ts'];
const scenarios = ['shared/scenario.ts', 'shared/scenarios/'];
/** All that a program may run. Algorithms reach it through `node.ts`, as one composition. */
const forPrograms = [
  ...foundations,
  ...instruments,
  ...records,
  ...scenarios,
  'shared/virtual-clock.ts',
  'shared/driver.ts',
  'shared/node.ts',
  'shared/view.ts',
  'shared/faults/',
  'shared/wire.ts',
  'shared/metrics.ts',
  'shared/metrics/',
  'shared/checkers/',
  'shared/sim/',
  'shared/sim/transcript.ts',
];

const house: House = {
  'shared/': { says: 'The library: pure TypeScript that runs in a container, a simulator and a browser alike.' },
  'shared/time.ts': { says: 'Instants, durations, rates and their arithmetic.', imports: [] },
  'shared/random.ts': { says: 'Seeded streams of chance.', imports: ['shared/time.ts'], packages: ['pure-rand'] },
  'shared/protocol.ts': { says: 'What an algorithm is.', imports: ['shared/time.ts'] },
  'shared/clock/': { says: 'Clock synchronisation.', imports: [...foundations, 'shared/clock/disciplined.ts'] },
  'shared/clock/berkeley/': { says: 'Its words, and the two sides of a round.' },
  'shared/clock/cristian/': { says: 'Its words, the server, and what is made of the samples.' },
  'shared/clock/marzullo/': { says: 'Its words, and the selection.' },
  'shared/clock/oscillator.ts': { says: 'A raw clock over true time.', imports: foundations },
  'shared/clock/disciplined.ts': { says: 'A raw clock and its corrections.', imports: foundations },
  'shared/election/': { says: 'Leader election and failure detection.', imports: foundations },
  'shared/election/bully/': { says: 'Its words, and the votes and leases of the safe variant.' },
  'shared/mutex/': { says: 'Mutual exclusion.', imports: foundations },
  'shared/mutex/maekawa/': { says: 'Quorums, arbiters and requesters, and what they say.' },
  'shared/mutex/custody/': { says: 'How a token is handed over, looked for and made anew.' },
  'shared/mutex/suzuki-kasami/': { says: 'Who has asked for its token.' },
  'shared/mutex/raymond/': { says: 'Its trees, and who asked whom.' },
  'shared/logical/': { says: 'Lamport, vector and hybrid clocks.', imports: foundations },
  'shared/faults/': { says: 'One fault model for simulated and real links.', imports: foundations },
  'shared/virtual-clock.ts': {
    says: 'The clock that a world gives to one node, and its line.',
    imports: [...foundations, ...instruments, 'shared/clock/', 'shared/oracle.ts'],
  },
  'shared/driver.ts': { says: 'Runs one protocol in a world.', imports: ['shared/logical/', 'shared/protocol.ts', 'shared/time.ts'] },
  'shared/node.ts': { says: 'A whole node as one protocol.', imports: [...foundations, ...algorithms, 'shared/node/'] },
  'shared/node/': { says: 'Its words, and what each role is put together from.', imports: [...foundations, ...algorithms] },
  'shared/view.ts': { says: "What can be read off a node's state.", imports: [...foundations, 'shared/clock/', 'shared/mutex/', 'shared/node.ts'] },
  'shared/history.ts': {
    says: 'Events as they are stored and sent.',
    imports: [...foundations, 'shared/clock/oscillator.ts', 'shared/logical/', 'shared/driver.ts', 'shared/node.ts', 'shared/oracle.ts'],
  },
  'shared/oracle.ts': { says: 'What every clock truly shows.', imports: [...foundations, ...instruments, 'shared/clock/'] },
  'shared/wire.ts': {
    says: 'The only place where bytes become messages.',
    imports: [...foundations, ...algorithms, ...records, 'shared/driver.ts', 'shared/node.ts', 'shared/wire/'],
    packages: ['zod'],
  },
  'shared/wire/': { says: 'The schema of each message.', imports: algorithms, packages: ['zod'] },
  'shared/metrics.ts': {
    says: 'Every metric.',
    imports: [...foundations, ...algorithms, ...records, 'shared/node.ts', 'shared/checkers/'],
  },
  'shared/metrics/': {
    says: 'What fills the labels of a metric, and how an event becomes a sample.',
    imports: [...foundations, ...algorithms, ...records, 'shared/node.ts', 'shared/metrics.ts'],
  },
  'shared/scenario.ts': {
    says: 'What a scenario is.',
    imports: [...foundations, ...algorithms, 'shared/clock/oscillator.ts', ...records, 'shared/faults/', 'shared/node.ts', 'shared/checkers/'],
  },
  'shared/scenarios/': {
    says: 'The named scenarios.',
    imports: [
      ...foundations,
      ...algorithms,
      'shared/clock/oscillator.ts',
      ...records,
      'shared/faults/',
      'shared/node.ts',
      'shared/checkers/',
      'shared/scenario.ts',
      'shared/sim/transcript.ts',
    ],
  },
  'shared/scenarios/election/': { says: 'The election scenarios.' },
  'shared/scenarios/clock/': { says: 'The clock scenarios.' },
  'shared/scenarios/mutex/': { says: 'The scenarios of mutual exclusion.' },
  'shared/checkers/': {
    says: 'Invariants, their verdicts, and counts against closed forms.',
    imports: [...foundations, ...algorithms, ...records, 'shared/faults/', 'shared/node.ts', 'shared/driver.ts'],
  },
  'shared/checkers/mutex/': { says: 'The rules of mutual exclusion, one a file.' },
  'shared/sim/transcript.ts': { says: 'A history as text.', imports: [...foundations, ...records] },
  'shared/sim/': {
    says: 'The simulated world, and the search of every interleaving.',
    imports: [
      ...foundations,
      ...algorithms,
      ...instruments,
      ...records,
      'shared/scenario.ts',
      'shared/sim/transcript.ts',
      'shared/faults/',
      'shared/virtual-clock.ts',
      'shared/driver.ts',
      'shared/node.ts',
      'shared/checkers/',
    ],
    packages: ['tinyqueue'],
  },

  'services/': { says: 'The programs, each a thin main over the library.' },
  'services/node/': { says: 'One node of the cluster.', imports: forPrograms, packages: 'any', typesAreFree: true },
  'services/console/': {
    says: 'The control room: collector, judge and server of the page.',
    imports: [...forPrograms, 'services/node/', 'services/console/curves.ts'],
    packages: 'any',
    typesAreFree: true,
  },
  'services/console/curves.ts': { says: 'What charts draw, for console and page alike.', imports: [], typesAreFree: true },
  'services/console/page/': {
    says: 'The page, which also runs the library in the browser.',
    imports: [...forPrograms, 'services/console/curves.ts'],
    packages: ['preact', '@preact/signals', 'uplot'],
    typesAreFree: true,
  },
  'services/console/page/components/': { says: 'What the page is made of, one visible thing a file.' },
  'services/console/page/styles/': { says: 'How it looks.' },
  'services/console/page/public/': { says: 'What the page is served as it is.' },
  'services/console/page/vite.config.ts': { says: 'How the page is built.', imports: [], packages: 'any' },
  'services/lab/bench/': { says: 'What `lab bench` measures, and what it is compared with.' },
  'services/lab/': {
    says: 'The command line.',
    imports: [...forPrograms, 'services/node/', 'services/console/'],
    packages: 'any',
    typesAreFree: true,
  },

  'grafana/': { says: 'What Prometheus scrapes and Grafana shows.' },
  'grafana/build/': { says: 'Writes the dashboards from the registry of metrics.', imports: ['shared/metrics.ts'], packages: 'any' },
  'grafana/dashboards/': { says: 'The dashboards, as written by the build.' },
  'grafana/provisioning/': { says: 'What Grafana is given at its start.' },
  'grafana/provisioning/dashboards/': { says: 'Where Grafana finds the dashboards.' },
  'grafana/provisioning/datasources/': { says: 'Where Grafana finds Prometheus.' },
  'grafana/prometheus/': { says: 'Scraping, rules, and the tests of the rules.' },

  'test/': { says: 'The suites, and this house.' },
  'test/house/': { says: 'How sources are read and judged for the house rules.' },
  'test/unit/': { says: 'One function, rule or formula at a time.' },
  'test/unit/shared/mutex/': { says: 'The nine locks: their guards and rules.' },
  'test/unit/shared/checkers/': { says: 'The rules of mutual exclusion, on histories made by hand.' },
  'test/unit/shared/': { says: 'The library, a file at a time.' },
  'test/unit/node/': { says: 'Tables and guards of one node.' },
  'test/unit/console/': { says: 'The control room: picture, judge, commands.' },
  'test/unit/lab/': { says: 'The command line and its defaults.' },
  'test/unit/page/': { says: 'What the page keeps and how it words it.' },
  'test/worlds/node/': { says: 'Nodes over real sockets, and whoever is hostile to them.' },
  'test/worlds/console/': { says: 'The control room over a real cluster.' },
  'test/worlds/lab/': { says: 'The command line over real processes.' },
  'test/unit/paper/': { says: 'Numbers worked out in the papers and by hand.' },
  'test/golden/': { says: 'Transcripts, byte by byte.' },
  'test/sim/': { says: 'Whole clusters in the simulator.' },
  'test/worlds/': { says: 'Real processes and sockets on loopback.' },
  'test/browser/': { says: 'The page in a real browser.' },
  'test/e2e/': { says: 'The cluster in containers.' },
  'test/bench/': { says: 'Measurements, none of which can fail.' },

  'docs/': { says: 'For those who learn and teach with it.' },
  'docs/guide/': { says: 'The lab sheets.' },
  'docs/adr/': { says: 'Decisions, and what else was considered.' },
  '.ci/': { says: 'Everything that must hold, from a clean checkout.' },
};

const isShared = (path: string): boolean => path.startsWith('shared/');
const isAlgorithm = (path: string): boolean => algorithms.some((room) => path.startsWith(room)) && !instruments.includes(path);
/** A name that stands on its own, not a field or a key of that name. */
const bare = (name: string): RegExp => new RegExp(`(?<![.\\w$#])${name}\\b(?!\\s*\\??:)`);
/** A simulated process may be called one, as long as nothing is asked of it that only the host's process answers. */
const ownProcess = /\b(?:const|let)\s+process\b|[(,]\s*process\s*:/;
const ofTheHost =
  /(?<![.\w$#])process\s*\??\.\s*(?:env|argv|exec\w+|exit\w*|hrtime|nextTick|p?pid|std(?:in|out|err)|platform|arch|\w+Usage|cwd|on|once|emit\w*|versions?|uptime|send|abort)\b/;

const bans: readonly Ban[] = [
  // What `Date` makes of a number that it is given is the same everywhere, as long as the host's time zone is left out of it.
  { where: isShared, what: 'reads the date', sign: /\bnew\s+Date\b(?!\s*\(\s*[^)\s])|(?<!\bnew\s+)(?<![.\w$#])Date\b(?!\s*\.\s*UTC\b)/ },
  {
    where: isShared,
    what: 'reads the time zone or language of the host',
    sign: /\.\s*(?:get(?:FullYear|Month|Date|Day|Hours|Minutes|Seconds|TimezoneOffset)|toLocale\w+)\b|\bIntl\b/,
  },
  { where: isShared, what: 'reads the performance clock', sign: bare('performance') },
  { where: isShared, what: 'draws unseeded chance', sign: /\bMath\s*\.\s*random\b|\bMath\b(?!\s*\.)/ },
  { where: isShared, what: 'sets a timer of the host', sign: bare('(?:set|clear)(?:Timeout|Interval|Immediate)') },
  { where: isShared, what: 'queues work on the host', sign: bare('queueMicrotask') },
  { where: isShared, what: 'reads the process', sign: ofTheHost },
  { where: isShared, what: 'reads the process', sign: bare('process(?!\\s*\\()'), unless: ownProcess },
  { where: isShared, what: 'writes to the console', sign: bare('console') },
  { where: isShared, what: 'reaches for the network', sign: bare('(?:fetch|WebSocket|EventSource|XMLHttpRequest)') },
  { where: isShared, what: 'reaches for cryptography', sign: bare('crypto') },
  {
    where: isShared,
    what: 'reaches around the house',
    sign: /\bglobalThis\b|\bimport\s*\.\s*meta\b|\bimport\s*\((?!\s*')|(?<![.\w$#])(?:require|eval)\s*\(/,
  },
  {
    where: (path) => path.startsWith('shared/clock/'),
    what: 'reads the monotonic counter: samples are taken on the raw clock',
    sign: /\bmono\b|\bMonoTime\b/,
  },
  {
    where: (path) => isAlgorithm(path) || path === 'shared/protocol.ts' || path.startsWith('shared/node') || path === 'shared/clock/disciplined.ts',
    what: 'knows true time',
    sign: /\bTrueTime\b|\btrueUs\b/,
  },
];

const root = fileURLToPath(new URL('..', import.meta.url));
const everything = filesUnder(root);
const under = (...folders: readonly string[]): Sources =>
  load(
    root,
    everything.filter((path) => /\.tsx?$/.test(path) && folders.some((folder) => path.startsWith(folder))),
  );
const shared = under('shared/');
const programs = under('shared/', 'services/', 'grafana/');

describe('the house', () => {
  it('has only rooms that import what they may', () => expect(importBreaches(house, programs)).toEqual([]));
  it('has no circular import', () => expect(circles(programs)).toEqual([]));
  it('keeps the library apart from the world around it, and algorithms from the truth', () => expect(bannedThings(bans, programs)).toEqual([]));
  it('says of every folder what it is for', () => expect(unnamedFolders(house, everything)).toEqual([]));
  it('opens every file of library and programs with a docstring', () => expect(withoutDocstring(programs)).toEqual([]));
  it('has no file of more than 300 lines in the library', () => expect(tooLong(shared, 300)).toEqual([]));
  it('keeps the median file of the library at about 100 lines', () => expect(medianLines(shared)).toBeLessThanOrEqual(150));
});

const doc = '/** Why it is so. */\n';
const planted = (files: Readonly<Record<string, string>>): Sources => new Map(Object.entries(files));
const breaches = (files: Readonly<Record<string, string>>): readonly string[] => {
  const sources = planted(files);
  return [
    ...importBreaches(house, sources),
    ...circles(sources),
    ...bannedThings(bans, sources),
    ...withoutDocstring(sources),
    ...tooLong(sources, 300),
  ];
};

describe('the guard of the house', () => {
  it.each<[path: string, source: string, breach: string]>([
    ['shared/clock/a.ts', `import { bully } from '../election/bully.ts';`, 'shared/clock/ may not import shared/election/bully.ts'],
    ['shared/mutex/a.ts', `import type { LamportTime } from '../logical/lamport.ts';`, 'shared/mutex/ may not import shared/logical/lamport.ts'],
    ['shared/logical/a.ts', `export * from '../clock/cristian.ts';`, 'shared/logical/ may not import shared/clock/cristian.ts'],
    ['shared/election/a.ts', `import {\n  errorAt,\n} from '../oracle.ts';`, 'shared/election/ may not import shared/oracle.ts'],
    ['shared/election/a.ts', `const driver = await import('../driver.ts');`, 'shared/election/ may not import shared/driver.ts'],
    ['shared/clock/a.ts', `import { read } from './oscillator.ts';`, 'shared/clock/ may not import shared/clock/oscillator.ts'],
    ['shared/protocol.ts', `import { driver } from './driver.ts';`, 'shared/protocol.ts may not import shared/driver.ts'],
    ['shared/driver.ts', `import { bully } from './election/bully.ts';`, 'shared/driver.ts may not import shared/election/bully.ts'],
    ['shared/sim/a.ts', `import { readFileSync } from 'node:fs';`, 'shared/sim/ may not import node:fs'],
    ['shared/wire.ts', `import ws from 'ws';`, 'shared/wire.ts may not import ws'],
    ['shared/checkers/a.ts', `import { config } from '../../services/node/config.ts';`, 'shared/checkers/ may not import services/node/config.ts'],
    ['shared/elsewhere.ts', `import '../services/lab/main.ts';`, 'lies in no room of the house'],
    ['services/node/a.ts', `import { bully } from '../../shared/election/bully.ts';`, 'services/node/ may not import shared/election/bully.ts'],
    ['services/node/a.ts', `import { collect } from '../console/collector.ts';`, 'services/node/ may not import services/console/collector.ts'],
    ['services/console/page/a.tsx', `import { hostname } from 'node:os';`, 'services/console/page/ may not import node:os'],
  ])('%s: %s', (path, source, breach) => {
    const found = breaches({ [path]: doc + source });
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(`${path}: ${breach}`);
  });

  it.each<[source: string, breach: string]>([
    ['export const now = Date.now();', 'reads the date'],
    ['export const now = new Date();', 'reads the date'],
    ['export const now = new Date;', 'reads the date'],
    ['export const hour = (at: number) => new Date(at).getHours();', 'reads the time zone or language of the host'],
    ['export const now = () => performance.now();', 'reads the performance clock'],
    ['export const chance = Math.random();', 'draws unseeded chance'],
    ['export const { random } = Math;', 'draws unseeded chance'],
    ["export const chance = Math['random']();", 'draws unseeded chance'],
    ['setTimeout(() => {}, 1);', 'sets a timer of the host'],
    ['const again = setInterval;', 'sets a timer of the host'],
    ['setImmediate(() => {});', 'sets a timer of the host'],
    ['queueMicrotask(() => {});', 'queues work on the host'],
    ['export const seed = process.env.SEED;', 'reads the process'],
    ['export const { env } = process;', 'reads the process'],
    ['for (const process of [5]) process.hrtime();', 'reads the process'],
    ["console.log('hello');", 'writes to the console'],
    ["await fetch('http://localhost');", 'reaches for the network'],
    ['export const id = crypto.randomUUID();', 'reaches for cryptography'],
    ['export const now = globalThis.Date.now();', 'reaches around the house'],
    ["export const os = require('os');", 'reaches around the house'],
    ['export const text = `it is ${`now ${Date.now()}`}`;', 'reads the date'],
    ["export const quote = /['\"`]/; export const now = Date.now(); // '", 'reads the date'],
    ["export const half = (1 + 2) / 2; export const now = Date.now(); export const third = '/';", 'reads the date'],
  ])('sees that the library must not: %s', (source, breach) => {
    expect(breaches({ 'shared/scenarios/a.ts': doc + source })).toEqual([`shared/scenarios/a.ts: ${breach}`]);
  });

  it('sees an algorithm that reads the wrong clock, or the true one', () => {
    const sources = {
      'shared/clock/a.ts': `${doc}export const at = (now: Reading) => now.mono;`,
      'shared/clock/b.ts': `${doc}import type { TrueTime } from '../time.ts';`,
      'shared/election/a.ts': `${doc}import type { TrueTime } from '../time.ts';`,
      'shared/mutex/a.ts': `${doc}export const at = (e: Event) => e.trueUs;`,
    };
    expect(breaches(sources)).toEqual([
      'shared/clock/a.ts: reads the monotonic counter: samples are taken on the raw clock',
      'shared/clock/b.ts: knows true time',
      'shared/election/a.ts: knows true time',
      'shared/mutex/a.ts: knows true time',
    ]);
  });

  it('sees a circle once, wherever it is entered', () => {
    const sources = {
      'shared/sim/a.ts': `${doc}import { b } from './b.ts';`,
      'shared/sim/b.ts': `${doc}import type { C } from './c.ts';`,
      'shared/sim/c.ts': `${doc}export { b } from './b.ts';`,
    };
    expect(breaches(sources)).toEqual(['circle: shared/sim/b.ts -> shared/sim/c.ts -> shared/sim/b.ts']);
  });

  it('sees a missing docstring, a long file and a folder without a sentence', () => {
    expect(breaches({ 'shared/sim/a.ts': 'export {};\n' })).toEqual(['shared/sim/a.ts: does not open with a docstring']);
    expect(breaches({ 'shared/sim/a.ts': doc + '\n'.repeat(299) })).toEqual([]);
    expect(breaches({ 'shared/sim/a.ts': doc + '\n'.repeat(300) })).toEqual(['shared/sim/a.ts: 301 lines, more than 300']);
    expect(unnamedFolders(house, ['shared/paxos/a.ts', 'README.md'])).toEqual(["shared/paxos/: has no sentence in the house's table"]);
    expect(
      medianLines(planted({ 'shared/sim/a.ts': doc, 'shared/sim/b.ts': doc + '\n'.repeat(199), 'shared/sim/c.ts': doc + '\n'.repeat(299) })),
    ).toBe(200);
  });

  it('is not misled by comments, text, fields and keys', () => {
    const source = [
      '/** Reads no Date.now() and calls no setTimeout(). It imports nothing:',
      " * import { bully } from '../election/bully.ts';",
      ' */',
      "import { microseconds } from '../time.ts'; // console.log(process.env)",
      "export const text = 'process.exit() or new Date()';",
      'export const line = `Synchronized process client time: ${text} console`;',
      'export interface Fields { readonly process: number; readonly console?: string }',
      'export const field = (f: Fields) => f.process + Math.max(1, 2);',
      "export const sheet = { process: 5, from: 'mit' };",
      'export const epoch = (at: number) => new Date(at + Date.UTC(2021, 5, 1)).toISOString();',
      'export const start = () => { for (const process of started) process.start(); };',
    ].join('\n');
    expect(breaches({ 'shared/clock/a.ts': source })).toEqual([]);
  });

  it('lets a program name any type of the library', () => {
    expect(breaches({ 'services/lab/a.ts': `${doc}import type { Estimator } from '../../shared/clock/estimators.ts';` })).toEqual([]);
  });
});

describe('the repository', () => {
  it('names no path of a workplace', () => {
    const workplace = new RegExp(['(?<![\\w.])', 'work', ''].join('/'));
    const texts = everything.filter((path) => !/\.(?:png|svg|ico|woff2?)$/.test(path));
    expect([...load(root, texts)].filter(([, text]) => workplace.test(text)).map(([path]) => path)).toEqual([]);
  });

  it('pins every dependency to one version, except the node that runs it', () => {
    const { dependencies, devDependencies } = JSON.parse(load(root, ['package.json']).get('package.json') ?? '{}');
    const loose = Object.entries<string>({ ...dependencies, ...devDependencies }).filter(
      ([, version]) => !/^(?:npm:[@\w/.-]+@)?\d+\.\d+\.\d+$/.test(version),
    );
    expect(loose).toEqual([['node', '24.x']]);
  });
});
