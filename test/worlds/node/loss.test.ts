/** How a node learns that another is gone, and what it still knows of elections when it comes back itself. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { trueNow } from '../../../services/node/clock.ts';
import { watch } from './guests.ts';
import { type Child, type Lab, lab, type State, until } from './lab.ts';

let world: Lab;
afterEach(() => world.close());

const following = (id: number, leader: string): Promise<State> =>
  until(`node ${id} follows ${leader}`, async () => {
    const state = await world.state(id);
    return state.leader === leader && state;
  });
const termOf = ({ term }: State): number => Number.parseInt(term ?? '', 10);

async function kill(child: Child): Promise<void> {
  child.process.kill('SIGKILL');
  await child.ended;
}

describe('a peer', () => {
  it.each([
    ['that was killed is suspected as soon as it cannot be dialled again', 'SIGKILL', 'unreachable'],
    ['that was stopped closes nothing, and is suspected once its heartbeats are missed', 'SIGSTOP', 'missed'],
  ] as const)('%s', async (_, signal, why) => {
    world = await lab('1', '2');
    await world.start(1);
    const child = world.fork(world.env(2));
    await child.ready;
    await following(1, 'n2');
    const { events } = await watch(world, 1);
    const at = trueNow();
    child.process.kill(signal);
    const suspected = await until('it is suspected', () => events.find((event) => event.kind === 'heartbeat.suspected' && event.trueUs > at));
    expect(suspected).toMatchObject({ peer: 2, why });
    await following(1, 'n1');
  });
});

describe('a node that starts again', () => {
  /** Two leaderships of node 1 alone: what it remembers of the first shows in the number of the second. */
  async function terms(between: (file: string) => void): Promise<readonly [before: number, after: number]> {
    world = await lab('1');
    const env = world.env(1);
    const first = world.fork(env);
    await first.ready;
    const before = await following(1, 'n1');
    await kill(first);
    between(join(String(env.STATE_DIR), 'node.json'));
    await world.fork(env).ready;
    return [termOf(before), termOf(await following(1, 'n1'))];
  }

  it('remembers the newest term, and leads in a later one', async () => {
    expect(await terms(() => undefined)).toEqual([1, 2]);
  });

  it('knows of no term where its file is gone', async () => {
    expect(await terms((file) => rmSync(file))).toEqual([1, 1]);
  });

  it('knows of no term where its file cannot be read, and starts all the same', async () => {
    expect(await terms((file) => writeFileSync(file, '{"incarnation":'))).toEqual([1, 1]);
  });
});

describe('what keeps a cluster together', () => {
  it('is exchanged all the time, and is counted and told of as little as if it were not', async () => {
    world = await lab('1', '2', '101:device');
    for (const id of [1, 2, 101]) await world.start(id);
    const watching = await Promise.all([1, 2, 101].map((id) => watch(world, id)));
    // Members know of each other by heartbeats, the device of the leader by asking.
    await until('heartbeats', () => watching[0]?.events.some(({ kind }) => kind === 'heartbeat.trusted'));
    await following(101, 'n2');
    for (const [i, id] of [1, 2, 101].entries()) {
      const counted = Object.keys((await world.state(id)).messages);
      expect(counted).not.toEqual([]);
      expect(counted.filter((kind) => /^(heartbeat|node)\./.test(kind))).toEqual([]);
      const told = (watching[i]?.events ?? []).flatMap((event) =>
        'message' in event && typeof event.message === 'object' ? [event.message.kind] : [],
      );
      expect(told.filter((kind) => /^(heartbeat|node)\./.test(kind))).toEqual([]);
    }
  });
});
