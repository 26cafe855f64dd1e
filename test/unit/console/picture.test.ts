/** What is drawn from lines and watermarks, and for which instant. */
import { describe, expect, it } from 'vitest';
import type { NodeView } from '../../../services/console/live-frames.ts';
import { newRoom, speaker, steady } from './cast.ts';

const of = (name: string, nodes: readonly NodeView[]): NodeView => {
  const view = nodes.find((node) => node.name === name);
  if (view === undefined) throw new Error(`no view of ${name}`);
  return view;
};

describe('the instant of a picture', () => {
  it('is the smallest watermark of the nodes that are up', () => {
    const room = newRoom();
    const { kmc, mit } = steady(room, {});
    kmc?.upto(180_000);
    mit?.upto(140_000);
    expect(room.tick(200_000).atUs).toBe(100_000);
    for (const name of ['master', 'mobile']) speaker(room, name).upto(190_000);
    expect(room.tick(200_000).atUs).toBe(140_000);
  });

  it('never goes back: a node that is behind it has to catch up before it is up', () => {
    const room = newRoom();
    const { kmc, ...others } = steady(room, {});
    room.lost(kmc?.node ?? expect.fail());
    for (const s of Object.values(others)) s.upto(900_000);
    expect(room.tick(900_000)).toMatchObject({ atUs: 900_000 });

    kmc?.hello();
    kmc?.upto(850_000, 900_000);
    expect(of('kmc', room.tick(900_000).state.nodes).up).toBe(false);
    expect(room.picture.atUs).toBe(900_000);
    kmc?.upto(950_000);
    expect(of('kmc', room.tick(950_000).state.nodes).up).toBe(true);
    expect(room.picture.atUs).toBe(900_000);
  });

  it('is held back by a node that falls silent, until that node counts as down', () => {
    const room = newRoom();
    const { kmc: _, ...others } = steady(room, {});
    for (const s of Object.values(others)) s.upto(1_600_000);
    expect(room.tick(1_599_999)).toMatchObject({ atUs: 100_000 });
    expect(room.tick(1_600_001)).toMatchObject({ atUs: 1_600_000 });
    expect(of('kmc', room.picture.state.nodes)).toMatchObject({
      up: false,
      leader: null,
      term: null,
      clock: { errorUs: null, boundUs: null, clockUs: null },
    });
  });

  it('stays where it was when nobody is up', () => {
    const room = newRoom();
    for (const s of Object.values(steady(room, {}))) room.lost(s.node);
    expect(room.tick(9_000_000)).toMatchObject({ atUs: 0, state: { leader: null, term: null, spreadUs: null } });
  });
});

describe('a clock', () => {
  it.each([
    ['at its bend', 100_000, { errorUs: 2_000, offsetUs: -1_500, trueOffsetUs: -2_000, boundUs: 900 }],
    ['carried on along its line', 1_100_000, { errorUs: 1_950, offsetUs: -1_450, trueOffsetUs: -1_950, boundUs: 1_300 }],
  ])('is read %s', (_, at, expected) => {
    const room = newRoom();
    const { kmc, ...others } = steady(room, {});
    kmc?.bend({
      trueUs: 100_000,
      errorUs: 2_000,
      ratePpm: -50,
      offsetUs: -1_500,
      offsetPpm: 50,
      boundUs: 900,
      boundPpm: 400,
      driftPpm: 30,
      slewing: true,
    });
    for (const s of [kmc, ...Object.values(others)]) s?.upto(at);
    const { clock } = of('kmc', room.tick(at).state.nodes);
    expect(clock).toMatchObject({ ...expected, driftPpm: 30, slewing: true, status: 'synchronized', clockUs: at + expected.errorUs });
  });

  it('follows the line in force, not the newest one', () => {
    const room = newRoom();
    const { kmc } = steady(room, { kmc: 700 });
    kmc?.bend({ trueUs: 150_000, errorUs: 0 });
    expect(of('kmc', room.tick(150_000).state.nodes).clock.errorUs).toBe(700);
  });

  it('follows the last of several lines that begin at one instant', () => {
    const room = newRoom();
    const { kmc } = steady(room, {});
    kmc?.bend({ trueUs: 90_000, errorUs: 1 });
    kmc?.bend({ trueUs: 90_000, errorUs: 2 });
    expect(of('kmc', room.tick(100_000).state.nodes).clock.errorUs).toBe(2);
  });

  it('has no true offset to a leader that is down, or whose term is another', () => {
    const room = newRoom();
    const { kmc, master } = steady(room, { kmc: 700 });
    kmc?.bend({ trueUs: 50_000, term: '1.5.3' });
    expect(of('kmc', room.tick(100_000).state.nodes).clock.trueOffsetUs).toBeNull();
    kmc?.bend({ trueUs: 60_000 });
    expect(of('kmc', room.tick(100_000).state.nodes).clock.trueOffsetUs).toBe(0);
    room.lost(master?.node ?? expect.fail());
    expect(of('kmc', room.tick(100_000).state.nodes).clock).toMatchObject({ trueOffsetUs: null, errorUs: 0 });
  });

  it('is unknown before its first line, although its node is up', () => {
    const room = newRoom();
    const kmc = speaker(room, 'kmc');
    kmc.hello();
    kmc.upto(5_000);
    expect(of('kmc', room.tick(5_000).state.nodes)).toMatchObject({ up: true, clock: { status: 'unknown', errorUs: null } });
  });

  it('is not that of an earlier incarnation', () => {
    const room = newRoom();
    const { kmc } = steady(room, { kmc: 700 });
    kmc?.hello(2);
    kmc?.upto(120_000);
    expect(of('kmc', room.tick(120_000).state.nodes).clock.errorUs).toBeNull();
  });
});

