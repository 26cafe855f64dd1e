/** What the log says of events that are worth a line, and that it is silent about the others. */
import { describe, expect, it } from 'vitest';
import { describe as describeEvent, type Sentence } from '../../../services/console/page/words.ts';
import { event } from './frames.ts';

const names = ['nobody', 'kmc', 'mit', 'tapmi', 'sols', 'master'];
/** Of node 1, which is kmc. */
const said = (kind: string, fields: Readonly<Record<string, unknown>>): Sentence | undefined =>
  describeEvent(event(1, kind, fields), (id) => names[Number(id)] ?? `node ${String(id)}`);
const plain = (text: string | undefined): string | undefined => text?.replaceAll('\u00a0', ' ');

describe('a sentence', () => {
  it.each([
    [
      'marzullo.selected',
      { by: -1_200, how: 'slew', error: 900, truechimers: [2, 3, 5], falsetickers: [4] },
      'kmc corrects by −1.20 ms: 3 of 4 servers agree, not sols',
      'plain',
    ],
    [
      'marzullo.selected',
      { by: 350_000, how: 'step', error: 900, truechimers: [2, 3], falsetickers: [] },
      'kmc stepped its clock by +350.0 ms: 2 of 2 servers agree',
      'warn',
    ],
    [
      'mutex.entered',
      { waited: 12_000, token: { term: { number: 2 }, count: 7 } },
      'kmc entered the critical section after 12.00 ms, token 2/7',
      'plain',
    ],
    ['mutex.entered', { waited: 12_000, token: null }, 'kmc entered the critical section after 12.00 ms, no token', 'plain'],
    ['mutex.blocked', { on: [2, 3] }, 'kmc cannot enter: it waits for mit, tapmi, by design', 'warn'],
    ['election.forgotten', { term: { number: 9 } }, 'kmc forgets term 9, which no member knows any more', 'warn'],
    ['mutex.asked-again', { request: 3, of: [2, 3] }, 'kmc has waited for long, and asks mit, tapmi again', 'warn'],
    ['mutex.blocked', { on: [] }, 'kmc waits for nobody who is suspected any more', 'good'],
    [
      'mutex.fenced',
      { token: { term: { number: 2 }, count: 7 }, highest: { term: { number: 2 }, count: 8 } },
      'kmc’s write was refused: token 2/7, and the ledger has seen token 2/8',
      'warn',
    ],
    ['mutex.regenerated', { term: { number: 3 } }, 'kmc made a new token, of term 3', 'warn'],
    ['marzullo.refused', { reason: 'no majority, only 2 of 5 agree' }, 'kmc trusts no selection of servers: no majority, only 2 of 5 agree', 'warn'],
    [
      'berkeley.excluded',
      { of: 2, offset: 41_000, why: 'beyond-gamma' },
      'kmc leaves mit out of the average: it was beyond gamma three times, +41.00 ms from kmc’s',
      'bad',
    ],
    [
      'berkeley.excluded',
      { of: 2, offset: -2_000_000, why: 'frozen' },
      'kmc leaves mit out of the average: its clock stands still, −2000.0 ms from kmc’s',
      'bad',
    ],
    ['berkeley.readmitted', { of: 2, offset: 100 }, 'kmc takes mit into the average again', 'good'],
    [
      'cristian.disproved',
      { leastDelay: 2_000, roundTrip: 3_100 },
      'kmc assumes no minimum delay any more: 3.10 ms there and back, where one way was to take 2.00 ms',
      'warn',
    ],
    ['cristian.failed', { of: 5, reason: 'contradiction' }, 'kmc could not read master’s clock: what it heard contradicts itself', 'warn'],
    ['cristian.failed', { of: 5, reason: 'server-not-synchronized' }, 'kmc could not read master’s clock: server not synchronized', 'warn'],
    ['node.lies', { by: 50_000, to: [2, 3] }, 'kmc lies about its clock by +50.00 ms, to mit, tapmi', 'bad'],
    ['node.lies', { by: -50_000, to: [] }, 'kmc lies about its clock by −50.00 ms, to everyone', 'bad'],
    ['node.lies', { by: 0, to: [] }, 'kmc tells the truth about its clock again', 'good'],
    ['clock.status', { status: 'synchronized', why: 'a sample was accepted' }, 'kmc is synchronized', 'good'],
    [
      'clock.status',
      { status: 'disrupted', why: 'a clock jumped: -41.000ms against the leader' },
      'kmc is disrupted: a clock jumped: -41.000ms against the leader',
      'bad',
    ],
    ['clock.status', { status: 'unknown', why: 'no sample' }, 'kmc is unknown: no sample', 'warn'],
    ['election.started', { number: 3, why: '5 is suspected' }, 'kmc takes part in election 3: 5 is suspected', 'warn'],
    ['election.elected', { leader: 1, term: { number: 3, node: 1, incarnation: 7 } }, 'kmc won, and leads in term 3', 'good'],
    ['election.elected', { leader: 5, term: { number: 4, node: 5, incarnation: 7 } }, 'kmc follows master, term 4', 'plain'],
    ['election.stepped-down', { term: { number: 3, node: 1, incarnation: 7 }, why: 'another leads' }, 'kmc leads no more: another leads', 'warn'],
    ['election.stale', { from: 5, message: 'berkeley.poll', term: { number: 1 } }, 'kmc obeyed nothing of master’s old term 1', 'warn'],
    ['election.skipped', { past: 5 }, 'kmc passed over master, whom it could not reach', 'warn'],
    ['election.orphan', { hops: 10 }, 'kmc took a frame off the ring after 10 hops: nobody waits for it', 'warn'],
    ['election.granted', { term: { number: 3, node: 4, incarnation: 7 } }, 'kmc votes for sols, term 3', 'plain'],
    ['election.refused', { term: { number: 3, node: 4 }, why: 'a lease runs' }, 'kmc refused its vote for term 3: a lease runs', 'warn'],
    ['heartbeat.suspected', { peer: 5, silent: 875_000, why: 'missed' }, 'kmc suspects master: nothing heard for 875.0 ms', 'warn'],
    ['heartbeat.suspected', { peer: 5, silent: 150_000, why: 'unreachable' }, 'kmc suspects master: it cannot be reached', 'warn'],
    ['heartbeat.trusted', { peer: 5, start: 7 }, 'kmc hears master', 'good'],
    ['heartbeat.stalled', { gap: 2_000_000 }, 'kmc stood still for 2000.0 ms', 'bad'],
  ])('of %s %j', (kind, fields, text, tone) => {
    const sentence = said(kind, fields);
    expect([plain(sentence?.text), sentence?.tone]).toEqual([text, tone]);
  });

  it.each([
    [{ fault: 'step', by: -500_000 }, 'kmc’s clock jumped by −500.0 ms', 'kmc −500.0 ms'],
    [{ fault: 'drift', rate: 400 }, 'kmc’s clock runs at +400 ppm from now on', 'kmc +400 ppm'],
    [{ fault: 'freeze' }, 'kmc’s clock stands still', 'kmc stands still'],
    [{ fault: 'thaw' }, 'kmc’s clock runs again from where it stood', 'kmc runs again'],
    [{ fault: 'wander', deviation: 5, seed: 1 }, 'kmc’s clock wanders: its rate changes by about 5 ppm each second', 'kmc wanders'],
    [{ fault: 'strobe', by: 20_000 }, 'kmc’s clock jumps by +20.00 ms and back, again and again', 'kmc jumps'],
    [{ fault: 'steady' }, 'kmc’s clock runs steadily again', 'kmc steady'],
  ])('and a mark for the charts, of the fault %j', (fields, text, label) => {
    const sentence = said('clock.fault', fields);
    expect([plain(sentence?.text), plain(sentence?.label)]).toEqual([text, label]);
  });
});

it('is one line and a count of what comes round again and again, and none of single samples', () => {
  const slewed = { by: 1, how: 'slew', truechimers: [], falsetickers: [] };
  expect(said('marzullo.selected', slewed)?.routine).toBe(true);
  expect(said('marzullo.selected', { ...slewed, how: 'step' })?.routine).toBeUndefined();
  for (const kind of ['cristian.compared', 'cristian.sampled', 'berkeley.sampled', 'marzullo.sampled', 'marzullo.ignored', 'toString'])
    expect(said(kind, {})).toBeUndefined();
});
