/** Any message of each kind, as its schema allows it: for tests of what comes in. */
import fc from 'fast-check';
import type { Node } from '../../../shared/node.ts';

const whole = fc.maxSafeInteger();
const count = fc.maxSafeNat();
const id = fc.integer({ min: 1, max: 9_999 });
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
const candidacy = { candidate: id, incarnation: count, number: count, phase: count, way, hops: count };

export const messages: Readonly<Record<Node['message']['kind'], fc.Arbitrary<object>>> = {
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
  'berkeley.report': fc.record({
    kind: fc.constant('berkeley.report'),
    term,
    round: count,
    probe: count,
    clock: whole,
    inStep: fc.option(fc.record({ term, round: count })),
  }),
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
  'ring.coordinator': fc.record({ kind: fc.constant('ring.coordinator'), ...lap, incarnation: count, term }),
  'chang-roberts.election': fc.record({
    kind: fc.constant('chang-roberts.election'),
    candidate: id,
    incarnation: count,
    number: count,
    hops: count,
  }),
  'chang-roberts.elected': fc.record({ kind: fc.constant('chang-roberts.elected'), term, hops: count }),
  'hirschberg-sinclair.probe': fc.record({ kind: fc.constant('hirschberg-sinclair.probe'), ...candidacy, left: count }),
  'hirschberg-sinclair.reply': fc.record({ kind: fc.constant('hirschberg-sinclair.reply'), ...candidacy }),
  'hirschberg-sinclair.elected': fc.record({ kind: fc.constant('hirschberg-sinclair.elected'), term, way, hops: count }),
  'heartbeat.beat': fc.record(
    {
      kind: fc.constant('heartbeat.beat'),
      incarnation: count,
      leader: fc.option(id),
      term: fc.option(term),
      sent: whole,
      setup: count,
      ordered: term,
    },
    { requiredKeys: ['kind', 'incarnation', 'leader', 'term', 'sent'] },
  ),
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
  'node.switched': fc.record({ kind: fc.constant('node.switched'), number: count, term: fc.option(term), open: fc.boolean() }),
  'central.request': fc.record({ kind: fc.constant('central.request'), ...request, inside: fc.boolean() }),
  'central.grant': fc.record({ kind: fc.constant('central.grant'), ...request, term }),
  'central.release': fc.record({ kind: fc.constant('central.release'), ...request }),
  'central-lease.request': fc.record({ kind: fc.constant('central-lease.request'), ...request }),
  'central-lease.grant': fc.record({ kind: fc.constant('central-lease.grant'), ...request, term, count }),
  'central-lease.renew': fc.record({ kind: fc.constant('central-lease.renew'), ...request, term, count }),
  'central-lease.release': fc.record({ kind: fc.constant('central-lease.release'), ...request }),
  'lamport.request': fc.record(
    { kind: fc.constant('lamport.request'), ...request, timestamp: count, again: fc.constant(true) },
    { requiredKeys: ['kind', 'incarnation', 'request', 'timestamp'] },
  ),
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
  'mutex.again': fc.record({ kind: fc.constant('mutex.again'), ...request, by: id, left: count }),
  'mutex.awaited': fc.record({ kind: fc.constant('mutex.awaited'), ...request, on: id }),
  'ledger.write': fc.record({ kind: fc.constant('ledger.write'), ...request, part, generation: count, token: fc.option(token), value: count }),
  'ledger.accepted': fc.record({ kind: fc.constant('ledger.accepted'), ...request, part, value: count }),
  'ledger.refused': fc.record({ kind: fc.constant('ledger.refused'), ...request, part, highest: fc.option(token) }),
};
