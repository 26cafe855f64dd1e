/** The ports of a cluster on loopback are tried before anything is started: those of TCP, and those that NTP clients ask. */
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { choosePorts } from '../../../services/lab/ports.ts';

const nodes = [
  { id: 1, name: 'kmc' },
  { id: 2, name: 'mit' },
];

it.each(['tcp', 'udp'])('says which port is taken, and what to set: %s', async (kind) => {
  const { base } = await choosePorts(nodes, { base: 0, console: 0 });
  if (kind === 'tcp') {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(base + 2, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
  } else {
    const socket = createSocket('udp4');
    await new Promise<void>((resolve) => socket.bind(base + 2, '127.0.0.1', resolve));
    onTestFinished(() => void socket.close());
  }
  await expect(choosePorts(nodes, { base, console: 0 })).rejects.toThrow(`port ${base + 2} (mit) is in use: set LOCKSTEP_PORT_BASE=`);
});
