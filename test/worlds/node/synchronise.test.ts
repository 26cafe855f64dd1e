/** Nodes over real sockets keep time, claim nothing that is false, and tell their whole history to whoever watches. */
import { afterEach, describe, expect, it } from 'vitest';
import { ClockJudge } from '../../../shared/checkers/clock.ts';
import { ppm } from '../../../shared/time.ts';
import { watch } from './guests.ts';
import { type Lab, lab, synchronized, until } from './lab.ts';

let world: Lab;
afterEach(() => world.close());

describe('a cluster', () => {
  it("of three members and a device synchronises by Berkeley's algorithm, and no claim is false", async () => {
    world = await lab('1', '2', '3', '101:device');
    await world.start(1, { OFFSET_MS: '-300', DRIFT_PPM: '80' });
    await world.start(2, { OFFSET_MS: '40', DRIFT_PPM: '-50', WANDER_PPM: '1' });
    await world.start(3, { OFFSET_MS: '250', DRIFT_PPM: '10' });
    await world.start(101, { OFFSET_MS: '-120' });
    const watching = await Promise.all([1, 2, 3, 101].map((id) => watch(world, id)));
    for (const id of [1, 2, 3, 101]) {
      const { leader, clock } = await synchronized(world, id);
      expect(leader).toBe('n3');
      expect(Math.abs((clock.offsetUs ?? Number.NaN) - (clock.trueOffsetUs ?? Number.NaN))).toBeLessThanOrEqual((clock.boundUs ?? 0) + 3);
    }
    await until('three rounds are over', () => watching[2]?.events.filter(({ kind }) => kind === 'berkeley.round-finished').length === 3);

    // Up to there everybody has told everything.
    const told = Math.min(...watching.map(({ upto }) => upto.at(-1)?.trueUs ?? 0));
    const events = watching.flatMap((w) => w.events.filter(({ trueUs }) => trueUs <= told)).toSorted((a, b) => a.trueUs - b.trueUs || a.seq - b.seq);
    const judge = new ClockJudge({ rho: ppm(200) });
    for (const event of events) judge.observe(event);
    const verdicts = judge.verdicts();
    expect(verdicts.map(({ rule }) => rule)).toEqual(expect.arrayContaining(['clock.bound', 'clock.monotonic']));
    expect(verdicts.filter(({ verdict }) => verdict !== 'holds')).toEqual([]);
    for (const { events: own, late } of watching) {
      expect(own.map(({ seq }) => seq)).toEqual(own.map((_, i) => i + 1));
      expect(own.map(({ trueUs }) => trueUs)).toEqual(own.map(({ trueUs }) => trueUs).toSorted((a, b) => a - b));
      expect(late).toEqual([]);
    }
    expect(events.filter(({ kind }) => kind === 'node.started')).toHaveLength(4);
  });

  it("synchronises by Cristian's algorithm, every message of which is answered", async () => {
    world = await lab('1', '2');
    await world.start(1, { CLOCK: 'cristian', OFFSET_MS: '80' });
    await world.start(2, { CLOCK: 'cristian' });
    await synchronized(world, 1);
    const { events, upto } = await watch(world, 1);
    await until('a watermark', () => upto.length > 0);
    expect(events[0]).toMatchObject({ kind: 'node.started', seq: 1, lamport: 0 });
    // Beside the replies it hears of its leader, and of nothing else; heartbeats are no messages of an algorithm.
    const received = events.filter((event) => event.kind === 'message.received');
    const kinds = new Set(received.map(({ message }) => message.kind));
    expect([...kinds].filter((kind) => !kind.startsWith('bully.'))).toEqual(['cristian.reply']);
    expect(received.filter(({ delayUs }) => delayUs < 1_000)).toEqual([]);
    const { attempted, delivered } = upto.at(-1)?.messages['cristian.request'] ?? { attempted: 0, delivered: 0 };
    expect(attempted).toBeGreaterThanOrEqual(8);
    expect(attempted - delivered).toBeLessThanOrEqual(1);
  });

  it('counts what its links lose, and what nobody is there to take', async () => {
    world = await lab('1', '2', '3');
    await world.start(2, { LINK_LOSS: '0.5' });
    await world.start(3, { LINK_LOSS: '0.5' });
    await synchronized(world, 2);
    const { messages } = await until('polls were lost', async () => {
      const state = await world.state(3);
      return (state.messages['berkeley.poll']?.dropped ?? 0) > 0 && state;
    });
    const { attempted, delivered, dropped, unanswered } = messages['berkeley.poll'] as Record<string, number>;
    expect(unanswered).toBeGreaterThan(0);
    expect(attempted).toBeGreaterThanOrEqual((delivered ?? 0) + (dropped ?? 0) + (unanswered ?? 0));
    expect(await world.metric(3, 'lockstep_messages_total{kind="berkeley.poll",outcome="dropped"}')).toBeGreaterThan(0);
  });
});

describe('a console', () => {
  it('resumes where it left off, hears everything once, and is told the end', async () => {
    world = await lab('1');
    const node = await world.start(1);
    const first = await watch(world, 1);
    await until('a round', () => first.events.some(({ kind }) => kind.startsWith('berkeley.')));
    first.socket.terminate();
    const heard = first.events.at(-1)?.seq ?? 0;
    const second = await watch(world, 1, heard);
    await until('more events', () => second.events.length > 3);
    await world.stop(node);
    expect((await second.closed).code).toBe(1001);
    expect(second.events.map(({ seq }) => seq)).toEqual(second.events.map((_, i) => heard + 1 + i));
    expect(second.events.at(-1)).toMatchObject({ kind: 'node.stopped', how: 'left' });
    expect(second.hello).toEqual([expect.objectContaining({ name: 'n1', role: 'member', bootId: expect.any(String) })]);
  });

  it('is told everything where it heard of an earlier start of the node', async () => {
    world = await lab('1');
    await world.start(1);
    const { events } = await watch(world, 1, 1_000_000);
    await until('events', () => events.length > 0);
    expect(events[0]?.seq).toBe(1);
  });

  it('is answered that a verb is unknown', async () => {
    world = await lab('1');
    await world.start(1);
    const { socket, results } = await watch(world, 1);
    socket.send(JSON.stringify({ type: 'command', id: 'a', verb: 'dance', args: [] }));
    await until('a result', () => results.length > 0);
    expect(results).toEqual([{ type: 'result', id: 'a', ok: false, error: expect.stringContaining('dance') }]);
  });
});
