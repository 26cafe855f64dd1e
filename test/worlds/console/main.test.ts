/** The console as a program of its own, as in a container: over nodes that run, without a launcher. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { clusterOf } from '../../../services/lab/cluster.ts';
import { consoleEnvironment } from '../../../services/lab/environment.ts';
import { type Launcher, launch } from '../../../services/lab/launcher.ts';
import { choosePorts } from '../../../services/lab/ports.ts';
import { ask } from './browser-like.ts';

const script = fileURLToPath(new URL('../../../services/console/main.ts', import.meta.url));
const nodes = clusterOf(1);

let launcher: Launcher;
beforeAll(async () => {
  launcher = await launch({ nodes, ports: { base: 0, console: 0 }, env: { MODE: 'classic', LOG_LEVEL: 'warn' } });
});
afterAll(() => launcher.stop());

function run(env: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, [script], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let err = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  const lines: string[] = [];
  const reader = createInterface(child.stdout).on('line', (line) => lines.push(line));
  const finished = new Promise<{ readonly code: number | null; readonly err: string }>((resolve) =>
    child.once('close', (code) => resolve({ code, err })),
  );
  return {
    lines,
    finished,
    end: () => child.kill('SIGTERM'),
    line: (is: RegExp) => new Promise<string>((resolve) => reader.on('line', (line) => is.test(line) && resolve(line))),
  };
}

async function besides(): Promise<{ readonly env: Readonly<Record<string, string>>; readonly console: number; readonly metrics: number }> {
  const own = await choosePorts([], { base: 0, console: 0 });
  const env = {
    ...consoleEnvironment(nodes, {}, launcher.place),
    WORLD: 'docker',
    CONSOLE_PORT: `${own.console}`,
    METRICS_PORT: `${own.base + 100}`,
  };
  return { env, console: own.console, metrics: own.base + 100 };
}

describe('the console', () => {
  it('reports once that everything is up, and where to look', async () => {
    const { env, console } = await besides();
    const program = run({ ...env, PUBLIC_URL: 'http://classroom:9000', OPERATOR_TOKEN: 'token-token-token' });
    const last = await program.line(/Leader/);
    const report = program.lines.filter((line) => line !== '' && !line.startsWith('{'));
    expect(report).toEqual([
      expect.stringMatching(/^ {2}Ready in [\d.]+ s: (?:(?:kmc|mobile|laptop|ledger) [\d.]+ s(?:, )?){4}$/),
      '  Control room  http://classroom:9000/#token=token-token-token',
      '  Grafana       http://localhost:3000     Prometheus  http://localhost:9090',
      last,
    ]);
    expect(last).toMatch(/^ {2}Leader kmc \(term 1\) {3}spread not known yet {5}Try: {2}docker compose kill kmc$/);

    const headers = { authorization: 'Bearer token-token-token', 'content-type': 'application/json' };
    const order = await ask(console, '/api/commands', { method: 'POST', headers, body: '{"id":"a","verb":"kill","args":["kmc"]}' });
    expect(order).toMatchObject({ status: 200, text: '{"ok":false,"error":"run: docker compose kill kmc"}' });

    program.end();
    expect((await program.finished).code).toBe(0);
    expect(program.lines.filter((line) => /Leader/.test(line))).toHaveLength(1);
  });

  it('is ready once it hears a node, and exports what the registry promises', async () => {
    const { env, metrics } = await besides();
    const program = run(env);
    await program.line(/the control room is open/);
    expect(await ask(metrics, '/healthz')).toMatchObject({ status: 200, text: '{"ok":true}' });
    await expect.poll(async () => (await ask(metrics, '/readyz')).status, { timeout: 10_000 }).toBe(200);
    const { text, headers } = await ask(metrics, '/metrics');
    expect(headers['content-type']).toContain('text/plain');
    for (const line of [
      'lockstep_clock_spread_seconds Nan',
      'lockstep_console_viewers 0',
      'lockstep_rule_verdict{rule="clock.bound",verdict="holds"} 1',
      'lockstep_rule_verdict{rule="clock.monotonic",verdict="bug"} 0',
      'lockstep_rule_violations_total{rule="clock.bound",verdict="bug"} 0',
    ])
      expect(text).toContain(line);
    expect(text).toMatch(/^lockstep_build_info\{version="[\d.]+",node_version="24\.[\d.]+"\} 1$/m);
    expect((await ask(metrics, '/api/state')).status).toBe(404);
  });

  it('does not start with an environment that is wrong, and says all that is', async () => {
    const { env } = await besides();
    const { code, err } = await run({ ...env, CLUSTER: 'kmc', RHO_PPM: 'some', KEY_FILE: '/nowhere/key' }).finished;
    expect(code).toBe(78);
    expect(err.trim().split('\n')).toHaveLength(3);
  });

  it('does not start on a port that is in use', async () => {
    const { env } = await besides();
    const { code, err } = await run({ ...env, CONSOLE_PORT: `${launcher.ports.console}` }).finished;
    expect([code, err]).toEqual([78, `console: port ${launcher.ports.console} is in use: set CONSOLE_PORT=${launcher.ports.console + 1}\n`]);
  });
});
