/** Bugs planted into elections, each of them one that somebody has written: a checker that never failed has proven nothing. */
import { describe, expect, it } from 'vitest';
import type { BullyContest } from '../../shared/election/bully/vocabulary.ts';
import { constant } from '../../shared/faults/delay.ts';
import type { Node } from '../../shared/node.ts';
import { type Input, type Member, nodeId, type Protocol, type Reading } from '../../shared/protocol.ts';
import { type ElectionExperiment, measureElection } from '../../shared/sim/measure-election.ts';
import { type Duration, type MonoTime, milliseconds, seconds } from '../../shared/time.ts';
import { Electorate, links } from './electorate.ts';

type Mutation = (protocol: Protocol<Node>) => Protocol<Node>;
type Office = Extract<Node['state'], { role: 'member' }>['election']['office'];
const correct: Mutation = (protocol) => protocol;

/** Changes what the protocol is told before each step. */
const misled =
  (change: (state: Node['state'], input: Input<Node>) => readonly [Node['state'], Input<Node>]): Mutation =>
  (protocol) => ({ ...protocol, step: (state, input, now) => protocol.step(...change(state, input), now) });

const forgetting = (state: Node['state'], office: Partial<Office>, contest: Partial<BullyContest> = {}): Node['state'] =>
  state.role === 'member'
    ? {
        ...state,
        election: {
          ...state.election,
          office: { ...state.election.office, ...office },
          contest: { ...state.election.contest, ...contest } as BullyContest,
        },
      }
    : state;

const isA = (input: Input<Node>, kind: string): boolean => input.kind === 'message' && input.message.kind === kind;

const measured = (experiment: Partial<ElectionExperiment>) => {
  const elected: number[] = [];
  const base = { algorithm: 'bully', mode: 'classic', nodes: 10, down: [], initiators: [5], delay: constant(milliseconds(10)), loss: 0 } as const;
  const result = measureElection({ ...base, span: undefined, runs: 1, seed: 1, ...experiment }, (e) => {
    if (e.kind === 'election.elected' && e.leader === e.node && e.term.number > 1) elected.push(e.node);
  });
  return { ...result, elected, bugs: result.verdicts.flatMap((v) => (v.verdict === 'bug' ? [v.rule] : [])) };
};

describe('ids compared as strings', () => {
  /** The same algorithm, on numbers that stand in the order of the ids as strings. */
  const asStrings: Mutation = (protocol) => {
    let order: readonly number[] = [];
    const rank = (id: number): number => order.indexOf(id) + 1;
    const id = (r: number): number => order[r - 1] ?? r;
    const member = (m: Member): Member => ({
      ...m,
      self: nodeId(rank(m.self)),
      members: m.members
        .map(rank)
        .toSorted((a, b) => a - b)
        .map(nodeId),
    });
    return {
      start(m, now, found) {
        order = m.members.toSorted((a, b) => (`${a}` < `${b}` ? -1 : 1));
        const { state, effects } = protocol.start(member(m), now, found);
        return { state, effects: renamed(effects, id) };
      },
      step(state, input, now) {
        const next = protocol.step(state, renamed(input, rank), now);
        return { state: next.state, effects: renamed(next.effects, id) };
      },
    };
  };
  const names = new Set(['from', 'to', 'node', 'leader', 'peer']);
  const renamed = <T>(value: T, by: (id: number) => number, key = ''): T => {
    if (typeof value === 'number') return (names.has(key) ? by(value) : value) as T;
    if (Array.isArray(value)) return value.map((v) => renamed(v, by)) as T;
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, renamed(v, by, k)])) as T;
  };

  it.each([
    [[], 10, 9],
    [[9], 10, 8],
  ] as const)('with %j down, %i should win, and %i does: nobody agrees on the highest', (down, right, wrong) => {
    expect(measured({ down, initiators: [5] })).toMatchObject({ elected: [right], bugs: [] });
    const mutant = measured({ down, initiators: [5], mutate: asStrings });
    expect(mutant.elected).toEqual([wrong]);
    expect(mutant.bugs).toContain('election.agreement');
  });
});

describe('elections that are not suppressed', () => {
  const always = misled((state, input) => [
    isA(input, 'bully.election') ? forgetting(state, { term: undefined }, { started: 0, own: undefined }) : state,
    input,
  ]);
  const byFlag = misled((state, input) => {
    const electing = state.role === 'member' && (state.election.contest as BullyContest).own !== undefined;
    return [isA(input, 'bully.election') && !electing ? forgetting(state, { term: undefined }, { started: 0 }) : state, input];
  });

  it('cost 518 messages instead of 80 among nine', () => {
    expect(measured({ down: [10], initiators: [1] }).delivered).toBe(80);
    const patient = { answerWithin: milliseconds(100), coordinatorWithin: seconds(1) };
    const mutant = measured({ down: [10], initiators: [1], mutate: always, config: patient });
    expect(mutant.delivered).toBe(518);
    expect(mutant.bugs).toContain('election.counts');
  });

  it('cost 52 instead of 28 where only a flag suppresses them: the outcome overtakes a call', () => {
    expect(measured({ down: [9] }).delivered).toBe(28);
    const mutant = measured({ down: [9], mutate: byFlag });
    expect(mutant.delivered).toBe(52);
    expect(mutant.bugs).toContain('election.counts');
  });
});

