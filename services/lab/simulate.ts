/** `lab simulate`: a parametrised experiment in the simulator, many runs of it, measured. */
import { type Command, Option } from 'commander';
import type { Average } from '../../shared/clock/agreement.ts';
import type { Estimator } from '../../shared/clock/cristian/estimators.ts';
import { type Delay, uniform } from '../../shared/faults/delay.ts';
import type { ClockRule } from '../../shared/node.ts';
import { type Measured, measure } from '../../shared/sim/measure.ts';
import { type Duration, milliseconds, none, ppm } from '../../shared/time.ts';
import { choices } from '../../shared/wire.ts';
import { exitCodes, Failure } from './failure.ts';
import { delay, duration, ids, real, seed, whole } from './options.ts';
import { type ElectionFlags, simulateElection } from './simulate-election.ts';
import { type MutexFlags, simulateMutex } from './simulate-mutex.ts';

interface ClockFlags {
  readonly clock: ClockRule;
  readonly nodes?: number;
  readonly delay?: Delay;
  readonly loss: number;
  readonly drift: number;
  readonly offset?: Duration;
  readonly samples: number;
  readonly accept?: Duration;
  readonly attempts?: number;
  readonly minDelay?: Duration;
  readonly gamma?: Duration;
  readonly liars: number;
  readonly transactions: number;
  readonly wait: boolean;
  readonly estimator: Estimator;
  readonly average: Average;
  readonly for?: Duration;
  readonly runs: number;
  readonly seed: number;
  readonly json?: boolean;
}

type Flags = Omit<ClockFlags, 'clock'> & ElectionFlags & MutexFlags & { readonly clock?: ClockRule };

const averages = ['mean', 'gamma', 'median', 'trimmed', 'historical'] satisfies readonly Average[];

const examples = `
Examples:
  npm run lab simulate -- --clock cristian --delay uniform:5ms:25ms --samples 8 --runs 10000
  npm run lab simulate -- --clock berkeley --nodes 5 --offset 500ms --drift 50 --for 60s
  npm run -s lab simulate -- --clock cristian --estimator intersection --seed 7 --json
  npm run lab simulate -- --election bully --nodes 10 --down 10 --initiators 5
  npm run lab simulate -- --election chang-roberts --nodes 8 --initiators 1,2,3,4,5,6,7,8
  npm run lab simulate -- --mutex ricart-agrawala --nodes 4 --entries 1000
  npm run lab simulate -- --mutex raymond --tree star --nodes 9 --think 2s
`;

export function registerSimulate(program: Command): void {
  program
    .command('simulate')
    .description('run an experiment in the simulator and measure it')
    .addHelpText('before', examples)
    .addOption(new Option('--clock <rule>', 'measure a clock rule').choices(['cristian', 'berkeley']).conflicts(['election', 'mutex']))
    .addOption(new Option('--election <name>', 'measure an election').choices(choices.election).conflicts('mutex'))
    .addOption(new Option('--mutex <name>', 'measure critical sections').choices(choices.mutex))
    .option('--nodes <n>', 'members 1..N; the highest leads (default: 2 for cristian, 5 for berkeley and locks, 10 for elections)', whole(1, 64))
    .addOption(
      new Option('--mode <mode>', "the textbook's election, or the one that needs a majority").choices(['classic', 'safe']).default('classic'),
    )
    .option('--down <ids>', 'members that have crashed (default: none)', ids)
    .option('--initiators <ids>', 'members that notice it, all at time zero (default: the lowest that lives)', ids)
    .option('--delay <distribution>', 'one-way delay of each frame (default: uniform:5ms:25ms, for elections constant:10ms)', delay)
    .option('--loss <p>', 'share of frames that is lost', real(0, 1), 0)
    .option('--drift <ppm>', 'drifts alternate between plus and minus this', real(0, 10_000), 0)
    .option('--offset <duration>', 'clocks start within this of true time (default: none)', duration)
    .option('--samples <k>', "exchanges of a reading of Cristian's", whole(1, 1_000), 8)
    .addOption(new Option('--estimator <name>', 'what is made of the samples').choices(['single', 'min-rtt', 'intersection']).default('min-rtt'))
    .addOption(new Option('--average <rule>', "averaging rule of Berkeley's").choices(averages).default('gamma'))
    .option('--accept <round-trip>', 'samples with a longer round trip are tried again', duration)
    .option('--attempts <n>', 'exchanges tried for a reading (default: as many as samples, or 200 with --accept)', whole(1, 10_000))
    .option('--min-delay <duration>', 'smallest one-way delay that is assumed (default: none)', duration)
    .option('--gamma <duration>', 'clocks further apart are not averaged together (default: 20ms)', duration)
    .option('--liars <n>', 'so many of the lowest members lie about their clocks', whole(0, 63), 0)
    .option('--transactions <n>', 'the last run ends with so many transactions in turn, stamped by their nodes', whole(0, 100_000), 0)
    .option('--no-wait', 'transactions do not wait until their timestamp is surely past')
    .option('--entries <n>', 'critical sections of a run, of all members together', whole(1, 1_000_000), 200)
    .option('--think <duration>', 'mean time from leaving to wanting again (default: none, everyone always wants in)', duration)
    .option('--section <duration>', 'how long a critical section takes', duration, milliseconds(20))
    .addOption(new Option('--tree <shape>', "of Raymond's").choices(['star', 'binary', 'line']).default('binary'))
    .addOption(new Option('--quorums <how>', "how Maekawa's are drawn").choices(['grid', 'plane']).default('grid'))
    .option('--no-yields', "Maekawa's arbiters do not ask their grants back")
    .option('--no-fifo', "messages may overtake each other, also those of Lamport's lock")
    .addOption(new Option('--on-crash <how>', 'what a missing permission is worth').choices(['block', 'suspect']).default('block'))
    .option('--for <duration>', 'how long each run lasts (default: one reading, or 60s of rounds)', duration)
    .option('--runs <n>', 'how many runs, each with a seed of its own', whole(1, 1_000_000), 1)
    .option('--seed <n>', 'same seed, same bytes', seed, 1)
    .option('--json', 'print one JSON object')
    .action(({ clock, ...flags }: Flags) => {
      const [measured, lines] = simulated(clock, flags);
      console.log(flags.json === true ? JSON.stringify(measured) : lines.join('\n'));
      process.exitCode = measured.verdicts.every((v) => v.verdict === 'holds' || v.verdict === 'at-risk' || v.verdict === 'expected-violation')
        ? 0
        : 1;
    });
}

