/** The command line as a user has it: a process, its output and its exit code. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { StateView } from '../../../services/console/live-frames.ts';
import { fetchState } from '../../../services/lab/console-client.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const script = fileURLToPath(new URL('../../../services/lab/main.ts', import.meta.url));

export interface Finished {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function begin(args: readonly string[], env: Readonly<Record<string, string>>): ChildProcess {
  // As in a shell: what the test runner was told is no business of the lab's.
  const { NODE_OPTIONS: _, MODE: __, VITEST: ___, ...own } = process.env;
  return spawn(process.execPath, [script, ...args], { cwd: root, env: { ...own, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
}

function finishOf(child: ChildProcess): Promise<Finished> {
  let out = '';
  let err = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, out, err })));
}

/** Runs one verb to its end. */
export const lab = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Finished> => finishOf(begin(args, env));

export interface Up {
  readonly consoleUrl: string;
  readonly url: string;
  readonly token: string;
  readonly folder: string;
  readonly nodes: readonly { readonly id: number; readonly name: string; readonly port: number; readonly pid: number }[];
  readonly finished: Promise<Finished>;
  readonly launcher: number;
  signal(signal: NodeJS.Signals): void;
  state(): Promise<StateView>;
  /** Runs a verb against this cluster. */
  lab(...args: readonly string[]): Promise<Finished>;
  /** The first state that is so, asked for again and again. */
  until(is: (state: StateView) => boolean, withinMs?: number): Promise<StateView>;
}

/** `lab up` on free ports. It ends with the test, if the test has not ended it. */
export async function up(args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Promise<Up> {
  const child = begin(['up', '--json', '--port-base', '0', '--console-port', '0', ...args], env);
  const finished = finishOf(child);
  const cleanUp = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    await finished;
  };
  onTestFinished(cleanUp);
  const line = await new Promise<string>((resolve, reject) => {
    if (child.stdout !== null) createInterface(child.stdout).once('line', resolve);
    void finished.then(({ code, err }) => reject(new Error(`lab up ended with ${code}: ${err}`)));
  });
  const said = JSON.parse(line) as { readonly ok: boolean } & Pick<Up, 'consoleUrl' | 'url' | 'token' | 'folder' | 'nodes'>;
  if (!said.ok) throw new Error(line);
  const state = (): Promise<StateView> => fetchState(said);
  return {
    ...said,
    finished,
    launcher: child.pid ?? 0,
    signal: (signal) => void child.kill(signal),
    state,
    lab: (...verb) => lab(verb, { CONSOLE_PORT: new URL(said.consoleUrl).port }),
    async until(is, withinMs = 30_000) {
      const deadline = performance.now() + withinMs;
      for (;;) {
        const seen = await state();
        if (is(seen)) return seen;
        if (performance.now() > deadline) throw new Error(`not so within ${withinMs} ms: ${JSON.stringify(seen)}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
  };
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
