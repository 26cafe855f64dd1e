/**
 * What an election costs, in closed form, beside what it did cost.
 *
 * Counted are frames from one process to another, where they are handed to the link (the design's section 1). The forms
 * hold without loss, with time-outs long enough, and for initiators that call at the same time. Where delays differ, a
 * Bully whose highest process lives may spread its result before every call has arrived: the forms are then an upper
 * limit.
 */
import type { Algorithm, Mode } from '../election/config.ts';
import type { ElectionKind } from '../election/kinds.ts';
import type { MessageCount } from '../history.ts';
import { finding, type Verdict } from './verdict.ts';

export interface Circumstances {
  readonly algorithm: Algorithm;
  readonly mode: Mode;
  readonly ids: readonly number[];
  readonly down: readonly number[];
  readonly initiators: readonly number[];
  /** Of those who are down, whom somebody suspects already: a ring passes over these without a frame. */
  readonly suspected?: readonly number[];
  /** Every frame takes equally long. */
  readonly equalDelays: boolean;
  /** Unless this is false. Where some call later, others may have heard of the outcome by then, and are not drawn in. */
  readonly together?: boolean;
  /** The leader lives, holds a lease, and has only said so again. */
  readonly confirmed?: boolean;
}

export interface Limits {
  readonly least: number;
  readonly most: number;
}
export interface Expected {
  readonly attempted: Limits;
  readonly delivered: Limits;
}
/** By kind of message; nothing for a kind that is not sent. */
export type Theory = Readonly<Partial<Record<ElectionKind, Expected>>>;

export function theory(c: Circumstances): Theory {
  const alive = c.ids.filter((id) => !c.down.includes(id));
  const initiators = c.initiators.filter((id) => alive.includes(id));
  if (initiators.length === 0) return {};
  const first = Math.min(...initiators);
  switch (c.algorithm) {
    case 'bully':
      return bully(c, alive, first);
    case 'ring':
      return ring(alive.length, c.down.length, c.suspected?.length ?? 0, initiators.length);
    case 'chang-roberts': {
      // On a ring that ascends, every process above the first initiator stands, and each but the highest is swallowed at once.
      const n = alive.length;
      const most = n === 1 ? 0 : n + above(alive, first);
      const least = c.together === false ? Math.min(n, most) : most;
      return { 'chang-roberts.election': forwarded(most, least), 'chang-roberts.elected': forwarded(n === 1 ? 0 : n) };
    }
    case 'hirschberg-sinclair': {
      const n = alive.length;
      // Both ways and back, from the paper's O(n log n): what is swallowed early costs less.
      const half = n === 1 ? 0 : 4 * n * (1 + Math.ceil(Math.log2(n)));
      const limited = { attempted: { least: 0, most: Number.POSITIVE_INFINITY }, delivered: { least: 0, most: half } };
      return {
        'hirschberg-sinclair.probe': limited,
        'hirschberg-sinclair.reply': limited,
        'hirschberg-sinclair.elected': forwarded(n === 1 ? 0 : n),
      };
    }
  }
}

/**
 * Every process from the first initiator up calls once: each asks all above it, and each of them that lives answers. One
 * whose lease runs does not call, but says to each who asks that it leads.
 */
function bully(c: Circumstances, alive: readonly number[], first: number): Theory {
  const { ids, mode, equalDelays, together = true } = c;
  const confirmed = mode === 'safe' && c.confirmed === true;
  const callers = alive.filter((id) => id >= first && !(confirmed && id === Math.max(...alive)));
  const asked = total(callers.map((id) => above(ids, id)));
  const answering = total(callers.map((id) => above(alive, id)));
  const highestLives = Math.max(...ids) === Math.max(...alive);
  const call = (n: number): Limits => (together && (equalDelays || !highestLives) ? exactly(n) : { least: 0, most: n });
  const others = { attempted: exactly(ids.length - 1), delivered: exactly(alive.length - 1) };
  const classic: Theory = {
    'bully.election': { attempted: call(asked), delivered: call(answering) },
    'bully.ok': { attempted: call(answering), delivered: call(answering) },
    'bully.coordinator': others,
  };
  if (mode === 'classic') return classic;
  if (confirmed) return { ...classic, 'bully.coordinator': { attempted: call(callers.length), delivered: call(callers.length) } };
  const votes = exactly(alive.length - 1);
  return { ...classic, 'bully.propose': others, 'bully.accept': { attempted: votes, delivered: votes } };
}

/** Once round for the list and once for the outcome, for each initiator, and past each crashed process on each lap. */
function ring(n: number, crashed: number, suspected: number, initiators: number): Theory {
  const delivered = n === 1 ? 0 : n * initiators;
  const attempted = { least: delivered + (crashed - suspected) * initiators, most: delivered + crashed * initiators };
  const lap = { attempted, delivered: exactly(delivered) };
  return { 'ring.election': lap, 'ring.coordinator': lap };
}

/** Without a form for how often a forward fails. */
const forwarded = (most: number, least: number = most): Expected => ({
  attempted: { least, most: Number.POSITIVE_INFINITY },
  delivered: { least, most },
});

/** What all kinds together cost, delivered. */
export const delivered = (expected: Theory): Limits =>
  Object.values(expected).reduce((sum, { delivered: d }) => ({ least: sum.least + d.least, most: sum.most + d.most }), { least: 0, most: 0 });

/** Measured beside expected, over `runs` runs. `broken` says which assumption did not hold, if one did not. */
export function judgeCounts(expected: Theory, measured: Readonly<Record<string, MessageCount>>, runs: number, broken: string | undefined): Verdict {
  const kinds = Object.entries(expected) as [ElectionKind, Expected][];
  const wrong = kinds.flatMap(([kind, { attempted, delivered: arrived }]) => [
    ...outside(`${kind} attempted`, measured[kind]?.attempted ?? 0, attempted, runs),
    ...outside(`${kind} delivered`, measured[kind]?.delivered ?? 0, arrived, runs),
  ]);
  const sum = kinds.reduce((n, [kind]) => n + (measured[kind]?.delivered ?? 0), 0);
  const detail = [`${sum} delivered, expected ${told(delivered(expected), runs)}`, ...wrong, ...(broken === undefined ? [] : [broken])];
  return { rule: 'election.counts', verdict: finding(wrong.length === 0, broken === undefined), detail: detail.join('; ') };
}

const outside = (what: string, n: number, limits: Limits, runs: number): readonly string[] =>
  n >= limits.least * runs && n <= limits.most * runs ? [] : [`${what}: ${n}, expected ${told(limits, runs)}`];

const told = ({ least, most }: Limits, runs: number): string =>
  least === most ? `${least * runs}` : least === 0 ? `at most ${most * runs}` : `${least * runs} to ${most * runs}`;

const exactly = (n: number): Limits => ({ least: n, most: n });
const above = (ids: readonly number[], id: number): number => ids.filter((other) => other > id).length;
const total = (ns: readonly number[]): number => ns.reduce((a, b) => a + b, 0);