function simulated(clock: ClockRule | undefined, flags: Omit<Flags, 'clock'>): readonly [Pick<Measured, 'verdicts'>, readonly string[]] {
  if (clock !== undefined) return simulateClock({ ...flags, clock });
  if (flags.mutex !== undefined) return simulateMutex(flags);
  if (flags.election !== undefined) return simulateElection(flags);
  throw new Failure('say what to measure: --clock, --election or --mutex', exitCodes.usage);
}

function simulateClock(flags: ClockFlags): readonly [Measured, readonly string[]] {
  const nodes = flags.nodes ?? (flags.clock === 'cristian' ? 2 : 5);
  if (nodes < 2) throw new Failure('--nodes must be at least 2: one clock alone needs no synchronisation', exitCodes.usage);
  if (flags.liars >= nodes) throw new Failure(`--liars must be less than the ${nodes} nodes there are`, exitCodes.usage);
  const measured = measure({
    ...flags,
    delay: flags.delay ?? uniform(milliseconds(5), milliseconds(25)),
    nodes,
    attempts: flags.attempts ?? (flags.accept === undefined ? flags.samples : 200),
    acceptWithin: flags.accept ?? milliseconds(200),
    leastDelay: flags.minDelay ?? none,
    gamma: flags.gamma ?? milliseconds(20),
    drift: ppm(flags.drift),
    offset: flags.offset ?? none,
    span: flags.for,
  });
  return [measured, told(measured)];
}

function told({ seed: used, leader, messages, delivered, clock, commits, verdicts }: Measured): readonly string[] {
  const ms = (us: number): string => `${(us / 1e3).toFixed(3)} ms`;
  return [
    `seed ${used}, leader ${leader ?? 'none'}, ${delivered} messages delivered`,
    ...Object.entries(messages).map(
      ([kind, m]) => `  ${kind.padEnd(18)} ${m.attempted} attempted, ${m.delivered} delivered, ${m.dropped} dropped, ${m.unanswered} unanswered`,
    ),
    `readings  ${clock.contained} of ${clock.samples} contained`,
    `bound     mean ${ms(clock.boundMeanUs)}`,
    `error     rms ${ms(clock.errorRmsUs)}, largest ${ms(clock.errorMaxUs)}`,
    `spread    at most ${ms(clock.spreadUs)} as a run ended`,
    ...(commits === undefined
      ? []
      : [
          `commits   ${commits.inversions} of ${commits.transactions} out of order; waited ${ms(commits.waitedUs)}, twice the bound is ${ms(commits.twiceBoundUs)}`,
        ]),
    ...verdicts.map((v) => `${v.verdict.padEnd(9)} ${v.rule}: ${v.detail}`),
  ];
}
