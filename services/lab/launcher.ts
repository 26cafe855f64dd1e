/**
 * Runs a cluster as processes on loopback: one for each node, and one for the console.
 *
 * What a container runtime gives is given here by the operating system: a key file that only the user can read, a state
 * folder per node that outlives its process, a log file per program, and signals. Whoever launches may kill, pause and
 * restart nodes; so may the console, over the line on which it was started. Nothing is left when the launcher ends, but
 * what was compiled: eight programs that start at once spend half of their time on that, and the next start need not.
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { OutsideVerb, Result } from '../console/commands.ts';
import type { ActedMessage, ActMessage } from '../console/launcher-line.ts';
import { type Child, type Ended, lastLines, start } from './child.ts';
import type { LabNode } from './cluster.ts';
import { consoleEnvironment, keyFileIn, nodeEnvironment, type Place, portOf, type Settings, stateDirIn } from './environment.ts';
import { cannotStart, exitCodes, Failure } from './failure.ts';
import { choosePorts, type Ports } from './ports.ts';
import { privateFolder, removeRunFile, sweep, writeRunFile } from './run-file.ts';

export interface LaunchOptions extends Settings {
  readonly nodes: readonly LabNode[];
  /** 0 asks for free ones. */
  readonly ports: Ports;
  /** Told of a program that ended although nobody had asked for it. The others go on. */
  readonly died?: ((death: Death) => void) | undefined;
}

export interface Death extends Ended {
  readonly name: string;
  readonly lastLines: readonly string[];
}

const patienceMs = 3_000;
const readyWithinMs = 20_000;
const consoleName = 'console';

/** Resolves when every program listens; throws a `Failure`, with nothing left running, where one cannot. */
export async function launch(options: LaunchOptions): Promise<Launcher> {
  const home = privateFolder();
  sweep(home);
  const ports = await choosePorts(options.nodes, options.ports);
  const launcher = new Launcher(options, home, ports);
  try {
    await launcher.ready();
  } catch (error) {
    await launcher.stop(true);
    throw error;
  }
  return launcher;
}

export class Launcher {
  readonly nodes: readonly LabNode[];
  readonly place: Place;
  readonly consoleUrl: string;
  readonly #home: string;
  readonly #died: LaunchOptions['died'];
  readonly #programs: ReadonlyMap<string, Program>;
  readonly #readyMs = new Map<string, number>();
  #stopping = false;

