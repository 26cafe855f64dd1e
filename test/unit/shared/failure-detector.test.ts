/** The failure detector, one input at a time: whom it suspects, when, and what makes it think again. */
import { describe, expect, it } from 'vitest';
import { type Detector, detectorDefaults, failureDetector, gapOf, timeout } from '../../../shared/election/failure-detector.ts';
import { type Incarnation, type Input, incarnation, type NodeId, nodeId, type Reading, type Step } from '../../../shared/protocol.ts';
import { type Duration, type MonoTime, milliseconds, ppm } from '../../../shared/time.ts';

const [one, two, three] = [1, 2, 3].map(nodeId) as [NodeId, NodeId, NodeId];
const detector = failureDetector(detectorDefaults);
const at = (ms: number): Reading => {
  const mono = (ms * 1_000) as MonoTime;
  return { mono, raw: mono as never, clock: mono as never, pending: milliseconds(0), slewing: ppm(0), chance: 0.5, lamport: 0 };
};
const beat = (from: NodeId, start: Incarnation = incarnation(1)): Input<Detector> => ({
  kind: 'message',
  from,
  message: { kind: 'heartbeat.beat', incarnation: start, leader: null, term: null, sent: 0 as MonoTime },
});
const timer = (name: Detector['timer']): Input<Detector> => ({ kind: 'timer', timer: name });
const started = (): Step<Detector> => detector.start({ self: one, incarnation: incarnation(1), members: [one, two, three] }, at(0));
/** The inputs, each at its time in milliseconds. */
const having = (...inputs: readonly (readonly [number, Input<Detector>])[]): Step<Detector> =>
  inputs.reduce((step, [ms, input]) => detector.step(step.state, input, at(ms)), started());
const said = ({ effects }: Step<Detector>) => effects.flatMap((e) => (e.kind === 'emit' ? [e.event] : []));
const next = ({ effects }: Step<Detector>, name: Detector['timer']): Duration | undefined =>
  effects.flatMap((e) => (e.kind === 'set-timer' && e.timer === name ? [e.after] : []))[0];

