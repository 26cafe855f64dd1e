/** What NTP clients are told, byte by byte as RFC 5905 lays it out, and what of a node's standing goes into it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { claimOf } from '../../../services/node/ntp.ts';
import { encodeReply, packetBytes, parseRequest, type Reply, shortFormat, timestamp } from '../../../services/node/ntp-packet.ts';
import { allowed } from '../../../services/node/wall-anchor.ts';
import { type Standing, unheard } from '../../../shared/clock/standing.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const midnight = (year: number, month: number, day: number): number => Date.UTC(year, month - 1, day) * 1_000;
const us = (n: number): never => n as never;

describe('a timestamp', () => {
  // Figure 4 of the RFC: era, seconds of the era.
  it.each([
    ['the first day of era 0', midnight(1900, 1, 1), 0],
    ['the first day of Unix', midnight(1970, 1, 1), 2_208_988_800],
    ['the first day of UTC', midnight(1972, 1, 1), 2_272_060_800],
    ['the last day of the century', midnight(1999, 12, 31), 3_155_587_200],
    ['a day of era 1', midnight(2036, 2, 8), 63_104],
  ])('has the seconds of %s', (_, at, seconds) => expect(timestamp(at)).toBe(BigInt(seconds) << 32n));

  it('rolls over in the second in which era 1 begins', () => {
    const begins = Date.UTC(2036, 1, 7, 6, 28, 16) * 1_000;
    expect(timestamp(begins - 1)).toBe(0xffff_ffff_ffff_ef39n);
    expect(timestamp(begins)).toBe(0n);
    expect(timestamp(begins + 1)).toBe(0x0000_0000_0000_10c7n);
  });

  it.each([
    [0, 0x0000_0000n],
    [1, 0x0000_10c7n], // 4294.967 rounded up
    [2, 0x0000_218en], // 8589.935 rounded up
    [3, 0x0000_3255n], // 12884.902 rounded up
    [31, 0x0002_0818n], // 133143.986 rounded up
    [500_000, 0x8000_0000n],
    [250_001, 0x4000_10c7n],
    [999_999, 0xffff_ef39n], // 4294963001.033 rounded down, and never to the next second
  ])('has %i microseconds rounded to the nearest fraction', (fraction, ticks) => {
    expect(timestamp(midnight(2026, 1, 1) + fraction) & 0xffff_ffffn).toBe(ticks);
  });

  it('comes back as the microsecond that it was, in either era', () => {
    fc.assert(
      fc.property(fc.integer({ min: midnight(1970, 1, 1), max: midnight(2100, 1, 1) }), (at) => {
        const sinceEra0 = timestamp(at) + (at < Date.UTC(2036, 1, 7, 6, 28, 16) * 1_000 ? 0n : 1n << 64n);
        expect(Number((sinceEra0 * 1_000_000n + (1n << 31n)) >> 32n) - 2_208_988_800e6).toBe(at);
      }),
    );
  });
});

it.each([
  [0, 0],
  [1, 1], // 0.065536: 15 microseconds are said for one, not nought
  [15, 1],
  [16, 2],
  [500_000, 0x8000],
  [1_000_000, 0x1_0000],
  [1_500_001, 0x1_8001],
  [65_535_999_999, 0xffff_ffff],
  [1e12, 0xffff_ffff],
])('a short format says %i microseconds or a little more', (length, ticks) => expect(shortFormat(length)).toBe(ticks));

/** A client of version 4 that asks every 64 s, and says that it asked at the end of the header. */
const asked = (change: Readonly<Record<number, number>> = {}, length = packetBytes): Uint8Array => {
  const bytes = new Uint8Array(length);
  bytes.set([0x23, 0, 6, 0xe9]);
  bytes.set([0xde, 0xad, 0xbe, 0xef, 1, 2, 3, 4], 40);
  for (const [at, value] of Object.entries(change)) bytes[Number(at)] = value;
  return bytes;
};
const told: Reply = {
  leap: 0,
  stratum: 2,
  precision: -19,
  rootDelay: 3_000,
  rootDispersion: 1_000_000,
  reference: Uint8Array.of(0, 0, 0, 5),
  setAt: midnight(1970, 1, 1),
  receivedAt: midnight(1972, 1, 1) + 500_000,
  transmittedAt: midnight(2036, 2, 8) + 1,
};
const answer = (bytes: Uint8Array, reply: Reply = told): string | undefined => {
  const request = parseRequest(bytes);
  return request && hex(encodeReply(request, reply));
};

