/**
 * `lab up`, which is what `npm start` runs: the cluster as local processes, until Ctrl-C.
 *
 * The control room opens first and the rest of the start is watched in it. On a terminal a table goes on showing every
 * clock; where the output is piped, a line says what changed, and nothing else is printed.
 */
import { type Command, Option } from 'commander';
import { choices } from '../../shared/wire.ts';
import type { StateView } from '../console/live-frames.ts';
import { controlRoomUrl, leaderLine, placesLines, readyLine } from '../console/report.ts';
import { unheld } from '../node/elections.ts';
import { guards, readVariables, usualGuard } from '../node/variables.ts';
import { changesOf } from './changes.ts';
import { clusterOf, fewestMembers, mostMembers } from './cluster.ts';
import { fetchState } from './console-client.ts';
import { given, portOf, type Settings } from './environment.ts';
import { exitCodes, Failure } from './failure.ts';
import { keyboard } from './keyboard.ts';
import { type Death, type Launcher, launch } from './launcher.ts';
import { seed, whole } from './options.ts';
import { buildPage } from './page-build.ts';
import { defaultConsolePort, defaultPortBase, loopback } from './ports.ts';
import { screen } from './screen.ts';
import { coloured, tableOf } from './table.ts';

const examples = `
Examples:
  npm start
  npm run lab up -- --nodes 3 --clock cristian
  npm run lab up -- --nodes 8 --election ring
  npm run lab up -- --mutex ricart-agrawala
  npm run lab up -- --port-base 5200 --console-port 8090
`;

interface Flags extends Pick<Settings, 'clock' | 'election' | 'mode' | 'mutex' | 'seed'> {
  readonly nodes?: number;
  readonly portBase: number;
  readonly consolePort: number;
  readonly json?: boolean;
}

const everyMs = 500;
const anyPort = whole(0, 65_535);

export function registerUp(program: Command): void {
  program
    .command('up')
    .description('run the cluster as local processes')
    .addHelpText('before', examples)
    .option('--nodes <n>', 'members 1..N beside the two devices and the ledger; the highest leads (default: 5)', whole(fewestMembers, mostMembers))
    .addOption(new Option('--clock <rule>', 'clock rule (default: CLOCK, or berkeley)').choices(['cristian', 'berkeley']))
    .addOption(new Option('--election <algorithm>', 'how a leader is elected (default: ELECTION, or bully)').choices(choices.election))
    .addOption(new Option('--mode <mode>', 'elections by the textbook, or safe ones (default: MODE, or classic)').choices(['classic', 'safe']))
    .addOption(new Option('--mutex <algorithm>', `how the critical section is guarded (default: MUTEX, or ${usualGuard})`).choices([...guards]))
    .option('--seed <n>', 'chance of links and clocks (default: a new one each time)', seed)
    .addOption(
      new Option('--port-base <port>', 'node N listens on this plus N; 0 for any free ones')
        .env('LOCKSTEP_PORT_BASE')
        .argParser(anyPort)
        .default(defaultPortBase),
    )
    .addOption(
      new Option('--console-port <port>', 'port of the control room; 0 for any free one')
        .env('CONSOLE_PORT')
        .argParser(anyPort)
        .default(defaultConsolePort),
    )
    .option('--json', 'print one JSON object when the cluster is up, and nothing else')
    .action(up);
}

async function up({ nodes, portBase, consolePort, json, ...settings }: Flags): Promise<void> {
  mustBeHeld(settings);
  const began = performance.now();
  const page = buildPage();
  const view = json === true || !process.stdout.isTTY ? pipedView(json === true) : terminalView();
  const launcher = await launch({
    ...settings,
    nodes: clusterOf(nodes),
    ports: { base: portBase, console: consolePort },
    // Long enough to see the clocks apart before the first correction.
    env: { SETTLE_MS: process.env.SETTLE_MS ?? '3000' },
    died: (death) => view.say(`${obituary(death)}`),
  });
  let interrupted = false;
  const stop = (exitCode: number): void => {
    // Whoever asks twice does not want to wait.
    void launcher.stop(interrupted).then(() => process.exit(exitCode));
    if (!interrupted) view.say('ending the cluster; once more to end it at once');
    interrupted = true;
  };
  process.on('SIGINT', () => stop(exitCodes.interrupted));
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop(exitCodes.held));

  await view.opened(launcher, performance.now() - began);
  void page.then((trouble) => trouble !== undefined && view.say(`the page could not be built: ${trouble}`));
  view.keys(launcher, () => stop(exitCodes.held));
  await following(launcher, view, () => interrupted);
}

