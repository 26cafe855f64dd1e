/**
 * One node, put together: its clock, its world, its mesh, its history and its port.
 *
 * Everything that happens goes into `record`, and from there into the history, the log and the metrics. Nothing here
 * decides anything: what the node does is the protocol's affair, and how is the business of the parts.
 */
import type { Server } from 'node:http';
import type { HistoryEvent } from '../../shared/history.ts';
import { type NodeConfig, node as nodeProtocol } from '../../shared/node.ts';
import { stream } from '../../shared/random.ts';
import { longest, milliseconds, seconds, shortest } from '../../shared/time.ts';
import { bootId, trueNow, wallNow } from './clock.ts';
import { consoleId, fingerprint, membersOf } from './cluster.ts';
import { type Order, parseOrder } from './commands.ts';
import type { Config } from './config.ts';
import { Counts } from './counts.ts';
import { Exclusion } from './exclusion.ts';
import { acceptor, type Identity, type Refusal, SeenNonces, shake } from './handshake.ts';
import { History } from './history.ts';
import { serve } from './http.ts';
import { type Logger, logEvent, plain } from './log.ts';
import { metering } from './metering.ts';
import { NtpServer } from './ntp.ts';
import { registerOf, setupOf, shown } from './shown.ts';
import { watchStalls } from './stalls.ts';
import { restore } from './state.ts';
import { Transport } from './transport.ts';
import { Watchers } from './watchers.ts';
import { NodeWorld } from './world.ts';

export interface RunningNode {
  readonly server: Server;
  /** What NTP clients ask, if any may. */
  readonly ntp: NtpServer | undefined;
  /** Says goodbye to everybody, and resolves when the port is free. */
  stop(): Promise<void>;
}

/** Cut off after this long, whoever has not said goodbye in return. */
const farewellMs = 500;

/** Whoever comes back finds a cluster that keeps time, and has no first picture to wait for. */
const returning = (node: NodeConfig): NodeConfig => {
  const settle = shortest(node.berkeley.settle, milliseconds(200));
  return { ...node, cristian: { ...node.cristian, settle }, berkeley: { ...node.berkeley, settle } };
};

/** Whoever starts for the first time starts with its cluster, which needs a moment to meet before it elects anybody. */
const meeting = (node: NodeConfig): NodeConfig => {
  if (node.election === undefined) return node;
  const listen = longest(node.election.listen, shortest(node.berkeley.settle, seconds(1)));
  return { ...node, election: { ...node.election, listen } };
};

