/** Bugs planted into locks of whole clusters, each of them one that somebody has written: every rule has to see its own. */
import { describe, expect, it } from 'vitest';
import { MutexJudge } from '../../shared/checkers/mutex.ts';
import type { Verdict } from '../../shared/checkers/verdict.ts';
import { constant, uniform } from '../../shared/faults/delay.ts';
import type { MutexAlgorithm, MutexConfig, Workload } from '../../shared/mutex/config.ts';
import { queued } from '../../shared/mutex/suzuki-kasami/requests.ts';
import type { Node } from '../../shared/node.ts';
import type { Effect, Input, Protocol } from '../../shared/protocol.ts';
import { scenarios } from '../../shared/scenarios/index.ts';
import { play } from '../../shared/sim/play.ts';
import { milliseconds } from '../../shared/time.ts';
import { type Found, sections } from './sections.ts';

type Mutation = (protocol: Protocol<Node>) => Protocol<Node>;
type Member = Extract<Node['state'], { role: 'member' }>;
type Lock = NonNullable<NonNullable<Member['mutex']>['lock']>;
type Send = Extract<Effect<Node>, { kind: 'send' }>;

/** Changes what the protocol remembers and is told before each step. */
const misled =
  (change: (lock: Lock, input: Input<Node>) => readonly [Lock, Input<Node>]): Mutation =>
  (protocol) => ({
    ...protocol,
    step(state, input, now) {
      if (state.role !== 'member' || state.mutex === undefined) return protocol.step(state, input, now);
      if (state.mutex.lock === undefined) return protocol.step(state, input, now);
      const [lock, told] = change(state.mutex.lock, input);
      return protocol.step({ ...state, mutex: { ...state.mutex, lock } } as Member, told, now);
    },
  });

/** Changes what the protocol sends. */
const garbled =
  (change: (send: Send, input: Input<Node>) => readonly Effect<Node>[]): Mutation =>
  (protocol) => ({
    ...protocol,
    step(state, input, now) {
      const { state: next, effects } = protocol.step(state, input, now);
      return { state: next, effects: effects.flatMap((e) => (e.kind === 'send' ? change(e, input) : [e])) };
    },
  });

const brief: Workload = { think: 'saturated', shortest: milliseconds(5), longest: milliseconds(5) };
const crowd = (algorithm: MutexAlgorithm, mutate?: Mutation, lock: Partial<MutexConfig> = {}, nodes = 5): Found =>
  sections({ lock: { algorithm, workload: brief, ...lock }, nodes, entries: 300, ...(mutate === undefined ? {} : { mutate }) });
const isA = (input: Input<Node>, kind: string): boolean => input.kind === 'message' && input.message.kind === kind;

describe('an order by timestamp alone', () => {
  /** A request of the same time as one's own counts as later, or as earlier. */
  const tied = (by: number): Mutation =>
    misled((lock, input) => {
      if (input.kind !== 'message' || input.message.kind !== 'ricart-agrawala.request' || !('own' in lock)) return [lock, input];
      const { message } = input;
      return [lock, message.timestamp === lock.own?.timestamp ? { ...input, message: { ...message, timestamp: message.timestamp + by } } : input];
    });

  it('lets two in at once, or makes two wait for each other for ever', () => {
    expect(crowd('ricart-agrawala').bugs).toEqual([]);
    expect(crowd('ricart-agrawala', tied(-1)).bugs).toContain('mutex.exclusion');
    expect(crowd('ricart-agrawala', tied(1)).bugs).toEqual(['mutex.progress']);
  });
});

describe("Lamport's lock over links that do not keep the order", () => {
  const workload: Workload = { think: milliseconds(200), shortest: milliseconds(100), longest: milliseconds(100) };
  const wild = { lock: { algorithm: 'lamport', workload }, nodes: 2, entries: 1_000, delay: uniform(milliseconds(1), milliseconds(100)) } as const;

  it('lets two in at once, and the rule says why', () => {
    expect(sections(wild).mutex.overlaps).toBe(0);
    const { mutex, finding, verdicts } = sections({ ...wild, overtaking: true });
    expect(mutex.overlaps).toBeGreaterThan(0);
    expect(finding('mutex.exclusion')).toBe('expected-violation');
    expect(verdicts.find(({ rule }) => rule === 'mutex.exclusion')?.detail).toContain('was overtaken: links are not FIFO');
  });
});

describe('a coordinator', () => {
  it('that forgets who is inside lets two in at once', () => {
    const forgetful = misled((lock, input) => [isA(input, 'central.request') && 'inside' in lock ? { ...lock, inside: undefined } : lock, input]);
    expect(crowd('central').bugs).toEqual([]);
    expect(crowd('central', forgetful).bugs).toContain('mutex.exclusion');
  });
});

describe('a reply that is sent twice', () => {
  it('costs too much', () => {
    const twice = garbled((send) => (send.message.kind === 'ricart-agrawala.reply' ? [send, send] : [send]));
    expect(crowd('ricart-agrawala', twice).bugs).toEqual(['mutex.counts']);
  });
});

