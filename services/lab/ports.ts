/**
 * Which ports a cluster on loopback takes: the base plus each node's id, and the control room's own.
 *
 * They are tried before anything is started, because a cluster of which half could not listen is worse than none, and
 * the one line that says which port and which variable is worth more than eight logs.
 */
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { consoleId } from '../node/cluster.ts';
import { cannotStart } from './failure.ts';

export const loopback = '127.0.0.1';
export const defaultPortBase = 4_100;
export const defaultConsolePort = 8_080;

export interface Ports {
  /** A node listens on this plus its id, on UDP for NTP clients too, and the console's metrics on this plus the console's. */
  readonly base: number;
  readonly console: number;
}

/** Ports for these nodes; 0 asks for free ones. */
export async function choosePorts(nodes: readonly { readonly id: number; readonly name: string }[], wanted: Ports): Promise<Ports> {
  const ids = [...nodes.map(({ id }) => id), consoleId];
  const base = wanted.base === 0 ? await freeBase(ids) : wanted.base;
  for (const { id, name } of [...nodes, { id: consoleId, name: "the console's metrics" }]) {
    if (base + id > 65_535 || !(await isFreeForNode(base + id)))
      throw cannotStart(`port ${base + id} (${name}) is in use: set LOCKSTEP_PORT_BASE=${suggestion(base)}`);
  }
  const console = wanted.console === 0 ? await anyFree() : wanted.console;
  if (!(await isFree(console))) throw cannotStart(`port ${console} (the control room) is in use: set CONSOLE_PORT=${console + 1}`);
  return { base, console };
}

export const isFree = async (port: number): Promise<boolean> => (await listens(port)) === port;

/** A node's port is one of TCP, and one of UDP of the same number for NTP clients. */
export const isFreeForNode = async (port: number): Promise<boolean> => (await isFree(port)) && (await listensOnUdp(port));

const suggestion = (base: number): number => (base + 400 > 65_000 ? defaultPortBase : base + 200);

export const anyFree = async (): Promise<number> => (await listens(0)) ?? defaultConsolePort;

/** Below the range from which systems hand out ports by themselves, so that none is taken between trying it and using it. */
async function freeBase(ids: readonly number[]): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const base = 10_000 + 128 * Math.floor(Math.random() * 160);
    const tried = await Promise.all(ids.map((id) => isFreeForNode(base + id)));
    if (tried.every((free) => free)) return base;
  }
  throw cannotStart('there are not enough free ports: set LOCKSTEP_PORT_BASE');
}

/** The port that could be listened on, if it could be. */
function listens(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen({ port, host: loopback, exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : undefined));
    });
  });
}

function listensOnUdp(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    socket.once('error', () => {
      socket.close();
      resolve(false);
    });
    socket.bind({ port, address: loopback, exclusive: true }, () => socket.close(() => resolve(true)));
  });
}
