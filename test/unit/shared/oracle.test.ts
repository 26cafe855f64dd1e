import { describe, expect, it } from 'vitest';
import { type ClockLine, clockAt, errorAt, holds } from '../../../shared/oracle.ts';
import { nodeId } from '../../../shared/protocol.ts';
import { type Duration, microseconds, ppm, type TrueTime } from '../../../shared/time.ts';

const at = (s: number): TrueTime => (s * 1e6) as TrueTime;
const us = microseconds;
const line = (over: Partial<ClockLine>): ClockLine => ({
  trueUs: at(10),
  errorUs: us(500),
  ratePpm: ppm(0),
  driftPpm: ppm(0),
  pendingUs: us(0),
  slewing: false,
  offsetUs: null,
  offsetPpm: ppm(0),
  boundUs: null,
  boundPpm: ppm(0),
  status: 'synchronized',
  leader: nodeId(5),
  term: '1.5.1',
  ...over,
});

describe('a line', () => {
  it('is followed from where it begins', () => {
    const falling = line({ ratePpm: ppm(-100) });
    expect([errorAt(falling, at(10)), errorAt(falling, at(13))]).toEqual([500, 200]);
  });

  it('tells offset and bound by their own rates', () => {
    const claim = line({ offsetUs: us(40), offsetPpm: ppm(-20), boundUs: us(100), boundPpm: ppm(400) });
    expect(clockAt(claim, line({ errorUs: us(530) }), at(11))).toEqual({ errorUs: 500, offsetUs: 20, trueOffsetUs: 30, boundUs: 500 });
  });

  it('claims nothing where nothing is claimed', () => {
    expect(clockAt(line({}), line({}), at(12))).toEqual({ errorUs: 500, offsetUs: null, trueOffsetUs: 0, boundUs: null });
  });
});

describe('the true offset', () => {
  it("is the leader's clock minus the node's own, so that a fast leader is ahead", () => {
    expect(clockAt(line({ errorUs: us(100) }), line({ errorUs: us(900) }), at(10)).trueOffsetUs).toBe(800);
  });
  it('is unknown while the leader is down', () => expect(clockAt(line({}), undefined, at(10)).trueOffsetUs).toBeNull());
  it('is unknown where the leader is in another term than its follower knows of', () => {
    expect(clockAt(line({}), line({ term: '1.5.2' }), at(10)).trueOffsetUs).toBeNull();
  });
});

describe('a claim', () => {
  const claim = (offset: number | null, truth: number | null, bound: number | null) =>
    holds({ offsetUs: offset as Duration | null, trueOffsetUs: truth as Duration | null, boundUs: bound as Duration | null });

  it('holds where the offset is within the bound of the true one, on either side', () => {
    expect([claim(100, 150, 50), claim(100, 50, 50), claim(0, 0, 0)]).toEqual([true, true, true]);
  });
  it('is false where it is further off than rounding explains', () => {
    expect([claim(100, 153, 50), claim(100, 154, 50), claim(-100, 100, 50)]).toEqual([true, false, false]);
  });
  it('that is not made, or that nobody can judge, neither holds nor fails', () => {
    expect([claim(null, 0, 0), claim(0, null, 0), claim(0, 0, null)]).toEqual([undefined, undefined, undefined]);
  });
});