describe('an answer', () => {
  it('has every field in its place', () => {
    const fields = ['240206ed', '000000c5', '00010000', '00000005', '83aa7e8000000000', 'deadbeef01020304', '876ce58080000000', '0000f680000010c7'];
    expect(answer(asked())).toBe(fields.join(''));
  });

  it('has the version of the question, and its poll, whatever that is', () => {
    expect(answer(asked({ 0: 0x1b, 2: 0xfa }))?.slice(0, 8)).toBe('1c02faed');
  });

  it('raises the alarm, and has never been set', () => {
    const lost = answer(asked(), { ...told, leap: 3, stratum: 0, setAt: undefined, reference: Buffer.from('INIT') });
    expect([lost?.slice(0, 4), lost?.slice(24, 32), lost?.slice(32, 48)]).toEqual(['e400', '494e4954', '0000000000000000']);
  });

  it.each([
    ['a leap of its own', asked({ 0: 0xe3 })],
    ['an extension', asked({}, 76)],
    ['a signature', asked({}, 68)],
  ])('is 48 bytes long for a question with %s', (_, bytes) => expect(answer(bytes)).toHaveLength(2 * packetBytes));

  it.each<readonly [string, Uint8Array]>([
    ['nothing', new Uint8Array()],
    ['a header that is cut off', asked().subarray(0, 47)],
    ['version 1', asked({ 0: 0x0b })],
    ['version 2', asked({ 0: 0x13 })],
    ['version 5', asked({ 0: 0x2b })],
    ...[0, 1, 2, 4, 5, 6, 7].map((mode) => [`mode ${mode}`, asked({ 0: 0x20 | mode })] as const),
  ])('is not given to %s', (_, bytes) => expect(answer(bytes)).toBeUndefined());

  it('is never longer than the question, nor an answer to an answer, whatever the bytes', () => {
    const frame = fc
      .tuple(fc.oneof(fc.constantFrom(0x1b, 0x23), fc.nat(255)), fc.uint8Array({ maxLength: 100, size: 'max' }))
      .map(([first, rest]) => Uint8Array.of(first, ...rest));
    let answered = 0;
    fc.assert(
      fc.property(frame, (bytes) => {
        const reply = answer(bytes);
        if (reply === undefined) return;
        answered += 1;
        expect(reply.length / 2).toBeLessThanOrEqual(bytes.length);
        expect(reply.slice(48, 64)).toBe(hex(bytes.slice(40, 48)));
        expect(answer(Buffer.from(reply, 'hex'))).toBeUndefined();
      }),
      { numRuns: 5_000 },
    );
    expect(answered).toBeGreaterThan(500);
  });
});

describe('what is claimed', () => {
  const following: Standing = {
    ...unheard,
    status: 'synchronized',
    leader: us(300),
    claim: { leaderPending: us(0), error: us(2_000), asOf: us(0), growth: us(900) },
  };
  const claim = (standing: Partial<Standing>, offsetUs: number | null, boundUs: number | null): object => {
    const state = { clock: { state: { standing: { ...following, ...standing } } } };
    const { reference, ...rest } = claimOf({
      clock: { errorUs: us(7), trueOffsetUs: null, offsetUs: us(offsetUs as number), boundUs: us(boundUs as number) },
      state: state as never,
    });
    return { ...rest, reference: hex(reference) };
  };
  const alarm = (code: string) => ({ leap: 3, stratum: 0, rootDelay: 0, rootDispersion: 0, reference: hex(Buffer.from(code)) });

  it('is the bound: half the delay, and the dispersion', () => {
    const told = { leap: 0, stratum: 2, rootDelay: 4_000, rootDispersion: 500, reference: '0000012c' };
    expect(claim({}, 0, 2_500)).toEqual(told);
    expect(claim({ status: 'free-running' }, 0, 2_500)).toEqual(told);
  });

  it('covers what is not slewed in yet, in either direction', () => {
    expect(claim({}, 400_000, 2_500)).toMatchObject({ rootDispersion: 400_500 });
    expect(claim({}, -400_000, 2_500)).toMatchObject({ rootDispersion: 400_500 });
  });

  it('is the reference, for the leader', () => {
    const lead = { leading: true, claim: undefined };
    expect(claim(lead, 0, 0)).toEqual({ leap: 0, stratum: 1, rootDelay: 0, rootDispersion: 0, reference: hex(Buffer.from('LOCL')) });
    expect(claim({ ...lead, status: 'unknown' }, null, null)).toEqual(alarm('INIT'));
  });

  it.each([
    ['unknown', 'INIT'],
    ['free-running', 'INIT'],
    ['disrupted', 'STEP'],
  ] as const)('is nothing while the clock is %s and there is no bound', (status, code) => {
    expect(claim({ status, claim: undefined }, null, null)).toEqual(alarm(code));
  });
});

describe('the wall clock', () => {
  it('lies where every reading allows it, from a reading to the next tick', () => {
    expect(allowed(Number.NEGATIVE_INFINITY, 5_000)).toBe(5_000);
    expect([4_400, 5_000, 5_300, 4_301].reduce(allowed, Number.NEGATIVE_INFINITY)).toBe(5_300);
  });

  it('follows a host whose clock is set, either way', () => {
    expect(allowed(5_300, 9_000)).toBe(9_000);
    expect(allowed(5_300, 1_000)).toBe(1_999);
  });
});