describe('announcements whose term nobody looks at', () => {
  const blind = misled((state, input) => [isA(input, 'bully.coordinator') ? forgetting(state, { seen: undefined }) : state, input]);

  /** The announcement of 3 to 1 is late, 3 crashes, 2 wins: then it arrives. */
  const late = (mutate: Mutation): Electorate => {
    const slow = { from: [nodeId(3)], to: [nodeId(1)], does: 'delay', delay: constant(seconds(3)) } as const;
    const cluster = new Electorate({ size: 3, election: { begins: 'when-told' }, rules: [slow, ...links], mutate });
    return cluster
      .at(milliseconds(100), () => cluster.call(3))
      .at(milliseconds(200), () => cluster.process(3).crash())
      .at(milliseconds(300), () => cluster.call(2))
      .run(seconds(5));
  };

  it('bring an old leader back', () => {
    const followed = (cluster: Electorate) => cluster.events('election.elected', 1).map((e) => e.leader);
    expect(followed(late(correct))).toEqual([3, 2]);
    expect(late(correct).found('bug')).toEqual([]);
    expect(followed(late(blind)).slice(0, 3)).toEqual([3, 2, 3]);
    expect(late(blind).found('bug')).toContain('election.term-order');
  });
});

describe('rings', () => {
  it('that lose their list when they pass somebody over elect the wrong one', () => {
    const shortened = misled((state, input) => {
      if (input.kind !== 'undelivered' || input.message.kind !== 'ring.election' || state.role !== 'member') return [state, input];
      const { self, incarnation } = state.election.office.member;
      return [state, { ...input, message: { ...input.message, list: [self], incarnations: [incarnation] } }];
    });
    const experiment = { algorithm: 'ring', nodes: 8, down: [1], initiators: [7] } as const;
    expect(measured(experiment).bugs).toEqual([]);
    const other = { algorithm: 'ring', nodes: 8, down: [4], initiators: [5] } as const;
    expect(measured(other).bugs).toEqual([]);
    expect(measured({ ...other, mutate: shortened }).bugs).toContain('ring.winner');
  });

  it('without a hop counter let the frame of a crashed initiator go round for ever', () => {
    const uncounted = misled((state, input) => [
      state,
      input.kind === 'message' && 'hops' in input.message ? { ...input, message: { ...input.message, hops: 0 } } : input,
    ]);
    const orphan = (mutate: Mutation): Electorate => {
      const cluster = new Electorate({ size: 5, election: { algorithm: 'ring', begins: 'when-told' }, mutate });
      return cluster
        .at(milliseconds(100), () => cluster.call(2))
        .at(milliseconds(101), () => cluster.process(2).crash())
        .run(seconds(2));
    };
    expect(orphan(correct).verdict('ring.hops').verdict).toBe('holds');
    expect(orphan(correct).events('election.orphan').length).toBe(1);
    expect(orphan(uncounted).verdict('ring.hops').verdict).toBe('bug');
  });
});

describe('leases', () => {
  /** Looks at the time only after it has acted: for whatever waited during a pause no time has passed. */
  const tooLate: Mutation = (protocol) => {
    const seen = new Map<number, { readonly last: MonoTime; readonly now: MonoTime }>();
    const stale = (state: Node['state'], now: Reading): Reading => {
      const self = state.role === 'member' ? state.election.office.member.self : 0;
      const before = seen.get(self) ?? { last: now.mono, now: now.mono };
      const last = before.now === now.mono ? before.last : before.now;
      seen.set(self, { last, now: now.mono });
      return { ...now, mono: now.mono - last > seconds(0.5) ? last : now.mono };
    };
    return { ...protocol, step: (state, input, now) => protocol.step(state, input, stale(state, now)) };
  };
  /** A voter that starts again does not know what it granted a moment ago. */
  const forgetful: Mutation = (protocol) => ({ ...protocol, start: (member, now, found) => protocol.start(member, now, found && { term: null }) });

  /** The leader stands still just before it is to begin a round. */
  const paused = (mutate: Mutation): Electorate => {
    const cluster = new Electorate({ size: 5, election: { mode: 'safe' }, mutate }).run(seconds(4));
    const round = cluster.events('berkeley.round-started', 5).at(-1)?.trueUs ?? 0;
    return cluster
      .at((round + seconds(2) - milliseconds(1)) as Duration, () => cluster.process(5).pause())
      .at((round + seconds(7)) as Duration, () => cluster.process(5).resume())
      .run(seconds(10));
  };

  it('looked at after acting, not before, let a leader act whose time is over', () => {
    expect(paused(correct).found('bug')).toEqual([]);
    expect(paused(tooLate).verdict('election.one-lease')).toMatchObject({ verdict: 'bug' });
  });

  /** 2 and 3 cannot hear each other; 1 hears both, lets 3 act, and starts anew. */
  const torn = (mutate: Mutation): Electorate => {
    const apart = [2, 3].map((id) => ({ from: [nodeId(id)], to: [nodeId(5 - id)], does: 'cut' }) as const);
    const cluster = new Electorate({ size: 3, election: { mode: 'safe' }, rules: [...apart, ...links], mutate });
    for (let ms = 3_000; ms < 12_000; ms += 40)
      cluster.at(milliseconds(ms), () => {
        cluster.process(1).crash();
        cluster.process(1).start();
      });
    return cluster.run(seconds(15));
  };

  it('forgotten by a voter that starts again let two act at once', () => {
    expect(torn(correct).verdict('election.one-lease').verdict).toBe('holds');
    expect(torn(forgetful).verdict('election.one-lease')).toMatchObject({ verdict: 'bug', detail: expect.stringMatching(/both hold a lease$/) });
  });
});
