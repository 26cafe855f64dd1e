/** The client of several servers: what it tells of each answer before it makes one selection of them all. */
import { expect, it } from 'vitest';
import type { Reply } from '../../../shared/clock/cristian/time-server.ts';
import { defaults, type Marzullo, marzullo } from '../../../shared/clock/marzullo.ts';
import { incarnation } from '../../../shared/protocol.ts';
import { type ClockTime, none, ppm } from '../../../shared/time.ts';
import { Bench, five, four, member, one, term, two, us } from './given.ts';

const ledBy = term(five);
const asking = 1_000_000;
const asked = () =>
  new Bench<Marzullo>(marzullo({ ...defaults, rho: ppm(0) }), member(one, [two, four, five])).follow(five, ledBy).ring('marzullo.survey', asking);

/** The server's target clock is `ahead` of the client's raw one, and read in the middle of a round trip of 20 ms. */
const reply = (client: Bench<Marzullo>, ahead: number, over: Partial<Reply> = {}): Reply => ({
  kind: 'cristian.reply',
  attempt: client.state.attempt,
  incarnation: incarnation(7),
  term: ledBy,
  clock: (asking + 10_000 + ahead) as ClockTime,
  pending: none,
  bound: none,
  corrected: none,
  limit: ppm(0),
  updates: 0,
  synchronized: true,
  ...over,
});

it('tells of each answer that it uses how far its server is ahead, how sure that is, and how long it took', () => {
  const client = asked();
  client.hear(two, reply(client, 500, { pending: us(-40), bound: us(7_000) }), asking + 20_000);
  // What the server says of the leader's clock is not its own.
  expect(client.event('marzullo.sampled')).toEqual({ kind: 'marzullo.sampled', of: two, offset: 500, error: 10_001, roundTrip: 20_000 });
  client.hear(four, reply(client, -9_000), asking + 20_000);
  expect(client.event('marzullo.sampled')).toMatchObject({ of: four, offset: -9_000 });
  client.hear(five, reply(client, 0), asking + 20_000);
  expect(client.events.map(({ kind }) => kind)).toEqual(['marzullo.sampled', 'marzullo.selected', 'clock.status']);
});

it('tells nothing of an answer that it does not use', () => {
  const client = asked();
  client.hear(two, reply(client, 500, { synchronized: false }), asking + 20_000);
  client.hear(four, reply(client, 500, { attempt: 99 }), asking + 20_000);
  expect(client.event('marzullo.sampled')).toBeUndefined();
});

it('reads a server against where its own corrections lead', () => {
  const client = asked();
  for (const of of [two, four, five]) client.hear(of, reply(client, 3_000), asking + 20_000);
  expect(client.applied).toBe(3_000);
  client.ring('marzullo.survey', asking);
  client.hear(two, reply(client, 3_000), asking + 20_000);
  expect(client.event('marzullo.sampled')).toMatchObject({ offset: 0 });
});
