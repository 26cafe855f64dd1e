/**
 * A scenario on a real stage: the same nodes, clocks and links as processes on loopback or in containers, the timeline done
 * to them from outside, and the history that the console collected of it.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as passed } from 'node:timers/promises';
import { formatDelay } from '../../shared/faults/delay.ts';
import type { Run, Scenario } from '../../shared/scenario.ts';
import type { TrueTime } from '../../shared/time.ts';
import { inCompose, type OutsideVerb, type Result } from '../console/commands.ts';
import type { LabNode } from './cluster.ts';
import { fetchHistory, fetchState, type Place } from './console-client.ts';
import { composeProject } from './docker.ts';
import { cannotStart, Failure } from './failure.ts';
import { launch } from './launcher.ts';
import { anyFree } from './ports.ts';

export type StageName = 'processes' | 'docker';

interface Stage {
  readonly console: Place;
  act(verb: OutsideVerb, node: string): Promise<Result>;
  stop(): Promise<void>;
}

const settledWithinMs = 60_000;

/** Runs the scenario in real time, and returns once its span is over and everything is stopped again. */
export async function perform(scenario: Scenario, on: StageName, seed: number): Promise<Run> {
  mustBePlayable(scenario);
  const stage = await (on === 'processes' ? asProcesses(scenario, seed) : asContainers(scenario, seed));
  try {
    await allUp(stage.console);
    await timeline(scenario, stage);
    const history = (await fetchHistory(stage.console)).toSorted((a, b) => a.trueUs - b.trueUs);
    const from = history[0]?.trueUs ?? (0 as TrueTime);
    const epoch = Date.now() * 1_000 - Number(process.hrtime.bigint() / 1_000n);
    return { scenario, history, from, epoch };
  } finally {
    await stage.stop();
  }
}

async function timeline({ timeline: deeds, span }: Scenario, stage: Stage): Promise<void> {
  const began = performance.now();
  const until = (us: number): Promise<void> => passed(Math.max(0, began + us / 1_000 - performance.now()));
  for (const { at, verb, node } of deeds.filter(isOutside)) {
    await until(at);
    const { ok, error } = await stage.act(verb, node);
    if (!ok) throw new Failure(`${verb} ${node}: ${error ?? 'failed'}`);
  }
  await until(span);
}

type Outside = Extract<Scenario['timeline'][number], { readonly verb: OutsideVerb }>;
const isOutside = (deed: Scenario['timeline'][number]): deed is Outside =>
  deed.verb === 'kill' || deed.verb === 'restart' || deed.verb === 'pause' || deed.verb === 'resume';

function mustBePlayable({ name, timeline: deeds, links = [], tuning }: Scenario): void {
  const strange = deeds.find((d) => !isOutside(d));
  if (strange !== undefined || links.length > 0 || tuning !== undefined) {
    throw cannotStart(`${name} needs what only the simulator has (${strange?.verb ?? 'links or tuning of its own'}): run it --on simulator`);
  }
}

/** Waits until the console hears from every node. */
async function allUp(place: Place): Promise<void> {
  const deadline = performance.now() + settledWithinMs;
  for (;;) {
    const state = await fetchState(place).catch(() => undefined);
    if (state?.nodes.every((n) => n.up) === true) return;
    if (performance.now() > deadline) throw new Failure(`not every node came up within ${settledWithinMs / 1_000} s`);
    await passed(100);
  }
}

const labNodes = ({ nodes }: Scenario): readonly LabNode[] =>
  nodes.map(({ id, name, role, offset, drift }) => ({ id, name, role, offsetMs: offset / 1_000, driftPpm: drift }));

async function asProcesses(scenario: Scenario, seed: number): Promise<Stage> {
  const launcher = await launch({
    nodes: labNodes(scenario),
    clock: scenario.clock,
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
  const common = { CLUSTER: cluster, CLOCK: scenario.clock, LINK_DELAY: formatDelay(scenario.delay), LINK_LOSS: `${scenario.loss}`, SEED: `${seed}` };
  const nodes = labNodes(scenario).map(({ name, offsetMs, driftPpm }) => [
    name,
    { environment: { ...common, OFFSET_MS: `${offsetMs}`, DRIFT_PPM: `${driftPpm}` } },
  ]);
  writeFileSync(
    override,
    JSON.stringify({ services: { ...Object.fromEntries(nodes), console: { environment: { CLUSTER: cluster, OPERATOR_TOKEN: token } } } }),
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
