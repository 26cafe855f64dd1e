/**
 * The same verbs for containers, by `docker compose` on the host: no container of ours may reach Docker itself.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { inCompose, type OutsideVerb, type Result } from '../console/commands.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const answerMs = 30_000;

/** Whether the Compose file's cluster has containers, running or not. */
export function composeIsUp(): boolean {
  const { ok, output } = docker(['compose', 'ps', '--all', '--services']);
  return ok && output.trim() !== '';
}

export function composeAct(verb: OutsideVerb, node: string): Result {
  const { ok, output } = docker(['compose', inCompose[verb], node]);
  return ok ? { ok } : { ok, error: output.trim().split('\n').at(-1) || `docker compose ${inCompose[verb]} ${node} failed` };
}

/** The operator token that the console in containers printed at its last start. */
export function composeToken(): string | undefined {
  const { output } = docker(['compose', 'logs', '--no-log-prefix', 'console']);
  return [...output.matchAll(/#token=([0-9a-f]{32})/g)].at(-1)?.[1];
}

const startsWithinMs = 180_000;

/** Or `down` would leave the containers of a profile behind. */
const everyProfile = ['--profile', 'ten'] as const;

/** A cluster of its own beside the default one: the project's Compose file with `override` laid over it. */
export function composeProject(project: string, override: string, env: Readonly<Record<string, string>>): (...args: readonly string[]) => Result {
  return (...args) => {
    const { ok, output } = docker(
      ['compose', '-p', project, ...everyProfile, '-f', 'docker-compose.yml', '-f', override, ...args],
      env,
      startsWithinMs,
    );
    return ok ? { ok } : { ok, error: output.trim().split('\n').at(-1) ?? 'docker is missing' };
  };
}

/** Runs docker in the project's folder; not there counts as failed. */
export function docker(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  withinMs: number = answerMs,
): { readonly ok: boolean; readonly output: string } {
  const { status, stdout, stderr } = spawnSync('docker', args, { cwd: root, encoding: 'utf8', timeout: withinMs, env: { ...process.env, ...env } });
  return { ok: status === 0, output: status === 0 ? stdout : `${stderr ?? ''}` };
}
