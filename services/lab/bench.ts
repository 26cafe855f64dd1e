/** `lab bench`: how fast something is, measured on real processes and beside something that is known. */
import { randomInt } from 'node:crypto';
import { availableParallelism, totalmem } from 'node:os';
import { type Command, Option } from 'commander';
import { etcdVersion } from './bench/etcd.ts';
import { failover, type Measured } from './bench/failover.ts';
import { tableOf } from './bench/figures.ts';
import { settings } from './bench/lockstep.ts';
import { type Locked, lockTable, mutexBench } from './bench/mutex.ts';
import { exitCodes } from './failure.ts';
import { seed, whole } from './options.ts';

const examples = `
Examples:
  npm run lab bench failover
  npm run lab bench failover -- --trials 3 --with none
  npm run lab bench mutex
  npm run -s lab bench failover -- --json
`;

interface Flags {
  readonly trials: number;
  readonly with: 'etcd' | 'none';
  readonly rest: number;
  readonly seed?: number;
  readonly json?: boolean;
}

export function registerBench(program: Command): void {
  const bench = program.command('bench').description('measure how fast something is').addHelpText('before', examples);
  bench
    .command('failover')
    .description('how long a cluster of five has no leader that all follow, after its leader was killed or paused; 10 trials take 9 minutes')
    .addHelpText('before', examples)
    .option('--trials <n>', 'how often each leader is taken away in each way', whole(1, 100), 10)
    .addOption(new Option('--with <system>', 'what to compare with, where it is installed').choices(['etcd', 'none']).default('etcd'))
    .option('--rest <seconds>', 'peace before each trial; below 20 an election puts the next one off', whole(0, 120), 21)
    .option('--seed <n>', 'chance of the nodes (default: a new one each time)', seed)
    .option('--json', 'print one JSON object, and nothing else')
    .action(benchFailover);
  bench
    .command('mutex')
    .description('how often one of five contenders enters the critical section, and how long it is empty from one to the next')
    .addHelpText('before', examples)
    .option('--entries <n>', 'entries under each lock', whole(100, 20_000), 2_000)
    .addOption(new Option('--with <system>', 'what to compare with, where it is installed').choices(['etcd', 'none']).default('etcd'))
    .option('--seed <n>', 'chance of the nodes (default: a new one each time)', seed)
    .option('--json', 'print one JSON object, and nothing else')
    .action(benchMutex);
}

async function benchMutex({ entries, with: other, seed: given, json }: Omit<Flags, 'trials' | 'rest'> & { readonly entries: number }): Promise<void> {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(exitCodes.interrupted));
  const used = given ?? randomInt(2 ** 32);
  const version = other === 'etcd' ? etcdVersion() : undefined;
  const note = other === 'etcd' && version === undefined ? 'etcd is not installed here: ours alone' : undefined;
  const say = process.stderr.isTTY ? (line: string) => console.error(line) : () => undefined;
  const locks = await mutexBench({ entries, seed: used, etcd: version }, say);
  const run = { entries, seed: used, etcd: version ?? null, ...(note === undefined ? {} : { note }) };
  console.log(
    json === true
      ? JSON.stringify({ ok: true, date: new Date().toISOString(), machine: machine(), contenders: 5, linkDelay: 'none', ...run, locks })
      : lockText(run, locks).join('\n'),
  );
}

function lockText(
  run: { readonly entries: number; readonly seed: number; readonly etcd: string | null; readonly note?: string },
  locks: readonly Locked[],
): readonly string[] {
  const { cores, memoryGb, platform, node } = machine();
  return [
    'Five contenders who want the critical section at once and stay for no time',
    `links unshaped, ${run.entries} entries each, seed ${run.seed}; ${cores} cores, ${memoryGb} GB, ${platform}, node ${node}`,
    "Ours write nothing: no ledger, no log, no disk; their safety under pauses is the ledger's. etcd replicates each grant and writes it to disk,",
    'and is asked over its JSON gateway, so that the ratio compares prices of different things',
    ...(run.etcd === null ? [] : [`etcd ${run.etcd}, its defaults`]),
    ...(run.note === undefined ? [] : [run.note]),
    '',
    ...lockTable(locks),
  ];
}

async function benchFailover({ trials, with: other, rest, seed: given, json }: Flags): Promise<void> {
  // Everything that was started is ended, and everything written removed, when this process exits.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(exitCodes.interrupted));
  const used = given ?? randomInt(2 ** 32);
  const version = other === 'etcd' ? etcdVersion() : undefined;
  const note = other === 'etcd' && version === undefined ? 'etcd is not installed here: ours alone' : undefined;
  const say = process.stderr.isTTY ? (line: string) => console.error(line) : () => undefined;
  const measured = await failover({ trials, seed: used, restMs: rest * 1_000, etcd: version }, say);
  const run = { trials, seed: used, rest, version, note, measured };
  console.log(json === true ? asJson(run) : asText(run).join('\n'));
}

interface Done {
  readonly trials: number;
  readonly seed: number;
  readonly rest: number;
  readonly version: string | undefined;
  readonly note: string | undefined;
  readonly measured: Measured;
}

const machine = () => ({
  cores: availableParallelism(),
  memoryGb: Math.round(totalmem() / 2 ** 30),
  platform: process.platform,
  node: process.version,
});

const asJson = ({ trials, seed: used, rest, version, note, measured: { cases, resolutionMs } }: Done): string =>
  JSON.stringify({
    ok: true,
    date: new Date().toISOString(),
    machine: machine(),
    members: 5,
    linkDelay: 'none',
    trials,
    seed: used,
    restSeconds: rest,
    settings,
    etcd: version === undefined ? null : { version, resolutionMs },
    ...(note === undefined ? {} : { note }),
    cases,
  });

function asText({ trials, seed: used, version, note, measured: { cases, resolutionMs } }: Done): readonly string[] {
  const { cores, memoryGb, platform, node } = machine();
  const { HEARTBEAT_MS, ELECTION_OK_MS } = settings.fast;
  return [
    'From the signal to the leader until the last live member follows a new one',
    `5 members, links unshaped, ${trials} trials each, seed ${used}; ${cores} cores, ${memoryGb} GB, ${platform}, node ${node}`,
    `fast: HEARTBEAT_MS=${HEARTBEAT_MS} ELECTION_OK_MS=${ELECTION_OK_MS}`,
    ...(version === undefined ? [] : [`etcd ${version}, its defaults, seen to within ${resolutionMs?.toFixed(1)} ms, counted in its favour`]),
    ...(note === undefined ? [] : [note]),
    '',
    ...tableOf(cases),
  ];
}
