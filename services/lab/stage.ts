/**
 * A scenario on a real stage: the same nodes, clocks and links as processes on loopback or in containers, the timeline done
 * to them from outside, and the history that the console collected of it.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as passed } from 'node:timers/promises';
import type { ElectionConfig } from '../../shared/election/config.ts';
import { formatDelay } from '../../shared/faults/delay.ts';
import type { HistoryEvent } from '../../shared/history.ts';
import type { NodeId } from '../../shared/protocol.ts';
import { electionOf, mutexOf, type Run, type Scenario } from '../../shared/scenario.ts';
import type { TrueTime } from '../../shared/time.ts';
import { inCompose, type OutsideVerb, type Result } from '../console/commands.ts';
import type { LabNode } from './cluster.ts';
import { fetchHistory, fetchState, type Place, sendCommand } from './console-client.ts';
import { courseOf } from './course.ts';
import { composeProject } from './docker.ts';
import { cannotStart, Failure } from './failure.ts';
import { launch } from './launcher.ts';
import { lockEnvironment, untoldOfLocks } from './lock-environment.ts';
import { anyFree } from './ports.ts';
import { eventually } from './wait.ts';

export type StageName = 'processes' | 'docker';

interface Stage {
  readonly console: Place;
  act(verb: OutsideVerb, node: string): Promise<Result>;
  stop(): Promise<void>;
}

const settledWithinMs = 60_000;
/** No frame that took longer than this for so long, and nobody suspected or trusted anew: the stage is calm. */
const slowUs = 50_000;
const calmUs = 1_000_000;
const calmWithinMs = 20_000;

/** Runs the scenario in real time, and returns once its span is over and everything is stopped again. */
export async function perform(scenario: Scenario, on: StageName, seed: number): Promise<Run> {
  mustBePlayable(scenario);
  const stage = await (on === 'processes' ? asProcesses(scenario, seed) : asContainers(scenario, seed));
  try {
    await allUp(stage.console);
    const set = scenario.election === undefined ? undefined : await allAcquainted(scenario, stage.console);
    const killed = await timeline(scenario, stage);
    const course = courseOf(await fetchHistory(stage.console), killed);
    const history = set === undefined ? course : course.filter((event) => event.trueUs > set || !isRehearsal(scenario, event));
    const from = set ?? history[0]?.trueUs ?? (0 as TrueTime);
    const epoch = Date.now() * 1_000 - Number(process.hrtime.bigint() / 1_000n);
    return { scenario, history, from, epoch };
  } finally {
    await stage.stop();
  }
}

/** Does what is to be done, when it is due, and tells who does not run any more. */
async function timeline({ nodes, timeline: deeds, span }: Scenario, stage: Stage): Promise<ReadonlySet<NodeId>> {
  const killed = new Set<NodeId>();
  const began = performance.now();
  const until = (us: number): Promise<void> => passed(Math.max(0, began + us / 1_000 - performance.now()));
  for (const { at, verb, node } of deeds.filter(isPlayable)) {
    await until(at);
    const { ok, error } = await (isCommand(verb) ? command(stage.console, verb, node) : stage.act(verb, node));
    if (!ok) throw new Failure(`${verb} ${node}: ${error ?? 'failed'}`);
    const id = nodes.find(({ name }) => name === node)?.id;
    if (id !== undefined && verb === 'kill') killed.add(id);
    if (id !== undefined && verb === 'restart') killed.delete(id);
  }
  await until(span);
  return killed;
}

/** What is not done to a node, but asked of it. */
type Command = 'elect' | 'enter';
const isCommand = (verb: OutsideVerb | Command): verb is Command => verb === 'elect' || verb === 'enter';
const command = (place: Place, verb: Command, node: string): Promise<Result> => sendCommand(place, { id: randomUUID(), verb, args: [node] });

type Playable = Extract<Scenario['timeline'][number], { readonly verb: OutsideVerb | Command }>;
const playable: readonly string[] = ['kill', 'restart', 'pause', 'resume', 'elect', 'enter'] satisfies readonly Playable['verb'][];
const isPlayable = (deed: Scenario['timeline'][number]): deed is Playable => playable.includes(deed.verb);

/** What of an election a real node can be told. */
const toldOfElections: readonly string[] = ['algorithm', 'mode', 'begins'] satisfies readonly (keyof ElectionConfig)[];

function mustBePlayable({ name, timeline: deeds, links = [], tuning, election = {}, mutex = {} }: Scenario): void {
  const strange = deeds.find((d) => !isPlayable(d));
  const untold = [...Object.keys(election).filter((key) => !toldOfElections.includes(key)), ...untoldOfLocks(mutex)];
  if (strange !== undefined || links.length > 0 || tuning !== undefined || untold.length > 0) {
    throw cannotStart(`${name} needs what only the simulator has (${strange?.verb ?? 'links or tuning of its own'}): run it --on simulator`);
  }
}

