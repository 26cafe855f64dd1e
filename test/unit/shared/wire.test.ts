import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Node } from '../../../shared/node.ts';
import { decode, encode, type Frame, messageKinds } from '../../../shared/wire.ts';

const whole = fc.maxSafeInteger();
const count = fc.maxSafeNat();
const id = fc.integer({ min: 1, max: 9_999 });
const rate = fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((n) => n + 0);
const limit = fc.double({ min: 0, max: 1e6, noNaN: true }).map((n) => n + 0);
const term = fc.record({ number: count, node: id, incarnation: count });
const lap = { initiator: id, attempt: count, list: fc.array(id, { maxLength: 64 }), hops: count };
const way = fc.constantFrom(1, -1);
const request = { incarnation: count, request: count };
const part = fc.constantFrom('open', 'close');
const asking = { ...request, timestamp: count, turn: count, inside: fc.boolean() };
const answering = { ...request, start: count, turn: count };
const token = fc.record({ term, count });
const sighting = { epoch: term, hop: count };
const every = fc.array(fc.record({ node: id, ...request }), { maxLength: 9 });
const candidacy = { candidate: id, number: count, phase: count, way, hops: count };

const messages: Readonly<Record<Node['message']['kind'], fc.Arbitrary<object>>> = {
  'cristian.request': fc.record({ kind: fc.constant('cristian.request'), attempt: count, incarnation: count }),
  'cristian.reply': fc.record({
    kind: fc.constant('cristian.reply'),
    attempt: count,
    incarnation: count,
    term,
    clock: whole,
    pending: whole,
    bound: count,
    corrected: whole,
    limit,
    updates: count,
    synchronized: fc.boolean(),
  }),
  'berkeley.poll': fc.record({ kind: fc.constant('berkeley.poll'), term, round: count, probe: count }),
  'berkeley.report': fc.record({ kind: fc.constant('berkeley.report'), term, round: count, probe: count, clock: whole, synchronized: fc.boolean() }),
  'berkeley.adjust': fc.record({
    kind: fc.constant('berkeley.adjust'),
    term,
    round: count,
    by: whole,
    error: count,
    corrected: whole,
    pending: whole,
    limit,
  }),
  'bully.election': fc.record({ kind: fc.constant('bully.election'), number: count }),
  'bully.ok': fc.record({ kind: fc.constant('bully.ok'), number: count, floor: count }),
  'bully.coordinator': fc.record({ kind: fc.constant('bully.coordinator'), term }),
  'bully.propose': fc.record({ kind: fc.constant('bully.propose'), term }),
  'bully.accept': fc.record({ kind: fc.constant('bully.accept'), term }),
  'bully.refuse': fc.record({ kind: fc.constant('bully.refuse'), term, floor: count, remaining: count }),
  'ring.election': fc.record({ kind: fc.constant('ring.election'), ...lap, number: count, incarnations: fc.array(count, { maxLength: 64 }) }),
  'ring.coordinator': fc.record({ kind: fc.constant('ring.coordinator'), ...lap, term }),
  'chang-roberts.election': fc.record({
    kind: fc.constant('chang-roberts.election'),
    candidate: id,
    incarnation: count,
    number: count,
    hops: count,
  }),
  'chang-roberts.elected': fc.record({ kind: fc.constant('chang-roberts.elected'), term, hops: count }),
  'hirschberg-sinclair.probe': fc.record({ kind: fc.constant('hirschberg-sinclair.probe'), ...candidacy, incarnation: count, left: count }),
  'hirschberg-sinclair.reply': fc.record({ kind: fc.constant('hirschberg-sinclair.reply'), ...candidacy }),
  'hirschberg-sinclair.elected': fc.record({ kind: fc.constant('hirschberg-sinclair.elected'), term, way, hops: count }),
  'heartbeat.beat': fc.record({
    kind: fc.constant('heartbeat.beat'),
    incarnation: count,
    leader: fc.option(id),
    term: fc.option(term),
    sent: whole,
  }),
  'heartbeat.ack': fc.record({ kind: fc.constant('heartbeat.ack'), term, sent: whole }),
  'node.leader': fc.record({ kind: fc.constant('node.leader'), term: fc.option(term) }),
  'node.switch': fc.record({
    kind: fc.constant('node.switch'),
    number: count,
    since: fc.record({ election: count, clock: count, mutex: count }),
    term: fc.option(term),
    election: fc.constantFrom('bully', 'ring', 'chang-roberts', 'hirschberg-sinclair'),
    mode: fc.constantFrom('classic', 'safe'),
    clock: fc.constantFrom('cristian', 'berkeley'),
    mutex: fc.option(fc.constantFrom('central', 'maekawa', 'raymond')),
    opens: fc.boolean(),
  }),
  'node.switched': fc.record({ kind: fc.constant('node.switched'), number: count, open: fc.boolean() }),
  'central.request': fc.record({ kind: fc.constant('central.request'), ...request, inside: fc.boolean() }),
  'central.grant': fc.record({ kind: fc.constant('central.grant'), ...request, term }),
  'central.release': fc.record({ kind: fc.constant('central.release'), ...request }),
  'central-lease.request': fc.record({ kind: fc.constant('central-lease.request'), ...request }),
  'central-lease.grant': fc.record({ kind: fc.constant('central-lease.grant'), ...request, term, count }),
  'central-lease.renew': fc.record({ kind: fc.constant('central-lease.renew'), ...request, term, count }),
  'central-lease.release': fc.record({ kind: fc.constant('central-lease.release'), ...request }),
  'lamport.request': fc.record({ kind: fc.constant('lamport.request'), ...request, timestamp: count }),
  'lamport.ack': fc.record({ kind: fc.constant('lamport.ack'), ...request, start: count }),
  'lamport.release': fc.record({ kind: fc.constant('lamport.release'), ...request }),
  'ricart-agrawala.request': fc.record({ kind: fc.constant('ricart-agrawala.request'), ...request, timestamp: count }),
  'ricart-agrawala.reply': fc.record({ kind: fc.constant('ricart-agrawala.reply'), ...request, start: count, timestamp: count }),
  'roucairol-carvalho.request': fc.record({ kind: fc.constant('roucairol-carvalho.request'), ...request, timestamp: count, asking: count }),
  'roucairol-carvalho.reply': fc.record({ kind: fc.constant('roucairol-carvalho.reply'), incarnation: count, start: count, asking: count }),
  'mutex.hello': fc.record({ kind: fc.constant('mutex.hello'), incarnation: count }),
  'mutex.welcome': fc.record({ kind: fc.constant('mutex.welcome'), incarnation: count, start: count, yours: fc.boolean() }),
  'maekawa.request': fc.record({ kind: fc.constant('maekawa.request'), ...asking }),
  'maekawa.release': fc.record({ kind: fc.constant('maekawa.release'), ...asking }),
  'maekawa.yield': fc.record({ kind: fc.constant('maekawa.yield'), ...asking }),
  'maekawa.grant': fc.record({ kind: fc.constant('maekawa.grant'), ...answering }),
  'maekawa.inquire': fc.record({ kind: fc.constant('maekawa.inquire'), ...answering }),
  'maekawa.failed': fc.record({ kind: fc.constant('maekawa.failed'), ...answering }),
  'token-ring.token': fc.record({ kind: fc.constant('token-ring.token'), start: count, token: fc.record({ ...sighting, count }) }),
  'suzuki-kasami.request': fc.record({ kind: fc.constant('suzuki-kasami.request'), ...request }),
  'suzuki-kasami.token': fc.record({
    kind: fc.constant('suzuki-kasami.token'),
    start: count,
    token: fc.record({ ...sighting, count, served: every, queue: every }),
  }),
  'raymond.request': fc.record({ kind: fc.constant('raymond.request'), ...sighting, incarnation: count }),
  'raymond.token': fc.record({ kind: fc.constant('raymond.token'), start: count, token: fc.record({ ...sighting, count }) }),
  'mutex.ack': fc.record({ kind: fc.constant('mutex.ack'), ...sighting }),
  'mutex.census': fc.record({ kind: fc.constant('mutex.census'), term, number: count }),
  'mutex.report': fc.record({
    kind: fc.constant('mutex.report'),
    term,
    number: count,
    incarnation: count,
    requested: count,
    served: count,
    epoch: fc.option(term),
    hop: count,
    to: fc.option(id),
    whose: fc.constantFrom('holding', 'passing', 'passed', 'none'),
    start: count,
  }),
  'mutex.renewed': fc.record({ kind: fc.constant('mutex.renewed'), ...sighting, at: id }),
  'ledger.write': fc.record({ kind: fc.constant('ledger.write'), ...request, part, generation: count, token: fc.option(token), value: count }),
  'ledger.accepted': fc.record({ kind: fc.constant('ledger.accepted'), ...request, part, value: count }),
  'ledger.refused': fc.record({ kind: fc.constant('ledger.refused'), ...request, part, highest: fc.option(token) }),
};
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
