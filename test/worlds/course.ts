/** What the checkers, and the questions of a test, make of the course of a cluster of processes or containers. */
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
