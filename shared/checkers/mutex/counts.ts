/**
 * What an entry costs, in closed form: messages delivered, those to oneself being none (the design's sections 1 and 4).
 *
 * Some forms hold for each single entry, others only on average: a token ring carries its token past those who do not
 * want it, Raymond's tree and Maekawa's arbiters share messages between entries. Where it depends on how many want to
 * enter, there are two means: at light load, with hardly ever two at a time, and in a crowd, with everyone always.
 */
import type { MutexAlgorithm, MutexConfig } from '../../mutex/config.ts';
import { quorumsOf } from '../../mutex/maekawa/quorums.ts';
import { pathBetween } from '../../mutex/raymond/trees.ts';
import { type NodeId, nodeId } from '../../protocol.ts';

export interface Asked {
  readonly algorithm: MutexAlgorithm;
  readonly n: number;
  readonly tree?: MutexConfig['tree'];
  /** Of Maekawa's, with oneself. */
  readonly quorum?: number;
  /** The coordinator itself enters; where that is left out, it does so as often as everyone else. */
  readonly coordinator?: boolean;
}

export interface Cost {
  readonly least: number;
  readonly most: number;
  /** Whether the limits hold for each entry, or for their mean. */
  readonly each: boolean;
  /** The only two numbers that an entry may cost, or the only one. */
  readonly exactly?: readonly number[];
  /** Means over all members, where there is a form. */
  readonly light?: number;
  readonly saturated?: number;
}

export function costOf({ algorithm, n, tree = 'binary', quorum = 1, coordinator }: Asked): Cost {
  const others = n - 1;
  switch (algorithm) {
    case 'central':
    case 'central-lease': {
      if (coordinator !== undefined) return exact(coordinator ? 0 : 3);
      const mean = (3 * others) / n;
      return { least: 0, most: 3, each: true, exactly: [0, 3], light: mean, saturated: mean };
    }
    case 'lamport':
      return exact(3 * others);
    case 'ricart-agrawala':
      return exact(2 * others);
    case 'roucairol-carvalho':
      // At light load half of the others have been inside since one's own last entry, on average; in a crowd, all.
      return { least: 0, most: 2 * others, each: true, light: others, saturated: 2 * others };
    case 'maekawa': {
      // In a crowd each arbiter says to most requests first that they failed.
      const peers = quorum - 1;
      return { least: 3 * peers, most: 5 * peers, each: false, light: 3 * peers, saturated: 4 * peers };
    }
    case 'suzuki-kasami':
      // Once in n times it is the same process that wants to enter again.
      return {
        least: 0,
        most: others === 0 ? 0 : n,
        each: true,
        exactly: others === 0 ? [0] : [0, n],
        light: others,
        saturated: others === 0 ? 0 : n,
      };
    case 'raymond': {
      // To wherever the token is and back; in a crowd it goes round the tree, both ways over each edge, after a request.
      const { diameter, mean } = distances(tree, n);
      return { least: 0, most: 2 * diameter, each: false, light: 2 * mean, saturated: (4 * others) / n };
    }
    case 'token-ring':
      return { least: 0, most: Number.POSITIVE_INFINITY, each: false, ...(others === 0 ? {} : { saturated: 1 }) };
  }
}

const exact = (messages: number): Cost => ({
  least: messages,
  most: messages,
  each: true,
  exactly: [messages],
  light: messages,
  saturated: messages,
});

/** Between any two processes of Raymond's tree, a process and itself among them. */
function distances(tree: MutexConfig['tree'], n: number): { readonly diameter: number; readonly mean: number } {
  const members = numbered(n);
  const all = members.flatMap((a) => members.map((b) => pathBetween(tree, members, a, b).length - 1));
  return { diameter: Math.max(...all), mean: all.reduce((a, b) => a + b, 0) / all.length };
}

/** How many each process asks, itself among them, on average. */
export function quorumSize(quorums: MutexConfig['quorums'], n: number): number {
  const sizes = quorumsOf(quorums, numbered(n)).map((quorum) => quorum.length);
  return sizes.reduce((a, b) => a + b, 0) / sizes.length;
}

const numbered = (n: number): readonly NodeId[] => Array.from({ length: n }, (_, i) => nodeId(i + 1));
