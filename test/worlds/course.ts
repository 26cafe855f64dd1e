/**
 * The course of a cluster of processes or containers, as its console collected it, made ready for the checkers.
 *
 * A simulated node that crashes says so; a real one just says nothing more. Whoever did it knows, so that the end of a
 * start is put where the node was last heard of.
 */
import { ClockJudge } from '../../shared/checkers/clock.ts';
import { ElectionJudge } from '../../shared/checkers/election.ts';
import { commandOf } from '../../shared/checkers/leadership.ts';
import type { Verdict } from '../../shared/checkers/verdict.ts';
import { type Algorithm, electionDefaults, type Mode } from '../../shared/election/config.ts';
import type { HistoryEvent } from '../../shared/history.ts';
import { compareTerms, incarnation, nodeId, type Term } from '../../shared/protocol.ts';
import { ppm } from '../../shared/time.ts';

export interface Held {
  readonly algorithm?: Algorithm;
  readonly mode?: Mode;
}

/** In the order of true time, with the end of every start that is over; `down` names the nodes that do not run any more. */
export function courseOf(events: readonly HistoryEvent[], down: readonly number[] = []): readonly HistoryEvent[] {
  // What an operator did is noted at the console, and is no sign of the node's life.
  const course = events.filter(({ kind }) => (kind as string) !== 'command.result').toSorted((a, b) => a.trueUs - b.trueUs || a.seq - b.seq);
  const newest = new Map(course.map(({ node, incarnation }) => [node, incarnation]));
  const last = new Map(course.map((event) => [`${event.node}/${event.incarnation}`, event]));
  const ended = new Set(
    [...last.values()].filter(({ node, incarnation, kind }) => {
      const over = newest.get(node) !== incarnation || down.includes(node);
      return over && kind !== 'node.stopped';
    }),
  );
  return course.flatMap((event) => {
    const { seq, node, incarnation, trueUs, clockUs, lamport, vector } = event;
    const header = { seq, node, incarnation, trueUs, clockUs, lamport, vector };
    return ended.has(event) ? [event, { ...header, kind: 'node.stopped', how: 'crashed' } as const] : [event];
  });
}

/** A term as the console shows it, for comparison. */
export function termOf(text: string | null | undefined): Term {
  const [number = 0, node = 0, start = 0] = (text ?? '').split('.').map(Number);
  return { number, node: nodeId(node), incarnation: incarnation(start) };
}

/** All that the checkers of clocks and of elections find. */
export function verdictsOn(course: readonly HistoryEvent[], held: Held = {}): readonly Verdict[] {
  const clocks = new ClockJudge({ rho: ppm(200) });
  const elections = new ElectionJudge({ ...electionDefaults, ...held });
  for (const event of course) {
    clocks.observe(event);
    elections.observe(event);
  }
  return [...clocks.verdicts(), ...elections.verdicts()];
}

/** Rules that hold of every course, whatever was done to its leaders, and that are not judged to hold. */
export function broken(verdicts: readonly Verdict[]): readonly Verdict[] {
  const always = ['election.one-per-term', 'election.term-order', 'election.no-stale-command', 'clock.bound', 'clock.monotonic'];
  const missing = always.filter((rule) => !verdicts.some((v) => v.rule === rule));
  if (missing.length > 0) throw new Error(`nobody judged ${missing.join(', ')}`);
  return verdicts.filter(({ rule, verdict }) => verdict === 'bug' || (always.includes(rule) && verdict !== 'holds'));
}

/** Rules that did not hold because what they rest on was broken on purpose. */
export const lessons = (verdicts: readonly Verdict[]): readonly string[] =>
  verdicts.filter(({ verdict }) => verdict === 'expected-violation').map(({ rule }) => rule);

/** Corrections at once, after everybody was in step at `since`, of clocks that were in step: none should be, whoever leads. */
export function lateSteps(course: readonly HistoryEvent[], since: number): readonly HistoryEvent[] {
  const start = ({ node, incarnation }: HistoryEvent): string => `${node}/${incarnation}`;
  const inStep = new Set(course.filter(({ trueUs }) => trueUs <= since).map(start));
  return course.filter((event) => {
    if (event.trueUs <= since) return false;
    if (event.kind === 'clock.status' && event.status === 'synchronized') inStep.add(start(event));
    return inStep.has(start(event)) && 'how' in event && event.how === 'step';
  });
}

/** When each leadership began, as the leader itself saw it. */
export const reigns = (course: readonly HistoryEvent[]) =>
  course.flatMap((event) => (event.kind === 'election.elected' && event.leader === event.node ? [event] : []));

/** What the leader of `term` told others to do after `at`. */
export const commandsOf = (term: Term, course: readonly HistoryEvent[], at: number): readonly HistoryEvent[] =>
  course.filter((event) => {
    const named = event.kind === 'message.sent' && event.trueUs > at ? commandOf(event.message) : undefined;
    return named !== undefined && event.node === term.node && compareTerms(named, term) === 0;
  });
