import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decode, encode, type Frame, messageKinds } from '../../../shared/wire.ts';
import { messages } from './spoken.ts';

const whole = fc.maxSafeInteger();
const count = fc.maxSafeNat();
const id = fc.integer({ min: 1, max: 9_999 });
const rate = fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((n) => n + 0);

const line = fc.record({
  trueUs: count,
  errorUs: whole,
  ratePpm: rate,
  driftPpm: rate,
  pendingUs: whole,
  slewing: fc.boolean(),
  offsetUs: fc.option(whole),
  offsetPpm: rate,
  boundUs: fc.option(count),
  boundPpm: rate,
  status: fc.constantFrom('unknown', 'synchronized', 'free-running', 'disrupted'),
  leader: fc.option(id),
  term: fc.option(fc.string({ maxLength: 64 })),
});
const vector = fc.dictionary(id.map(String), count).map((v) => ({ ...v }));
const carrying = (message: fc.Arbitrary<object>) =>
  fc.record({
    type: fc.constant('message'),
    seq: count,
    stamp: fc.record({ lamport: count, vector, hybrid: fc.record({ l: whole, c: count }) }),
    message,
    oracle: fc.record({ sentUs: count }),
  });

const reading = (text: string) => {
  const decoded = decode(text);
  return decoded.ok ? 'ok' : decoded.reason;
};

describe('a frame', () => {
  it.each(messageKinds)('with a message of kind %s comes back as it was sent', (kind) => {
    fc.assert(
      fc.property(carrying(messages[kind]), (frame) => {
        expect(decode(encode(frame as Frame))).toEqual({ ok: true, frame });
      }),
    );
  });

  it('with the line of a clock comes back as it was sent', () => {
    fc.assert(
      fc.property(line, (l) => {
        const frame = { type: 'line', line: l } as Frame;
        expect(decode(encode(frame))).toEqual({ ok: true, frame });
      }),
    );
  });

  it.each(['ping', 'pong'] as const)('that is a %s comes back as it was sent', (type) => {
    expect(decode(encode({ type }))).toEqual({ ok: true, frame: { type } });
  });
});

const good = {
  type: 'message',
  seq: 1,
  stamp: { lamport: 1, vector: { 1: 1 }, hybrid: { l: 7, c: 0 } },
  message: { kind: 'cristian.request', attempt: 1, incarnation: 1 },
  oracle: { sentUs: 5 },
};
const text = JSON.stringify(good);
const withMessage = (message: unknown): string => JSON.stringify({ ...good, message });

