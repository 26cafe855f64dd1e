/** `lab simulate --mutex`: so many critical sections of a whole cluster, and what an entry costs beside the closed forms. */
import { type Delay, uniform } from '../../shared/faults/delay.ts';
import type { MutexAlgorithm, MutexConfig } from '../../shared/mutex/config.ts';
import { type MeasuredMutex, measureMutex, type Times } from '../../shared/sim/measure-mutex.ts';
import { type Duration, milliseconds } from '../../shared/time.ts';
import { exitCodes, Failure } from './failure.ts';

export interface MutexFlags {
  readonly mutex?: MutexAlgorithm;
  readonly nodes?: number;
  readonly down?: readonly number[];
  readonly delay?: Delay;
  readonly loss: number;
  readonly entries: number;
  readonly think?: Duration;
  readonly section: Duration;
  readonly tree: MutexConfig['tree'];
  readonly quorums: 'grid' | 'plane';
  readonly yields: boolean;
  readonly onCrash: MutexConfig['onCrash'];
  readonly fifo: boolean;
  readonly runs: number;
  readonly seed: number;
}

export function simulateMutex(flags: MutexFlags): readonly [MeasuredMutex, readonly string[]] {
  const { mutex: algorithm = 'central-lease', nodes = 5, down = [], delay = uniform(milliseconds(5), milliseconds(25)), section } = flags;
  const { loss, entries, tree, quorums, yields, onCrash, fifo, runs, seed } = flags;
  const strange = down.find((id) => id < 1 || id > nodes);
  if (strange !== undefined) throw usage(`there is no member ${strange}: the ids are 1 to ${nodes}`);
  if (new Set(down).size === nodes) throw usage('--down: somebody must be left to enter');
  if (quorums === 'plane' && algorithm === 'maekawa' && nodes !== 7 && nodes !== 13) throw usage('--quorums plane: there is one for 7 or 13 members');
  const workload = { think: flags.think ?? 'saturated', shortest: section, longest: section } as const;
  const lock = { algorithm, workload, tree, quorums, yields, onCrash };
  const measured = measureMutex({ lock, nodes, down, entries, delay, loss, overtaking: !fifo, runs, seed });
  return [measured, told(measured, algorithm)];
}

const usage = (why: string): Failure => new Failure(why, exitCodes.usage);

function told({ seed, leader, messages, delivered, mutex, verdicts }: MeasuredMutex, algorithm: MutexAlgorithm): readonly string[] {
  const { entries, overlaps, messagesPerEntry, expected, waits, holds, bypass } = mutex;
  const { least, most, exactly, light, saturated } = expected;
  const limits = exactly?.map(rounded).join(' or ') ?? (Number.isFinite(most) ? `${rounded(least)} to ${rounded(most)}` : 'any number');
  const means = [
    light === undefined ? [] : [`${rounded(light)} at light load`],
    saturated === undefined ? [] : [`${rounded(saturated)} in a crowd`],
  ].flat();
  const times = ({ meanMs, p50Ms, p95Ms }: Times): string =>
    `mean ${meanMs.toFixed(1)} ms, median ${p50Ms.toFixed(1)} ms, 95 % within ${p95Ms.toFixed(1)} ms`;
  return [
    `seed ${seed}, ${algorithm}, leader ${leader ?? 'none'}, ${delivered} messages delivered`,
    ...Object.entries(messages).map(
      ([kind, m]) => `  ${kind.padEnd(26)} ${m.attempted} attempted, ${m.delivered} delivered, ${m.dropped} dropped, ${m.unanswered} unanswered`,
    ),
    `entries   ${entries}, overlaps ${overlaps}`,
    `messages  ${rounded(messagesPerEntry)} an entry; theory: ${[limits, ...means].join(', ')}`,
    `waited    ${times(waits)}`,
    `held      ${times(holds)}`,
    `passed by at most ${bypass.largest} times, ${rounded(bypass.mean)} on average`,
    ...verdicts.map((v) => `${v.verdict.padEnd(9)} ${v.rule}: ${v.detail}`),
  ];
}

const rounded = (n: number): string => `${Math.round(n * 100) / 100}`;