describe('a detector', () => {
  it('sends a beat to every peer each interval, with what it knows of the leader', () => {
    const term = { number: 3, node: two, incarnation: incarnation(7) };
    const step = having([10, { kind: 'leader', leader: two, term }], [250, timer('heartbeat.beat')]);
    const message = { kind: 'heartbeat.beat', incarnation: 1, leader: 2, term, sent: 250_000 };
    expect(step.effects.filter((e) => e.kind === 'send')).toEqual([two, three].map((to) => ({ kind: 'send', to, message })));
    expect(next(step, 'heartbeat.beat')).toBe(milliseconds(250));
  });

  it('says that it follows nobody once it has been deposed', () => {
    const term = { number: 3, node: one, incarnation: incarnation(1) };
    const step = having([10, { kind: 'leader', leader: one, term }], [20, { kind: 'deposed' }], [250, timer('heartbeat.beat')]);
    expect(step.effects[0]).toMatchObject({ message: { leader: null, term } });
  });

  it('suspects whoever misses three beats in a row, half an interval after the third was due', () => {
    expect(timeout(detectorDefaults)).toBe(milliseconds(875));
    const early = having([100, beat(two)], [100, beat(three)], [974, timer('heartbeat.check')]);
    expect(said(early)).toEqual([]);
    expect(next(early, 'heartbeat.check')).toBe(milliseconds(1));
    const due = having([100, beat(two)], [600, beat(three)], [975, timer('heartbeat.check')]);
    expect(said(due)).toEqual([{ kind: 'heartbeat.suspected', peer: 2, silent: milliseconds(875), why: 'missed' }]);
    expect(due.state.peers.get(two)?.suspected).toBe(true);
    expect(next(due, 'heartbeat.check')).toBe(milliseconds(500));
  });

  it('trusts at the first sign of life of each start, and after a suspicion', () => {
    expect(said(having([10, beat(two)]))).toEqual([{ kind: 'heartbeat.trusted', peer: 2, start: 1 }]);
    expect(said(having([10, beat(two)], [260, beat(two)]))).toEqual([]);
    expect(said(having([10, beat(two)], [20, beat(two, incarnation(2))]))).toEqual([{ kind: 'heartbeat.trusted', peer: 2, start: 2 }]);
    expect(said(having([10, beat(two)], [900, timer('heartbeat.check')], [950, beat(two)]))).toEqual([
      { kind: 'heartbeat.trusted', peer: 2, start: 1 },
    ]);
  });

  it('watches whom it follows, though it suspected it: it may crash before its first beat', () => {
    const term = { number: 3, node: two, incarnation: incarnation(7) };
    const named = having([875, timer('heartbeat.check')], [900, { kind: 'leader', leader: two, term }]);
    expect(said(named)).toEqual([{ kind: 'heartbeat.trusted', peer: 2, start: 7 }]);
    expect(next(named, 'heartbeat.check')).toBe(milliseconds(875));
    const gone = detector.step(named.state, timer('heartbeat.check'), at(1_775));
    expect(said(gone)).toEqual([{ kind: 'heartbeat.suspected', peer: 2, silent: milliseconds(875), why: 'missed' }]);
  });

  it('hears nothing in a late beat of an earlier start', () => {
    const step = having([10, beat(two, incarnation(2))], [20, beat(two, incarnation(1))]);
    expect(said(step)).toEqual([]);
    expect(step.state.peers.get(two)?.incarnation).toBe(2);
  });

  it('takes a closed connection as a hint, and no second time', () => {
    const hint: Input<Detector> = { kind: 'unreachable', peer: two };
    expect(said(having([10, beat(two)], [30, hint]))).toEqual([
      { kind: 'heartbeat.suspected', peer: 2, silent: milliseconds(20), why: 'unreachable' },
    ]);
    expect(said(having([10, beat(two)], [30, hint], [31, hint]))).toEqual([]);
  });

  it('gives one more interval to whom it suspected wrongly, and takes it back after a while of beats', () => {
    const wronged = having([0, beat(two)], [900, timer('heartbeat.check')], [1_000, beat(two)], [1_000, beat(three)]);
    const soon = detector.step(wronged.state, timer('heartbeat.check'), at(1_900));
    expect(said(soon).map((e) => 'peer' in e && e.peer)).toEqual([3]);
    expect(said(detector.step(soon.state, timer('heartbeat.check'), at(2_125)))).toMatchObject([{ peer: 2 }]);
    const punctual = Array.from({ length: 41 }, (_, i) => [1_250 + 250 * i, beat(two)] as const);
    const forgiven = punctual.reduce((step, [ms, input]) => detector.step(step.state, input, at(ms)), wronged);
    expect(forgiven.state.peers.get(two)?.extra).toBe(0);
  });

  it('never gives more than three', () => {
    let step = started();
    for (let i = 0; i < 10; i++) {
      step = detector.step(step.state, timer('heartbeat.check'), at(5_000 * (i + 1)));
      step = detector.step(step.state, beat(two), at(5_000 * (i + 1) + 1));
    }
    expect(step.state.peers.get(two)?.extra).toBe(3);
  });
});

describe('a process that stood still', () => {
  it('knows it by the interval between its own beats', () => {
    const { state } = having([250, timer('heartbeat.beat')]);
    expect(gapOf(detectorDefaults, state, at(250 + 875))).toBeUndefined();
    expect(gapOf(detectorDefaults, state, at(250 + 876))).toBe(milliseconds(876));
  });

  it('blames nobody for what it did not hear, and is awake from then on', () => {
    const stalled = having([0, beat(two)], [0, beat(three)], [9_000, { kind: 'stalled', gap: milliseconds(9_000) }]);
    expect(said(stalled)).toEqual([{ kind: 'heartbeat.stalled', gap: milliseconds(9_000) }]);
    expect(gapOf(detectorDefaults, stalled.state, at(9_100))).toBeUndefined();
    expect(said(detector.step(stalled.state, timer('heartbeat.check'), at(9_874)))).toEqual([]);
    expect(said(detector.step(stalled.state, timer('heartbeat.check'), at(9_875)))).toHaveLength(2);
  });
});
