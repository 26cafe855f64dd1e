/**
 * A small cluster on loopback for tests: a key, free ports, folders for state, nodes in this process or in their own.
 * Nothing of it outlives the test.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pino from 'pino';
import { readConfig } from '../../../services/node/config.ts';
import { type RunningNode, startNode } from '../../../services/node/node.ts';

export const key = Buffer.alloc(32, 42);

export type Env = Readonly<Record<string, string>>;

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
}

/** A node in a process of its own. */
export interface Child {
  readonly process: ChildProcess;
  readonly ready: Promise<void>;
  readonly ended: Promise<Ended>;
}

/** `nodes`: ids, with a role other than member behind a colon, as in `101:device`. */
export async function lab(...nodes: readonly string[]): Promise<Lab> {
  const ports = await freePorts(nodes.length);
  return new Lab(nodes.map((node, i) => ({ id: Number.parseInt(node, 10), role: node.split(':')[1] ?? 'member', port: ports[i] as number })));
}

export class Lab {
  readonly folder = mkdtempSync(join(tmpdir(), 'lockstep-world-'));
  readonly cluster: string;
  readonly #ports: ReadonlyMap<number, number>;
  readonly #running = new Set<RunningNode>();
  readonly #children = new Set<ChildProcess>();

  constructor(nodes: readonly { readonly id: number; readonly role: string; readonly port: number }[]) {
    this.#ports = new Map(nodes.map(({ id, port }) => [id, port]));
    this.cluster = nodes.map(({ id, role, port }) => `${id}=n${id}:${role}@127.0.0.1:${port}`).join(',');
    writeFileSync(join(this.folder, 'key'), key);
  }

  port(id: number): number {
    return this.#ports.get(id) as number;
  }

  url(id: number, path: string): string {
    return `http://127.0.0.1:${this.port(id)}${path}`;
  }

  env(id: number, env: Env = {}): Env {
    const state = join(this.folder, `state-${id}`);
    mkdirSync(state, { recursive: true });
    return {
      CLUSTER: this.cluster,
      NODE_ID: String(id),
      LISTEN_HOST: '127.0.0.1',
      KEY_FILE: join(this.folder, 'key'),
      STATE_DIR: state,
      SEED: '1',
      CLOCK_PERIOD_MS: '500',
      LINK_DELAY: 'uniform:1ms:3ms',
      ...env,
    };
  }

  /** Runs a node in this process. */
  async start(id: number, env: Env = {}): Promise<RunningNode> {
    const read = readConfig(this.env(id, env));
    if (!read.ok) throw new Error(read.errors.join('\n'));
    const node = startNode(read.config, 'test', pino({ level: 'silent' }));
    this.#running.add(node);
    await new Promise<void>((resolve, reject) => {
      node.server.once('error', reject);
      node.server.listen(this.port(id), '127.0.0.1', resolve);
    });
    return node;
  }

  /** Runs a node in a process of its own, with no more of an environment than it is given. */
  fork(env: Env): Child {
    const script = fileURLToPath(new URL('../../../services/node/main.ts', import.meta.url));
    const child = fork(script, [], { env: { PATH: process.env.PATH, ...env }, execArgv: [], stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    this.#children.add(child);
    let stderr = '';
    child.stderr?.on('data', (data) => {
      stderr += data;
    });
    // The exit and the last of what it said come in either order; `close` does not come at all after a disconnect.
    const said = new Promise((resolve) => child.stderr?.once('close', resolve));
    const ended = new Promise<Ended>((resolve) => {
      child.once('exit', (code, signal) => void said.then(() => resolve({ code, signal, stderr })));
    });
    const ready = new Promise<void>((resolve, reject) => {
      child.once('message', () => resolve());
      void ended.then(({ code }) => reject(new Error(`ended with code ${code} before it was ready: ${stderr}`)));
    });
    ready.catch(() => undefined);
    return { process: child, ready, ended };
  }

  async stop(node: RunningNode): Promise<void> {
    this.#running.delete(node);
    await node.stop();
  }

  async close(): Promise<void> {
    for (const child of this.#children) child.kill('SIGKILL');
    await Promise.all([...this.#running].map((node) => node.stop()));
    rmSync(this.folder, { recursive: true, force: true });
  }

  async state(id: number): Promise<State> {
    return (await (await fetch(this.url(id, '/state'))).json()) as State;
  }

  /** The value of one series, as Prometheus would read it. */
  async metric(id: number, series: string): Promise<number> {
    const text = await (await fetch(this.url(id, '/metrics'))).text();
    const line = text.split('\n').find((l) => l.startsWith(`${series} `));
    return Number(line?.slice(series.length + 1));
  }
}

export interface State {
  readonly id: number;
  readonly leader: string | null;
  readonly term: string | null;
  readonly incarnation: number;
  readonly status: string;
  readonly clock: {
    readonly errorUs: number;
    readonly offsetUs: number | null;
    readonly trueOffsetUs: number | null;
    readonly boundUs: number | null;
  };
  readonly peers: readonly { readonly id: number; readonly up: boolean }[];
  readonly messages: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** Waits until `met` answers something, and answers that. */
export async function until<T>(what: string, met: () => Promise<T | undefined | false> | T | undefined | false, withinMs = 20_000): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const result = await met();
    if (result !== undefined && result !== false) return result;
    if (performance.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export const synchronized = (world: Lab, id: number): Promise<State> =>
  until(`node ${id} is synchronized`, async () => {
    const state = await world.state(id);
    return state.status === 'synchronized' && state.clock.trueOffsetUs !== null && state;
  });

async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
