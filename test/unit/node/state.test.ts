/** What a node finds of its own past: an incarnation that only rises, and the oscillator it left running. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Restored, restore, type Start } from '../../../services/node/state.ts';
import { incarnation, nodeId } from '../../../shared/protocol.ts';
import { type MonoTime, microseconds, ppm, type TrueTime } from '../../../shared/time.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-state-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const start: Start = {
  bootId: 'a',
  now: 1_000_000 as TrueTime,
  wallUs: 5_000,
  oscillator: { offset: microseconds(700), drift: ppm(100), wander: ppm(2) },
  seed: 1,
};
const raw = ({ clock }: Restored, at: number): number => {
  clock.pass(at as TrueTime);
  return clock.reading(at as TrueTime, 0 as MonoTime, 0).raw;
};

describe('a node that starts', () => {
  it('for the first time finds nothing, and has the oscillator that it was told to have', () => {
    const first = restore(folder, { ...start, oscillator: { ...start.oscillator, wander: ppm(0) } });
    expect(first).toMatchObject({ found: 'nothing', incarnation: 5_000 });
    expect(raw(first, 1_000_000)).toBe(1_000_700);
    expect(raw(first, 2_000_000)).toBe(2_000_800);
  });

  it('again is a later incarnation, whatever the wall clock says', () => {
    restore(folder, start);
    expect(restore(folder, { ...start, wallUs: 9_000 }).incarnation).toBe(9_000);
    expect(restore(folder, { ...start, wallUs: 10 }).incarnation).toBe(9_001);
  });

  it('again finds its oscillator, which has wandered on meanwhile', () => {
    const first = restore(folder, start);
    const later = 60_000_000;
    const again = restore(folder, { ...start, now: later as TrueTime, seed: 99 });
    expect(again.found).toBe('the same oscillator');
    expect(raw(again, later)).toBe(raw(first, later));
    expect(raw(again, 2 * later)).toBe(raw(first, 2 * later));
  });

  it.each([
    ['on another start of the host', { bootId: 'b' }],
    ['with another drift', { oscillator: { ...start.oscillator, drift: ppm(50) } }],
    ['before its oscillator began', { now: 10 as TrueTime }],
  ])('%s has another one', (_, change) => {
    restore(folder, start);
    expect(restore(folder, { ...start, ...change }).found).toBe('another oscillator');
  });

  it.each(['', 'nonsense', '{"incarnation":-1}', '[]'])('beside an unreadable file says so and starts afresh: %j', (text) => {
    writeFileSync(join(folder, 'node.json'), text);
    expect(restore(folder, start)).toMatchObject({ found: 'an unreadable file', incarnation: 5_000 });
    expect(JSON.parse(readFileSync(join(folder, 'node.json'), 'utf8')).incarnation).toBe(5_000);
  });

  it('again finds the newest term that it kept, and its oscillator beside it', () => {
    const first = restore(folder, start);
    expect(first.keepsake).toBeUndefined();
    for (const number of [3, 4]) first.keep({ term: { number, node: nodeId(5), incarnation: incarnation(8_000) } });
    expect(restore(folder, start)).toMatchObject({ found: 'the same oscillator', keepsake: { term: { number: 4, node: 5, incarnation: 8_000 } } });
    // A start that agreed to nothing forgets nothing.
    expect(restore(folder, start).keepsake?.term?.number).toBe(4);
  });

  it('again finds the register that it kept last, and the highest token beside it', () => {
    const term = { number: 3, node: nodeId(5), incarnation: incarnation(8_000) };
    const first = restore(folder, start);
    for (const value of [6, 7]) first.keep({ term: null, register: { value, generation: 1, highest: { term, count: value } } });
    const register = { value: 7, generation: 1, highest: { term, count: 7 } };
    expect(restore(folder, start).keepsake).toEqual({ term: null, register });
    // A start that wrote nothing forgets nothing.
    const third = restore(folder, start);
    expect(third.keepsake).toEqual({ term: null, register });
    third.keep({ term: null, register: { value: 0, generation: 2, highest: null } });
    expect(restore(folder, start).keepsake?.register).toEqual({ value: 0, generation: 2, highest: null });
  });

  it.each(['{"value":-1,"generation":0,"highest":null}', '{"value":1}', '{"value":1,"generation":0,"highest":{"count":1}}'])(
    'beside a register that makes no sense starts afresh: %s',
    (register) => {
      restore(folder, start).keep({ term: null, register: { value: 7, generation: 0, highest: null } });
      const file = join(folder, 'node.json');
      writeFileSync(file, readFileSync(file, 'utf8').replace(/"register":\{.*\}\}$/, `"register":${register}}`));
      expect(restore(folder, start)).toMatchObject({ found: 'an unreadable file', keepsake: undefined });
    },
  );

  it('remembers that it never agreed to anything, which is another thing than not to remember', () => {
    restore(folder, start);
    expect(restore(folder, start).keepsake).toEqual({ term: null });
    writeFileSync(join(folder, 'node.json'), 'nonsense');
    expect(restore(folder, start).keepsake).toBeUndefined();
  });
});
