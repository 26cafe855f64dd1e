/** What `lab bench` makes of what it saw: when all follow a new leader, and the figures of all trials. */

import { describe, expect, it } from 'vitest';
import { accords, successor } from '../../../services/lab/bench/agreement.ts';
import { parseStatus, sighted } from '../../../services/lab/bench/etcd-status.ts';
import { compared, figures, tableOf } from '../../../services/lab/bench/figures.ts';
import { measure } from '../../../services/lab/bench/mutex.ts';
import type { HistoryEvent } from '../../../shared/history.ts';
import type { Incarnation, NodeId, Term } from '../../../shared/protocol.ts';

const term = (number: number, node: number): Term => ({ number, node: node as NodeId, incarnation: 1 as Incarnation });
const members = (...ids: number[]): ReadonlySet<NodeId> => new Set(ids as NodeId[]);
const elected = (at: number, node: number, of: Term): HistoryEvent =>
  ({ kind: 'election.elected', trueUs: at, node, leader: of.node, term: of }) as unknown as HistoryEvent;
const stepped = (at: number, node: number, of: Term): HistoryEvent =>
  ({ kind: 'election.stepped-down', trueUs: at, node, term: of, why: 'so' }) as unknown as HistoryEvent;

describe('a cluster is of one mind', () => {
  const first = term(1, 3);
  const second = term(2, 2);
  const start = [elected(10, 3, first), elected(12, 1, first), elected(11, 2, first)];

  it('from the moment at which the last of them follows, whatever the order in which that was heard', () => {
    expect(accords(start, members(1, 2, 3))).toEqual([{ at: 12, term: first }]);
  });

  it('until one follows another, or leads no more', () => {
    const ends = (event: HistoryEvent) => accords([...start, event], members(1, 2, 3)).at(-1);
    expect(ends(elected(20, 2, second))).toEqual({ at: 20, term: undefined });
    expect(ends(stepped(20, 3, first))).toEqual({ at: 20, term: undefined });
  });

  it('without those who are not asked', () => {
    const events = [...start, elected(20, 2, second), elected(25, 1, second)];
    expect(accords(events, members(1, 2, 3)).at(-1)?.term).toBeUndefined();
    expect(successor(events, members(1, 2), first)).toEqual({ at: 25, term: second });
  });

  it('about a successor only in a later term, and only about one of them', () => {
    expect(successor(start, members(1, 2, 3), first)).toBeUndefined();
    const again = term(2, 3);
    expect(successor([...start, elected(20, 1, again), elected(21, 2, again)], members(1, 2), first)).toBeUndefined();
  });

  it('about the first successor, though others may follow', () => {
    const third = term(3, 3);
    const events = [...start, elected(20, 2, second), elected(25, 1, second), elected(30, 1, third), elected(31, 2, third), elected(32, 3, third)];
    expect(successor(events, members(1, 2), first)?.at).toBe(25);
    expect(successor(events, members(1, 2, 3), second)).toEqual({ at: 32, term: third });
  });
});

describe('a member of etcd', () => {
  it('changed its mind between the last time it was asked before and the answer', () => {
    const seen = [
      { leader: 'a', asked: 0, heard: 1 },
      { leader: 'a', asked: 5, heard: 6 },
      { leader: undefined, asked: 10, heard: 12 },
      { leader: 'b', asked: 15, heard: 19 },
      { leader: 'b', asked: 20, heard: 21 },
    ].reduce(sighted, undefined as ReturnType<typeof sighted> | undefined);
    expect(seen).toEqual({ leader: 'b', after: 10, heard: 19, asked: 20 });
  });

  it('names nobody where it leaves the leader out, or says zero', () => {
    const status = { header: { member_id: '7' }, raftIndex: '9', raftTerm: '2' };
    expect(parseStatus(JSON.stringify({ ...status, leader: '8' }))).toEqual({ self: '7', leader: '8', raftIndex: '9', raftTerm: '2' });
    expect(parseStatus(JSON.stringify(status))?.leader).toBeUndefined();
    expect(parseStatus(JSON.stringify({ ...status, leader: '0' }))?.leader).toBeUndefined();
  });

  it.each(['', 'not found', '{}', 'null'])('that answers "%s" says nothing', (text) => expect(parseStatus(text)).toBeUndefined());
});

describe('figures', () => {
  const trials = (...ms: number[]) => ms.map((one) => ({ ms: one, before: 'master', after: 'sols' }));
  const ours = { system: 'lockstep', mode: 'safe', settings: 'default' } as const;
  const other = { system: 'etcd', mode: null, settings: 'default' } as const;

  it('are the least, the middle and the most', () => {
    expect(figures([30, 10, 20])).toEqual({ minMs: 10, medianMs: 20, maxMs: 30 });
    expect(figures([9, 100, 20, 10])).toEqual({ minMs: 9, medianMs: 15, maxMs: 100 });
    expect(figures([7])).toEqual({ minMs: 7, medianMs: 7, maxMs: 7 });
  });

  it('are compared with those of etcd for the same fault', () => {
    const cases = [
      { ...ours, fault: 'kill', trials: trials(100, 300) },
      { ...ours, fault: 'pause', trials: trials(900) },
      { ...other, fault: 'kill', trials: trials(1_000) },
      { ...other, fault: 'pause', trials: trials(1_800) },
    ] as const;
    expect(compared(cases).map(({ ofEtcd }) => ofEtcd)).toEqual([0.2, 0.5, null, null]);
    expect(compared(cases.slice(0, 2)).map(({ ofEtcd }) => ofEtcd)).toEqual([null, null]);
  });

  it('stand in one table, numbers under each other', () => {
    const cases = compared([
      { ...ours, fault: 'kill', trials: trials(98.6) },
      { ...other, fault: 'kill', trials: trials(1_232) },
    ]);
    expect(tableOf(cases)).toEqual([
      '  system    mode  settings  leader is      min   median      max  of etcd',
      '  lockstep  safe  default   killed       99 ms    99 ms    99 ms     0.08',
      '  etcd      -     default   killed     1232 ms  1232 ms  1232 ms        -',
    ]);
  });
});

describe('critical sections', () => {
  const stay = (by: string, from: number, until: number) => ({ by, from, until });

  it('are counted without the first tenth, and a handover is from one to another', () => {
    // Ten sections, 10 ms apart, each 4 ms long; the last two are of one member.
    const stays = Array.from({ length: 10 }, (_, i) => stay(i === 9 ? 'b' : i % 2 === 0 ? 'b' : 'a', i * 10_000, i * 10_000 + 4_000));
    const { entries, perSecond, handover } = measure('central', [...stays].reverse());
    expect(entries).toBe(9);
    expect(perSecond).toBeCloseTo(100);
    expect(handover).toEqual({ medianMs: 6, p99Ms: 6 });
  });
});
