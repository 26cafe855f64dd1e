/**
 * The command line of the lab: `npm run lab VERB`.
 *
 * Whoever gets a command wrong is told what is allowed, with exit code 2; what cannot be done is said in one line; and
 * a stack trace is printed only for what is a fault of the program itself.
 */
import { Command, CommanderError } from 'commander';
import { registerActs } from './act.ts';
import { registerDoctor } from './doctor.ts';
import { exitCodes, Failure } from './failure.ts';
import { registerScenarios } from './scenarios.ts';
import { registerSimulate } from './simulate.ts';
import { registerStatus } from './status.ts';
import { registerUp } from './up.ts';

const needed = 24;

const examples = `
Examples:
  npm start                      the cluster as local processes
  npm run lab status             the cluster as the control room sees it
  npm run lab kill master        what happens next is the lesson
`;

const [major = '0'] = process.versions.node.split('.');
if (Number(major) < needed) {
  process.stderr.write(`Lockstep runs on Node ${needed}, and this is ${process.versions.node}. It brings its own: npm ci, then npm run lab ...\n`);
  process.exitCode = exitCodes.cannotStart;
} else {
  await main(process.argv);
}

async function main(argv: readonly string[]): Promise<void> {
  const program = new Command('lab')
    .description('Lockstep: clocks in step, locks that hold')
    .usage('VERB [options]')
    .addHelpText('before', examples)
    .exitOverride()
    .showHelpAfterError('Try --help.');
  for (const register of [registerUp, registerStatus, registerActs, registerScenarios, registerSimulate, registerDoctor]) register(program);
  try {
    await program.parseAsync(argv);
  } catch (error) {
    fail(error, argv.includes('--json'));
  }
}

function fail(error: unknown, json: boolean): void {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? exitCodes.held : exitCodes.usage;
    return;
  }
  const expected = error instanceof Failure;
  process.exitCode = expected ? error.exitCode : exitCodes.failed;
  if (json && expected) process.stdout.write(`${JSON.stringify({ ok: false, error: error.message })}\n`);
  else process.stderr.write(`${expected ? error.message : `this is a bug of Lockstep: ${error instanceof Error ? error.stack : String(error)}`}\n`);
}
