/** The live stream over real sockets: who is admitted, what is told, and how those who misbehave are sent away. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Speaker, steady } from '../../unit/console/cast.ts';
import { open, type Page, refused } from './browser-like.ts';
import { type Served, serve } from './served.ts';

let served: Served;
let cast: Readonly<Record<string, Speaker>>;
beforeEach(async () => {
  served = await serve();
  cast = steady(served.room, {});
  served.room.tick(100_000);
});
afterEach(() => served.close());

/** Time goes on for the whole cluster, and the pages hear of it. */
function goOn(at: number): void {
  for (const { node, upto } of Object.values(cast)) if (node.connected) upto(at);
  served.room.tick(at);
  served.live.tick();
}

function afterTick<T>(see: () => T): T {
  served.live.tick();
  return see();
}

async function admitted(): Promise<Page> {
  const page = open(served.port);
  page.say({ type: 'auth' });
  await page.hears(({ type }) => type === 'state');
  return page;
}

describe('a page', () => {
  it('is greeted with the cluster and its state, and then hears ticks that rise', async () => {
    const page = await admitted();
    expect(page.frames[0]).toMatchObject({ v: 1, type: 'hello', world: 'processes', grafana: null, cluster: { length: 4 } });
    expect(page.frames[2]).toMatchObject({ type: 'state', atUs: 100_000, state: { leader: 'master' } });
    goOn(200_000);
    goOn(300_000);
    await page.hears((frame) => frame.type === 'tick' && frame.atUs === 300_000);
    const seqs = page.frames.map(({ seq }) => seq);
    expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
    expect(new Set(seqs).size).toBe(seqs.length);
  });

  it('hears the whole state when somebody goes down', async () => {
    const page = await admitted();
    goOn(200_000);
    served.room.lost(cast.kmc?.node ?? expect.fail());
    goOn(300_000);
    const frame = await page.hears((f) => f.type === 'state' && f.atUs === 300_000);
    expect(frame).toMatchObject({ state: { nodes: expect.arrayContaining([expect.objectContaining({ name: 'kmc', up: false })]) } });
  });

  it('is told the last minute before anything else, for its charts', async () => {
    goOn(200_000);
    const page = await admitted();
    await page.hears(({ type }) => type === 'state');
    expect(page.frames.slice(0, 3).map(({ type }) => type)).toEqual(['hello', 'past', 'state']);
    const { atUs } = served.room.past.frame();
    expect(atUs.at(-1)).toBe(200_000);
    expect(page.frames[1]).toMatchObject({ atUs, nodes: { length: 4, 0: { errorUs: { length: atUs.length } } } });
  });

  it('may have seen another console: that says nothing of this one', async () => {
    for (let i = 0; i < 10; i += 1) cast.kmc?.event('clock.status', { n: i });
    const page = await admitted();
    page.say({ type: 'resume', seq: 1, epoch: 99 });
    page.say({ type: 'resume', seq: served.room.history.newest - 2, epoch: 1 });
    await expect.poll(() => afterTick(() => page.frames.some(({ type }) => type === 'events')), { interval: 20 }).toBe(true);
    expect(page.frames.flatMap((f) => (f.type === 'events' ? f.events : []))).toHaveLength(2);
  });

  it('hears events from where it left off, each once, but no lines of clocks and no messages', async () => {
    for (let i = 0; i < 1_200; i += 1) cast.kmc?.event('clock.status', { n: i });
    const page = await admitted();
    page.say({ type: 'resume', seq: 100 });
    const last = served.room.history.newest;
    const heard = (): number[] => page.frames.flatMap((f) => (f.type === 'events' ? f.events.map(({ seq }) => seq) : []));
    await expect.poll(() => afterTick(() => heard().at(-1)), { interval: 20, timeout: 10_000 }).toBe(last);
    expect(heard()).toEqual(Array.from({ length: last - 100 }, (_, i) => 101 + i));
    cast.kmc?.bend({ trueUs: 100_000 });
    cast.kmc?.event('message.sent', { to: 2 });
    cast.kmc?.event('berkeley.adjusted', {});
    served.live.tick();
    await page.hears((f) => f.type === 'events' && f.events.some(({ kind }) => kind === 'berkeley.adjusted'));
    const unwanted = ['clock.line', 'message.sent'];
    expect(page.frames.some((f) => f.type === 'events' && f.events.some(({ kind }) => unwanted.includes(kind)))).toBe(false);
  });

  it('may ask for fewer ticks', async () => {
    const page = await admitted();
    page.say({ type: 'rate', hz: 2 });
    page.say({ type: 'resume', seq: 0 });
    // Heard once the frame before it was: the events that only the resume asks for.
    served.room.note(cast.kmc?.node ?? expect.fail(), 'probe', {});
    await expect.poll(() => afterTick(() => page.frames.some(({ type }) => type === 'events')), { interval: 20 }).toBe(true);
    const before = page.frames.filter(({ type }) => type === 'tick').length;
    for (let at = 1; at <= 20; at += 1) goOn(200_000 + at * 1_000);
    cast.kmc?.event('the.end', {});
    served.live.tick();
    await page.hears((f) => f.type === 'events' && f.events.some(({ kind }) => kind === 'the.end'));
    const ticks = page.frames.filter(({ type }) => type === 'tick').length - before;
    expect(ticks).toBeGreaterThanOrEqual(4);
    expect(ticks).toBeLessThanOrEqual(5);
  });
});

