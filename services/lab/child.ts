/**
 * One program of the cluster as a child process: started, watched, stopped, continued, ended.
 *
 * It has a process group of its own, so that Ctrl-C in the terminal reaches the launcher alone, which then ends the
 * cluster in order. It ends by itself when the line to the launcher closes, however that came about.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';

interface Program {
  readonly script: string;
  readonly env: NodeJS.ProcessEnv;
  /** Everything it prints is appended here. */
  readonly logFile: string;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Child {
  readonly pid: number | undefined;
  /** Settled when the program listens; `false` where it ended before. */
  readonly ready: Promise<boolean>;
  readonly ended: Promise<Ended>;
  alive(): boolean;
  paused(): boolean;
  signal(signal: NodeJS.Signals): void;
  /** Asks the program to end, and after `patienceMs` no longer asks. */
  end(patienceMs: number): Promise<Ended>;
  say(message: object): void;
}

/** As in the image: a heap of the size that a node needs (a small young generation saves it ten megabytes), and objects without the one property that input could abuse. */
const options: readonly string[] = ['--max-old-space-size=128', '--max-semi-space-size=1', '--disable-proto=delete'];

export function start({ script, env, logFile }: Program, hear: (message: unknown) => void): Child {
  const log = openSync(logFile, 'a', 0o600);
  const child: ChildProcess = fork(script, [], { env, execArgv: [...options], detached: true, stdio: ['ignore', log, log, 'ipc'] });
  closeSync(log);
  let over: Ended | undefined;
  let stopped = false;

  const ended = new Promise<Ended>((resolve) => {
    const finish = (code: number | null, signal: NodeJS.Signals | null): void => {
      over = { code, signal };
      resolve(over);
    };
    child.once('exit', finish);
    child.once('error', () => child.pid === undefined && finish(null, null));
  });
  const ready = new Promise<boolean>((resolve) => {
    child.on('message', (message) => {
      if ((message as { readonly type?: unknown }).type === 'ready') resolve(true);
      hear(message);
    });
    child.once('exit', () => resolve(false));
    child.once('error', () => resolve(false));
  });

  function signal(name: NodeJS.Signals): void {
    if (over !== undefined) return;
    child.kill(name);
    if (name === 'SIGSTOP') stopped = true;
    if (name === 'SIGCONT') stopped = false;
  }

  return {
    pid: child.pid,
    ready,
    ended,
    alive: () => over === undefined,
    paused: () => over === undefined && stopped,
    signal,
    end(patienceMs) {
      // A stopped process hears nothing until it goes on.
      signal('SIGCONT');
      signal('SIGTERM');
      const late = setTimeout(() => signal('SIGKILL'), patienceMs);
      return ended.finally(() => clearTimeout(late));
    },
    say(message) {
      if (child.connected) child.send(message, () => undefined);
    },
  };
}

/** The last lines that the program printed. */
export function lastLines(logFile: string, count: number): readonly string[] {
  try {
    return readFileSync(logFile, 'utf8').trimEnd().slice(-8_192).split('\n').slice(-count);
  } catch {
    return [];
  }
}
