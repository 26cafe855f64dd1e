/**
 * The console's configuration, from its environment: everything that is wrong with it is said at once.
 *
 * A value is taken or refused here, before anything is opened, so that a console that starts is one that was meant.
 */
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { ElectionConfig } from '../../shared/election/config.ts';
import type { MutexConfig } from '../../shared/mutex/config.ts';
import { type Ppm, ppm } from '../../shared/time.ts';
import { type Cluster, parseCluster } from '../node/cluster.ts';
import { electionConfig, unheld } from '../node/elections.ts';
import { readKey } from '../node/files.ts';
import { mutexConfig, unguarded } from '../node/mutexes.ts';
import { variables as told } from '../node/variables.ts';
import { type Access, loopbackHosts } from './access.ts';

z.config({ jitless: true });

export interface Config {
  readonly cluster: Cluster;
  readonly key: Buffer;
  readonly listenHost: string;
  readonly consolePort: number;
  readonly metricsPort: number;
  readonly world: 'processes' | 'docker';
  readonly rho: Ppm;
  /** How the nodes hold elections. */
  readonly election: ElectionConfig;
  /** How the nodes guard the critical section; `undefined` where nobody takes it. */
  readonly mutex: (MutexConfig & { readonly fencing: boolean }) | undefined;
  readonly access: Access;
  /** Where the published port is reached from outside, and what else there is to look at. */
  readonly publicUrl: string;
  readonly grafanaUrl: string | null;
  readonly prometheusUrl: string | null;
  readonly logLevel: string;
}

export type Read = { readonly ok: true; readonly config: Config } | { readonly ok: false; readonly errors: readonly string[] };

const whole = (least: number, most: number, otherwise: number) =>
  z.string().regex(/^\d+$/).transform(Number).pipe(z.int().min(least).max(most)).default(otherwise);
const port = (otherwise: number) => whole(1, 65_535, otherwise);
const token = z.string().regex(/^[\w-]{16,128}$/);

/** Each variable, and what may stand in it. */
const variables = {
  LISTEN_HOST: { type: z.string().min(1).default('0.0.0.0'), allowed: 'a name or an address' },
  CONSOLE_PORT: { type: port(8080), allowed: 'a port, 1 to 65535' },
  METRICS_PORT: { type: port(4100), allowed: 'a port, 1 to 65535' },
  WORLD: { type: z.enum(['processes', 'docker']).default('docker'), allowed: 'processes or docker' },
  RHO_PPM: { type: whole(0, 100_000, 200), allowed: 'parts per million, 0 to 100000' },
  ELECTION: told.ELECTION,
  ELECTION_BEGINS: told.ELECTION_BEGINS,
  MODE: told.MODE,
  MUTEX: told.MUTEX,
  MUTEX_THINK_MS: told.MUTEX_THINK_MS,
  MUTEX_HOLD_MS: told.MUTEX_HOLD_MS,
  MUTEX_LEASE_MS: told.MUTEX_LEASE_MS,
  MUTEX_ON_CRASH: told.MUTEX_ON_CRASH,
  MUTEX_QUORUMS: told.MUTEX_QUORUMS,
  MUTEX_YIELDS: told.MUTEX_YIELDS,
  MUTEX_TREE: told.MUTEX_TREE,
  FENCING: told.FENCING,
  HEARTBEAT_MS: told.HEARTBEAT_MS,
  ELECTION_OK_MS: told.ELECTION_OK_MS,
  OPERATOR_TOKEN: { type: token.optional(), allowed: '16 to 128 letters, digits, underscores or dashes' },
  VIEWER_TOKEN: { type: token.optional(), allowed: '16 to 128 letters, digits, underscores or dashes' },
  ALLOWED_HOSTS: {
    type: z
      .string()
      .regex(/^[\w.:[\]-]+(,[\w.:[\]-]+)*$/)
      .optional(),
    allowed: 'names without ports, with commas between',
  },
  PUBLIC_URL: { type: z.url({ protocol: /^https?$/ }).optional(), allowed: 'an http or https address' },
  GRAFANA_URL: { type: z.url({ protocol: /^https?$/ }).optional(), allowed: 'an http or https address' },
  PROMETHEUS_URL: { type: z.url({ protocol: /^https?$/ }).optional(), allowed: 'an http or https address' },
  LOG_LEVEL: { type: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'), allowed: 'a level of pino' },
} as const;

type Name = keyof typeof variables;
type Values = { readonly [N in Name]: z.output<(typeof variables)[N]['type']> };

export function readConfig(env: NodeJS.ProcessEnv): Read {
  const errors: string[] = [];
  const values = Object.fromEntries(
    Object.entries(variables).map(([name, { type, allowed }]) => {
      // Compose passes a variable that is not set on as an empty one.
      const given = env[name] === '' ? undefined : env[name];
      const parsed = type.safeParse(given);
      if (!parsed.success) errors.push(`${name}=${shown(name, given)} is refused: allowed is ${allowed}`);
      return [name, parsed.data];
    }),
  ) as Values;
  errors.push(...unheld(values));
  const parsed = parseCluster(env.CLUSTER ?? '');
  if (!parsed.ok) errors.push(...parsed.errors.map((error) => `CLUSTER ${error}`));
  errors.push(...unguarded(values, parsed.ok ? parsed.cluster : undefined));
  const keyFile = env.KEY_FILE || '/run/lockstep/cluster.key';
  const key = readKey(keyFile);
  if (typeof key === 'string') errors.push(`KEY_FILE=${keyFile} ${key}`);
  if (!parsed.ok || typeof key === 'string' || errors.length > 0) return { ok: false, errors };
  return { ok: true, config: configured(values, parsed.cluster, key) };
}

function configured(values: Values, cluster: Cluster, key: Buffer): Config {
  const publicUrl = values.PUBLIC_URL ?? `http://localhost:${values.CONSOLE_PORT}`;
  const guard = mutexConfig(values, cluster);
  const docker = values.WORLD === 'docker';
  return {
    cluster,
    key,
    listenHost: values.LISTEN_HOST,
    consolePort: values.CONSOLE_PORT,
    metricsPort: values.METRICS_PORT,
    world: values.WORLD,
    rho: ppm(values.RHO_PPM),
    election: electionConfig(values),
    mutex: guard && { ...guard, fencing: values.FENCING },
    access: {
      hosts: new Set([...loopbackHosts, new URL(publicUrl).hostname, ...(values.ALLOWED_HOSTS?.toLowerCase().split(',') ?? [])]),
      operatorToken: values.OPERATOR_TOKEN ?? randomBytes(16).toString('hex'),
      viewerToken: values.VIEWER_TOKEN,
    },
    publicUrl,
    grafanaUrl: values.GRAFANA_URL ?? (docker ? 'http://localhost:3000' : null),
    prometheusUrl: values.PROMETHEUS_URL ?? (docker ? 'http://localhost:9090' : null),
    logLevel: values.LOG_LEVEL,
  };
}

/** A token that is refused is a secret all the same. */
const shown = (name: string, given: string | undefined): string => (name.endsWith('_TOKEN') ? '...' : (given ?? '').slice(0, 80));