/** Waits until the console hears from every node. */
const allUp = (place: Place): Promise<true> =>
  eventually(
    settledWithinMs,
    'not every node came up',
    async () => (await fetchState(place).catch(() => undefined))?.nodes.every((n) => n.up) === true,
  );

/**
 * Waits until every member has heard every other, since a frame to one who cannot be reached yet would be counted as
 * unanswered, and until programs that are still busy with their own start have calmed down, or for so long at most. Tells
 * when the stage was set.
 */
async function allAcquainted({ nodes }: Scenario, place: Place): Promise<TrueTime> {
  const members = nodes.filter(({ role }) => role === 'member').length;
  const patient = performance.now() + calmWithinMs;
  let set = 0 as TrueTime;
  await eventually(settledWithinMs, 'not every member heard every other', async () => {
    const heard = new Map<string, HistoryEvent>();
    const history = await fetchHistory(place);
    for (const e of history) if (e.kind === 'heartbeat.trusted' || e.kind === 'heartbeat.suspected') heard.set(`${e.node} ${e.peer}`, e);
    const slow = history.findLast((e) => e.kind === 'message.received' && e.delayUs > slowUs)?.trueUs ?? 0;
    const unquiet = Math.max(slow, ...[...heard.values()].map(({ trueUs }) => trueUs));
    set = Math.max(0, ...history.map(({ trueUs }) => trueUs)) as TrueTime;
    const acquainted = [...heard.values()].filter(({ kind }) => kind === 'heartbeat.trusted').length === members * (members - 1);
    return acquainted && (set - unquiet > calmUs || performance.now() > patient);
  });
  return set;
}

/**
 * Programs that start all at once miss each other at first, and are slow: that breaks no assumption of what is played
 * afterwards. Who has heard of whom, and where a lock's token is, counts from the start.
 */
function isRehearsal({ mutex }: Scenario, event: HistoryEvent): boolean {
  if (event.kind === 'heartbeat.suspected' || event.kind === 'heartbeat.stalled') return true;
  const ofTheLock = 'message' in event && typeof event.message === 'object' && event.message.kind.startsWith(`${mutexOf(mutex ?? {}).algorithm}.`);
  return event.kind.startsWith('message.') && !ofTheLock;
}

const labNodes = ({ nodes }: Scenario): readonly LabNode[] =>
  nodes.map(({ id, name, role, offset, drift }) => ({ id, name, role, offsetMs: offset / 1_000, driftPpm: drift }));

async function asProcesses(scenario: Scenario, seed: number): Promise<Stage> {
  const held = electionOf(scenario);
  const launcher = await launch({
    nodes: labNodes(scenario),
    clock: scenario.clock,
    election: held.algorithm,
    mode: held.mode,
    env: { ELECTION_BEGINS: held.begins, ...lockEnvironment(scenario) },
    linkDelay: formatDelay(scenario.delay),
    linkLoss: scenario.loss,
    seed,
    ports: { base: 0, console: 0 },
  });
  return {
    console: { consoleUrl: launcher.consoleUrl, token: launcher.place.token },
    act: (verb, node) => launcher.act(verb, node),
    stop: () => launcher.stop(),
  };
}

/** Containers of the project's own Compose file, under another project name, told what the scenario says. */
async function asContainers(scenario: Scenario, seed: number): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-scenario-'));
  const override = join(folder, 'override.json');
  const token = randomBytes(16).toString('hex');
  const port = await anyFree();
  const cluster = scenario.nodes.map(({ id, name, role }) => `${id}=${name}:${role}@${name}:4100`).join(',');
  const { algorithm, mode, begins } = electionOf(scenario);
  const everyone = { CLUSTER: cluster, ELECTION: algorithm, MODE: mode, ELECTION_BEGINS: begins, ...lockEnvironment(scenario) };
  const common = { ...everyone, CLOCK: scenario.clock, LINK_DELAY: formatDelay(scenario.delay), LINK_LOSS: `${scenario.loss}`, SEED: `${seed}` };
  const nodes = labNodes(scenario).map(({ name, offsetMs, driftPpm }) => [
    name,
    { environment: { ...common, OFFSET_MS: `${offsetMs}`, DRIFT_PPM: `${driftPpm}` } },
  ]);
  writeFileSync(
    override,
    JSON.stringify({ services: { ...Object.fromEntries(nodes), console: { environment: { ...everyone, OPERATOR_TOKEN: token } } } }),
  );
  const compose = composeProject(`lockstep-${scenario.name}`, override, { CONSOLE_PORT: `${port}` });
  const stop = async (): Promise<void> => {
    compose('down', '--volumes');
    rmSync(folder, { recursive: true, force: true });
  };
  const { ok, error } = compose('up', '--detach', '--build', 'console', ...scenario.nodes.map((n) => n.name));
  if (!ok) {
    await stop();
    throw cannotStart(`docker compose up failed: ${error ?? 'no reason given'}`);
  }
  return { console: { consoleUrl: `http://localhost:${port}`, token }, act: async (verb, node) => compose(inCompose[verb], node), stop };
}
