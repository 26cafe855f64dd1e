/**
 * Starts a suite that needs more than npm: `node test/run.ts browser` or `e2e`. What is missing is said before anything
 * runs, with what would cure it: a suite that is skipped in silence looks like one that passed.
 */
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

interface Suite {
  /** What is missing, each a sentence; none where the suite can run. */
  missing(): readonly string[];
  /** What must be built first, as the arguments of a program in node_modules/.bin. */
  readonly prepare: readonly (readonly string[])[];
}

const suites: Readonly<Record<string, Suite>> = {
  browser: {
    missing: () => (chromium() === undefined ? ['chromium: install it (Debian: apt-get install chromium), or set CHROMIUM to its path.'] : []),
    prepare: [['vite', 'build', 'services/console/page', '--logLevel', 'warn']],
  },
  e2e: { missing: missingForContainers, prepare: [] },
};

/** Where chromium is: the one that CHROMIUM names, and no other, or else the first on the path. */
function chromium(): string | undefined {
  const named = process.env.CHROMIUM;
  if (named) return executable(named) ? named : undefined;
  const folders = (process.env.PATH ?? '').split(delimiter).concat('/usr/bin', '/snap/bin', '/Applications/Chromium.app/Contents/MacOS');
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'Chromium'];
  return folders.flatMap((folder) => names.map((name) => join(folder, name))).find(executable);
}

function executable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function missingForContainers(): readonly string[] {
  const engine = answer('docker', ['version', '--format', '{{.Server.Version}}']);
  const compose = answer('docker', ['compose', 'version', '--short']);
  return [
    ...(engine === undefined ? ['a Docker engine: `docker version` must reach one; start it, or set DOCKER_HOST.'] : []),
    ...(compose === undefined || !/^v?([2-9]|\d\d)/.test(compose) ? ['Compose v2 or later: `docker compose version` must answer.'] : []),
  ];
}

function answer(program: string, args: readonly string[]): string | undefined {
  const { status, stdout } = spawnSync(program, args, { encoding: 'utf8', timeout: 20_000, stdio: ['ignore', 'pipe', 'ignore'] });
  return status === 0 && stdout.trim() !== '' ? stdout.trim() : undefined;
}

/** Runs a program of node_modules/.bin, which `npm run` has put on the path, and tells whether it succeeded. */
function run([program = '', ...args]: readonly string[]): boolean {
  const CHROMIUM = chromium();
  const env = CHROMIUM === undefined ? process.env : { ...process.env, CHROMIUM };
  const { status, error } = spawnSync(program, args, { env, stdio: 'inherit', shell: process.platform === 'win32' });
  if (error !== undefined) console.error(`${program}: ${error.message}`);
  return status === 0;
}

const [name = '', ...rest] = process.argv.slice(2);
const suite = suites[name];
if (suite === undefined) {
  console.error(`usage: node test/run.ts ${Object.keys(suites).join('|')} [vitest options]`);
  process.exit(2);
}
const missing = suite.missing();
if (missing.length > 0) {
  console.error([`The suite "${name}" cannot run here. It needs:`, ...missing.map((what) => `  - ${what}`)].join('\n'));
  process.exit(1);
}
process.exit([...suite.prepare, ['vitest', 'run', '--project', name, ...rest]].every(run) ? 0 : 1);
