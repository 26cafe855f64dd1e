/**
 * What every container must and must not be, as a list of deviations: empty where the posture holds. It reads the
 * Compose file as parsed, and as `docker compose config` prints it, where ports and volumes are spelled out.
 *
 * Only keys that are known here may stand in a service. So a key that nobody has judged yet (`cap_add`, `devices`, `pid`,
 * `privileged`, ...) is a deviation by itself, and none has to be thought of beforehand.
 */
export interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly networks: Readonly<Record<string, { readonly internal?: boolean } | null>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

export interface Service {
  readonly [key: string]: unknown;
  readonly image?: string;
  readonly profiles?: readonly string[];
  readonly user?: string;
  readonly read_only?: boolean;
  readonly init?: boolean;
  readonly restart?: string;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly network_mode?: string;
  readonly networks?: readonly string[] | Readonly<Record<string, unknown>>;
  readonly environment?: Readonly<Record<string, string | null>>;
  readonly ports?: readonly (string | { readonly host_ip?: string; readonly target: number })[];
  readonly volumes?: readonly (string | { readonly type: string; readonly source: string; readonly target: string; readonly read_only?: boolean })[];
  readonly deploy?: { readonly resources?: { readonly limits?: Readonly<Record<string, string | number>> } };
  readonly logging?: { readonly driver?: string; readonly options?: Readonly<Record<string, string>> };
  readonly healthcheck?: { readonly test?: readonly string[]; readonly timeout?: string; readonly start_interval?: string };
}

/** What stands in a variable where nobody has set it: `${CLUSTER:-...}`. */
export const byDefault = (value: string): string => /^\$\{\w+:-(.*)\}$/.exec(value)?.[1] ?? value;

const KNOWN = new Set(
  (
    'build command depends_on deploy environment healthcheck image init logging network_mode networks ports profiles pull_policy read_only ' +
    'restart security_opt cap_drop stop_grace_period tmpfs user volumes entrypoint'
  ).split(' '),
);
const OURS = /^lockstep\/node:/;
const EXACT = /^[\w./-]+:v?\d+\.\d+\.\d+(-[a-z]+)?$/;
const LOOPBACK = '127.0.0.1';
/** The only one that a lecturer may open; it alone asks for a token. */
const OPENABLE = `\${LOCKSTEP_BIND:-${LOOPBACK}}`;

/** Deviations of one Compose file, each a line that names its service. */
export function deviations(compose: Compose): string[] {
  const found: string[] = [];
  for (const [name, service] of Object.entries(compose.services)) {
    const expect = (holds: boolean, what: string) => holds || found.push(`${name}: ${what}`);
    for (const key of Object.keys(service)) expect(KNOWN.has(key), `${key} is not a key that has been judged`);
    container(service, expect);
    network(name, service, compose, expect);
    mounts(service, compose, expect);
  }
  return found;
}

type Expect = (holds: boolean, what: string) => unknown;
const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

function container(service: Service, expect: Expect): void {
  const limits = service.deploy?.resources?.limits ?? {};
  const ours = OURS.test(service.image ?? '');
  expect(service.read_only === true, 'its file system can be written');
  expect(same(service.cap_drop, ['ALL']), 'it keeps capabilities');
  expect(same(service.security_opt, ['no-new-privileges:true']), 'security_opt is not exactly no-new-privileges:true');
  expect(service.user !== undefined && !/^(root|0)(:|$)/.test(String(service.user)), 'it runs as root');
  expect(ours || EXACT.test(service.image ?? ''), `${service.image} is not an exact tag`);
  expect(
    ['memory', 'cpus', 'pids'].every((limit) => Number.parseFloat(String(limits[limit])) > 0),
    'it lacks a limit of memory, cpus or pids',
  );
  expect(service.logging?.options?.['max-size'] !== undefined && service.logging.options['max-file'] !== undefined, 'its log grows without end');
  expect(service.restart === 'no' || service.healthcheck?.test !== undefined, 'it lacks a health check');
  for (const [variable, value] of Object.entries(service.environment ?? {}))
    expect(value === null || !/(_KEY|PASSWORD|SECRET|TOKEN)$/.test(variable), `${variable} holds a secret`);
}

function network(name: string, service: Service, compose: Compose, expect: Expect): void {
  const networks = Array.isArray(service.networks) ? service.networks : Object.keys(service.networks ?? {});
  const ports = service.ports ?? [];
  expect(service.network_mode === undefined || service.network_mode === 'none', `network_mode ${service.network_mode}`);
  expect(service.network_mode === 'none' || networks.length > 0, 'it joins the default network');
  for (const port of ports) {
    const host = typeof port === 'string' ? /^(\$\{[^}]*\}|[\d.]+):(?:\$\{[^}]*\}|\d+):\d+$/.exec(port)?.[1] : port.host_ip;
    expect(host === LOOPBACK || (name === 'console' && host === OPENABLE), `port ${JSON.stringify(port)} is not bound to loopback`);
  }
  if (service.environment?.NODE_ID === undefined) return;
  expect(ports.length === 0, 'a node publishes a port');
  expect(same(networks, ['cluster']), 'a node is on another network than cluster');
  expect(compose.networks.cluster?.internal === true, 'the network cluster is not internal');
}

function mounts(service: Service, compose: Compose, expect: Expect): void {
  for (const volume of service.volumes ?? []) {
    const [source = '', target = '', mode = ''] =
      typeof volume === 'string' ? volume.split(':') : [volume.source, volume.target, volume.read_only === true ? 'ro' : ''];
    expect(!`${source}${target}`.includes('docker.sock'), 'it is given the Docker socket');
    const named = Object.hasOwn(compose.volumes, source);
    expect(named || /(^|\/)grafana\//.test(source), `${source} of the host is mounted`);
    expect(named || mode === 'ro', `${source} can be written`);
  }
}
