/** `lab simulate --election`: who is down, who notices, and what it costs until there is a leader, beside the closed forms. */
import type { Algorithm, Mode } from '../../shared/election/config.ts';
import { constant, type Delay } from '../../shared/faults/delay.ts';
import { type MeasuredElection, measureElection } from '../../shared/sim/measure-election.ts';
import { type Duration, milliseconds } from '../../shared/time.ts';
import { exitCodes, Failure } from './failure.ts';

export interface ElectionFlags {
  readonly election?: Algorithm;
  readonly mode: Mode;
  readonly nodes?: number;
  readonly down?: readonly number[];
  readonly initiators?: readonly number[];
  readonly delay?: Delay;
  readonly loss: number;
  readonly for?: Duration;
  readonly runs: number;
  readonly seed: number;
}

export function simulateElection(flags: ElectionFlags): readonly [MeasuredElection, readonly string[]] {
  const { election = 'bully', mode, nodes = 10, down = [], delay = constant(milliseconds(10)), loss, runs, seed } = flags;
  if (mode === 'safe' && election !== 'bully') throw usage(`--mode safe: only bully has a safe variant, ${election} has none`);
  const alive = Array.from({ length: nodes }, (_, i) => i + 1).filter((id) => !down.includes(id));
  const initiators = flags.initiators ?? alive.slice(0, 1);
  const strange = [...down, ...initiators].find((id) => id < 1 || id > nodes);
  if (strange !== undefined) throw usage(`there is no member ${strange}: the ids are 1 to ${nodes}`);
  const dead = initiators.find((id) => down.includes(id));
  if (dead !== undefined) throw usage(`--initiators: ${dead} is down, and notices nothing`);
  if (initiators.length === 0) throw usage('--down: somebody must be left to notice');
  const measured = measureElection({ algorithm: election, mode, nodes, down, initiators, delay, loss, span: flags.for, runs, seed });
  return [measured, told(measured)];
}

const usage = (why: string): Failure => new Failure(why, exitCodes.usage);

function told({ seed, leader, messages, delivered, expected, verdicts }: MeasuredElection): readonly string[] {
  const limits = ({ least, most }: { readonly least: number; readonly most: number }): string =>
    least === most ? `${least}` : Number.isFinite(most) ? `${least} to ${most}` : `at least ${least}`;
  const theory = new Map(Object.entries(expected));
  return [
    `seed ${seed}, leader ${leader ?? 'none'}, ${delivered} messages delivered`,
    ...Object.entries(messages).map(([kind, m]) => {
      const form = theory.get(kind);
      const expectation = form === undefined ? '' : `; a run takes ${limits(form.attempted)}, ${limits(form.delivered)} delivered`;
      return `  ${kind.padEnd(26)} ${m.attempted} attempted, ${m.delivered} delivered, ${m.dropped} dropped, ${m.unanswered} unanswered${expectation}`;
    }),
    ...verdicts.map((v) => `${v.verdict.padEnd(9)} ${v.rule}: ${v.detail}`),
  ];
}