  constructor(options: LaunchOptions, home: string, ports: Ports) {
    this.nodes = options.nodes;
    this.#died = options.died;
    this.#home = home;
    this.place = { folder: mkdtempSync(join(home, `cluster-${process.pid}-`)), ports, token: randomBytes(16).toString('hex') };
    this.consoleUrl = `http://localhost:${ports.console}`;
    process.once('exit', this.#leaveNothing);

    const { folder } = this.place;
    writeFileSync(keyFileIn(folder), randomBytes(32), { mode: 0o400 });
    for (const { name } of this.nodes) mkdirSync(stateDirIn(folder, name), { mode: 0o700 });
    // The console first: it is the first thing that anybody looks at.
    this.#programs = new Map([
      [consoleName, this.#begin(consoleName, 'console', consoleEnvironment(this.nodes, options, this.place))],
      ...this.nodes.map((node) => [node.name, this.#begin(node.name, 'node', nodeEnvironment(node, this.nodes, options, this.place))] as const),
    ]);
  }

  get ports(): Ports {
    return this.place.ports;
  }

  /** How long each program took to listen, in milliseconds, in the order in which they did. */
  get readyMs(): ReadonlyMap<string, number> {
    return this.#readyMs;
  }

  pidOf(name: string): number | undefined {
    return this.#programs.get(name)?.child.pid;
  }

  async ready(): Promise<void> {
    const began = performance.now();
    await Promise.all(
      [...this.#programs.values()].map(async (program) => {
        await listening(program);
        this.#readyMs.set(program.name, performance.now() - began);
      }),
    );
    this.#remember();
  }

  /** Does to a node what cannot be done from inside it. What is asked of one node happens one after the other. */
  act(verb: OutsideVerb, name: string): Promise<Result> {
    const program = this.#programs.get(name);
    if (program === undefined) return Promise.resolve({ ok: false, error: `there is no node ${name}` });
    const acted = program.busy.then(() => this.#act(program, verb));
    program.busy = acted;
    return acted;
  }

  /** Ends everything in order, and what does not end within three seconds by force; or everything by force. */
  async stop(atOnce = false): Promise<void> {
    this.#stopping = true;
    const ends = [...this.#programs.values()].map(({ child }) => child.end(atOnce ? 0 : patienceMs));
    await Promise.all(ends);
    process.off('exit', this.#leaveNothing);
    this.#leaveNothing();
  }

  async #act(program: Program, verb: OutsideVerb): Promise<Result> {
    const { name, child } = program;
    if (this.#stopping) return refused('the cluster is being stopped');
    if (verb === 'restart') return this.#restart(program);
    if (!child.alive()) return refused(`${name} is not running`);
    if (verb !== 'kill' && process.platform === 'win32') return refused('Windows cannot pause a process');
    if (verb === 'pause' && child.paused()) return refused(`${name} is paused already`);
    if (verb === 'resume' && !child.paused()) return refused(`${name} is not paused`);
    program.expected = verb === 'kill';
    child.signal(verb === 'kill' ? 'SIGKILL' : verb === 'pause' ? 'SIGSTOP' : 'SIGCONT');
    if (verb === 'kill') await child.ended;
    return { ok: true };
  }

  async #restart(program: Program): Promise<Result> {
    program.expected = true;
    await program.child.end(patienceMs);
    program.child = program.start();
    program.expected = false;
    try {
      await listening(program);
    } catch (error) {
      return refused(error instanceof Error ? error.message : String(error));
    }
    this.#remember();
    return { ok: true };
  }

  #begin(name: string, folder: 'node' | 'console', environment: Readonly<Record<string, string>>): Program {
    const script = fileURLToPath(new URL(`../${folder}/main.ts`, import.meta.url));
    const logFile = join(this.place.folder, `${name}.log`);
    const begin = (): Child => {
      const env = { NODE_COMPILE_CACHE: join(this.#home, 'compiled'), ...process.env, ...environment };
      const child = start({ script, env, logFile }, (message) => this.#hear(child, message));
      void child.ended.then(async (ended) => {
        // One that never listened is the failure of a start, and told as that.
        if ((await child.ready) && !program.expected && !this.#stopping) this.#died?.({ name, ...ended, lastLines: lastLines(logFile, 5) });
      });
      return child;
    };
    const program: Program = { name, logFile, start: begin, child: begin(), expected: false, busy: Promise.resolve() };
    return program;
  }

  /** The console asks for what an operator asked of it. */
  #hear(child: Child, message: unknown): void {
    const { type, id, verb, node } = message as Partial<ActMessage>;
    if (type !== 'act' || id === undefined || verb === undefined || node === undefined) return;
    void this.act(verb, node).then((result) => child.say({ type: 'acted', id, ...result } satisfies ActedMessage));
  }

  #remember(): void {
    const nodes = this.nodes.map(({ id, name }) => ({ id, name, pid: this.pidOf(name), port: portOf(this.ports, id) }));
    const { token } = this.place;
    writeRunFile(this.#home, this.ports.console, { pid: process.pid, consoleUrl: this.consoleUrl, token, nodes });
  }

  readonly #leaveNothing = (): void => {
    for (const { child } of this.#programs?.values() ?? []) child.signal('SIGKILL');
    removeRunFile(this.#home, this.ports.console);
    rmSync(this.place.folder, { recursive: true, force: true });
  };
}

interface Program {
  readonly name: string;
  readonly logFile: string;
  readonly start: () => Child;
  child: Child;
  /** Whether somebody asked for its end. */
  expected: boolean;
  busy: Promise<unknown>;
}

const refused = (error: string): Result => ({ ok: false, error });

/** Waits until the program listens, and throws what it said where it ended instead. */
async function listening({ name, child, logFile }: Program): Promise<void> {
  const late = AbortSignal.timeout(readyWithinMs);
  const silent = new Promise<never>((_, reject) => {
    late.addEventListener('abort', () => reject(cannotStart(`${name} does not listen after ${readyWithinMs / 1_000} s`)));
  });
  if (await Promise.race([child.ready, silent])) return;
  const { code } = await child.ended;
  const why = lastLines(logFile, 3).join(' | ');
  const message = `${name} could not start: ${why === '' ? `it ended with code ${code}` : why}`;
  throw new Failure(message, code === exitCodes.cannotStart ? exitCodes.cannotStart : exitCodes.failed);
}
