/** The checkers of clocks, on lines that are written by hand: what they count, what they miss nothing of, and what they forgive. */
import { describe, expect, it } from 'vitest';
import { ClockBound, ClockJudge, ClockMonotonic } from '../../../shared/checkers/clock.ts';
import { finding } from '../../../shared/checkers/verdict.ts';
import type { HistoryEvent } from '../../../shared/history.ts';
import type { ClockLine } from '../../../shared/oracle.ts';
import type { NodeId } from '../../../shared/protocol.ts';
import { type Duration, ppm, type TrueTime } from '../../../shared/time.ts';
import { five, one, us } from './given.ts';

const at = (s: number): TrueTime => (s * 1e6) as TrueTime;
const line = (s: number, over: Partial<Record<keyof ClockLine, unknown>> = {}): ClockLine =>
  ({
    trueUs: at(s),
    errorUs: 0,
    ratePpm: 0,
    driftPpm: 0,
    pendingUs: 0,
    slewing: false,
    offsetUs: null,
    offsetPpm: 0,
    boundUs: null,
    boundPpm: 0,
    status: 'unknown',
    leader: 5,
    term: '1.5.1',
    ...over,
  }) as ClockLine;
const leads = (s: number, over = {}): ClockLine => line(s, { offsetUs: 0, boundUs: 0, ...over });

describe('what was found', () => {
  it.each([
    [true, true, 'holds'],
    [true, false, 'at-risk'],
    [false, true, 'bug'],
    [false, false, 'expected-violation'],
  ] as const)('held %s, assumed %s: %s', (held, assumed, verdict) => expect(finding(held, assumed)).toBe(verdict));
});

describe('the checker of bounds', () => {
  const bound = (judge: (checker: ClockBound) => void) => {
    const checker = new ClockBound(ppm(50));
    judge(checker);
    return checker.verdict();
  };

  it('accepts a claim that is true to its end', () => {
    const verdict = bound((c) => {
      c.bend(five, leads(0, { errorUs: 500 }));
      c.bend(one, line(0, { errorUs: 100, ratePpm: -50, offsetUs: 400, boundUs: 0, boundPpm: 100 }));
      c.judge(at(60));
    });
    expect(verdict).toMatchObject({ rule: 'clock.bound', verdict: 'holds' });
  });

  it('finds a claim that is true at first and false at the end of its line, or where the leader bends', () => {
    const creeping = (c: ClockBound) => {
      c.bend(five, leads(0));
      c.bend(one, line(0, { ratePpm: 50, offsetUs: 0, boundUs: 100 }));
    };
    const ends: readonly ((c: ClockBound) => void)[] = [(c) => c.judge(at(3)), (c) => c.bend(one, line(3)), (c) => c.bend(five, leads(3))];
    for (const end of ends) {
      const verdict = bound((c) => {
        creeping(c);
        end(c);
      });
      expect(verdict.verdict).toBe('bug');
      expect(verdict.detail).toContain('node 1 at 3000000 us: claims +0.000ms ±0.100ms, truly -0.150ms');
    }
  });

  it('judges nothing that is not claimed, nor what is claimed of a leader that is down or in another term', () => {
    const wrong = { errorUs: 9_999, offsetUs: 0, boundUs: 1 };
    const judged = [
      bound((c) => c.bend(one, line(0, { errorUs: 9_999 }))),
      bound((c) => c.bend(one, line(0, wrong))),
      bound((c) => {
        c.bend(five, leads(0, { term: '1.5.2' }));
        c.bend(one, line(0, wrong));
      }),
      bound((c) => {
        c.bend(five, leads(0));
        c.gone(five);
        c.bend(one, line(0, wrong));
      }),
    ];
    expect(judged.map((v) => v.verdict)).toEqual(['holds', 'holds', 'holds', 'holds']);
  });

  it('calls it no bug where a clock drifts beyond rho', () => {
    const verdict = bound((c) => {
      c.bend(five, leads(0, { driftPpm: 51 }));
      c.bend(one, line(0, { errorUs: 9_999, offsetUs: 0, boundUs: 1 }));
    });
    expect(verdict.verdict).toBe('expected-violation');
    expect(verdict.detail).toContain('node 5 drifts by 51 ppm');
  });

  it('says that a rule which held is at risk, where its assumption did not', () => {
    expect(bound((c) => c.bend(five, leads(0, { driftPpm: -51 }))).verdict).toBe('at-risk');
  });
});