describe('the cluster', () => {
  it('has the spread of its members, devices left out', () => {
    const room = newRoom();
    steady(room, { kmc: 700, mit: -400, mobile: 90_000 });
    expect(room.tick(100_000).state.spreadUs).toBe(1_100);
  });

  it('is led by whom the highest term names, compared as numbers', () => {
    const room = newRoom();
    const { kmc, mit, mobile } = steady(room, {});
    kmc?.bend({ trueUs: 1, term: '9.5.7' });
    mit?.bend({ trueUs: 1, term: '10.2.1', leader: 2 });
    mobile?.bend({ trueUs: 1, term: null, leader: null });
    expect(room.tick(100_000).state).toMatchObject({ leader: 'mit', term: '10.2.1' });
    room.lost(mit?.node ?? expect.fail());
    expect(room.tick(100_000).state).toMatchObject({ leader: 'master', term: '9.5.7' });
  });

  it('adds up messages over nodes and over incarnations', () => {
    const room = newRoom();
    const { kmc, mit } = steady(room, {});
    kmc?.upto(100_000, 100_000, { 'berkeley.report': 7 });
    mit?.upto(100_000, 100_000, { 'berkeley.report': 4, 'cristian.reply': 1 });
    kmc?.hello(2);
    kmc?.upto(110_000, 110_000, { 'berkeley.report': 2 });
    const { messages } = room.tick(110_000).state;
    expect(messages['berkeley.report']).toEqual({ attempted: 13, delivered: 13, dropped: 0, unanswered: 0 });
    expect(messages['cristian.reply']?.attempted).toBe(1);
  });

  it('says when its nodes do not share one true time', () => {
    const room = newRoom();
    const { kmc } = steady(room, {});
    expect(room.tick(100_000).state.truth).toBe('one-host');
    kmc?.hello(2, 'another boot');
    expect(room.tick(100_000).state.truth).toBe('several-hosts');
  });
});

describe('the reason for a status', () => {
  it('is the one that the node told last, while the status is the one it told of', () => {
    const room = newRoom();
    const { kmc } = steady(room, {});
    expect(of('kmc', room.tick(100_000).state.nodes).clock.why).toBeNull();
    kmc?.event('clock.status', { status: 'disrupted', why: 'a clock jumped' });
    expect(of('kmc', room.tick(100_000).state.nodes).clock).toMatchObject({ status: 'synchronized', why: null });
    kmc?.bend({ trueUs: 100_000, status: 'disrupted' });
    expect(of('kmc', room.tick(100_000).state.nodes).clock).toMatchObject({ status: 'disrupted', why: 'a clock jumped' });
  });
});
