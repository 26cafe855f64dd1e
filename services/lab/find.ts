/** Which cluster a verb is about: the one that a launcher of this user runs here, or the one in containers. */
import { composeIsUp } from './docker.ts';
import { Failure } from './failure.ts';
import { defaultConsolePort } from './ports.ts';
import { findRuns, type RunFile } from './run-file.ts';

export type Found = { readonly world: 'processes'; readonly run: RunFile } | { readonly world: 'docker'; readonly consoleUrl: string };

/** CONSOLE_PORT, where it is set, chooses among several. */
export function findCluster(env: NodeJS.ProcessEnv): Found {
  const port = env.CONSOLE_PORT ? Number(env.CONSOLE_PORT) : undefined;
  const runs = findRuns(port);
  const [run] = runs;
  if (runs.length > 1) {
    const ports = runs.map(({ consoleUrl }) => new URL(consoleUrl).port).join(', ');
    throw new Failure(`several clusters run here: set CONSOLE_PORT to one of ${ports}`);
  }
  if (run !== undefined) return { world: 'processes', run };
  if (composeIsUp()) return { world: 'docker', consoleUrl: `http://localhost:${port ?? defaultConsolePort}` };
  throw new Failure('no cluster is running: start one with npm start, or with docker compose up');
}
