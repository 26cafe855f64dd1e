/** What the console keeps for pages that are opened later. */
import { describe, expect, it } from 'vitest';
import type { ControlRoom } from '../../../services/console/control-room.ts';
import type { NodeView } from '../../../services/console/live-frames.ts';
import { Past } from '../../../services/console/past.ts';
import type { Picture } from '../../../services/console/picture.ts';
import type { TrueTime } from '../../../shared/time.ts';
import { newRoom, type Speaker, steady } from './cast.ts';

function reach(room: ControlRoom, cast: Readonly<Record<string, Speaker>>, at: number): void {
  for (const { upto } of Object.values(cast)) upto(at);
  room.tick(at);
}

/** A picture of `nodes` clocks, all of which are `at` ahead. */
const drawn = (at: number, nodes: number): Picture => ({
  atUs: at as TrueTime,
  up: new Set(),
  state: {
    nodes: Array.from({ length: nodes }, () => ({ up: true, clock: { errorUs: at, offsetUs: 5, trueOffsetUs: 2, boundUs: 9 } }) as NodeView),
  } as unknown as Picture['state'],
});

describe('the past of a room', () => {
  it('is empty before the first picture', () => expect(newRoom().past.frame()).toEqual({ atUs: [], nodes: [] }));

  it('has for each instant what a chart draws of each node, in the order of the cluster', () => {
    const room = newRoom();
    const cast = steady(room, { kmc: 700, mobile: -350_000 });
    room.tick(100_000);
    cast.kmc?.bend({ trueUs: 150_000, errorUs: 0, offsetUs: 40, boundUs: 900 });
    reach(room, cast, 200_000);
    const { atUs, nodes } = room.past.frame();
    expect(atUs).toEqual([100_000, 200_000]);
    expect(nodes.map(({ errorUs }) => errorUs)).toEqual([
      [700, 0],
      [0, 0],
      [0, 0],
      [-350_000, -350_000],
    ]);
    expect(nodes[0]).toEqual({ errorUs: [700, 0], deviationUs: [0, 40], boundUs: [1_000, 900] });
  });

  it('has gaps where a node was down, or claimed nothing', () => {
    const room = newRoom();
    const cast = steady(room, {});
    cast.mit?.bend({ offsetUs: null, boundUs: null });
    room.tick(100_000);
    room.lost(cast.kmc?.node ?? expect.fail());
    reach(room, cast, 200_000);
    const { nodes } = room.past.frame();
    expect(nodes[0]).toEqual({ errorUs: [0, null], deviationUs: [0, null], boundUs: [1_000, null] });
    expect(nodes[1]).toEqual({ errorUs: [0, 0], deviationUs: [null, null], boundUs: [null, null] });
  });

  it('has no instant twice, though the picture may stand still', () => {
    const room = newRoom();
    steady(room, {});
    for (const now of [100_000, 200_000, 300_000]) room.tick(now);
    expect(room.past.frame().atUs).toEqual([100_000]);
  });
});

describe('a long past', () => {
  it('is a minute long', () => {
    const past = new Past();
    for (let at = 100_000; at <= 90_000_000; at += 100_000) past.take(drawn(at, 1));
    const { atUs, nodes } = past.frame();
    expect([atUs[0], atUs.at(-1), atUs.length]).toEqual([30_000_000, 90_000_000, 601]);
    expect(nodes[0]?.errorUs).toEqual(atUs);
  });

  it('is forgotten where nothing was drawn for a minute', () => {
    const past = new Past();
    for (const at of [1, 2, 100_000_000]) past.take(drawn(at, 1));
    expect(past.frame().atUs).toEqual([100_000_000]);
  });

  it.each([
    [7, 1],
    [16, 2],
    [100, 7],
  ])('of %i nodes is sent with every moment of %i, the newest among them, and is far below what may be sent', (nodes, every) => {
    const past = new Past();
    for (let at = 1_000_000_000_000; at < 1_000_060_000_000; at += 100_000) past.take(drawn(at, nodes));
    past.take(drawn(1_000_060_000_000, nodes));
    const { atUs } = past.frame();
    expect(atUs.at(-1)).toBe(1_000_060_000_000);
    expect(new Set(atUs.slice(1).map((at, i) => at - (atUs[i] ?? 0)))).toEqual(new Set([every * 100_000]));
    expect(JSON.stringify(past.frame()).length).toBeLessThan(256 * 1024);
  });
});
