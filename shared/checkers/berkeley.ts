/**
 * Judges the rounds of Berkeley's algorithm: no round may carry the group out of the range of its sound clocks.
 *
 * The sound clocks are those of the majority that truly lie together; a round may misread them by as much as it says. The
 * promise is that of a rule that guards against outliers. The plain mean has no guard, nor has the historical rule, and
 * where they run away, that is the lesson.
 */
import { type Average, liars } from '../clock/agreement.ts';
import type { HistoryEvent } from '../history.ts';
import { type ClockLine, errorAt, pendingAt } from '../oracle.ts';
import type { NodeId } from '../protocol.ts';
import { type Duration, format, longest, milliseconds, none, shortest, sum } from '../time.ts';
import { finding, type Verdict } from './verdict.ts';

/** Clocks that truly lie within this of each other belong together. */
const near = milliseconds(20);
const unguarded: readonly Average[] = ['mean', 'historical'];
/** Rules that speak for the largest set of clocks that lie together. */
const majoritarian: readonly Average[] = ['gamma', 'historical'];

type Finished = Extract<HistoryEvent, { kind: 'berkeley.round-finished' }>;

export class BerkeleyAverage {
  readonly #rule: Average;
  readonly #lines = new Map<NodeId, ClockLine>();
  /** By coordinator: how wrong the readings of the round under way may be. */
  readonly #misread = new Map<NodeId, Duration>();
  /** Clocks that something happened to since the round began: what was read of them is not what they show now. */
  readonly #disturbed = new Set<NodeId>();
  #rounds = 0;
  #first: string | undefined;

  constructor(rule: Average) {
    this.#rule = rule;
  }

  observe(event: HistoryEvent): void {
    switch (event.kind) {
      case 'clock.line':
        this.#lines.set(event.node, event);
        break;
      case 'node.started':
      case 'node.stopped':
        this.#lines.delete(event.node);
        this.#disturbed.add(event.node);
        break;
      case 'clock.fault':
      case 'berkeley.adjusted':
        this.#disturbed.add(event.node);
        break;
      case 'berkeley.round-started':
        this.#misread.set(event.node, none);
        this.#disturbed.clear();
        break;
      case 'berkeley.sampled':
        this.#misread.set(event.node, longest(this.#misread.get(event.node) ?? none, event.error));
        break;
      case 'berkeley.round-finished':
        this.#judge(event);
        break;
    }
  }

  /** Nothing to say of a run without rounds. */
  verdicts(): readonly Verdict[] {
    if (this.#rounds === 0) return [];
    const guarded = !unguarded.includes(this.#rule);
    const detail = this.#first ?? `${this.#rounds} rounds kept to their sound clocks`;
    return [
      {
        rule: 'berkeley.average',
        verdict: finding(this.#first === undefined, guarded),
        detail: guarded ? detail : `${detail}; the rule ${this.#rule} has no guard`,
      },
    ];
  }

  #judge({ node: coordinator, averaged, trueUs: at, average, rule }: Finished): void {
    const own = this.#lines.get(coordinator);
    const lines = averaged.map((id) => this.#lines.get(id));
    if (own === undefined || lines.some((l) => l === undefined) || averaged.some((id) => this.#disturbed.has(id))) return;
    this.#rounds += 1;
    const target = (line: ClockLine): number => errorAt(line, at) + pendingAt(line, at);
    const offsets = lines.filter((l) => l !== undefined).map((line) => (target(line) - target(own)) as Duration);
    const misread = this.#misread.get(coordinator) ?? none;
    const together = majorities(offsets, sum(near, misread, misread));
    const majority = together.length > 0;
    if (!majority && majoritarian.includes(rule)) {
      this.#first ??= `a round moved the group by ${format(average)}, although no majority of its clocks lies together`;
      return;
    }
    // Where no majority lies together, no clock is sound rather than another, and all of them bound the average.
    const sound = majority && offsets.length - together.length <= survived(rule, offsets.length) ? together : offsets;
    const [low, high] = [shortest(...sound), longest(...sound)];
    if (average >= low - misread && average <= high + misread) return;
    this.#first ??= `a round moved the group by ${format(average)}, its sound clocks lie in [${format(low)}, ${format(high)}], misread by at most ${format(misread)}`;
  }
}

/** Every clock of every majority that lies within `width`: of several, a round may take any. */
function majorities(offsets: readonly Duration[], width: Duration): readonly Duration[] {
  const within = (low: Duration, o: Duration): boolean => o >= low && o - low <= width;
  const lows = offsets.filter((low) => offsets.filter((o) => within(low, o)).length * 2 > offsets.length);
  return offsets.filter((o) => lows.some((low) => within(low, o)));
}

/** How many wild clocks among `n` the rule promises to survive: the trimmed mean as many as it trims, the others any minority. */
const survived = (rule: Average, n: number): number => (rule === 'trimmed' ? liars : Math.floor((n - 1) / 2));
