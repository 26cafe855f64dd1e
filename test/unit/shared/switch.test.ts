/** Changes of what runs, step by step: who is told of them, and whose word counts before a new lock is used. */
import { describe, expect, it } from 'vitest';
import { defaults as berkeley } from '../../../shared/clock/berkeley.ts';
import { defaults as cristian } from '../../../shared/clock/cristian.ts';
import { mutexDefaults } from '../../../shared/mutex/config.ts';
import { type MemberState, type Node, node } from '../../../shared/node.ts';
import type { NodeId, Term } from '../../../shared/protocol.ts';
import type { MonoTime } from '../../../shared/time.ts';
import { Bench, member, one, term, three, two } from './given.ts';

/** The highest of three leads from the start, as nobody elects. */
const led = (): Bench<Node> => {
  const mutex = { ...mutexDefaults, algorithm: 'central' as const };
  return new Bench<Node>(node({ role: 'member', clock: 'berkeley', cristian, berkeley, mutex }), member(three));
};
const switched = (): Bench<Node> => led().give({ kind: 'command', command: { kind: 'node.switch', mutex: 'lamport' } }, 1);
const state = (bench: Bench<Node>): MemberState => bench.state as MemberState;
const ordered = (bench: Bench<Node>): Term => state(bench).setup.term as Term;
const beat = (marks: { readonly setup?: number; readonly ordered?: Term } = {}) =>
  ({ kind: 'heartbeat.beat', incarnation: term(one).incarnation, leader: null, term: null, sent: 0 as MonoTime, ...marks }) as const;
const told = (bench: Bench<Node>): readonly NodeId[] => bench.sent.flatMap((s) => (s.message.kind === 'node.switch' ? [s.to] : []));

describe('a heartbeat', () => {
  it('says which change its sender has last heard of, and who ordered it', () => {
    const bench = switched();
    bench.ring('heartbeat.beat', 250_000);
    expect(bench.sent.map((s) => s.message)).toMatchObject([
      { setup: 1, ordered: ordered(bench) },
      { setup: 1, ordered: ordered(bench) },
    ]);
  });
  it('says nothing of that where nothing was changed', () => {
    expect(led().ring('heartbeat.beat', 250_000).sent[0]?.message).not.toHaveProperty('setup');
  });

  const bench = switched();
  const { number, node: by, incarnation } = ordered(bench);
  it.each([
    ['none', {}],
    ['an earlier number', { setup: 0, ordered: { number: number + 5, node: by, incarnation } }],
    ['the same number of an earlier term', { setup: 1, ordered: { number: number - 1, node: by, incarnation } }],
  ])('that shows %s is answered with what runs', (_, marks) => {
    expect(told(bench.hear(one, beat(marks), 2))).toEqual([one]);
  });
  it.each([
    ['the same', { setup: 1, ordered: ordered(bench) }],
    ['a later number', { setup: 2, ordered: { number: number - 1, node: by, incarnation } }],
    ['the same number of a later term', { setup: 1, ordered: { number: number + 1, node: by, incarnation } }],
  ])('that shows %s is not', (_, marks) => {
    expect(told(bench.hear(one, beat(marks), 2))).toEqual([]);
  });
});

describe('a new lock', () => {
  const says = (bench: Bench<Node>, of: Term): Bench<Node> =>
    [one, two].reduce((next, id) => next.hear(id, { kind: 'node.switched', number: 1, term: of, open: false }, 2), bench);

  it('is used once everybody has left the old one', () => {
    const bench = switched();
    expect(state(says(bench, ordered(bench))).turnover.open).toBe(true);
  });
  it('is not used for what others say of another change of the same number', () => {
    expect(state(says(switched(), term(two, 1, 9))).turnover.open).toBe(false);
  });
});

describe('a frame of another number', () => {
  it.each([0, 2])('is not used, and its sender is told at once what runs (%i)', (setup) => {
    const bench = switched().hear(
      101 as NodeId,
      { kind: 'lamport.ack', incarnation: term(one).incarnation, request: 1, start: 1, setup } as Node['message'],
      2,
    );
    expect(bench.event('node.ignored')).toMatchObject({ from: 101 });
    expect(told(bench)).toEqual([101]);
  });
});
