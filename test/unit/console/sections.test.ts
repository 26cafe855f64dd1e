/** Who is inside the critical section at the instant of a picture, for whom the others wait, and what the ledger holds. */
import { describe, expect, it } from 'vitest';
import { ControlRoom } from '../../../services/console/control-room.ts';
import { mutexDefaults } from '../../../shared/mutex/config.ts';
import { nodeId } from '../../../shared/protocol.ts';
import { ppm } from '../../../shared/time.ts';
import { cluster, type Speaker, speaker } from './cast.ts';

const token = (count: number) => ({ term: { number: 1, node: 5, incarnation: 7 }, count });
const names = [...cluster.map(({ name }) => name), 'ledger'];

function begin() {
  const withLedger = [...cluster, { id: nodeId(103), name: 'ledger', role: 'ledger' as const }];
  const room = new ControlRoom(withLedger, 'processes', ppm(200), undefined, { ...mutexDefaults, fencing: true });
  const speakers = Object.fromEntries(names.map((name) => [name, speaker(room, name)]));
  for (const [name, s] of Object.entries(speakers)) {
    s.hello();
    s.event('node.started', { name, role: s.node.role });
    s.bend(name === 'master' ? { boundUs: 0 } : {});
  }
  const say = (name: string): Speaker => speakers[name] ?? expect.fail(name);
  /** All have told everything up to `at`; the picture of then. */
  const upto = (at: number, awaits: Readonly<Record<string, readonly number[]>> = {}) => {
    for (const name of names) say(name).upto(at, at, {}, awaits[name] ?? []);
    return room.tick(at).state;
  };
  const mutexOf = (state: ReturnType<typeof upto>, name: string) => state.nodes.find((n) => n.name === name)?.mutex;
  const enter = (name: string, request: number, count: number): void => {
    say(name).event('mutex.requested', { request, timestamp: 1 });
    say(name).event('mutex.entered', { request, generation: 0, token: token(count), waited: 0 });
  };
  return { room, say, upto, mutexOf, enter };
}

describe('a picture of the critical section', () => {
  it('shows who is inside with which token, and for whom another one waits', () => {
    const { say, upto, mutexOf, enter } = begin();
    upto(100_000);
    enter('kmc', 1, 7);
    say('mit').event('mutex.requested', { request: 1, timestamp: 1 });
    const state = upto(200_000, { mit: [5] });
    expect(mutexOf(state, 'kmc')).toEqual({ state: 'held', entries: 1, waitingFor: [], token: '1.5.7/7' });
    expect(mutexOf(state, 'mit')).toEqual({ state: 'wanted', entries: 0, waitingFor: ['master'], token: null });
    expect(mutexOf(state, 'mobile')).toBeNull();
    expect(mutexOf(state, 'ledger')).toBeNull();
    expect(state.mutex).toEqual({ algorithm: 'central-lease', holders: ['kmc'], entries: 1 });
    say('kmc').event('mutex.exited', { request: 1, held: 100 });
    expect(mutexOf(upto(300_000), 'kmc')).toEqual({ state: 'idle', entries: 1, waitingFor: [], token: null });
  });

  it('is one of its instant: what is told of later is not in it yet', () => {
    const { say, room, upto, mutexOf, enter } = begin();
    upto(100_000);
    say('kmc').upto(400_000);
    enter('kmc', 1, 1);
    expect(mutexOf(room.tick(400_000).state, 'kmc')).toMatchObject({ state: 'idle', entries: 0 });
    expect(mutexOf(upto(500_000), 'kmc')).toMatchObject({ state: 'held', entries: 1 });
  });

  it('shows nobody inside who has started anew, and counts on', () => {
    const { say, upto, mutexOf, enter } = begin();
    upto(100_000);
    enter('kmc', 1, 1);
    upto(200_000);
    say('kmc').hello(2);
    say('kmc').bend({});
    expect(mutexOf(upto(300_000), 'kmc')).toMatchObject({ state: 'idle', entries: 1 });
  });

  it('tells what the ledger holds, took and refused', () => {
    const { say, upto } = begin();
    const nothing = { value: null, accepted: 0, refused: 0, stale: 0, highest: null, overlaps: 0 };
    expect(upto(100_000).ledger).toEqual(nothing);
    const write = { from: 1, start: 1, request: 1, token: token(4) };
    say('ledger').event('ledger.accepted', { ...write, part: 'open', value: 0, stale: false });
    say('ledger').event('ledger.accepted', { ...write, part: 'close', value: 1, stale: false });
    say('ledger').event('ledger.refused', { ...write, part: 'close', token: token(3), highest: token(4) });
    say('ledger').event('ledger.accepted', { ...write, part: 'close', token: token(2), value: 1, stale: true });
    expect(upto(200_000).ledger).toEqual({ ...nothing, value: 1, accepted: 3, refused: 1, stale: 1, highest: '1.5.7/4' });
  });
});

describe('an overlap', () => {
  const rule = ({ verdicts }: { readonly verdicts: readonly { readonly rule: string; readonly verdict: string }[] }) =>
    verdicts.find((v) => v.rule === 'mutex.exclusion')?.verdict;

  it('is counted and judged', () => {
    const { upto, enter } = begin();
    upto(100_000);
    enter('kmc', 1, 1);
    expect(rule(upto(200_000))).toBe('holds');
    enter('mit', 1, 2);
    const state = upto(300_000);
    expect(state.ledger?.overlaps).toBe(1);
    expect(rule(state)).toBe('bug');
  });

  it('is one also with a holder that is paused, and none with one that is gone', () => {
    const paused = begin();
    paused.upto(100_000);
    paused.enter('kmc', 1, 1);
    paused.upto(200_000);
    for (const name of names.filter((n) => n !== 'kmc')) paused.say(name).upto(3_000_000);
    paused.room.tick(3_000_000);
    paused.enter('mit', 1, 2);
    for (const name of names.filter((n) => n !== 'kmc')) paused.say(name).upto(5_200_000);
    expect(paused.room.tick(5_200_000).state.ledger?.overlaps).toBe(1);

    const killed = begin();
    killed.upto(100_000);
    killed.enter('kmc', 1, 1);
    killed.upto(200_000);
    killed.room.lost(killed.say('kmc').node);
    for (const name of names.filter((n) => n !== 'kmc')) killed.say(name).upto(3_000_000);
    killed.room.tick(3_000_000);
    killed.enter('mit', 1, 2);
    for (const name of names.filter((n) => n !== 'kmc')) killed.say(name).upto(5_200_000);
    expect(killed.room.tick(5_200_000).state.ledger?.overlaps).toBe(0);
  });
});