export function startNode(config: Config, version: string, log: Logger): RunningNode {
  const { cluster, self, seed } = config;
  const names = new Map([...cluster, { id: consoleId, name: 'console' }].map(({ id, name }) => [id as number, name]));
  const nameOf = (id: number): string => names.get(id) ?? `node ${id}`;
  const boot = bootId();
  const restored = restore(config.stateDir, { bootId: boot, now: trueNow(), wallUs: wallNow(), oscillator: config.oscillator, seed });
  log.info({ seed, incarnation: restored.incarnation, mode: config.mode, clock: config.node.clock }, `state: found ${restored.found}`);

  const identity: Identity = { key: config.key, cluster: fingerprint(cluster), id: self.id, incarnation: restored.incarnation };
  const history = new History();
  const exclusion = new Exclusion(config.node.mutex);
  const transport: Transport = new Transport(self, cluster, identity, stream(seed, 'redial', self.id), {
    hear: (from, frame, arrived) => (frame.type === 'line' ? world.heard(from, frame.line) : world.receive(from, frame, arrived)),
    up(peer, again) {
      log.info({ peer: peer.name }, `${peer.name} is connected`);
      if (again) meters.add({ metric: 'lockstep_peer_reconnects_total', labels: {}, value: 1 });
      world.connected(peer.id);
    },
    down(peer, why) {
      log.info({ peer: peer.name }, `${peer.name} is gone: ${plain(why)}`);
      metered.lost(peer);
      world.disconnected(peer.id);
    },
    unreachable: (peer) => world.unreachable(peer.id),
    rejected(peer, reason, detail) {
      // A later version may say much that this one does not know.
      log[reason === 'unknown_kind' ? 'debug' : 'warn']({ peer: peer.name, reason }, `a frame of ${peer.name} was refused: ${plain(detail)}`);
      meters.add({ metric: 'lockstep_frames_rejected_total', labels: { reason }, value: 1 });
    },
    refused: (peer, reason, detail) => refused(peer?.name ?? 'a dialler', reason, detail),
  });
  const measured = { config, peers: transport.peers, version, oscillator: () => restored.clock.oscillator, nameOf };
  const metered = metering(measured, wallNow());
  const { meters } = metered;
  const counts = new Counts(metered.kinds, (kind, outcome) => meters.add({ metric: 'lockstep_messages_total', labels: { kind, outcome }, value: 1 }));

  const world = new NodeWorld({
    self,
    member: { self: self.id, incarnation: restored.incarnation, members: membersOf(cluster) },
    protocol: nodeProtocol(restored.found === 'nothing' ? meeting(config.node) : returning(config.node)),
    clock: restored.clock,
    rules: config.rules,
    seed,
    mesh: transport,
    counts,
    found: restored.keepsake,
    keep: restored.keep,
    record,
  });
  /** Why the protocol did not do what it was told to. */
  let declined: string | undefined;
  const watchers = new Watchers({
    greeting: () => ({ bootId: boot, name: self.name, role: self.role, incarnation: restored.incarnation, ...setupOf(world.glance()) }),
    history,
    recorded: () => world.recorded(),
    counts: () => counts.all(),
    awaits: () => exclusion.awaits(world.glance().state),
    obey(verb, args) {
      const parsed = parseOrder(verb, args, cluster);
      if (!parsed.ok) return parsed;
      const error = unable(parsed.order);
      if (error !== undefined) return { ok: false, error };
      declined = undefined;
      world.obey(parsed.order);
      return declined === undefined ? { ok: true } : { ok: false, error: declined };
    },
  });
  const about = {
    id: self.id,
    name: self.name,
    role: self.role,
    incarnation: restored.incarnation,
    rule: self.role === 'device' ? 'cristian' : config.node.clock,
    mode: config.mode,
    seed,
    ntpPort: config.ntpPort,
  };
  const seen = new SeenNonces();
  const { server, cutOff } = serve(
    {
      missing,
      state() {
        const glance = world.glance();
        return {
          ...shown(glance, nameOf),
          ...about,
          ...(self.role === 'member' ? { mutex: exclusion.shown(glance.state, nameOf) } : {}),
          ...registerOf(glance.state, config.node.ledger),
          peers: transport.peers.map(({ id, name }) => ({ id, name, up: transport.isUp(id) })),
          messages: counts.all(),
        };
      },
      metrics: () => metered.text(world.glance(), transport),
      metricsType: meters.contentType,
    },
    (path, socket) => {
      if (path === '/peer') return transport.accept(socket);
      shake(
        socket,
        acceptor(identity, (from, role) => role === 'console' && from === consoleId, seen),
        (outcome) => {
          if (outcome.ok) watchers.add(socket);
          else if (outcome.reason !== 'closed') refused('a console', outcome.reason, outcome.detail);
        },
      );
    },
  );
  const ntp =
    config.ntpPort === null
      ? undefined
      : new NtpServer({
          host: config.listenHost,
          port: config.ntpPort,
          glance: (at) => world.glance(at),
          told: (result) => meters.add({ metric: 'lockstep_ntp_requests_total', labels: { result }, value: 1 }),
          failed: (error) => log.error({ error: error.message }, 'the NTP socket reports an error'),
        });
  const unwatch = watchStalls((forUs) => {
    log.warn({ forUs }, 'this process did not run for a while');
    meters.add({ metric: 'lockstep_stalls_total', labels: {}, value: 1 });
  });
  // A node that cannot listen must not take the place of the one that does.
  server.once('listening', () => transport.start());

  function record(event: HistoryEvent): void {
    if (event.kind === 'node.unswitched') declined = event.why;
    history.record(event);
    logEvent(log, event, nameOf);
    exclusion.observe(event);
    metered.observe(event, wallNow());
  }

  function refused(who: string, reason: Refusal, detail: string): void {
    log.warn({ reason }, `${who} was refused: ${plain(detail)}`);
    meters.add({ metric: 'lockstep_peer_auth_failures_total', labels: { reason }, value: 1 });
  }

  function missing(): readonly string[] {
    const members = membersOf(cluster);
    const reached = members.filter((id) => id === self.id || transport.isUp(id)).length;
    const { status } = world.glance().line;
    // Nobody sets the ledger's clock, and nothing asks what it shows.
    const set = self.role === 'ledger' || status === 'synchronized' || status === 'free-running';
    return [
      ...(reached * 2 > members.length ? [] : [`a majority of members: ${reached} of ${members.length} are connected`]),
      ...(set ? [] : [`a clock that is set: its status is ${status}`]),
    ];
  }

  /** Why this node cannot do what is asked of it. */
  function unable(order: Order): string | undefined {
    if (order.kind !== 'command' || order.command.kind !== 'mutex.enter') return undefined;
    if (self.role !== 'member') return `${self.name} is a ${self.role}: only members take the critical section`;
    const { state } = world.glance();
    const guarded = state.role === 'member' && state.mutex !== undefined;
    return guarded ? undefined : 'the critical section is guarded by no algorithm at present';
  }

  async function stop(): Promise<void> {
    unwatch();
    ntp?.close();
    world.stop();
    watchers.close();
    transport.close();
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    const late = setTimeout(() => {
      transport.terminate();
      cutOff();
    }, farewellMs);
    await closed;
    clearTimeout(late);
  }

  return { server, ntp, stop };
}
