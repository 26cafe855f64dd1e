import { beforeEach, describe, expect, it } from 'vitest';
import { Driver, type Stamp, type World } from '../../../shared/driver.ts';
import { type Dials, type Effect, incarnation, type Member, nodeId, type Protocol, type Reading } from '../../../shared/protocol.ts';
import { type ClockTime, type MonoTime, milliseconds, ppm, type RawTime, seconds } from '../../../shared/time.ts';

/** A protocol that does what its commands say. */
interface Puppet {
  readonly state: readonly string[];
  readonly message: { readonly kind: 'puppet.word' };
  readonly timer: 'puppet.bell';
  readonly command: { readonly kind: 'puppet.do'; readonly effects: readonly Effect<Puppet>[] };
  readonly event: { readonly kind: 'puppet.said'; readonly what: string };
}

const said = (what: string): Effect<Puppet> => ({ kind: 'emit', event: { kind: 'puppet.said', what } });
const puppet: Protocol<Puppet> = {
  start: () => ({ state: ['started'], effects: [said('hello')] }),
  step: (state, input, now) => ({
    state: [...state, `${input.kind} at ${now.raw}`],
    effects: input.kind === 'command' ? input.command.effects : [],
  }),
};
const member: Member = { self: nodeId(1), incarnation: incarnation(1), members: [nodeId(1), nodeId(2)] };
const reading = (raw: number): Dials => ({
  mono: raw as MonoTime,
  raw: raw as RawTime,
  clock: raw as ClockTime,
  pending: milliseconds(0),
  slewing: ppm(0),
  chance: 0.5,
});

const at = (clock: number): ClockTime => clock as ClockTime;
/** Of another process, which is ahead in every way. */
const far: Stamp = { lamport: 40, vector: { [nodeId(2)]: 9 }, hybrid: { l: at(50), c: 3 } };

describe('a driver', () => {
  let course: string[];
  let stamps: Stamp[];
  let onSend: () => void;
  let driver: Driver<Puppet>;

  const world: World<Puppet> = {
    now: () => reading(7),
    send: (to, message, stamp) => {
      course.push(`send ${message.kind} to ${to}`);
      stamps.push(stamp);
      onSend();
    },
    setTimer: (timer, after) => course.push(`set ${timer} after ${after}`),
    clearTimer: (timer) => course.push(`clear ${timer}`),
    adjustClock: ({ how, by }) => course.push(`${how} by ${by}`),
    persist: ({ term }) => course.push(`keep ${term?.number ?? 'nothing'}`),
    observe: (event, stamp) => {
      course.push(`said ${event.what}`);
      stamps.push(stamp);
    },
  };
  const send: Effect<Puppet> = { kind: 'send', to: nodeId(2), message: { kind: 'puppet.word' } };
  const tell = (...effects: readonly Effect<Puppet>[]) => driver.deliver({ kind: 'command', command: { kind: 'puppet.do', effects } });

  beforeEach(() => {
    course = [];
    stamps = [];
    onSend = () => undefined;
    driver = new Driver(puppet, member, world);
  });

  it('carries out what the protocol starts with', () => {
    expect(driver.state).toEqual(['started']);
    expect(course).toEqual(['said hello']);
  });

  it('carries out every effect, in the order of the list', () => {
    tell(
      { kind: 'set-timer', timer: 'puppet.bell', after: seconds(1) },
      send,
      { kind: 'adjust-clock', adjustment: { how: 'step', by: seconds(-2) } },
      { kind: 'clear-timer', timer: 'puppet.bell' },
      said('done'),
      { kind: 'adjust-clock', adjustment: { how: 'slew', by: seconds(3), rate: ppm(500) } },
    );
    expect(course.slice(1)).toEqual([
      'set puppet.bell after 1000000',
      'send puppet.word to 2',
      'step by -2000000',
      'clear puppet.bell',
      'said done',
      'slew by 3000000',
    ]);
  });

  it('steps once for each input, and shows it the instruments of its arrival where the world noted them', () => {
    driver.deliver({ kind: 'timer', timer: 'puppet.bell' });
    driver.deliver({ kind: 'message', from: nodeId(2), message: { kind: 'puppet.word' } }, reading(3));
    expect(driver.state).toEqual(['started', 'timer at 7', 'message at 3']);
  });

  it('tells the protocol its Lamport time beside what the instruments show', () => {
    const told: Reading[] = [];
    const listening: Protocol<Puppet> = {
      start: (_, now) => {
        told.push(now);
        return puppet.start(member, now);
      },
      step: (state, input, now) => {
        told.push(now);
        return puppet.step(state, input, now);
      },
    };
    const listener = new Driver(listening, member, world);
    listener.receive(far, at(7));
    listener.deliver({ kind: 'message', from: nodeId(2), message: { kind: 'puppet.word' } });
    listener.deliver({ kind: 'timer', timer: 'puppet.bell' });
    listener.stamp(at(7));
    listener.deliver({ kind: 'timer', timer: 'puppet.bell' });
    expect(told.map((now) => now.lamport)).toEqual([0, 41, 41, 42]);
    expect(told[0]).toEqual({ ...reading(7), lamport: 0 });
  });

  it('has taken the new state before it carries out the first effect', () => {
    let seen: readonly string[] = [];
    onSend = () => {
      seen = driver.state;
    };
    tell(send);
    expect(seen).toEqual(['started', 'command at 7']);
  });

  it('refuses an input from inside an effect, and carries on with the others', () => {
    let refusal: unknown;
    onSend = () => {
      try {
        driver.deliver({ kind: 'timer', timer: 'puppet.bell' });
      } catch (error) {
        refusal = error;
      }
    };
    tell(send, said('after'));
    expect(refusal).toBeInstanceOf(Error);
    expect(driver.state).toEqual(['started', 'command at 7']);
    expect(course.at(-1)).toBe('said after');
    driver.deliver({ kind: 'timer', timer: 'puppet.bell' });
    expect(driver.state).toHaveLength(3);
  });

  it('stamps every message and event with one more tick of its logical clocks', () => {
    tell(send, said('x'), send);
    expect(stamps.map((s) => s.lamport)).toEqual([1, 2, 3, 4]);
    expect(stamps.map((s) => s.vector)).toEqual([{ 1: 1 }, { 1: 2 }, { 1: 3 }, { 1: 4 }]);
    expect(stamps.map((s) => s.hybrid)).toEqual([1, 2, 3, 4].map((c) => ({ l: 7, c })));
  });

  it('stamps a receipt after the sending, and everything that follows after the receipt', () => {
    expect(driver.receive(far, at(8))).toEqual({ lamport: 41, vector: { 1: 2, 2: 9 }, hybrid: { l: 50, c: 4 } });
    tell(send);
    expect(stamps.at(-1)).toEqual({ lamport: 42, vector: { 1: 3, 2: 9 }, hybrid: { l: 50, c: 5 } });
    expect(driver.stamp(at(60))).toEqual({ lamport: 43, vector: { 1: 4, 2: 9 }, hybrid: { l: 60, c: 0 } });
  });
});