describe('a hostile frame', () => {
  it('is told from a good one', () => expect(reading(text)).toBe('ok'));

  it.each<[string, string]>([
    ['nothing', ''],
    ['no JSON', '{'],
    ['half a frame', text.slice(0, -2)],
    [
      'a vector of more entries than there are nodes',
      JSON.stringify({ ...good, stamp: { ...good.stamp, vector: Object.fromEntries(Array.from({ length: 129 }, (_, i) => [i + 1, 1])) } }),
    ],
    ['two frames', text + text],
    ['a comment', `${text}//`],
    ['a number', '5'],
    ['null', 'null'],
    ['a string', '"ping"'],
    ['an array', `[${text}]`],
    ['an empty object', '{}'],
    ['NaN', text.replace('"seq":1', '"seq":NaN')],
    ['infinity', text.replace('"seq":1', '"seq":1e400')],
    ['minus infinity', text.replace('"attempt":1', '"attempt":-1e400')],
    ['a fraction', text.replace('"attempt":1', '"attempt":1.5')],
    ['a negative count', text.replace('"attempt":1', '"attempt":-1')],
    ['a number that is not exact', text.replace('"attempt":1', '"attempt":9007199254740993')],
    ['a huge number', text.replace('"sentUs":5', '"sentUs":1e300')],
    ['a number as text', text.replace('"attempt":1', '"attempt":"1"')],
    ['an unknown field', text.replace('"seq":1', '"seq":1,"admin":true')],
    ['an unknown field of a message', withMessage({ ...good.message, extra: 1 })],
    ['a missing field', withMessage({ kind: 'cristian.request' })],
    ['a field that is null', withMessage({ ...good.message, attempt: null })],
    ['no message', withMessage(undefined)],
    ['a message that is an array', withMessage([])],
    ['a prototype', text.replace('"seq":1', '"seq":1,"__proto__":{"polluted":1}')],
    ['a prototype in a message', text.replace('"attempt":1', '"attempt":1,"__proto__":{"polluted":1}')],
    ['a constructor', text.replace('"seq":1', '"seq":1,"constructor":{"prototype":{"polluted":1}}')],
    ['a vector with names', text.replace('"vector":{"1":1}', '"vector":{"__proto__":1}')],
    ['a vector with a negative entry', text.replace('"vector":{"1":1}', '"vector":{"1":-1}')],
    ['a vector that is an array', text.replace('"vector":{"1":1}', '"vector":[1]')],
    ['a hybrid time that is half of one', text.replace('"hybrid":{"l":7,"c":0}', '"hybrid":{"l":7}')],
    ['a hybrid time with more', text.replace('"hybrid":{"l":7,"c":0}', '"hybrid":{"l":7,"c":0,"d":0}')],
    ['a hybrid time between two microseconds', text.replace('"l":7', '"l":7.5')],
    ['a hybrid time beyond what is counted exactly', text.replace('"l":7', '"l":9007199254740993')],
    ['a hybrid time with a negative count', text.replace('"l":7,"c":0', '"l":7,"c":-1')],
    ['a node of a term that is text', withMessage({ kind: 'berkeley.poll', term: { number: 1, node: '5', incarnation: 1 }, round: 1, probe: 0 })],
    ['a node of a term beyond all ids', withMessage({ kind: 'berkeley.poll', term: { number: 1, node: 1e9, incarnation: 1 }, round: 1, probe: 0 })],
    ['brackets, thirty thousand deep', '['.repeat(30_000)],
    ['brackets that close', `${'['.repeat(30_000)}${']'.repeat(30_000)}`],
    ['objects, ten thousand deep', `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`],
    ['a wide array', `[${'0,'.repeat(30_000)}0]`],
  ])('is malformed: %s', (_, hostile) => {
    expect(reading(hostile)).toBe('malformed');
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  it.each<[string, string, string]>([
    ['a message of another version', withMessage({ kind: 'paxos.prepare', number: 3 }), 'paxos.prepare'],
    ['a frame of another version', '{"type":"hello","version":2}', 'hello'],
    ['a kind that every object has', withMessage({ kind: 'toString' }), 'toString'],
  ])('is of an unknown kind, which is named: %s', (_, unknown, kind) => {
    expect(decode(unknown)).toEqual({ ok: false, reason: 'unknown_kind', detail: kind });
  });

  it('names an unknown kind with at most 64 letters', () => {
    const decoded = decode(withMessage({ kind: 'x'.repeat(50_000) }));
    expect(decoded).toMatchObject({ ok: false, reason: 'unknown_kind', detail: 'x'.repeat(64) });
  });

  it('says of a malformed one in a few words what is wrong', () => {
    const decoded = decode(text.replace('"attempt":1', '"attempt":"1"'));
    expect(decoded.ok ? '' : decoded.detail).toMatch(/^message\.attempt: /);
    const wide = decode(text.replace('"seq":1', `"seq":1,"${'x'.repeat(60_000)}":1`));
    expect(wide.ok ? '' : wide.detail.length).toBeLessThan(500);
  });

  it('may hold minus zero, which is zero', () => {
    const decoded = decode(text.replace('"attempt":1', '"attempt":-0'));
    expect(decoded.ok && JSON.stringify(decoded.frame)).toBe(text.replace('"attempt":1', '"attempt":0'));
  });

  it('never makes the decoder throw, whatever its text', () => {
    fc.assert(fc.property(fc.string(), (s) => void decode(s)));
    fc.assert(fc.property(fc.json({ maxDepth: 8 }), (s) => void decode(s)));
    const piece = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      '"type"',
      '"message"',
      '"kind"',
      '"ping"',
      '1',
      '-',
      'e9',
      'null',
      '\u0000',
      '\\u',
    );
    fc.assert(fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => void decode(pieces.join(''))));
  });

  it('never gets through with one letter changed, unless it says the same or something as sound', () => {
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.string({ minLength: 1, maxLength: 1, unit: 'binary' }), (at, letter) => {
        const decoded = decode(text.slice(0, at) + letter + text.slice(at + 1));
        if (decoded.ok) expect(decode(encode(decoded.frame))).toEqual(decoded);
      }),
    );
  });
});
