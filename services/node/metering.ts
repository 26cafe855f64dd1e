/**
 * What this node is measured by: events raise counters, the newest of some is kept, and the rest is read when Prometheus
 * asks. It belongs to what runs, and follows where that is switched.
 */
import type { Oscillator } from '../../shared/clock/oscillator.ts';
import type { HistoryEvent } from '../../shared/history.ts';
import { labelsOf, type Running, type RunningLabels } from '../../shared/metrics/kinds.ts';
import { samples } from '../../shared/metrics/samples.ts';
import type { NodeId } from '../../shared/protocol.ts';
import type { Peer } from './cluster.ts';
import type { Config } from './config.ts';
import { ElectionMeter } from './election-meter.ts';
import { forgetReadings, type Links, noteReading, setClock, setFaults, setPeers } from './gauges.ts';
import { type Meters, meters as registerMeters } from './metrics.ts';
import { MutexMeter } from './mutex-meter.ts';
import type { Glance } from './world.ts';

export interface Metering {
  readonly meters: Meters;
  /** Those that are counted from the start. */
  readonly kinds: readonly string[];
  observe(event: HistoryEvent, wallUs: number): void;
  /** A link is gone, and with it what was read over it. */
  lost(peer: Peer): void;
  /** All of it for one instant. */
  text(glance: Glance, links: Links): Promise<string>;
}

interface Measured {
  readonly config: Pick<Config, 'self' | 'node' | 'oscillator' | 'rules'>;
  readonly peers: readonly Peer[];
  readonly version: string;
  /** The raw clock as it is. */
  readonly oscillator: () => Oscillator;
  readonly nameOf: (id: number) => string;
}

export function metering({ config, peers, version, oscillator, nameOf }: Measured, wallUs: number): Metering {
  const { self, node } = config;
  const clock = self.role === 'member' ? node.clock : node.servers === 'all' ? 'marzullo' : 'cristian';
  const labels = labelsOf(self.role, { clock, election: node.election, mutex: node.mutex?.algorithm });
  const members = peers.filter(({ role }) => role === 'member');
  const named = (some: readonly Peer[]): readonly string[] => some.map(({ name }) => name);
  const meters = registerMeters(self.role, { ...labels, peers: named(peers), members: named(members), rules: [] });
  const elections = new ElectionMeter(labels.election, node.election?.mode, meters);
  const mutex = new MutexMeter(labels.mutex, meters);
  const suspected = new Set<NodeId>();
  let lies = 0;
  meters.set('lockstep_build_info', { version, node_version: process.version }, 1);
  meters.set('lockstep_sync_last_success_timestamp_seconds', {}, wallUs / 1e6);
  forgetReadings(meters, members);

  /** A part that was not switched goes on, and so does what is known of it. */
  function run(running: Running, generation: number): void {
    const next: RunningLabels = labelsOf(self.role, running);
    meters.run(next);
    elections.run(next.election, running.election?.mode);
    mutex.run(next.mutex, generation);
  }

  return {
    meters,
    kinds: labels.kinds,
    observe(event, at) {
      if (event.kind === 'node.switched') run(runningAfter(event), event.generation);
      for (const sample of samples(event, nameOf)) meters.add(sample);
      noteReading(meters, event, at, nameOf);
      elections.observe(event);
      mutex.observe(event);
      switch (event.kind) {
        case 'heartbeat.suspected':
          suspected.add(event.peer);
          break;
        case 'heartbeat.trusted':
          suspected.delete(event.peer);
          break;
        case 'node.lies':
          lies = event.by === 0 ? 0 : lies + 1;
          break;
        case 'election.elected':
          forgetReadings(meters, members);
          break;
      }
    },
    lost(peer) {
      if (peer.role === 'member') forgetReadings(meters, [peer]);
    },
    text(glance, links) {
      setClock(meters, glance);
      setPeers(meters, peers, { queued: (id) => links.queued(id), isUp: (id) => links.isUp(id) && !suspected.has(id) });
      setFaults(meters, { oscillator: oscillator(), configured: config.oscillator, rules: config.rules, lies });
      return meters.text();
    },
  };
}

/** What runs from then on. */
const runningAfter = ({ clock, election, mode, mutex }: Extract<HistoryEvent, { kind: 'node.switched' }>): Running => ({
  clock,
  election: { algorithm: election, mode },
  mutex: mutex ?? undefined,
});