describe("Maekawa's arbiters", () => {
  it('whose INQUIRE is not looked at deadlock, and the circle is drawn', () => {
    const deaf: Mutation = (protocol) => ({
      ...protocol,
      step: (state, input, now) => (isA(input, 'maekawa.inquire') ? { state, effects: [] } : protocol.step(state, input, now)),
    });
    expect(crowd('maekawa', undefined, {}, 9).bugs).toEqual([]);
    const { bugs, verdicts } = crowd('maekawa', deaf, {}, 9);
    expect(bugs).toContain('mutex.votes');
    expect(verdicts.find(({ rule }) => rule === 'mutex.votes')?.detail).toMatch(/^(\d+) -> .* -> \1 wait for each other/);
  });

  it("without Sanders' correction deadlock now and then in a moderate load", () => {
    const uncorrected = garbled((send, input) => {
      const displaced = send.message.kind === 'maekawa.failed' && input.kind === 'message' && isA(input, 'maekawa.request') && send.to !== input.from;
      return displaced ? [] : [send];
    });
    // Whoever loses patience asks again, and is told then: a loss is got over, and so nobody does here.
    const patient: Mutation = (protocol) => {
      const { step, ...rest } = uncorrected(protocol);
      return {
        ...rest,
        step: (state, input, now) => (input.kind === 'timer' && input.timer === 'mutex.patience' ? { state, effects: [] } : step(state, input, now)),
      };
    };
    const workload: Workload = { think: milliseconds(30), shortest: milliseconds(1), longest: milliseconds(3) };
    const stuck = (mutate?: Mutation): number =>
      Array.from({ length: 40 }, (_, seed) =>
        sections({
          lock: { algorithm: 'maekawa', workload },
          nodes: 4,
          entries: 80,
          delay: constant(milliseconds(5)),
          seed,
          ...(mutate === undefined ? {} : { mutate }),
        }),
      ).filter(({ bugs }) => bugs.includes('mutex.votes')).length;
    expect(stuck()).toBe(0);
    expect(stuck(patient)).toBeGreaterThan(0);
  });
});

describe('a token', () => {
  /** So short that a token is often sent again before its receipt is acknowledged. */
  const hasty = { resend: milliseconds(35) };

  it('that is sent again, and taken again, is there twice', () => {
    const forgetful = misled((lock, input) => {
      if (!isA(input, 'token-ring.token') || !('custody' in lock)) return [lock, input];
      return [{ ...lock, custody: { ...lock.custody, trace: undefined } } as Lock, input];
    });
    expect(crowd('token-ring', undefined, hasty).bugs).toEqual([]);
    const { bugs, mutex } = crowd('token-ring', forgetful, hasty);
    expect(bugs).toEqual(expect.arrayContaining(['mutex.census', 'mutex.exclusion']));
    expect(mutex.overlaps).toBeGreaterThan(0);
  });

  it('whose queue serves the last to come first passes others by for long', () => {
    const lastFirst = misled((lock, input) => {
      const leaving = input.kind === 'timer' && input.timer === 'mutex.hold';
      if (!leaving || !('custody' in lock) || !('heard' in lock) || lock.custody.held === undefined) return [lock, input];
      const { held } = lock.custody;
      const self = [...lock.heard.keys()].find((id) => id === lock.custody.trace?.at) ?? lock.custody.trace?.at;
      const all = self === undefined ? held.queue : queued(held, lock.heard, self).queue;
      const first = all.filter(({ node }) => !held.queue.some((other) => other.node === node));
      const queue = [...first, ...all.filter((asked) => !first.includes(asked))];
      return [{ ...lock, custody: { ...lock.custody, held: { ...held, queue } } }, input];
    });
    const workload: Workload = { think: 'saturated', shortest: milliseconds(40), longest: milliseconds(40) };
    expect(crowd('suzuki-kasami', undefined, { workload }, 9).bugs).toEqual([]);
    expect(crowd('suzuki-kasami', lastFirst, { workload }, 9).bugs).toContain('mutex.bypass');
  });
});

describe('a ledger', () => {
  const judged = (name: string, mutate?: Mutation): readonly Verdict[] => {
    const scenario = scenarios.find((s) => s.name === name) ?? expect.fail(name);
    const judge = new MutexJudge({ ...scenario.mutex, fencing: true });
    for (const event of play(scenario, 1, mutate).history) judge.observe(event);
    return judge.verdicts();
  };
  const bugs = (verdicts: readonly Verdict[]): readonly string[] => verdicts.flatMap(({ rule, verdict }) => (verdict === 'bug' ? [rule] : []));

  it('that should refuse stale writes and does not is found out by its register', () => {
    expect(bugs(judged('holder-paused'))).toEqual([]);
    expect(bugs(judged('holder-paused-unfenced'))).toEqual(['mutex.fencing', 'ledger.value']);
  });

  it('cannot tell grants apart whose token is the bare term', () => {
    const bare = misled((lock, input) => {
      if (input.kind !== 'message' || input.message.kind !== 'central-lease.grant') return [lock, input];
      return [lock, { ...input, message: { ...input.message, count: 1 } }];
    });
    expect(bugs(judged('mutual-exclusion', bare))).toContain('mutex.fencing');
  });
});
