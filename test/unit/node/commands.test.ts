/** What operators may order of a node's protocol, and what is refused, in words that say what would do. */
import { describe, expect, it } from 'vitest';
import { parseCluster } from '../../../services/node/cluster.ts';
import { parseOrder } from '../../../services/node/commands.ts';

const parsed = parseCluster('1=kmc@kmc:4100,2=mit@mit:4100');
const order = (verb: string, ...args: readonly string[]) => parseOrder(verb, args, parsed.ok ? parsed.cluster : expect.fail(parsed.errors.join()));
const commanded = (command: object) => ({ ok: true, order: { kind: 'command', command } });

it('enter is given to the lock, whatever else is said', () => {
  expect(order('enter')).toEqual(commanded({ kind: 'mutex.enter' }));
});

describe('switch', () => {
  it('leaves what is not named as it is', () => {
    expect(order('switch', 'election=ring')).toEqual(commanded({ kind: 'node.switch', election: 'ring' }));
    expect(order('switch', 'clock=cristian', 'mutex=raymond', 'mode=safe')).toEqual(
      commanded({ kind: 'node.switch', clock: 'cristian', mutex: 'raymond', mode: 'safe' }),
    );
  });

  it('takes a lock away', () => {
    expect(order('switch', 'mutex=off')).toEqual(commanded({ kind: 'node.switch', mutex: null }));
  });

  it.each([[[]], [['election']], [['election=']], [['election=raymond']], [['lock=raymond']], [['election=ring', 'clock=sundial']], [['clock=off']]])(
    'refuses %j, and says what there is',
    (args) =>
      expect(order('switch', ...args)).toEqual({
        ok: false,
        error: expect.stringMatching(/^switch needs what to run instead: .*election=bully\|ring\|.*mutex=.*raymond.*\|off/),
      }),
  );
});
