/**
 * Judges the clocks of a run, simulated or real, by the oracle's lines.
 *
 * Between two bends every clock, offset and bound is a straight line, so a claim that is true where a line begins and
 * where it ends was true at every instant between. Lines must come in the order of true time.
 */
import type { Average } from '../clock/agreement.ts';
import type { HistoryEvent } from '../history.ts';
import { type ClockAt, type ClockLine, clockAt, errorAt, holds } from '../oracle.ts';
import type { NodeId } from '../protocol.ts';
import { type Duration, format, formatBound, none, type Ppm, type TrueTime } from '../time.ts';
import { BerkeleyAverage } from './berkeley.ts';
import { finding, type Verdict } from './verdict.ts';

/**
 * `|offset - true offset| <= bound`, wherever a bound is claimed. It rests on no clock drifting by more than rho, and
 * on no raw clock jumping.
 */
export class ClockBound {
  readonly #rho: Ppm;
  readonly #lines = new Map<NodeId, ClockLine>();
  #judged = 0;
  #contained = 0;
  #first: string | undefined;
  #broken: string | undefined;

  constructor(rho: Ppm) {
    this.#rho = rho;
  }

  /** The node's clock follows another line from now on: both the end of the old one and the start of the new are judged. */
  bend(node: NodeId, line: ClockLine): void {
    this.#judgeAround(node, line.trueUs);
    this.back(node, line);
    this.#judgeAround(node, line.trueUs);
  }