describe('the judge of a history', () => {
  const tell = (judge: ClockJudge, node: NodeId, event: object) => judge.observe({ node, ...event } as unknown as HistoryEvent);
  const creeping = () => {
    const judge = new ClockJudge({ rho: ppm(50) });
    tell(judge, five, { kind: 'clock.line', ...leads(0) });
    tell(judge, one, { kind: 'clock.line', ...line(0, { ratePpm: 50, offsetUs: 0, boundUs: 100 }) });
    return judge;
  };
  const verdict = (judge: ClockJudge) => judge.verdicts().find((v) => v.rule === 'clock.bound')?.verdict;

  it.each([one, five])('judges what was claimed until node %d stopped, when there is nothing more to compare', (stopped) => {
    const judge = creeping();
    tell(judge, stopped, { kind: 'node.stopped', how: 'crashed', trueUs: at(3) });
    expect(verdict(judge)).toBe('bug');
    const early = creeping();
    tell(early, stopped, { kind: 'node.stopped', how: 'crashed', trueUs: at(1) });
    early.bound.judge(at(60));
    expect(verdict(early)).toBe('holds');
  });

  it('calls it no bug where the history tells of a raw clock that jumped', () => {
    const judge = creeping();
    tell(judge, one, { kind: 'clock.fault', fault: 'step', by: 1_000_000, trueUs: at(1) });
    judge.bound.judge(at(60));
    expect(verdict(judge)).toBe('expected-violation');
  });
});

describe('the checker that time goes on', () => {
  const monotonic = (judge: (checker: ClockMonotonic) => void) => {
    const checker = new ClockMonotonic();
    judge(checker);
    return checker.verdict().verdict;
  };
  const jump = (by: number) => (c: ClockMonotonic) => {
    c.bend(one, line(0, { ratePpm: 100 }));
    c.bend(one, line(10, { errorUs: (1_000 + by) as Duration }));
  };

  it('accepts lines that are joined, and jumps ahead', () =>
    expect([monotonic(jump(0)), monotonic(jump(-3)), monotonic(jump(5_000))]).toEqual(['holds', 'holds', 'holds']));
  it('finds a jump back between two lines', () => expect(monotonic(jump(-4))).toBe('bug'));
  it('finds a clock that runs backwards along its line, and forgives one that stands still', () => {
    expect(monotonic((c) => c.bend(one, line(0, { ratePpm: -1_000_001 })))).toBe('bug');
    expect(monotonic((c) => c.bend(one, line(0, { ratePpm: -1_000_000 })))).toBe('holds');
  });

  it('forgives the one jump that was recorded, and none after it', () => {
    const recorded = (c: ClockMonotonic) => {
      c.bend(one, line(0));
      c.stepped(one);
      c.bend(one, line(1, { errorUs: us(-5_000) }));
    };
    expect(monotonic(recorded)).toBe('holds');
    expect(
      monotonic((c) => {
        recorded(c);
        c.bend(one, line(2, { errorUs: us(-9_000) }));
      }),
    ).toBe('bug');
  });

  it('forgives a node that starts again, whose clock is another', () => {
    expect(
      monotonic((c) => {
        c.bend(one, line(0));
        c.gone(one);
        c.bend(one, line(1, { errorUs: us(-9_000) }));
      }),
    ).toBe('holds');
  });
});
