/** Histories in which what a scenario expects did not happen: an expectation that is met all the same has proven nothing. */
import { describe, expect, it } from 'vitest';
import type { HistoryEvent } from '../../../shared/history.ts';
import type { Run, Scenario } from '../../../shared/scenario.ts';
import { bully9Crashed } from '../../../shared/scenarios/election/lab-sheet.ts';
import { splitClassic, splitSafe } from '../../../shared/scenarios/election/split.ts';
import { memberReturns } from '../../../shared/scenarios/member-returns.ts';
import { play } from '../../../shared/sim/play.ts';
import { seconds } from '../../../shared/time.ts';

/** Whether `scenario` finds what it `says` in its own course, and in another that is made of it. */
function met(scenario: Scenario, says: string, falsified: (history: readonly HistoryEvent[]) => readonly HistoryEvent[]): readonly boolean[] {
  const expectation = scenario.expectations.find((e) => e.says === says) ?? expect.fail(`${scenario.name} expects no such thing`);
  const run: Run = play(scenario);
  return [run, { ...run, history: falsified(run.history) }].map((each) => expectation.met(each));
}

const isElected = (e: HistoryEvent): boolean => e.kind === 'election.elected';

describe('following', () => {
  it('the leader of the time before the call is not following whom the election elects', () => {
    const undecided = (history: readonly HistoryEvent[]) => history.filter((e) => !(isElected(e) && e.trueUs > 0));
    expect(met(bully9Crashed, 'every process that lives follows 10', undecided)).toEqual([true, false]);
  });
  it('whoever follows somebody else in the end does not follow it', () => {
    const astray = (history: readonly HistoryEvent[]) => {
      const last = history.findLast((e) => isElected(e) && e.node === 3) ?? expect.fail('3 follows nobody');
      return [...history, { ...last, leader: 4 } as HistoryEvent];
    };
    expect(met(bully9Crashed, 'every process that lives follows 10', astray)).toEqual([true, false]);
  });
  it.each([splitClassic, splitSafe])('master, at first, is not following it in the end: $name', (scenario) => {
    const unhealed = (history: readonly HistoryEvent[]) => history.filter((e) => e.trueUs < seconds(9));
    expect(met(scenario, 'all follow master in the end', unhealed)).toEqual([true, false]);
  });
  it('a leader that has stepped down meanwhile did not go on leading', () => {
    const resigned = (history: readonly HistoryEvent[]) =>
      history.map((e) =>
        e.node === 5 && e.trueUs > seconds(5) ? ({ ...e, kind: 'election.stepped-down', why: 'told so' } as unknown as HistoryEvent) : e,
      );
    expect(met(splitClassic, 'tapmi is elected on its side, and master goes on leading on the other', resigned)).toEqual([true, false]);
  });
});

describe('rounds', () => {
  it('before and after do not show that they went on without mit', () => {
    const halted = (history: readonly HistoryEvent[]) =>
      history.filter((e) => e.kind !== 'berkeley.round-finished' || e.trueUs < seconds(6) || e.trueUs > seconds(9));
    expect(met(memberReturns, 'rounds go on without mit', halted)).toEqual([true, false]);
  });
});
