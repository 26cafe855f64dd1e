/** A node's environment, variable by variable: what each means, and how each wrong value is told. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Config, readConfig } from '../../../services/node/config.ts';
import { electionDefaults } from '../../../shared/election/config.ts';
import { mutexDefaults } from '../../../shared/mutex/config.ts';

let folder: string;
let good: Record<string, string>;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-config-'));
  const file = join(folder, 'key');
  writeFileSync(file, Buffer.alloc(32, 1));
  writeFileSync(join(folder, 'short'), Buffer.alloc(31, 1));
  good = {
    CLUSTER: '1=kmc@kmc:4101,2=mit@mit:4102,101=mobile:device@mobile:4100,103=ledger:ledger@ledger:1',
    NODE_ID: '1',
    KEY_FILE: file,
    STATE_DIR: folder,
  };
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const config = (env: Record<string, string>): Config => {
  const read = readConfig({ ...good, ...env });
  if (!read.ok) throw new Error(read.errors.join('\n'));
  return read.config;
};
const errors = (env: Record<string, string | undefined>): readonly string[] => {
  const read = readConfig({ ...good, ...env });
  return read.ok ? [] : read.errors;
};

describe('a configuration', () => {
  it('has the defaults of the lab', () => {
    const { self, node, rules, oscillator, listenHost, mode, ntpPort, logLevel, seed } = config({});
    expect(self).toMatchObject({ id: 1, name: 'kmc', role: 'member', port: 4101 });
    expect(node.clock).toBe('berkeley');
    expect(node.berkeley).toMatchObject({ period: 2_000_000, probes: 5, gather: 250_000, gamma: 20_000, average: 'gamma', rho: 200 });
    expect(node.cristian).toMatchObject({ period: 2_000_000, samples: 8, estimator: 'min-rtt', rho: 200 });
    expect(rules).toEqual([{ does: 'delay', delay: { distribution: 'uniform', least: 2_000, most: 8_000 } }]);
    expect(oscillator).toEqual({ offset: 0, drift: 0, wander: 0 });
    expect({ listenHost, mode, ntpPort, logLevel }).toEqual({ listenHost: '0.0.0.0', mode: 'classic', ntpPort: null, logLevel: 'info' });
    expect(seed).toBeGreaterThanOrEqual(0);
  });

  it('takes what it is given', () => {
    const given = config({
      NODE_ID: '101',
      NODE_NAME: 'mobile',
      OFFSET_MS: '-350.5',
      DRIFT_PPM: '80',
      WANDER_PPM: '0.5',
      RHO_PPM: '50',
      CLOCK: 'cristian',
      CLOCK_PERIOD_MS: '1000',
      SETTLE_MS: '200',
      SERVERS: 'all',
      BERKELEY_GATHER_MS: '100',
      BERKELEY_PROBES: '1',
      BERKELEY_GAMMA_MS: '5',
      AVERAGE: 'median',
      CRISTIAN_SAMPLES: '4',
      ESTIMATOR: 'intersection',
      LINK_DELAY: 'constant:10ms',
      LINK_LOSS: '0.25',
      SEED: '42',
      MODE: 'safe',
      NTP_PORT: '1123',
    });
    expect(given.self.role).toBe('device');
    expect(given.oscillator).toEqual({ offset: -350_500, drift: 80, wander: 0.5 });
    expect(given.node.berkeley).toMatchObject({
      period: 1_000_000,
      settle: 200_000,
      gather: 100_000,
      probes: 1,
      gamma: 5_000,
      average: 'median',
      rho: 50,
    });
    expect(given.node.cristian).toMatchObject({ period: 1_000_000, samples: 4, attempts: 4, estimator: 'intersection', rho: 50 });
    expect(given.rules).toEqual([
      { does: 'lose', probability: 0.25 },
      { does: 'delay', delay: { distribution: 'constant', value: 10_000 } },
    ]);
    expect(given).toMatchObject({ seed: 42, mode: 'safe', ntpPort: 1_123 });
  });

  it('holds elections at the pace of the lab, or at a given one in the same proportions', () => {
    expect(config({}).node.election).toEqual(electionDefaults);
    expect(config({ HEARTBEAT_MS: '100', ELECTION_OK_MS: '50', MODE: 'safe' }).node.election).toEqual({
      ...electionDefaults,
      mode: 'safe',
      detector: { every: 100_000, missed: 3 },
      listen: 200_000,
      lease: 400_000,
      answerWithin: 50_000,
      coordinatorWithin: 150_000,
    });
    // Whoever starts with heartbeats this slow must listen for longer than one of them.
    const { listen, detector } = config({ HEARTBEAT_MS: '1000' }).node.election ?? electionDefaults;
    expect(listen).toBeGreaterThan(detector.every);
  });

  it('lets elections begin only when told, where that is wanted', () => {
    expect(config({ ELECTION: 'ring', ELECTION_BEGINS: 'when-told' }).node.election).toMatchObject({ algorithm: 'ring', begins: 'when-told' });
  });

  it('guards the critical section as the lab does, and tells who keeps the register', () => {
    expect(config({}).node).toMatchObject({ mutex: { ...mutexDefaults, ledger: 103 }, ledger: { fencing: true } });
    expect(config({ CLUSTER: '1=kmc@kmc:1,2=mit@mit:2' }).node.mutex).not.toHaveProperty('ledger');
    expect(config({ MUTEX: 'off' }).node).not.toHaveProperty('mutex');
  });

  it('guards it as it is told', () => {
    const told = {
      MUTEX: 'maekawa',
      MUTEX_THINK_MS: 'saturated',
      MUTEX_HOLD_MS: '0:2.5',
      MUTEX_LEASE_MS: '2000',
      MUTEX_ON_CRASH: 'suspect',
      MUTEX_YIELDS: 'off',
      MUTEX_TREE: 'line',
    };
    expect(config(told).node.mutex).toEqual({
      ...mutexDefaults,
      algorithm: 'maekawa',
      workload: { think: 'saturated', shortest: 0, longest: 2_500 },
      lease: 2_000_000,
      onCrash: 'suspect',
      yields: false,
      tree: 'line',
      ledger: 103,
    });
    expect(config({ MUTEX_THINK_MS: '500' }).node.mutex?.workload.think).toBe(500_000);
    expect(config({ MUTEX_THINK_MS: 'off' }).node.mutex?.workload.think).toBe('off');
  });

  it('is one of a ledger as well, which refuses late writes unless it is told not to', () => {
    expect(config({ NODE_ID: '103' })).toMatchObject({
      self: { name: 'ledger', role: 'ledger' },
      node: { role: 'ledger', ledger: { fencing: true } },
    });
    expect(config({ NODE_ID: '103', FENCING: 'off' }).node.ledger).toEqual({ fencing: false });
  });

  it('shapes no link where none is to be shaped', () => expect(config({ LINK_DELAY: 'none' }).rules).toEqual([]));
  it('takes an empty variable for one that is not set', () => expect(config({ LINK_DELAY: '', SEED: '' }).rules).toHaveLength(1));
  it('makes the state directory where only it is missing', () => expect(config({ STATE_DIR: join(folder, 'made') }).stateDir).toContain('made'));
});

describe('a wrong value', () => {
  it.each([
    ['CLUSTER', undefined, /CLUSTER is not set/],
    ['CLUSTER', '1=kmc', /CLUSTER entry "1=kmc" is not of the form/],
    ['NODE_ID', undefined, /NODE_ID is not set/],
    ['NODE_ID', 'kmc', /NODE_ID=kmc is refused/],
    ['NODE_ID', '9', /NODE_ID=9 is refused: allowed are the ids in CLUSTER: 1 \(kmc\), 2 \(mit\)/],
    ['NODE_NAME', 'mit', /NODE_NAME=mit is refused: node 1 is named kmc/],
    ['OFFSET_MS', '3600001', /OFFSET_MS=3600001 .* -3600000 to 3600000/],
    ['OFFSET_MS', '1e3', /OFFSET_MS/],
    ['DRIFT_PPM', '-501', /DRIFT_PPM=-501 .* -500 to 500/],
    ['WANDER_PPM', '-1', /WANDER_PPM=-1 .* 0 to 100/],
    ['RHO_PPM', 'NaN', /RHO_PPM=NaN/],
    ['CLOCK', 'ntp', /CLOCK=ntp .* berkeley or cristian/],
    ['MODE', 'fast', /MODE=fast .* classic or safe/],
    ['ELECTION', 'raft', /ELECTION=raft .* bully, ring, chang-roberts or hirschberg-sinclair/],
    ['ELECTION_BEGINS', 'never', /ELECTION_BEGINS=never .* by-itself or when-told/],
    ['SETTLE_MS', '-1', /SETTLE_MS=-1 .* 0 to 60000/],
    ['SERVERS', 'some', /SERVERS=some .* leader or all/],
    ['HEARTBEAT_MS', '19', /HEARTBEAT_MS=19 .* 20 to 60000/],
    ['ELECTION_OK_MS', '4', /ELECTION_OK_MS=4 .* 5 to 60000/],
    ['CLOCK_PERIOD_MS', '99', /CLOCK_PERIOD_MS=99 .* 100 to 3600000/],
    ['BERKELEY_PROBES', '0', /BERKELEY_PROBES=0 .* 1 to 50/],
    ['BERKELEY_PROBES', '1.5', /BERKELEY_PROBES=1.5/],
    ['BERKELEY_GATHER_MS', '2000', /BERKELEY_GATHER_MS is 2000: allowed is less than CLOCK_PERIOD_MS, which is 2000/],
    ['BERKELEY_GAMMA_MS', '-1', /BERKELEY_GAMMA_MS=-1/],
    ['AVERAGE', 'mode', /AVERAGE=mode .* mean, gamma, median/],
    ['CRISTIAN_SAMPLES', '65', /CRISTIAN_SAMPLES=65 .* 1 to 64/],
    ['ESTIMATOR', 'best', /ESTIMATOR=best .* single, min-rtt or intersection/],
    ['MUTEX', 'paxos', /MUTEX=paxos .* central, central-lease, token-ring, .*raymond, off/],
    ['MUTEX_THINK_MS', 'never', /MUTEX_THINK_MS=never .* saturated, off, or a mean in milliseconds, 0 to 3600000/],
    ['MUTEX_HOLD_MS', '200:50', /MUTEX_HOLD_MS=200:50 .* the shortest and the longest in milliseconds/],
    ['MUTEX_HOLD_MS', '50', /MUTEX_HOLD_MS=50 .* such as 50:200/],
    ['MUTEX_LEASE_MS', '49', /MUTEX_LEASE_MS=49 .* 50 to 600000/],
    ['MUTEX_ON_CRASH', 'hope', /MUTEX_ON_CRASH=hope .* block or suspect/],
    ['MUTEX_QUORUMS', 'all', /MUTEX_QUORUMS=all .* grid or plane/],
    ['MUTEX_QUORUMS', 'plane', /MUTEX_QUORUMS=plane is refused with 2 members: a plane has 7 or 13 points/],
    ['MUTEX_YIELDS', 'maybe', /MUTEX_YIELDS=maybe .* on or off/],
    ['MUTEX_TREE', 'oak', /MUTEX_TREE=oak .* star, binary or line/],
    ['FENCING', '1', /FENCING=1 .* on or off/],
    ['LINK_DELAY', 'uniform:8ms:2ms', /LINK_DELAY=uniform:8ms:2ms .* none, constant:10ms/],
    ['LINK_DELAY', '5', /LINK_DELAY=5/],
    ['LINK_LOSS', '1.1', /LINK_LOSS=1.1 .* 0 to 1/],
    ['SEED', '4294967296', /SEED=4294967296 .* 0 to 4294967295/],
    ['NTP_PORT', 'on', /NTP_PORT=on .* off, or a port, 1 to 65535/],
    ['NTP_PORT', '65536', /NTP_PORT=65536 .* off, or a port, 1 to 65535/],
    ['LOG_LEVEL', 'loud', /LOG_LEVEL=loud/],
  ])('of %s is told with what is allowed: %s', (name, value, told) => {
    const found = errors({ [name]: value });
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(told);
  });

  it('of a mode that the election does not have is told with both', () => {
    for (const ELECTION of ['ring', 'chang-roberts', 'hirschberg-sinclair']) {
      expect(errors({ MODE: 'safe', ELECTION })).toEqual([`MODE=safe is refused with ELECTION=${ELECTION}: only bully has a safe variant`]);
    }
  });

  it('of the key file is told with how to make one', () => {
    expect(errors({ KEY_FILE: join(folder, 'none') })).toEqual([
      expect.stringMatching(/KEY_FILE=.*none does not exist; make one .* services\/node\/key.ts/),
    ]);
    expect(errors({ KEY_FILE: join(folder, 'short') })).toEqual([expect.stringMatching(/has 31 bytes, and a key has 32/)]);
  });

  it('of the state directory is told', () => {
    expect(errors({ STATE_DIR: join(folder, 'key') })).toEqual([expect.stringMatching(/STATE_DIR=.*key is not a directory/)]);
    expect(errors({ STATE_DIR: join(folder, 'no', 'where') })).toEqual([expect.stringMatching(/STATE_DIR=.* does not exist/)]);
  });

  it.skipIf(process.getuid?.() === 0 || process.platform === 'win32')('of a state directory that may not be written to is told', () => {
    const locked = mkdtempSync(join(folder, 'locked-'));
    chmodSync(locked, 0o500);
    expect(errors({ STATE_DIR: locked })).toEqual([expect.stringMatching(/may not be used by this program/)]);
  });

  it('does not keep the others from being told', () => {
    const wrong = {
      CLUSTER: '1=kmc,2=mit@mit:0',
      NODE_ID: '',
      OFFSET_MS: 'x',
      LINK_DELAY: 'x',
      KEY_FILE: join(folder, 'none'),
      STATE_DIR: join(folder, 'key'),
    };
    expect(errors(wrong)).toHaveLength(7);
  });
});