/** What every node would refuse is refused here, once; the environment counts where no option is given. */
function mustBeHeld({ election, mode }: Pick<Flags, 'election' | 'mode'>): void {
  const values = readVariables({ ...process.env, ...given({ ELECTION: election, MODE: mode }) }, () => undefined);
  const [why] = unheld(values);
  if (why !== undefined) throw new Failure(why, exitCodes.usage);
}

/** What the user sees of a running cluster. */
interface View {
  opened(launcher: Launcher, totalMs: number): Promise<void>;
  keys(launcher: Launcher, quit: () => void): void;
  show(state: StateView, before: StateView | undefined): void;
  say(line: string): void;
}

async function following({ consoleUrl, place }: Launcher, view: View, over: () => boolean): Promise<void> {
  let before: StateView | undefined;
  while (!over()) {
    const state = await fetchState({ consoleUrl, token: place.token }).catch(() => undefined);
    if (over()) return;
    if (state !== undefined) view.show(state, before);
    before = state ?? before;
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

async function report(launcher: Launcher, totalMs: number): Promise<readonly string[]> {
  const { consoleUrl, place, readyMs } = launcher;
  const state = await firstPicture(launcher);
  const attempt = `npm run lab kill ${state.leader ?? launcher.nodes[0]?.name}`;
  const places = [...placesLines({ consoleUrl, token: place.token }), ...ntpLines(launcher, state.leader)];
  return ['', readyLine([...readyMs], totalMs), ...places, leaderLine(state, state.spreadUs, attempt), ''];
}

/** How any NTP client reads a node's clock, the leader's for one. */
function ntpLines({ nodes, ports }: Launcher, leader: string | null): readonly string[] {
  const node = nodes.find(({ name }) => name === leader) ?? nodes[0];
  return node === undefined ? [] : [`  NTP           chronyd -Q 'server ${loopback} port ${portOf(ports, node.id)} iburst'   (${node.name}'s clock)`];
}

/** As soon as the clocks of the members can be compared, or after a second without. */
async function firstPicture({ consoleUrl, place }: Launcher): Promise<StateView> {
  const deadline = performance.now() + 1_000;
  for (;;) {
    const state = await fetchState({ consoleUrl, token: place.token });
    if (performance.now() > deadline || state.nodes.every(({ up, role, leader }) => up && (role === 'ledger' || leader !== null))) return state;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function pipedView(json: boolean): View {
  const began = performance.now();
  const say = (line: string): void => {
    if (!json) console.log(`${((performance.now() - began) / 1_000).toFixed(1).padStart(6)} s  ${line}`);
    else console.error(line);
  };
  return {
    async opened(launcher, totalMs) {
      if (json) console.log(JSON.stringify(described(launcher, totalMs)));
      else console.log((await report(launcher, totalMs)).join('\n'));
    },
    keys: () => undefined,
    show: (state, before) => {
      if (!json) for (const change of changesOf(before, state)) say(change);
    },
    say,
  };
}

function terminalView(): View {
  let draw = screen(process.stdout);
  let saying: readonly string[] = [];
  const notes = (): readonly string[] => (saying.length === 0 ? [] : ['', ...saying.map((line) => `  ${line}`)]);
  return {
    opened: async (launcher, totalMs) => console.log((await report(launcher, totalMs)).join('\n')),
    keys(launcher, quit) {
      keyboard(launcher, {
        quit,
        say: (lines) => {
          saying = lines;
        },
        clear: () => {
          saying = [];
          process.stdout.write('\x1b[2J\x1b[H');
          draw = screen(process.stdout);
        },
      });
    },
    show: (state) =>
      draw([...tableOf(state, coloured), ...notes(), '', coloured('dim', '  h help   u addresses   o open   c clear   r restart   q quit')]),
    say: (line) => {
      saying = [...saying.slice(-4), line];
    },
  };
}

const described = (launcher: Launcher, totalMs: number): object => ({
  ok: true,
  url: controlRoomUrl({ consoleUrl: launcher.consoleUrl, token: launcher.place.token }),
  consoleUrl: launcher.consoleUrl,
  token: launcher.place.token,
  folder: launcher.place.folder,
  nodes: launcher.nodes.map(({ id, name, role }) => {
    const port = portOf(launcher.ports, id);
    return { id, name, role, port, ntpPort: port, pid: launcher.pidOf(name) };
  }),
  totalMs: Math.round(totalMs),
});

const obituary = ({ name, code, signal, lastLines }: Death): string =>
  [`${name} ended by itself (${signal ?? `code ${code}`}): npm run lab restart ${name}`, ...lastLines.map((line) => `  | ${line}`)].join('\n');
