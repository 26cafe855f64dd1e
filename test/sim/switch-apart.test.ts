/** A change is ordered while not all can hear of it: once they can, all run the same and follow one leader, whoever ordered what. */
import { describe, expect, it } from 'vitest';
import type { Algorithm, Mode } from '../../shared/election/config.ts';
import { partition } from '../../shared/faults/rules.ts';
import type { Choice, MemberState } from '../../shared/node.ts';
import { nodeId } from '../../shared/protocol.ts';
import { seconds } from '../../shared/time.ts';
import { algorithms, Electorate, links } from './electorate.ts';

const highest = nodeId(5);

/** A cluster that is in two parts from the fifth second to the twelfth. */
function parted(side: readonly number[], election: { readonly algorithm: Algorithm; readonly mode?: Mode }, seed = 1): Electorate {
  const cluster = new Electorate({ seed, size: 5, election });
  const sides = [side.map(nodeId), cluster.ids.filter((id) => !side.includes(id))];
  return cluster.at(seconds(5), () => cluster.sim.shape([...partition(sides), ...links])).at(seconds(12), () => cluster.sim.shape(links));
}

const ordering = (cluster: Electorate, at: number, of: number, choice: Partial<Choice>): Electorate =>
  cluster.at(seconds(at), () => cluster.order(of, choice));

const setups = (cluster: Electorate) => cluster.ids.map((id) => (cluster.process(id).state as MemberState).setup);
const one = (cluster: Electorate): void => {
  expect(setups(cluster)).toEqual(cluster.ids.map(() => setups(cluster)[4]));
  expect(cluster.ids.map((id) => cluster.follows(id))).toEqual(cluster.ids.map(() => highest));
};

describe('an election that is held in another way while one member is cut off', () => {
  const ways = algorithms.flatMap((from) => algorithms.filter((to) => to !== from).map((to) => [from, to] as const));
  it.each(ways)('ends in one leader and one set-up when it is back (%s, then %s)', (from, to) => {
    for (const apart of [1, 4]) one(ordering(parted([apart], { algorithm: from }), 8, 5, { election: to, mode: 'classic' }).run(seconds(30)));
  });
  it.each([
    ['classic', 'safe'],
    ['safe', 'classic'],
  ] as const)('does so also where it was %s and became %s', (from, to) => {
    one(ordering(parted([1], { algorithm: 'bully', mode: from }), 8, 5, { mode: to }).run(seconds(40)));
  });
});

describe('two leaders of a partition', () => {
  it('who each changed another part, the later in number wins with all that it is, and clocks are kept by its rule', () => {
    const cluster = parted([1, 2], { algorithm: 'bully' });
    ordering(ordering(ordering(cluster, 8, 5, { election: 'ring' }), 8, 2, { clock: 'cristian' }), 9, 2, { mode: 'safe' }).run(seconds(35));
    one(cluster);
    expect(setups(cluster)[0]).toMatchObject({ number: 2, election: 'bully', mode: 'safe', clock: 'cristian' });
    const read = cluster.ids.filter((id) => cluster.events('cristian.read', id).some((e) => e.trueUs > seconds(28)));
    expect(read).toEqual(cluster.ids.filter((id) => id !== highest));
  });
  it('who gave different changes one number, the later in term wins', () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const cluster = parted([1, 2], { algorithm: 'bully' }, seed);
      one(ordering(ordering(cluster, 8, 5, { election: 'ring' }), 8, 2, { election: 'chang-roberts' }).run(seconds(35)));
      expect(setups(cluster)[0]).toMatchObject({ number: 1, election: 'chang-roberts' });
    }
  });
});

describe('what keeps set-ups the same', () => {
  it('says nothing while they are', () => {
    const cluster = ordering(parted([1], { algorithm: 'bully' }), 8, 5, { election: 'ring' });
    const told: string[] = [];
    const { transmit } = cluster.sim;
    cluster.sim.transmit = (from, to, message, stamp) => {
      if (message.kind.startsWith('node.switch')) told.push(`${from} to ${to}`);
      transmit.call(cluster.sim, from, to, message, stamp);
    };
    cluster.run(seconds(14));
    told.length = 0;
    cluster.run(seconds(30));
    expect(told).toEqual([]);
  });
});
