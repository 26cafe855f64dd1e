/**
 * What a node remembers over its own death: how often it was started, which oscillator it has, the newest leadership
 * that it agreed to, and what stands in the ledger's register.
 *
 * An oscillator goes on whatever happens to the process that reads it, so a node that starts again on the same host must
 * find the same one: it is told by where it began and by the seed of its wander, and is run forward from there. The file
 * appears whole or not at all. One that cannot be read is amnesia, which is said and survived.
 */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { oscillator, wander } from '../../shared/clock/oscillator.ts';
import { type Incarnation, incarnation, type Keepsake } from '../../shared/protocol.ts';
import { stream } from '../../shared/random.ts';
import type { TrueTime } from '../../shared/time.ts';
import { VirtualClock } from '../../shared/virtual-clock.ts';
import type { OscillatorConfig } from './config.ts';

export interface Start {
  readonly bootId: string;
  readonly now: TrueTime;
  /** The host's wall clock, in microseconds. */
  readonly wallUs: number;
  readonly oscillator: OscillatorConfig;
  readonly seed: number;
}

export interface Restored {
  readonly incarnation: Incarnation;
  readonly clock: VirtualClock;
  /** What the protocol kept; nothing where the file is new or unreadable. */
  readonly keepsake: Keepsake | undefined;
  /** Returns when it is on the disk. */
  readonly keep: (keepsake: Keepsake) => void;
  /** What is worth telling of how it was found. */
  readonly found: 'nothing' | 'the same oscillator' | 'another oscillator' | 'an unreadable file';
}

const term = z.strictObject({ number: z.int().min(0), node: z.int().min(1), incarnation: z.int().min(0) });
const register = z.strictObject({
  value: z.int().min(0),
  generation: z.int().min(0),
  highest: z.strictObject({ term, count: z.int().min(0) }).nullable(),
});
const record = z.strictObject({
  incarnation: z.int().min(0),
  oscillator: z.strictObject({
    bootId: z.string(),
    began: z.int().min(0),
    offset: z.int(),
    drift: z.number(),
    wander: z.number(),
    seed: z.int(),
  }),
  term: term.nullable().default(null),
  register: register.optional(),
});
type Saved = z.infer<typeof record>;
type Kept = Pick<Saved, 'term' | 'register'>;

export function restore(directory: string, start: Start): Restored {
  const file = join(directory, 'node.json');
  const saved = read(file);
  const before = typeof saved === 'object' ? saved : undefined;
  const same = before !== undefined && continues(before.oscillator, start);
  const next: Saved = {
    incarnation: Math.max((before?.incarnation ?? 0) + 1, start.wallUs),
    oscillator: same ? before.oscillator : { bootId: start.bootId, began: start.now, ...start.oscillator, seed: start.seed },
    ...kept(before ?? { term: null }),
  };
  write(file, next);
  const found =
    saved === 'unreadable' ? 'an unreadable file' : before === undefined ? 'nothing' : same ? 'the same oscillator' : 'another oscillator';
  return {
    incarnation: incarnation(next.incarnation),
    clock: clockOf(next.oscillator, start),
    keepsake: before === undefined ? undefined : (kept(before) as Keepsake),
    keep: (keepsake) => write(file, { ...next, ...kept(keepsake as Kept) }),
    found,
  };
}

/** What the protocol keeps, without what the world keeps beside it. */
const kept = ({ term, register: held }: Kept): Kept => ({ term, ...(held === undefined ? {} : { register: held }) });

/** Another host, another start of it, or other settings: another oscillator. */
const continues = (o: Saved['oscillator'], { bootId, now, oscillator: { offset, drift, wander } }: Start): boolean =>
  o.bootId === bootId && o.began <= now && o.offset === offset && o.drift === drift && o.wander === wander;

function clockOf({ began, seed }: Saved['oscillator'], { now, oscillator: { offset, drift, wander: deviation } }: Start): VirtualClock {
  const wobble = deviation === 0 ? undefined : wander(deviation, stream(seed, 'wander'));
  const clock = new VirtualClock(oscillator(began as TrueTime, offset, drift, wobble));
  clock.pass(now);
  return clock;
}

function read(file: string): Saved | 'unreadable' | undefined {
  try {
    return record.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? undefined : 'unreadable';
  }
}

function write(file: string, saved: Saved): void {
  const beside = `${file}.new`;
  const descriptor = openSync(beside, 'w', 0o600);
  writeSync(descriptor, JSON.stringify(saved));
  fsyncSync(descriptor);
  closeSync(descriptor);
  renameSync(beside, file);
}
