/** Runs one node of the cluster, as its environment says, until it is asked to leave. */
import { readFileSync } from 'node:fs';
import closeWithGrace from 'close-with-grace';
import { readConfig } from './config.ts';
import { createLog } from './log.ts';
import { startNode } from './node.ts';

/** Cannot start as configured: nothing is gained by starting again (sysexits, EX_CONFIG). */
const cannotStart = 78;
const deadlineMs = 1_800;

function refuse(lines: readonly string[]): never {
  process.stderr.write(`${lines.join('\n')}\n`);
  process.exit(cannotStart);
}

if (Number(process.versions.node.split('.')[0]) < 24) refuse([`this is Node ${process.versions.node}: Node 24 or newer is needed`]);

const read = readConfig(process.env);
if (!read.ok) refuse(read.errors);

const { config } = read;
const { port } = config.self;
const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { readonly version: string };
const log = await createLog(config.logLevel, config.self.name);
const node = startNode(config, version, log);

// First, since whoever is ready has all its ports, and a node that lacks one must not take part.
await node.ntp?.listen().catch((error: NodeJS.ErrnoException) => {
  const why = error.code === 'EADDRINUSE' ? 'is in use' : `cannot be had: ${error.message}`;
  refuse([`NTP_PORT=${config.ntpPort} ${why}: set it to another UDP port, or to off`]);
});
node.server.once('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EADDRINUSE')
    refuse([`port ${port} is in use: set LOCKSTEP_PORT_BASE to another base, or give this node another port in CLUSTER`]);
  refuse([`cannot listen on ${config.listenHost}:${port}: ${error.message}`]);
});
node.server.listen(port, config.listenHost, () => {
  node.server.removeAllListeners('error').on('error', (error) => log.error({ error: error.message }, 'the server reports an error'));
  log.info({ port }, `listens on ${config.listenHost}:${port}`);
  process.send?.({ type: 'ready' });
});

const grace = closeWithGrace({ delay: deadlineMs, logger: false }, async ({ err }) => {
  if (err !== undefined) log.fatal({ err }, 'this node has a fault and ends');
  await node.stop();
});
// Whoever launched this node is gone, and nobody would end it.
process.once('disconnect', () => grace.close());
