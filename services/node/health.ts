/**
 * The health check of a container: exit code 0 if the program beside it answers GET /healthz with 200, else 1.
 *
 * It starts every few seconds on half a core, next to a node that is keeping time. So it imports nothing but the HTTP
 * client: it finds its port in the same variables as the program does, but leaves judging them to that program.
 */
import { get } from 'node:http';

const TIMEOUT_MS = 2_000;

/** A node's port stands in its own entry of CLUSTER, `id=name[:role]@host:port`; the console has one for itself. */
function port(env: NodeJS.ProcessEnv): number {
  if (env.METRICS_PORT !== undefined) return Number(env.METRICS_PORT);
  const own = env.CLUSTER?.split(',').find((entry) => entry.trim().startsWith(`${env.NODE_ID}=`));
  return Number(own?.split(':').at(-1) ?? 4100);
}

function end(code: 0 | 1, why?: string): never {
  if (why !== undefined) process.stderr.write(`not healthy: ${why}\n`);
  process.exit(code);
}

// The status line is enough, and a program that takes the question and says nothing is not well either.
get({ host: '127.0.0.1', port: port(process.env), path: '/healthz', signal: AbortSignal.timeout(TIMEOUT_MS) }, (response) =>
  response.statusCode === 200 ? end(0) : end(1, `status ${response.statusCode}`),
).on('error', (error) => end(1, error.message));
