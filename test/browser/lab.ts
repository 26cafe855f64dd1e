/** A real cluster for the browser to look at: what `npm start` starts, on ports of its own, and stopped at the end. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { StateView } from '../../services/console/live-frames.ts';

export interface Lab {
  /** The control room's address, with the operator's token. */
  readonly url: string;
  readonly token: string;
  state(): Promise<StateView>;
  command(verb: string, ...args: readonly string[]): Promise<void>;
  stop(): Promise<void>;
}

interface Started {
  readonly ok: true;
  readonly url: string;
  readonly consoleUrl: string;
  readonly token: string;
}

export async function startLab(): Promise<Lab> {
  const program = spawn(process.execPath, ['services/lab/main.ts', 'up', '--json', '--port-base', '0', '--console-port', '0', '--seed', '7'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // The test runner sets MODE to something of its own.
    env: { ...process.env, MODE: 'classic' },
  });
  const errors: string[] = [];
  program.stderr.setEncoding('utf8').on('data', (text: string) => errors.push(text));
  const ended = once(program, 'exit');
  const first = once(createInterface(program.stdout), 'line');
  const outcome = await Promise.race([first, ended.then(() => undefined)]);
  if (outcome === undefined) throw new Error(`the cluster did not start: ${errors.join('')}`);
  const started = JSON.parse(String(outcome[0])) as Started | { readonly ok: false; readonly error: string };
  if (!started.ok) throw new Error(`the cluster did not start: ${started.error}`);
  const { url, consoleUrl, token } = started;
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  let commands = 0;

  return {
    url,
    token,
    state: async () => (await (await fetch(`${consoleUrl}/api/state`, { headers })).json()) as StateView,
    async command(verb, ...args) {
      commands += 1;
      const body = JSON.stringify({ id: `browser-${commands}`, verb, args });
      const answer = await fetch(`${consoleUrl}/api/commands`, { method: 'POST', headers, body });
      const { ok, error } = (await answer.json()) as { ok: boolean; error?: string };
      if (!ok) throw new Error(`${verb} ${args.join(' ')}: ${error}`);
    },
    async stop() {
      program.kill('SIGTERM');
      await ended;
    },
  };
}
