import { beforeEach, describe, expect, it } from 'vitest';
import { window } from '../../../services/console/page/ring.ts';
import { createStore, type Store } from '../../../services/console/page/store.ts';
import { event, hello, nodeView, stateView, tick } from './frames.ts';

let store: Store;
beforeEach(() => {
  store = createStore();
  store.apply(hello, 0);
});

const events = (...list: ReturnType<typeof event>[]) => ({ v: 1, seq: 3, type: 'events', events: list }) as const;
const texts = (): readonly string[] => store.log.value.map((e) => e.text.replaceAll('\u00a0', ' '));
const curve = (name: string, which: 'error' | 'deviation' | 'bound') => window(store.history().ring, 0, [store.column(name, which)]).curves[0];

describe('ticks', () => {
  it('all go into the curves, in milliseconds, and into the numbers four times a second', () => {
    for (let i = 0; i < 5; i += 1) store.apply(tick(1_000_000 + i * 100_000, stateView({ spreadUs: i })), 1_000 + i * 100);
    expect(curve('kmc', 'error')).toEqual([1, 1, 1, 1, 1]);
    expect(store.shown.value?.spreadUs).toBe(3);
    expect(store.newest('kmc')?.clock.errorUs).toBe(1_000);
  });

  it('keep offset minus true offset beside the bound, and a gap where nothing is claimed', () => {
    store.apply(tick(1_000_000), 0);
    store.apply(tick(1_100_000, stateView({ nodes: [nodeView('kmc', { offsetUs: null, boundUs: null })] })), 100);
    expect(curve('kmc', 'deviation')).toEqual([0.05, null]);
    expect(curve('kmc', 'bound')).toEqual([0.9, null]);
    expect(curve('mit', 'error')).toEqual([1, null]);
  });

  it('give a node that is down no curve, whatever was last known of it', () => {
    store.apply(tick(1_000_000, stateView({ nodes: [nodeView('kmc', {}, { up: false })] })), 0);
    expect(curve('kmc', 'error')).toEqual([null]);
  });

  it('select a node that does not lead, unless the viewer has chosen one', () => {
    store.apply(tick(1_000_000), 0);
    expect(store.selected.value).toBe('kmc');
    expect(store.chosen.value).toBeUndefined();
    store.chosen.value = 'mit';
    store.apply(tick(2_000_000), 1_000);
    expect(store.selected.value).toBe('mit');
  });
});

describe('rare changes', () => {
  const without = stateView({ leader: null, term: null, nodes: [nodeView('kmc'), nodeView('mit', {}, { up: false })] });

  it('are announced, logged and marked: a node that dies and the leader that it was', () => {
    store.apply(tick(1_000_000), 0);
    store.apply(tick(1_100_000, without), 100);
    expect(texts()).toEqual(['Nobody leads', 'mit is down']);
    expect(store.announcement.value).toBe('Nobody leads');
    expect(store.history().markers.map((m) => [m.atUs, m.label])).toEqual([
      [1_100_000, 'mit down'],
      [1_100_000, 'no leader'],
    ]);
    expect(store.shown.value?.leader).toBeNull();
  });

  it('are told when they are over', () => {
    store.apply(tick(1_000_000, without), 0);
    store.apply(tick(1_100_000, stateView({ leader: 'kmc', term: '2.1.7' })), 100);
    expect(texts()).toEqual(['kmc leads, term 2', 'mit is up']);
  });

  it('are not seen in a term that only became known more exactly', () => {
    store.apply(tick(1_000_000, stateView({ term: '1.2.0' })), 0);
    store.apply(tick(1_100_000, stateView({ term: '1.2.7' })), 100);
    expect(texts()).toEqual([]);
  });
});

describe('events', () => {
  it('are worded, with names for ids', () => {
    store.apply(events(event(1, 'cristian.failed', { of: 2, reason: 'timeout' }), event(2, 'berkeley.sampled', {})), 0);
    store.apply(tick(1_000_000), 0);
    expect(texts()).toEqual(['kmc could not read mit’s clock: timeout']);
  });

  it('are taken once, however often they are sent', () => {
    const frame = events(event(1, 'node.started'), event(2, 'clock.status', { status: 'synchronized', why: 'first-sample' }));
    store.apply(frame, 0);
    store.apply(frame, 0);
    store.apply(tick(1_000_000), 0);
    expect(texts()).toEqual(['kmc is synchronized', 'kmc started']);
    expect(store.seen()).toBe(2);
  });

  it('of a clock fault are marked on the charts where they happened, in the order of time', () => {
    store.apply(tick(1_000_000), 0);
    store.apply(tick(1_100_000, stateView({ leader: 'kmc', term: '2.1.7' })), 100);
    store.apply(events(event(900, 'clock.fault', { fault: 'step', by: 500_000 })), 200);
    expect(store.history().markers.map(({ atUs, label, tone }) => [atUs, label.replaceAll('\u00a0', ' '), tone])).toEqual([
      [900_000, 'kmc +500.0 ms', 'fault'],
      [1_100_000, 'kmc leads', 'leader'],
    ]);
  });
});

