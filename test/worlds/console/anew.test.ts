/** A control room that is started anew, over a cluster that has been at work for a while: it finds nobody guilty of its own absence. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import type { StateView } from '../../../services/console/live-frames.ts';
import { clusterOf } from '../../../services/lab/cluster.ts';
import { fetchState } from '../../../services/lab/console-client.ts';
import { consoleEnvironment } from '../../../services/lab/environment.ts';
import { launch } from '../../../services/lab/launcher.ts';
import { choosePorts } from '../../../services/lab/ports.ts';

const script = fileURLToPath(new URL('../../../services/console/main.ts', import.meta.url));
const nodes = clusterOf(5);
const work = { MODE: 'classic', LOG_LEVEL: 'warn', MUTEX_THINK_MS: '40', MUTEX_HOLD_MS: '0:5', HEARTBEAT_MS: '1000' };

async function until(consoleUrl: string, is: (state: StateView) => boolean, look: (state: StateView) => void = () => undefined): Promise<StateView> {
  const deadline = performance.now() + 60_000;
  for (;;) {
    const state = await fetchState({ consoleUrl }).catch(() => undefined);
    if (state !== undefined) look(state);
    if (state !== undefined && is(state)) return state;
    if (performance.now() > deadline) throw new Error(`not so within a minute: ${JSON.stringify(state)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const judged = ({ verdicts }: StateView): number =>
  Number(/entries: (\d+)|in (\d+) entries/.exec(verdicts.find(({ rule }) => rule === 'mutex.exclusion')?.detail ?? '')?.[1] ?? 0);

it.each(['suzuki-kasami', 'ricart-agrawala'] as const)('judges a cluster under %s that it has not seen begin', async (mutex) => {
  const launcher = await launch({ nodes, ports: { base: 0, console: 0 }, mutex, linkDelay: 'none', env: work });
  onTestFinished(() => launcher.stop());
  const before = await until(launcher.consoleUrl, ({ mutex: lock, leader }) => leader === 'master' && (lock?.entries ?? 0) >= 300);
  expect(before.verdicts.filter(({ verdict }) => verdict === 'bug')).toEqual([]);
  // The highest is gone for a while, so that there is a past which nobody can tell completely.
  expect(await launcher.act('kill', 'master')).toEqual({ ok: true });
  await until(launcher.consoleUrl, ({ leader }) => leader === 'sols');
  expect(await launcher.act('restart', 'master')).toEqual({ ok: true });
  const entries = (await until(launcher.consoleUrl, ({ leader }) => leader === 'master')).mutex?.entries ?? 0;
  await until(launcher.consoleUrl, ({ mutex: lock }) => (lock?.entries ?? 0) >= entries + 100);

  const own = await choosePorts([], { base: 0, console: 0 });
  const env = {
    ...consoleEnvironment(nodes, { mutex, env: work }, launcher.place),
    CONSOLE_PORT: `${own.console}`,
    METRICS_PORT: `${own.base + 100}`,
  };
  const child = spawn(process.execPath, [script], { env: { ...env, WORLD: 'docker' }, stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  const seen: string[] = [];
  const accused = ({ verdicts }: StateView): void => {
    for (const { rule, verdict, detail } of verdicts) if (verdict === 'bug') seen.push(`${rule}: ${detail}`);
  };
  const anew = `http://localhost:${own.console}`;
  const first = judged(await until(anew, (state) => judged(state) > 0, accused));
  await until(anew, (state) => judged(state) >= first + 100, accused);
  expect([...new Set(seen)]).toEqual([]);
});
