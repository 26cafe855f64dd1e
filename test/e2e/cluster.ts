/**
 * A cluster of containers for one run of the suite: its own project name, its own ports and its own image tag, so that
 * it disturbs no cluster that somebody is looking at. And a watch on it, which asks the console for its state several
 * times a second from the first to the last moment and judges every claim in every answer.
 */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { NodeView, StateView } from '../../services/console/live-frames.ts';
import { variables } from '../../services/node/variables.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);

export interface Cluster {
  readonly console: string;
  readonly prometheus: string;
  readonly grafana: string;
  /** What the nodes run, of which this cluster has one of its own. */
  readonly image: string;
  /** `docker compose ...` on this project; what it prints. */
  compose(...args: readonly string[]): Promise<string>;
  /** The same with other settings. */
  composeWith(more: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<string>;
  docker(...args: readonly string[]): Promise<string>;
}

/** `settings` are variables of the Compose file. */
export async function cluster(settings: Readonly<Record<string, string>> = {}): Promise<Cluster> {
  const [CONSOLE_PORT, PROMETHEUS_PORT, GRAFANA_PORT] = await freePorts(3);
  const version = `e2e-${process.pid}`;
  const name = `lockstep-${version}`;
  const env = {
    ...surroundings(),
    ...settings,
    LOCKSTEP_VERSION: version,
    CONSOLE_PORT: String(CONSOLE_PORT),
    PROMETHEUS_PORT: String(PROMETHEUS_PORT),
    GRAFANA_PORT: String(GRAFANA_PORT),
  };
  const asked = (more: Readonly<Record<string, string>>) => async (args: readonly string[]) =>
    (await run('docker', args, { cwd: root, env: { ...env, ...more }, maxBuffer: 32 << 20 })).stdout;
  const docker = (...args: readonly string[]) => asked({})(args);
  return {
    console: `http://127.0.0.1:${CONSOLE_PORT}`,
    prometheus: `http://127.0.0.1:${PROMETHEUS_PORT}`,
    grafana: `http://127.0.0.1:${GRAFANA_PORT}`,
    image: `lockstep/node:${version}`,
    compose: (...args) => docker('compose', '--progress', 'quiet', '-p', name, ...args),
    composeWith: (more, ...args) => asked(more)(['compose', '--progress', 'quiet', '-p', name, ...args]),
    docker,
  };
}

/**
 * What a shell happens to set must not reach the cluster under test: the Compose file takes its settings from there, and
 * vitest itself sets a MODE.
 */
function surroundings(): NodeJS.ProcessEnv {
  const settings = new Set([...Object.keys(variables), 'LOCKSTEP_BIND', 'OPERATOR_TOKEN', 'VIEWER_TOKEN', 'ALLOWED_HOSTS']);
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !settings.has(name)));
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}

export async function json<T>(url: string): Promise<T> {
  const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return (await response.json()) as T;
}

/** Asks until the answer satisfies, or says at the deadline what was seen last. */
export async function eventually<T>(what: string, withinMs: number, ask: () => T | Promise<T>, satisfies: (answer: T) => boolean): Promise<T> {
  const deadline = performance.now() + withinMs;
  let last: unknown = 'nothing';
  for (;;) {
    try {
      const answer = await ask();
      if (satisfies(answer)) return answer;
      last = answer;
    } catch (error) {
      last = error instanceof Error ? error.message : error;
    }
    if (performance.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}; last seen: ${JSON.stringify(last)}`);
    await pause(100);
  }
}

export interface Watch {
  /** The newest state. */
  latest(): StateView;
  /** Every answer so far, oldest first. */
  readonly answers: readonly StateView[];
  stop(): Promise<void>;
}

export function watch(url: string): Watch {
  const answers: StateView[] = [];
  let watching = true;
  const loop = (async () => {
    while (watching) {
      // Until the console listens, and while it is busy, there is simply no answer to judge.
      await json<StateView>(`${url}/api/state`).then(
        (state) => answers.push(state),
        () => undefined,
      );
      await pause(150);
    }
  })();
  return {
    answers,
    latest() {
      const last = answers.at(-1);
      if (last === undefined) throw new Error('the console has not answered yet');
      return last;
    },
    async stop() {
      watching = false;
      await loop;
    },
  };
}

/** A node's claim, where it makes one and the oracle can judge it. */
export function claim({ name, clock }: NodeView): { name: string; gapUs: number; boundUs: number } | undefined {
  const { offsetUs, trueOffsetUs, boundUs } = clock;
  if (offsetUs === null || trueOffsetUs === null || boundUs === null) return undefined;
  return { name, gapUs: Math.abs(offsetUs - trueOffsetUs), boundUs };
}

export const isTrue = (node: NodeView): boolean => {
  const made = claim(node);
  return made !== undefined && made.gapUs <= made.boundUs;
};

export const named = (state: StateView, name: string): NodeView => {
  const node = state.nodes.find((each) => each.name === name);
  if (node === undefined) throw new Error(`the console knows no ${name}`);
  return node;
};

/** Those that have a clock to keep: the ledger is no client of anybody's. */
export const timed = ({ nodes }: StateView): readonly NodeView[] => nodes.filter(({ role }) => role !== 'ledger');

/** All of them up and synchronized, and no two members further apart than twice what the least certain of them claims. */
export function inStep(state: StateView, except: readonly string[] = []): boolean {
  const { spreadUs } = state;
  const rest = timed(state).filter(({ name }) => !except.includes(name));
  const bounds = rest.map((node) =>
    node.up && node.clock.status === 'synchronized' && isTrue(node) ? (node.clock.boundUs ?? Number.NaN) : Number.NaN,
  );
  return spreadUs !== null && spreadUs <= 2 * Math.max(...bounds);
}
