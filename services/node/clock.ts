/**
 * Where a real node's true time comes from: the monotonic clock of the host, which all containers on it share.
 *
 * Only worlds, the oracle and the checkers may know it. It counts from the host's start, so that it can be compared only
 * where the boot id is the same.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import type { TrueTime } from '../../shared/time.ts';

export const trueNow = (): TrueTime => Number(process.hrtime.bigint() / 1_000n) as TrueTime;

/** The host's wall clock, in microseconds since 1970. Nothing is timed by it. */
export const wallNow = (): number => Date.now() * 1_000;

/**
 * Names one start of one host. Where the kernel does not tell, the name of the host must do on a desktop, whose
 * processes share it; a process that knows neither shares its true time with nobody.
 */
export function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return hostname() || randomUUID();
  }
}
