/**
 * etcd under the same measurement: five members on loopback with etcd's own defaults (a heartbeat each 100 ms, an election
 * after 1000 ms to 2000 ms of silence), data in a private folder that goes when they go.
 *
 * Members are asked for their leader every few milliseconds. Of the two ends between which a change of mind lies the
 * earlier one counts, so that what cannot be seen is counted in etcd's favour.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as passed } from 'node:timers/promises';
import { Failure } from '../failure.ts';
import { anyFree, loopback } from '../ports.ts';
import { privateFolder } from '../run-file.ts';
import { type Sighting, type Status, sighted, statusOf } from './etcd-status.ts';
import { type Fault, found, type Subject, type Trial, trueNow } from './subject.ts';

interface Member {
  readonly name: string;
  readonly client: number;
  readonly peer: number;
  child: ChildProcess | undefined;
}

export interface Etcd extends Subject {
  readonly version: string;
  /** The longest time that passed between two answers between which a member changed its mind. */
  resolutionMs(): number;
  /** The ports at which its members serve clients. */
  readonly clients: readonly number[];
  /** Resolves when all five follow one leader. */
  ready(): Promise<void>;
}

const everyMs = 3;
const limitMs = 30_000;
const names = ['e1', 'e2', 'e3', 'e4', 'e5'];

/** `undefined` where etcd is not installed. */
export function etcdVersion(): string | undefined {
  const { status, stdout } = spawnSync('etcd', ['--version'], { encoding: 'utf8' });
  return status === 0 ? (/etcd Version: (\S+)/.exec(stdout)?.[1] ?? 'of unknown version') : undefined;
}

export async function etcd(version: string): Promise<Etcd> {
  const folder = mkdtempSync(join(privateFolder(), `cluster-${process.pid}-etcd-`));
  const members: Member[] = [];
  for (const name of names) members.push({ name, client: await anyFree(), peer: await anyFree(), child: undefined });
  const token = `lockstep-${process.pid}`;
  const leaveNothing = (): void => {
    for (const { child } of members) child?.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  process.once('exit', leaveNothing);
  let coarsest = 0;

  function begin(member: Member): void {
    const { name, client, peer } = member;
    const urls = { client: `http://${loopback}:${client}`, peer: `http://${loopback}:${peer}` };
    const log = openSync(join(folder, `${name}.log`), 'a', 0o600);
    const given = {
      name,
      'data-dir': join(folder, name),
      'listen-client-urls': urls.client,
      'advertise-client-urls': urls.client,
      'listen-peer-urls': urls.peer,
      'initial-advertise-peer-urls': urls.peer,
      'initial-cluster': members.map((m) => `${m.name}=http://${loopback}:${m.peer}`).join(','),
      'initial-cluster-token': token,
    };
    // A group of its own, so that Ctrl-C reaches us first; and nothing of the shell's that would change its defaults.
    member.child = spawn(
      'etcd',
      Object.entries(given).map(([flag, value]) => `--${flag}=${value}`),
      {
        detached: true,
        stdio: ['ignore', log, log],
        env: Object.fromEntries(Object.entries(process.env).filter(([variable]) => !variable.startsWith('ETCD_'))),
      },
    );
    member.child.once('error', () => undefined);
    closeSync(log);
  }

  /** The leader, once all five follow it and have the same log. */
  const whole = (): Promise<Status> => found('etcd came to rest', async () => settled(await Promise.all(members.map((m) => statusOf(m.client)))), 50);

  async function trial(fault: Fault): Promise<Trial> {
    const { leader: old } = await whole();
    const statuses = await Promise.all(members.map(async (member) => ({ member, status: await statusOf(member.client) })));
    const leader = statuses.find(({ status }) => status?.self === old)?.member;
    if (leader === undefined) throw new Failure('etcd changed its leader before it was taken away');
    const others = members.filter((member) => member !== leader);
    const began = trueNow();
    leader.child?.kill(fault === 'kill' ? 'SIGKILL' : 'SIGSTOP');
    const sightings = await changed(others, old);
    coarsest = Math.max(coarsest, ...sightings.map(({ after, heard }) => heard - after));
    if (fault === 'pause') leader.child?.kill('SIGCONT');
    else {
      if (leader.child?.exitCode === null && leader.child.signalCode === null) await once(leader.child, 'exit');
      begin(leader);
    }
    const { leader: next } = sightings[0] as Sighting;
    const after = statuses.find(({ status }) => status?.self === next)?.member.name ?? 'unknown';
    await whole();
    return { ms: (Math.max(...sightings.map((s) => s.after)) - began) / 1_000, before: leader.name, after };
  }

  for (const member of members) begin(member);
  const stop = (): Promise<void> => {
    process.off('exit', leaveNothing);
    leaveNothing();
    return Promise.resolve();
  };
  return {
    system: 'etcd',
    mode: null,
    settings: 'default',
    version,
    trial,
    stop,
    resolutionMs: () => coarsest / 1_000,
    clients: members.map(({ client }) => client),
    ready: async () => void (await whole()),
  };
}

/** Asks each of them on and on, until all name the same leader, and another than `old`. */
async function changed(members: readonly Member[], old: string | undefined): Promise<readonly Sighting[]> {
  const latest = new Map<Member, Sighting>();
  const deadline = performance.now() + limitMs;
  const agreed = (): boolean => {
    const leaders = new Set(members.map((member) => latest.get(member)?.leader));
    return leaders.size === 1 && !leaders.has(undefined) && !leaders.has(old);
  };
  await Promise.all(
    members.map(async (member) => {
      while (!agreed()) {
        const asked = trueNow();
        const leader = (await statusOf(member.client))?.leader;
        latest.set(member, sighted(latest.get(member), { leader, asked, heard: trueNow() }));
        if (performance.now() > deadline) throw new Failure(`etcd found no new leader within ${limitMs / 1_000} s`);
        await passed(everyMs);
      }
    }),
  );
  return [...latest.values()];
}

function settled(statuses: readonly (Status | undefined)[]): Status | undefined {
  const [first] = statuses;
  const same = (status: Status | undefined): boolean =>
    status !== undefined && status.leader === first?.leader && status.raftIndex === first?.raftIndex && status.raftTerm === first?.raftTerm;
  return first?.leader !== undefined && statuses.every(same) ? first : undefined;
}
