/** Who leads, as one process sees it: which claims it believes, and what a device is told. */
import { describe, expect, it } from 'vitest';
import { enquiry, whoLeads } from '../../../shared/election/enquiry.ts';
import { accept, claimed, heardOf, leads, type Office, ownTerm, raised, stepDown, vacant } from '../../../shared/election/office.ts';
import { incarnation, type Member, nodeId, type Reading, type Term } from '../../../shared/protocol.ts';

const member: Member = { self: nodeId(3), incarnation: incarnation(9), members: [1, 2, 3, 4, 5].map(nodeId) };
const term = (number: number, node: number, start = 1): Term => ({ number, node: nodeId(node), incarnation: incarnation(start) });
const empty: Office = vacant(member, { term: null });
const kinds = (effects: readonly { readonly kind: string; readonly event?: { readonly kind: string } }[]) =>
  effects.map((e) => e.event?.kind ?? e.kind);

describe('an office', () => {
  it('begins with the term that an earlier start kept, and follows nobody', () => {
    expect(vacant(member, { term: term(4, 5) })).toMatchObject({ leader: undefined, term: undefined, seen: term(4, 5), floor: 4 });
    expect(vacant(member, undefined)).toMatchObject({ seen: undefined, floor: 0 });
  });

  it('keeps a term before it says that it follows it', () => {
    const { office, effects } = accept(empty, term(2, 4));
    expect(office).toMatchObject({ leader: 4, term: term(2, 4), seen: term(2, 4), floor: 2 });
    expect(kinds(effects)).toEqual(['persist', 'election.elected']);
  });

  it('says that it leads no more before it follows another', () => {
    const leading = accept(empty, ownTerm(empty, 2)).office;
    expect(leads(leading)).toBe(true);
    expect(kinds(accept(leading, term(3, 4)).effects)).toEqual(['persist', 'election.stepped-down', 'election.elected']);
    expect(kinds(stepDown(leading, 'why').effects)).toEqual(['election.stepped-down']);
    expect(stepDown(empty, 'why').effects).toEqual([]);
  });

  it('refuses a claim older than the highest that it has heard of', () => {
    const { office, effects, call } = claimed(heardOf(empty, term(3, 5)), term(3, 4), 'bully.coordinator');
    expect([office.leader, kinds(effects), call]).toEqual([undefined, ['election.stale'], undefined]);
  });

  it('does nothing about a claim that it accepted already', () => {
    const following = accept(empty, term(2, 4)).office;
    expect(claimed(following, term(2, 4), 'heartbeat.beat')).toEqual({ office: following, effects: [] });
  });

  it('calls for an election where a lower process claims to lead, and where an earlier start of itself was elected', () => {
    expect(claimed(empty, term(2, 1), 'bully.coordinator')).toMatchObject({
      office: { leader: undefined, seen: term(2, 1) },
      call: '1 leads, which is lower',
    });
    expect(claimed(empty, term(2, 3, 8), 'ring.coordinator')).toMatchObject({
      office: { leader: undefined },
      call: 'an earlier start of it was elected',
    });
  });

  it('leads only above whatever it has heard of', () => {
    expect(ownTerm(empty, 2)).toEqual(term(2, 3, 9));
    expect(ownTerm(heardOf(empty, term(2, 2)), 2)).toEqual(term(2, 3, 9));
    expect(ownTerm(heardOf(empty, term(2, 5)), 2)).toEqual(term(3, 3, 9));
    expect(raised(empty, 7).floor).toBe(7);
    expect(raised(raised(empty, 7), 3).floor).toBe(7);
  });
});

describe('a device', () => {
  const now = {} as Reading;
  const begun = enquiry.start({ ...member, self: nodeId(101) }, now);
  const told = (state: typeof begun.state, t: Term | null) =>
    enquiry.step(state, { kind: 'message', from: nodeId(1), message: { kind: 'node.leader', term: t } }, now);

  it('asks one member after the other', () => {
    let step = begun;
    const asked = Array.from({ length: 6 }, () => {
      const to = step.effects.flatMap((e) => (e.kind === 'send' ? [e.to] : []));
      step = enquiry.step(step.state, { kind: 'timer', timer: 'node.enquire' }, now);
      return to[0];
    });
    expect(asked).toEqual([1, 2, 3, 4, 5, 1]);
  });

  it('believes the newest leadership, once', () => {
    const first = told(begun.state, term(2, 5));
    expect(first.effects).toEqual([{ kind: 'emit', event: { kind: 'election.elected', leader: 5, term: term(2, 5) } }]);
    expect(told(first.state, term(2, 5)).effects).toEqual([]);
    expect(told(first.state, term(1, 4)).effects).toEqual([]);
    expect(told(first.state, null).effects).toEqual([]);
    expect(kinds(told(first.state, term(3, 4)).effects)).toEqual(['election.elected']);
  });

  /** Asks so many members in turn, of whom each one in `answers` tells a term. */
  const asking = (state: typeof begun.state, times: number, answers: readonly (Term | null)[]) =>
    Array.from({ length: times }).reduce<{ readonly state: typeof begun.state; readonly said: readonly unknown[] }>(
      (before, _, i) => {
        const asked = enquiry.step(before.state, { kind: 'timer', timer: 'node.enquire' }, now);
        const { state: next, effects } = told(asked.state, answers[i % answers.length] ?? null);
        return { state: next, said: [...before.said, ...[...asked.effects, ...effects].flatMap((e) => (e.kind === 'emit' ? [e.event] : []))] };
      },
      { state, said: [] },
    );
  const remembering = told(begun.state, term(7, 5)).state;

  it('forgets a term that nobody knows any more, once everybody was asked several times, and believes what they know', () => {
    expect(asking(remembering, 15, [term(1, 4)]).said).toEqual([]);
    expect(asking(remembering, 20, [term(1, 4), null, term(1, 5)]).said).toEqual([
      { kind: 'election.forgotten', term: term(7, 5) },
      { kind: 'election.elected', leader: 5, term: term(1, 5) },
    ]);
  });

  it('remembers it while anybody knows it, and while nobody knows another', () => {
    expect(asking(remembering, 100, [...Array<Term>(9).fill(term(6, 4)), term(7, 5)]).said).toEqual([]);
    expect(asking(remembering, 100, [null]).said).toEqual([]);
  });

  it('goes by no single answer of a leader of the past after a long silence', () => {
    const silent = asking(remembering, 100, [null]).state;
    expect(asking(told(silent, term(6, 4)).state, 10, [null, term(7, 5)]).said).toEqual([]);
  });

  it('is told only of a leader that is followed', () => {
    const following = accept(empty, term(2, 4)).office;
    expect(whoLeads(following)).toEqual({ kind: 'node.leader', term: term(2, 4) });
    expect(whoLeads({ ...following, leader: undefined })).toEqual({ kind: 'node.leader', term: null });
  });
});
