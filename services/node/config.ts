/**
 * A node's configuration, from its environment: everything that is wrong with it is said at once.
 *
 * A value is taken or refused here, before anything is opened, so that a node that starts is one that was meant. Each
 * refusal names the variable, what stood in it and what is allowed.
 */
import { randomInt } from 'node:crypto';
import type { Rule } from '../../shared/faults/rules.ts';
import type { NodeConfig, Role } from '../../shared/node.ts';
import { nodeConfig } from '../../shared/scenario.ts';
import type { Duration, Ppm } from '../../shared/time.ts';
import { type Cluster, type Peer, parseCluster } from './cluster.ts';
import { electionConfig, unheld } from './elections.ts';
import { readKey, unwritable } from './files.ts';
import { mutexConfig, unguarded } from './mutexes.ts';
import { type Name, readVariables, type Values } from './variables.ts';

export interface Config {
  readonly cluster: Cluster;
  readonly self: Peer;
  readonly key: Buffer;
  readonly listenHost: string;
  readonly stateDir: string;
  readonly oscillator: OscillatorConfig;
  readonly node: NodeConfig;
  readonly mode: 'classic' | 'safe';
  readonly rules: readonly Rule[];
  readonly seed: number;
  /** Where NTP clients may ask, on UDP; `null` for nowhere. */
  readonly ntpPort: number | null;
  readonly logLevel: string;
}

/** How the raw clock is wrong from the start. */
export interface OscillatorConfig {
  readonly offset: Duration;
  readonly drift: Ppm;
  readonly wander: Ppm;
}

export type Read = { readonly ok: true; readonly config: Config } | { readonly ok: false; readonly errors: readonly string[] };

export function readConfig(env: NodeJS.ProcessEnv): Read {
  const errors: string[] = [];
  const say = (name: Name, what: string): void => {
    errors.push(env[name] ? `${name}=${env[name].slice(0, 200)} ${what}` : `${name} is not set, and ${what}`);
  };
  const values = readVariables(env, (name, allowed) => say(name, env[name] ? `is refused: allowed is ${allowed}` : `must be: ${allowed}`));
  const cluster = readCluster(values, errors);
  const self = findSelf(values, cluster, say);
  const key = values.KEY_FILE === undefined ? undefined : readKey(values.KEY_FILE);
  if (typeof key === 'string') errors.push(`KEY_FILE=${values.KEY_FILE} ${key}`);
  const unfit = values.STATE_DIR === undefined ? undefined : unwritable(values.STATE_DIR);
  if (unfit !== undefined) errors.push(`STATE_DIR=${values.STATE_DIR} ${unfit}`);
  errors.push(...unheld(values), ...unguarded(values, cluster));
  const node = protocolConfig(values, self?.role ?? 'member', cluster ?? []);
  if (node.berkeley.gather >= node.berkeley.period)
    errors.push(`BERKELEY_GATHER_MS is ${node.berkeley.gather / 1e3}: allowed is less than CLOCK_PERIOD_MS, which is ${node.berkeley.period / 1e3}`);

  if (errors.length > 0 || cluster === undefined || self === undefined || typeof key !== 'object') return { ok: false, errors };
  const { LISTEN_HOST, STATE_DIR, OFFSET_MS, DRIFT_PPM, WANDER_PPM, MODE, SEED, NTP_PORT, LOG_LEVEL } = values as Required<Values>;
  const oscillator = { offset: OFFSET_MS, drift: DRIFT_PPM, wander: WANDER_PPM };
  const seed = SEED ?? randomInt(2 ** 32);
  const config = {
    cluster,
    self,
    key,
    listenHost: LISTEN_HOST,
    stateDir: STATE_DIR,
    oscillator,
    node,
    mode: MODE,
    rules: rulesOf(values),
    seed,
    ntpPort: NTP_PORT,
    logLevel: LOG_LEVEL,
  };
  return { ok: true, config };
}

function readCluster({ CLUSTER }: Values, errors: string[]): Cluster | undefined {
  const parsed = CLUSTER === undefined ? undefined : parseCluster(CLUSTER);
  if (parsed?.ok === false) errors.push(...parsed.errors.map((error) => `CLUSTER ${error}`));
  return parsed?.ok === true ? parsed.cluster : undefined;
}

function findSelf({ NODE_ID, NODE_NAME }: Values, cluster: Cluster | undefined, say: (name: Name, what: string) => void): Config['self'] | undefined {
  if (cluster === undefined || NODE_ID === undefined) return undefined;
  const self = cluster.find((peer) => peer.id === NODE_ID);
  if (self === undefined) {
    say('NODE_ID', `is refused: allowed are the ids in CLUSTER: ${cluster.map(({ id, name }) => `${id} (${name})`).join(', ')}`);
    return undefined;
  }
  if (NODE_NAME !== undefined && NODE_NAME !== self.name) say('NODE_NAME', `is refused: node ${self.id} is named ${self.name} in CLUSTER`);
  return self;
}

/** The rules of the lab, with what the environment changes about them. */
function protocolConfig(values: Values, role: Role, cluster: Cluster): NodeConfig {
  const { cristian, berkeley } = nodeConfig(role, 'berkeley');
  const mutex = mutexConfig(values, cluster);
  const { CLOCK = 'berkeley', CLOCK_PERIOD_MS: period, RHO_PPM: rho, SETTLE_MS: settle } = values;
  return {
    role,
    election: electionConfig(values),
    clock: CLOCK,
    servers: values.SERVERS ?? 'leader',
    cristian: {
      ...cristian,
      period: period ?? cristian.period,
      settle: settle ?? cristian.settle,
      rho: rho ?? cristian.rho,
      samples: values.CRISTIAN_SAMPLES ?? cristian.samples,
      attempts: values.CRISTIAN_SAMPLES ?? cristian.attempts,
      estimator: values.ESTIMATOR ?? cristian.estimator,
    },
    berkeley: {
      ...berkeley,
      period: period ?? berkeley.period,
      settle: settle ?? berkeley.settle,
      rho: rho ?? berkeley.rho,
      probes: values.BERKELEY_PROBES ?? berkeley.probes,
      gather: values.BERKELEY_GATHER_MS ?? berkeley.gather,
      gamma: values.BERKELEY_GAMMA_MS ?? berkeley.gamma,
      average: values.AVERAGE ?? berkeley.average,
    },
    ...(mutex === undefined ? {} : { mutex }),
    ledger: { fencing: values.FENCING ?? true },
  };
}

/** A loss stands before the delay that shapes whatever is not lost. */
const rulesOf = ({ LINK_LOSS = 0, LINK_DELAY }: Values): readonly Rule[] => [
  ...(LINK_LOSS > 0 ? [{ does: 'lose', probability: LINK_LOSS } as const] : []),
  ...(LINK_DELAY ? [{ does: 'delay', delay: LINK_DELAY } as const] : []),
];