describe('a control room that was started anew', () => {
  const anew = { ...hello, epoch: 2 };
  const told = (seq: number, trueUs: number, kind: string) => ({ ...event(seq, kind), trueUs });

  it('numbers its events anew: those that are new are taken, and those that were known are not told again', () => {
    store.apply(events(told(80, 1_000, 'node.started'), told(90, 2_000, 'node.stopped')), 0);
    store.apply(anew, 0);
    expect(store.seen()).toBe(0);
    store.apply(events(told(1, 1_000, 'node.started'), told(2, 2_000, 'node.stopped'), told(3, 3_000, 'node.started')), 0);
    store.apply(events({ ...told(4, 1_500, 'node.started'), node: 2 }), 0);
    store.apply(tick(1_000_000), 0);
    expect(texts()).toEqual(['mit started', 'kmc started', 'kmc crashed', 'kmc started']);
    expect(store.seen()).toBe(4);
  });

  it('does not yet know who is up: that is no news', () => {
    const down = stateView({ leader: null, nodes: [nodeView('kmc', {}, { up: false }), nodeView('mit', {}, { up: false })] });
    store.apply(tick(1_000_000), 0);
    store.apply(anew, 0);
    store.apply(tick(1_100_000, down), 100);
    expect(store.announcement.value).toBe('');
  });

  it('goes on with the curves, unless its true time is another', () => {
    store.apply(tick(9_000_000), 0);
    store.apply({ ...hello, epoch: 2, wallUs: 3_000 }, 0);
    expect(store.history().ring.taken).toBe(1);
    store.apply({ ...hello, epoch: 3, wallUs: 9_000_000 }, 0);
    store.apply(tick(2_000_000), 100);
    store.apply(events(event(1, 'node.started')), 100);
    store.apply(tick(2_300_000), 400);
    expect(window(store.history().ring, 0, []).times).toEqual([2_000_000, 2_300_000]);
    expect(texts()).toEqual(['kmc started']);
  });
});

describe('the past that the control room sends', () => {
  const past = {
    v: 1,
    seq: 2,
    type: 'past',
    atUs: [800_000, 900_000, 1_000_000],
    nodes: [
      { errorUs: [480_000, 2_500, 1_000], deviationUs: [null, 70, 50], boundUs: [null, 950, 900] },
      { errorUs: [-500_000, null, 1_000], deviationUs: [null, null, 50], boundUs: [null, null, 900] },
    ],
  } as const;

  it('is in the curves before the first tick, which joins on to it', () => {
    store.apply(past, 0);
    store.apply(tick(1_000_000), 0);
    store.apply(tick(1_100_000), 100);
    expect(curve('kmc', 'error')).toEqual([480, 2.5, 1, 1]);
    expect(curve('kmc', 'deviation')).toEqual([null, 0.07, 0.05, 0.05]);
    expect(curve('mit', 'error')).toEqual([-500, null, 1, 1]);
    expect(curve('mit', 'bound')).toEqual([null, null, 0.9, 0.9]);
  });

  it('fills in what a page missed while its line was down', () => {
    store.apply(tick(700_000), 0);
    store.apply(tick(800_000), 100);
    store.apply(hello, 0);
    store.apply(past, 400);
    expect(window(store.history().ring, 0, []).times).toEqual([700_000, 800_000, 900_000, 1_000_000]);
  });
});

describe('a paused view', () => {
  it('stands still while the curves go on, and shows the newest when it is resumed', () => {
    store.apply(tick(1_000_000, stateView({ spreadUs: 1 })), 0);
    store.pause(true);
    store.apply(tick(2_000_000, stateView({ spreadUs: 2 })), 1_000);
    store.apply(events(event(1, 'node.started')), 1_000);
    expect(store.shown.value?.spreadUs).toBe(1);
    expect(texts()).toEqual([]);
    expect(curve('kmc', 'error')).toHaveLength(2);
    store.pause(false);
    expect(store.shown.value?.spreadUs).toBe(2);
    expect(texts()).toEqual(['kmc started']);
  });
});

describe('another cluster behind the same address', () => {
  it('begins its curves anew', () => {
    store.apply(tick(1_000_000), 0);
    store.apply({ ...hello, cluster: [{ id: 9, name: 'p9', role: 'member' }] }, 0);
    expect(store.history().ring.taken).toBe(0);
    expect([store.column('p9', 'error'), store.column('kmc', 'error')]).toEqual([0, -1]);
  });
});
