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

/** Runs docker in the project's folder; not there counts as failed. */
export function docker(args: readonly string[]): { readonly ok: boolean; readonly output: string } {
  const { status, stdout, stderr } = spawnSync('docker', args, { cwd: root, encoding: 'utf8', timeout: answerMs });
  return { ok: status === 0, output: status === 0 ? stdout : `${stderr ?? ''}` };
}
