/**
 * The control room: watches every node, judges what it sees, and serves the page. It is no member of the cluster, so it
 * survives whichever of them dies.
 */
import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import closeWithGrace from 'close-with-grace';
import { pino } from 'pino';
import { collect } from './collector.ts';
import { operator } from './commands.ts';
import { type Config, readConfig } from './config.ts';
import { ControlRoom } from './control-room.ts';
import { createHealthServer } from './health.ts';
import { createApp, createHttpServer } from './http.ts';
import { launcherLine } from './launcher-line.ts';
import { serveLive } from './live.ts';
import { consoleMetrics } from './metrics.ts';
import { startReport } from './start-report.ts';

const tickMs = 100;
const cannotStart = 78;
const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { readonly version: string };

const read = readConfig(process.env);
if (!read.ok) fail(read.errors);
else await run(read.config);

async function run(config: Config): Promise<void> {
  const { access, cluster, world } = config;
  const log = pino({ level: config.logLevel, base: { node: 'console' } });
  const room = new ControlRoom(cluster, world, config.rho, config.election, config.mutex);
  const collector = collect(cluster, config.key, room, {
    nowUs,
    chance: Math.random,
    warn: (fields, message) => log.warn(fields, message),
  });
  const launcher = launcherLine(() => process.exit(0));
  const epoch = nowUs();
  const server = createHttpServer(createApp(access, room, operator(room, launcher?.act, collector.tell)));
  const live = serveLive(server, {
    access,
    room,
    hello: {
      cluster: cluster.map(({ id, name, role }) => ({ id, name, role })),
      world,
      wallUs: Date.now() * 1_000 - epoch,
      grafana: config.grafanaUrl,
      epoch,
    },
  });
  const health = createHealthServer(room, consoleMetrics(room, live, { version, url: config.publicUrl }));

  await Promise.all([
    listen(server, config.listenHost, config.consolePort, 'CONSOLE_PORT'),
    listen(health, config.listenHost, config.metricsPort, 'METRICS_PORT'),
  ]);
  log.info({ port: config.consolePort, metrics: config.metricsPort, nodes: cluster.length }, 'the control room is open');
  launcher?.ready();

  const report = launcher === undefined ? startReport(config, (line) => process.stdout.write(`${line}\n`)) : undefined;
  const ticking = setInterval(() => {
    room.tick(nowUs());
    live.tick();
    report?.(room.picture.state);
  }, tickMs);

  closeWithGrace({ delay: 3_000, logger: false }, async ({ err, signal }) => {
    if (err !== undefined) log.fatal({ err }, 'the console failed');
    else log.info({ signal }, 'the control room closes');
    clearInterval(ticking);
    collector.close();
    live.close();
    for (const open of [server, health]) open.close();
    for (const open of [server, health]) open.closeAllConnections();
  });
}

/** The host's monotonic clock, in whole microseconds: the lab's true time, where all nodes share the host. */
function nowUs(): number {
  return Number(process.hrtime.bigint() / 1_000n);
}

function listen(server: Server, host: string, port: number, variable: string): Promise<void> {
  return new Promise((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      fail([error.code === 'EADDRINUSE' ? `port ${port} is in use: set ${variable}=${port + 1}` : `${variable} ${port}: ${error.message}`]),
    );
    server.listen(port, host, resolve);
  });
}

function fail(errors: readonly string[]): never {
  for (const error of errors) process.stderr.write(`console: ${error}\n`);
  process.exit(cannotStart);
}
