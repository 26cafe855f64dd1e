/**
 * The command line of the lab: its verbs, and how it answers when something goes wrong.
 *
 * Whoever gets a command wrong is told what is allowed, with exit code 2; what cannot be done is said in one line; and
 * a stack trace is printed only for what is a fault of the program itself.
 */
import { Command, CommanderError } from 'commander';
import { registerActs } from './act.ts';
import { registerBench } from './bench.ts';
import { registerDisturbances } from './disturb.ts';
import { registerDoctor } from './doctor.ts';
import { registerElect } from './elect.ts';
import { registerEnter } from './enter.ts';
import { registerExport } from './export.ts';
import { exitCodes, Failure } from './failure.ts';
import { registerRun } from './run.ts';
import { registerScenarios } from './scenarios.ts';
import { registerSimulate } from './simulate.ts';
import { registerStatus } from './status.ts';
import { registerSwitch } from './switch.ts';
import { registerUp } from './up.ts';

const examples = `
Examples:
  npm start                      the cluster as local processes
  npm run lab status             the cluster as the control room sees it
  npm run lab kill master        what happens next is the lesson
`;

/** Where the words of the command line itself go; what a verb finds out goes to the process's own output. */
export interface Outlets {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

/** Carries one command line out, and answers with the exit code; `undefined` where the verb itself has set it. */
export async function runLab(argv: readonly string[], { out, err }: Outlets): Promise<number | undefined> {
  const program = new Command('lab')
    .description('Lockstep: clocks in step, locks that hold')
    .usage('VERB [options]')
    .addHelpText('before', examples)
    .exitOverride()
    .configureOutput({ writeOut: out, writeErr: err })
    .showHelpAfterError('Try --help.');
  for (const register of [
    registerUp,
    registerStatus,
    registerActs,
    registerElect,
    registerEnter,
    registerSwitch,
    registerDisturbances,
    registerRun,
    registerScenarios,
    registerExport,
    registerSimulate,
    registerBench,
    registerDoctor,
  ])
    register(program);
  try {
    await program.parseAsync(argv, { from: 'user' });
    return undefined;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.held : exitCodes.usage;
    if (!(error instanceof Failure)) {
      err(`this is a bug of Lockstep: ${error instanceof Error ? error.stack : String(error)}\n`);
      return exitCodes.failed;
    }
    if (argv.includes('--json')) out(`${JSON.stringify({ ok: false, error: error.message })}\n`);
    else err(`${error.message}\n`);
    return error.exitCode;
  }
}
