/**
 * Who is who: reads CLUSTER, `1=kmc@kmc:4100,...,101=mobile:device@mobile:4100`, the same string for every program.
 *
 * Whoever mistypes it should see every mistake at once, so that reading goes on behind a bad entry and the answer is
 * either the whole cluster or all that is wrong with it.
 */
import { createHash } from 'node:crypto';
import { type NodeId, nodeId } from '../../shared/protocol.ts';

export type PeerRole = 'member' | 'device' | 'ledger';

export interface Peer {
  readonly id: NodeId;
  readonly name: string;
  readonly role: PeerRole;
  readonly host: string;
  readonly port: number;
}

/** In ascending order of ids. */
export type Cluster = readonly Peer[];

export type ParsedCluster = { readonly ok: true; readonly cluster: Cluster } | { readonly ok: false; readonly errors: readonly string[] };

/** The console takes part in the handshakes under this id, and is no entry of CLUSTER. */
export const consoleId = nodeId(100);

const entryForm = 'id=name[:member|device|ledger]@host:port';

const entry = /^(\d{1,4})=([a-z][a-z0-9-]{0,30})(?::([a-z]+))?@(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+):(\d{1,5})$/;
const roles: readonly string[] = ['member', 'device', 'ledger'] satisfies readonly PeerRole[];

export function parseCluster(text: string): ParsedCluster {
  const read = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map(parseEntry);
  const peers = read.filter((r) => typeof r !== 'string');
  const errors = [...read.filter((r) => typeof r === 'string'), ...duplicates(peers)];
  if (read.length === 0) errors.push(`names no node: list them as ${entryForm}, with commas between`);
  else if (errors.length === 0 && !peers.some((p) => p.role === 'member')) errors.push('names no member: at least one node must vote and lead');
  return errors.length === 0 ? { ok: true, cluster: peers.toSorted((a, b) => a.id - b.id) } : { ok: false, errors };
}

/** The peer, or what is wrong with its entry. */
function parseEntry(text: string): Peer | string {
  const [, id = '', name = '', role = 'member', host = '', port = ''] = entry.exec(text) ?? [];
  if (id === '') return `entry "${text.slice(0, 80)}" is not of the form ${entryForm}`;
  if (!roles.includes(role)) return `entry "${text}" has the unknown role "${role}": ${roles.join(', ')} are allowed`;
  if (Number(id) < 1 || Number(id) === consoleId) return `entry "${text}" has the id ${id}: 1 to 9999 are allowed, and ${consoleId} is the console's`;
  if (name === 'console') return `entry "${text}" is named "console", which is the console's own name`;
  if (Number(port) < 1 || Number(port) > 65_535) return `entry "${text}" has the port ${port}: 1 to 65535 are allowed`;
  return { id: nodeId(Number(id)), name, role: role as PeerRole, host, port: Number(port) };
}

function duplicates(peers: readonly Peer[]): readonly string[] {
  const twice = <K>(values: readonly K[]): readonly K[] => [...new Set(values.filter((v, i) => values.indexOf(v) !== i))];
  return [
    ...twice(peers.map((p) => p.id)).map((id) => `id ${id} is given to more than one node`),
    ...twice(peers.map((p) => p.name)).map((name) => `name "${name}" is given to more than one node`),
  ];
}

/** Whom a node keeps a connection to: members to everybody, devices and the ledger to members. */
export const linked = (a: Peer, b: Peer): boolean => a.id !== b.id && (a.role === 'member' || b.role === 'member');

/** Who keeps the register: the first, if there are several. */
export const ledgerOf = (cluster: Cluster): NodeId | undefined => cluster.find(({ role }) => role === 'ledger')?.id;

/** Members in ascending order, as protocols want them. */
export const membersOf = (cluster: Cluster): readonly NodeId[] => cluster.filter((p) => p.role === 'member').map((p) => p.id);

/** The same for every program that was given the same nodes; where they are reached does not matter. */
export const fingerprint = (cluster: Cluster): string =>
  createHash('sha256')
    .update(cluster.map(({ id, name, role }) => `${id}=${name}:${role}`).join(','))
    .digest('hex')
    .slice(0, 32);
