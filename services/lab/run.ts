/** `lab run`: a named scenario, played in one of the worlds and judged. The exit code is the judgement. */
import { writeFileSync } from 'node:fs';
import { Argument, type Command, Option } from 'commander';
import { type Judgement, judge, type Run, type Scenario } from '../../shared/scenario.ts';
import { scenarios } from '../../shared/scenarios/index.ts';
import { play } from '../../shared/sim/play.ts';
import { report } from '../../shared/sim/report.ts';
import { exitCodes } from './failure.ts';
import { seed } from './options.ts';
import { perform } from './stage.ts';

interface Flags {
  readonly on: 'simulator' | 'processes' | 'docker';
  readonly seed?: number;
  readonly transcript?: boolean;
  readonly stamps?: boolean;
  readonly history?: string;
  readonly json?: boolean;
}

const examples = `
Examples:
  npm run lab run cristian-devices -- --transcript
  npm run lab run berkeley-four -- --on processes
  npm run lab run lab-sheet-average -- --stamps
  npm run -s lab run member-returns -- --on docker --history history.jsonl --json
`;

export function registerRun(program: Command): void {
  program
    .command('run')
    .description('play a named scenario, and judge it')
    .addHelpText('before', examples)
    .addArgument(new Argument('<scenario>', 'its name, see `scenarios`').choices(scenarios.map((s) => s.name)))
    .addOption(new Option('--on <world>', 'where it is played').choices(['simulator', 'processes', 'docker']).default('simulator'))
    .option('--seed <n>', 'same seed, same bytes, in the simulator (default: the scenario has its own)', seed)
    .option('--transcript', 'print everything that happened, not only the findings')
    .option('--stamps', 'the transcript, and the logical time of each line: Lamport, vector, hybrid')
    .option('--history <file>', 'write the events there, one JSON object a line')
    .option('--json', 'print one JSON object')
    .action(async (name: string, flags: Flags) => {
      const scenario = scenarios.find((s) => s.name === name) as Scenario;
      const used = flags.seed ?? scenario.seed;
      const run = flags.on === 'simulator' ? play(scenario, used) : await perform(scenario, flags.on, used);
      const judgement = judge(run);
      if (flags.history !== undefined) writeFileSync(flags.history, run.history.map((event) => `${JSON.stringify(event)}\n`).join(''));
      const detail = { course: flags.transcript === true || flags.stamps === true, stamps: flags.stamps === true };
      console.log(flags.json === true ? json(run, judgement, flags.on, used) : report(run, judgement, detail).join('\n'));
      process.exitCode = judgement.held ? exitCodes.held : exitCodes.failed;
    });
}

const json = ({ scenario, history }: Run, judgement: Judgement, world: Flags['on'], used: number): string =>
  JSON.stringify({ scenario: scenario.name, world, seed: used, events: history.length, ...judgement });