  /**
   * The node is known again, on a line that began while it was not. Where the line began, other clocks followed other lines
   * than they do now, so it is not judged there but from the next instant on at which anything is.
   */
  back(node: NodeId, line: ClockLine): void {
    if (Math.abs(line.driftPpm) > this.#rho) this.#broken ??= `node ${node} drifts by ${line.driftPpm} ppm, more than the ${this.#rho} ppm assumed`;
    this.#lines.set(node, line);
  }

  /** An assumption of the rule does not hold any more. */
  broken(why: string): void {
    this.#broken ??= why;
  }

  /** The node is down: it claims nothing any more. */
  gone(node: NodeId): void {
    this.#lines.delete(node);
  }

  /** Judges every claim at `at`. */
  judge(at: TrueTime): void {
    for (const node of this.#lines.keys()) this.#judge(node, at);
  }

  /** The clock of `node` at `at`, as far as its lines tell. */
  at(node: NodeId, at: TrueTime): ClockAt | undefined {
    const line = this.#lines.get(node);
    return line && clockAt(line, this.#leaderOf(node, line), at);
  }

  verdict(): Verdict {
    const held = this.#contained === this.#judged;
    const detail = [`${this.#contained} of ${this.#judged} readings contained`, this.#broken, this.#first].filter((d) => d !== undefined);
    return { rule: 'clock.bound', verdict: finding(held, this.#broken === undefined), detail: detail.join('; ') };
  }

  #judgeAround(node: NodeId, at: TrueTime): void {
    for (const [id, line] of this.#lines) if (id === node || line.leader === node) this.#judge(id, at);
  }

  #judge(node: NodeId, at: TrueTime): void {
    const clock = this.at(node, at);
    const held = clock && holds(clock);
    if (clock === undefined || held === undefined) return;
    this.#judged += 1;
    if (held) this.#contained += 1;
    else this.#first ??= `node ${node} at ${at} us: ${told(clock)}`;
  }

  #leaderOf(node: NodeId, line: ClockLine): ClockLine | undefined {
    if (line.leader === null) return undefined;
    return line.leader === node ? line : this.#lines.get(line.leader);
  }
}

const told = ({ offsetUs, boundUs, trueOffsetUs }: ClockAt): string =>
  offsetUs === null || boundUs === null || trueOffsetUs === null
    ? 'nothing is claimed'
    : `claims ${format(offsetUs)} ${formatBound(boundUs)}, truly ${format(trueOffsetUs)}`;

/** A disciplined clock never goes backwards, except in a step that the history records. */
export class ClockMonotonic {
  readonly #lines = new Map<NodeId, ClockLine>();
  readonly #stepped = new Set<NodeId>();
  #bends = 0;
  #first: string | undefined;
  #broken: string | undefined;

  /** The rule rests on raw clocks that do not jump. */
  broken(why: string): void {
    this.#broken ??= why;
  }

  stepped(node: NodeId): void {
    this.#stepped.add(node);
  }

  bend(node: NodeId, line: ClockLine): void {
    const before = this.#lines.get(node);
    this.#bends += 1;
    const back = before === undefined ? 0 : errorAt(before, line.trueUs) - line.errorUs;
    const recorded = this.#stepped.delete(node);
    if (line.ratePpm < -1_000_000) this.#first ??= `node ${node} runs backwards`;
    if (back > rounding && !recorded) this.#first ??= `node ${node} went back by ${back} us`;
    this.#lines.set(node, line);
  }

  /** A node that starts again has another clock. */
  gone(node: NodeId): void {
    this.#lines.delete(node);
  }

  verdict(): Verdict {
    const detail = [this.#first ?? `${this.#bends} lines joined without a step back`, this.#broken].filter((d) => d !== undefined);
    return { rule: 'clock.monotonic', verdict: finding(this.#first === undefined, this.#broken === undefined), detail: detail.join('; ') };
  }
}

const rounding = 3;

/** An event as far as it matters here; a console need not know every kind there is. */
type Noted = { readonly kind: string; readonly node?: unknown; readonly how?: unknown; readonly fault?: unknown; readonly by?: unknown };

const corrections: readonly string[] = ['berkeley.adjusted', 'cristian.read', 'marzullo.selected'] satisfies readonly HistoryEvent['kind'][];

/** Whether the event records that a clock was corrected at once. */
export const isStep = (event: Noted): boolean => event.how === 'step' && corrections.includes(event.kind);

/** Which assumption of the clock rules the event breaks, if any. */
export function brokenBy(event: Noted): string | undefined {
  if (event.kind === 'clock.fault' && (event.fault === 'step' || event.fault === 'strobe')) {
    return `the raw clock of node ${event.node} jumped by ${Number(event.by) / 1e3} ms`;
  }
  if (event.kind === 'node.lies' && event.by !== 0) return `node ${event.node} lies about its clock, by ${Number(event.by) / 1e3} ms`;
  return undefined;
}

/** What the algorithms of a run assume of its clocks and links. */
export interface Assumed {
  readonly rho: Ppm;
  /** No frame takes less. */
  readonly leastDelay?: Duration;
  readonly average?: Average;
}

/** Judges the clocks of one history or of several, event by event, each in the order of true time. */
export class ClockJudge {
  readonly bound: ClockBound;
  readonly #monotonic = new ClockMonotonic();
  readonly #average: BerkeleyAverage;
  readonly #leastDelay: Duration;

  constructor({ rho, leastDelay = none, average = 'gamma' }: Assumed) {
    this.bound = new ClockBound(rho);
    this.#average = new BerkeleyAverage(average);
    this.#leastDelay = leastDelay;
  }

  observe(event: HistoryEvent): void {
    if (isStep(event)) this.#monotonic.stepped(event.node);
    const why = brokenBy(event);
    if (why !== undefined) {
      this.bound.broken(why);
      if (event.kind === 'clock.fault') this.#monotonic.broken(why);
    }
    this.#average.observe(event);
    switch (event.kind) {
      case 'clock.line':
        this.bound.bend(event.node, event);
        this.#monotonic.bend(event.node, event);
        break;
      case 'node.started':
      case 'node.stopped':
        // What was claimed until now must have been true until now; afterwards nobody can tell.
        if (event.kind === 'node.stopped') this.bound.judge(event.trueUs);
        this.bound.gone(event.node);
        this.#monotonic.gone(event.node);
        break;
      case 'message.received':
        if (event.delayUs < this.#leastDelay)
          this.bound.broken(`a frame took ${event.delayUs / 1e3} ms, less than the ${this.#leastDelay / 1e3} ms assumed`);
        break;
    }
  }

  verdicts(): readonly Verdict[] {
    return [this.bound.verdict(), this.#monotonic.verdict(), ...this.#average.verdicts()];
  }
}