describe('nobody is admitted', () => {
  it.each([
    ['from another site', 403, { origin: 'http://evil.example' }],
    ['from another port of this host', 403, { origin: 'http://127.0.0.1:1' }],
    ['from no page at all', 403, { origin: '' }],
    ['by another name', 403, { host: 'evil.example', origin: 'http://evil.example' }],
  ])('%s', async (_, status, headers) => expect(await refused(open(served.port, headers))).toBe(status));

  it('who says nothing for three seconds', async () => {
    const page = open(served.port);
    expect(await page.closed).toBe(4401);
    expect(page.frames).toEqual([]);
  });

  it.each<[string, Parameters<Page['say']>[0]]>([
    ['who begins with something else', { type: 'resume', seq: 0 }],
    ['who begins with no frame', 'hello?'],
  ])('%s', async (_, first) => {
    const page = open(served.port);
    page.say(first);
    expect(await page.closed).toBe(4401);
    expect(page.frames).toEqual([]);
  });

  it('without the token, where watching needs one', async () => {
    const closed = await serve('viewer-viewer-viewer');
    const [without, withToken] = [open(closed.port), open(closed.port)];
    without.say({ type: 'auth', token: 'wrong' });
    withToken.say({ type: 'auth', token: 'viewer-viewer-viewer' });
    expect(await without.closed).toBe(4401);
    await withToken.hears(({ type }) => type === 'state');
    await closed.close();
  });
});

describe('a page is sent away', () => {
  it('that talks too much', async () => {
    const page = await admitted();
    for (let i = 0; i < 25; i += 1) page.say({ type: 'rate', hz: 10 });
    expect(await page.closed).toBe(1008);
  });

  it('that does not talk sense, the third time', async () => {
    const page = await admitted();
    for (const nonsense of ['{', '{"type":"kill"}', '{"type":"rate","hz":1e9}']) page.say(nonsense);
    expect(await page.closed).toBe(1008);
  });

  it('that sends too much at once', async () => {
    const page = await admitted();
    page.say(`{"type":"auth","token":"${'x'.repeat(20_000)}"}`);
    expect(await page.closed).toBe(1009);
  });

  it('that does not read, while the others go on: ticks are dropped first, and then the page', async () => {
    const [slow, quick] = [await admitted(), await admitted()];
    for (const page of [slow, quick]) page.say({ type: 'resume', seq: served.room.history.newest });
    slow.socket.pause();
    const text = 'x'.repeat(1_000);
    const viewersAfterMore = (): number => {
      for (let i = 0; i < 200; i += 1) cast.kmc?.event('padding', { text });
      goOn(served.room.picture.atUs + 1_000);
      return served.live.viewers();
    };
    await expect.poll(viewersAfterMore, { interval: 5, timeout: 20_000 }).toBe(1);
    expect(served.live.dropped()).toBeGreaterThan(0);
    slow.socket.resume();
    expect([1013, 1006]).toContain(await slow.closed);
    const at = served.room.picture.atUs + 1_000;
    goOn(at);
    await quick.hears((f) => f.type === 'tick' && f.atUs === at);
  });
});
