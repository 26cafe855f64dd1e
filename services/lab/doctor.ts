/**
 * `lab doctor`: looks at what the lab needs and says of each thing whether it is there, and what to do if it is not.
 *
 * Docker is never a problem: the lab runs without it.
 */
import { spawnSync } from 'node:child_process';
import { styleText } from 'node:util';
import type { Command } from 'commander';
import { consoleId } from '../node/cluster.ts';
import { clusterOf } from './cluster.ts';
import { docker } from './docker.ts';
import { exitCodes } from './failure.ts';
import { pageState } from './page-build.ts';
import { defaultConsolePort, defaultPortBase, isFree, isFreeForNode } from './ports.ts';
import { findRuns } from './run-file.ts';

type Word = 'ok' | 'warning' | 'problem';

export interface Check {
  readonly what: string;
  readonly is: Word;
  readonly says: string;
}

const examples = `
Examples:
  npm run lab doctor
  npm run -s lab doctor -- --json
  CONSOLE_PORT=8090 npm run lab doctor
`;

export function registerDoctor(program: Command): void {
  program
    .command('doctor')
    .description('look at what the lab needs, and say what to do')
    .addHelpText('before', examples)
    .option('--json', 'print one JSON object')
    .action(async ({ json }: { readonly json?: boolean }) => {
      const checks = [
        checkNode(),
        checkNpm(),
        ...(await checkPorts(process.env)),
        checkMemory(process.availableMemory()),
        checkPage(),
        ...checkDocker(),
      ];
      const ok = checks.every((check) => check.is !== 'problem');
      console.log(json === true ? JSON.stringify({ ok, checks }) : checks.map(lineOf).join('\n'));
      if (!ok) process.exitCode = exitCodes.failed;
    });
}

const styles = { ok: 'green', warning: 'yellow', problem: 'red' } as const;

const lineOf = ({ what, is, says }: Check): string =>
  `${styleText(styles[is], is.padEnd(7), { stream: process.stdout })}  ${what.padEnd(8)}  ${says}`;

const check = (what: string, is: Word, says: string): Check => ({ what, is, says });

const checkNode = (): Check => check('Node', 'ok', `${process.versions.node}, at ${process.execPath}`);

function checkNpm(): Check {
  const version =
    /\bnpm\/(\S+)/.exec(process.env.npm_config_user_agent ?? '')?.[1] ?? spawnSync('npm', ['--version'], { encoding: 'utf8' }).stdout?.trim();
  return version ? check('npm', 'ok', version) : check('npm', 'warning', 'not found: the scripts of this project are run by it');
}

async function checkPorts(env: NodeJS.ProcessEnv): Promise<readonly Check[]> {
  const base = Number(env.LOCKSTEP_PORT_BASE || defaultPortBase);
  const console = Number(env.CONSOLE_PORT || defaultConsolePort);
  const [run] = findRuns(console);
  if (run !== undefined) return [check('ports', 'ok', `used by the cluster that runs here, at ${run.consoleUrl}`)];
  const ids = [...clusterOf().map(({ id }) => id), consoleId];
  const taken = (await Promise.all(ids.map(async (id) => ((await isFreeForNode(base + id)) ? [] : [base + id])))).flat();
  return [
    (await isFree(console))
      ? check('ports', 'ok', `${console} is free for the control room`)
      : check('ports', 'problem', `${console} is in use: set CONSOLE_PORT=${console + 1}`),
    taken.length === 0
      ? check('ports', 'ok', `${base} plus the ids of the nodes are free`)
      : check('ports', 'problem', `${taken.join(', ')} in use: set LOCKSTEP_PORT_BASE=${base + 200}`),
  ];
}

const mebibyte = 2 ** 20;
/** Eight programs of some 100 MiB each, and room to breathe. */
const needed = { at: 600 * mebibyte, comfortably: 1_200 * mebibyte };

export function checkMemory(available: number): Check {
  const says = `${Math.round(available / mebibyte)} MiB available`;
  if (available < needed.at) return check('memory', 'problem', `${says}: the cluster needs about 800; run fewer nodes, npm run lab up -- --nodes 2`);
  return available < needed.comfortably ? check('memory', 'warning', `${says}: little more than the cluster needs`) : check('memory', 'ok', says);
}

function checkPage(): Check {
  const state = pageState();
  return check('page', 'ok', state === 'current' ? 'built' : `${state}: it is built at the next start`);
}

/** The oldest that the Compose file was tried with. */
const oldest = { engine: 20, compose: 2 } as const;

function checkDocker(): readonly Check[] {
  const engine = docker(['version', '--format', '{{.Server.Version}}']);
  const compose = docker(['compose', 'version', '--short']);
  const without = 'npm start does without it';
  return [
    engine.ok ? versioned('Engine', engine.output.trim(), oldest.engine) : check('Engine', 'warning', `no Docker Engine answers: ${without}`),
    compose.ok ? versioned('Compose', compose.output.trim(), oldest.compose) : check('Compose', 'warning', `not found: ${without}`),
  ];
}

function versioned(what: string, version: string, least: number): Check {
  const major = Number(/^v?(\d+)/.exec(version)?.[1] ?? 0);
  return major >= least
    ? check(what, 'ok', version)
    : check(what, 'warning', `${version} is older than ${least}, with which the Compose file was tried`);
}
