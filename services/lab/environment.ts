/** What each program of a cluster on loopback is told: the environment that a Compose file would give it. */
import { join } from 'node:path';
import type { Algorithm, Mode } from '../../shared/election/config.ts';
import type { MutexAlgorithm } from '../../shared/mutex/config.ts';
import { consoleId } from '../node/cluster.ts';
import type { LabNode } from './cluster.ts';
import { loopback, type Ports } from './ports.ts';

/** What is left out stays as the launcher's own environment has it, or else as the programs do. */
export interface Settings {
  readonly clock?: 'cristian' | 'berkeley' | undefined;
  readonly election?: Algorithm | undefined;
  readonly mode?: Mode | undefined;
  /** `off` where nobody is to take the critical section. */
  readonly mutex?: MutexAlgorithm | 'off' | undefined;
  /** As in LINK_DELAY: `uniform:2ms:8ms`, or `none`. */
  readonly linkDelay?: string | undefined;
  readonly linkLoss?: number | undefined;
  readonly rhoPpm?: number | undefined;
  readonly seed?: number | undefined;
  /** Whatever else every program is to be told. */
  readonly env?: Readonly<Record<string, string>> | undefined;
}

export interface Place {
  readonly folder: string;
  readonly ports: Ports;
  readonly token: string;
}

type Environment = Readonly<Record<string, string>>;

export const keyFileIn = (folder: string): string => join(folder, 'cluster.key');
export const stateDirIn = (folder: string, name: string): string => join(folder, `${name}-state`);
export const portOf = (ports: Ports, id: number): number => ports.base + id;

export function nodeEnvironment(node: LabNode, nodes: readonly LabNode[], settings: Settings, place: Place): Environment {
  const { clock, linkDelay, linkLoss, seed } = settings;
  return {
    ...common(nodes, settings, place),
    NODE_ID: `${node.id}`,
    NODE_NAME: node.name,
    STATE_DIR: stateDirIn(place.folder, node.name),
    OFFSET_MS: `${node.offsetMs}`,
    DRIFT_PPM: `${node.driftPpm}`,
    // UDP, so that the number is free where the node's own port is the only other of it.
    NTP_PORT: `${portOf(place.ports, node.id)}`,
    ...given({ CLOCK: clock, LINK_DELAY: linkDelay, LINK_LOSS: linkLoss, SEED: seed }),
    ...settings.env,
    ...node.env,
  };
}

export const consoleEnvironment = (nodes: readonly LabNode[], settings: Settings, place: Place): Environment => ({
  ...common(nodes, settings, place),
  WORLD: 'processes',
  CONSOLE_PORT: `${place.ports.console}`,
  METRICS_PORT: `${portOf(place.ports, consoleId)}`,
  OPERATOR_TOKEN: place.token,
  ...settings.env,
});

const common = (nodes: readonly LabNode[], { election, mode, mutex, rhoPpm }: Settings, { folder, ports }: Place): Environment => ({
  NODE_ENV: 'production',
  CLUSTER: nodes.map(({ id, name, role }) => `${id}=${name}:${role}@${loopback}:${portOf(ports, id)}`).join(','),
  KEY_FILE: keyFileIn(folder),
  LISTEN_HOST: loopback,
  ...given({ ELECTION: election, MODE: mode, MUTEX: mutex, RHO_PPM: rhoPpm }),
});

export const given = (values: Readonly<Record<string, string | number | undefined>>): Environment =>
  Object.fromEntries(Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, `${value}`]])));
