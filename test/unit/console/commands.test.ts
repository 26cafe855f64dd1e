/** What an operator may ask for, who does it, and what is answered where nobody can. */
import { describe, expect, it } from 'vitest';
import { type Act, operator, parseCommand, type Tell } from '../../../services/console/commands.ts';
import { ControlRoom } from '../../../services/console/control-room.ts';
import { ppm } from '../../../shared/time.ts';
import { cluster, newRoom } from './cast.ts';

const nobody: Tell = () => Promise.resolve({ ok: false, error: 'is down' });
let asked = 0;
const command = (verb: string, ...args: (string | number)[]) => {
  asked += 1;
  return { id: `c${asked}`, verb, args };
};

describe('what is asked', () => {
  it.each([
    [{}, 'id'],
    [{ id: 'a b', verb: 'kill' }, 'id'],
    [{ id: 'a', verb: 7 }, 'verb'],
    [{ id: 'a', verb: 'kill', args: [{}] }, 'args'],
    [{ id: 'a', verb: 'kill', args: Array.from({ length: 9 }, () => 'x') }, 'args'],
    [{ id: 'a', verb: 'kill', extra: 1 }, 'extra'],
    ['kill', 'body'],
  ])('%o is refused, and %s is named', (body, named) => {
    const parsed = parseCommand(body);
    expect(parsed).toMatchObject({ ok: false, error: expect.stringContaining(named) });
  });

  it('may leave its arguments out', () =>
    expect(parseCommand({ id: 'a', verb: 'kill' })).toEqual({ ok: true, command: { id: 'a', verb: 'kill', args: [] } }));
});

describe('an outside verb', () => {
  it.each([
    ['name', 'master'],
    ['id', '5'],
    ['number', 5],
  ])('reaches the launcher with a node by %s', async (_, node) => {
    const acts: unknown[] = [];
    const act: Act = (...args) => {
      acts.push(args);
      return Promise.resolve({ ok: true });
    };
    expect(await operator(newRoom(), act, nobody).perform(command('pause', node))).toEqual({ ok: true, understood: true });
    expect(acts).toEqual([['pause', 'master']]);
  });

  it('is a line to type in containers', async () => {
    const { perform } = operator(new ControlRoom(cluster, 'docker', ppm(200)), undefined, nobody);
    expect(await perform(command('kill', 'kmc'))).toMatchObject({ ok: false, error: 'run: docker compose kill kmc' });
    expect(await perform(command('resume', 'kmc'))).toMatchObject({ ok: false, error: 'run: docker compose unpause kmc' });
  });

  it('leaves a mark in the history', async () => {
    const room = newRoom();
    await operator(room, () => Promise.resolve({ ok: true }), nobody).perform(command('kill', 'kmc'));
    expect(room.history.after(0, 10).events).toMatchObject([{ kind: 'command.result', node: 1, verb: 'kill', ok: true }]);
  });
});

it('an inside verb is told to the node, without its name', async () => {
  const told: unknown[] = [];
  const tell: Tell = (node, verb, args) => {
    told.push([node.name, verb, args]);
    return Promise.resolve({ ok: true });
  };
  await operator(newRoom(), undefined, tell).perform(command('drift', 'kmc', '200ppm'));
  expect(told).toEqual([['kmc', 'drift', ['200ppm']]]);
});

it.each([
  [command('explode', 'kmc'), 'there is no verb explode: use one of kill'],
  [command('kill', 'nobody'), 'there is no node nobody: use one of kmc, mit, master, mobile'],
  [command('kill'), 'kill needs a node'],
])('%o is not understood', async (asked, error) => {
  const result = await operator(newRoom(), () => expect.fail('was tried'), nobody).perform(asked);
  expect(result).toMatchObject({ ok: false, understood: false, error: expect.stringContaining(error) });
});

it('does once what is asked twice under one id', async () => {
  const answers = [{ ok: true }];
  const { perform } = operator(newRoom(), () => Promise.resolve(answers.pop() ?? { ok: false }), nobody);
  const twice = command('kill', 'kmc');
  expect(await Promise.all([perform(twice), perform(twice)])).toEqual([
    { ok: true, understood: true },
    { ok: true, understood: true },
  ]);
  expect(await perform(command('kill', 'kmc'))).toMatchObject({ ok: false });
});
