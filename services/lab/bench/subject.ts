/** What is measured: a cluster of five whose leader is taken away and comes back, or whose members take turns. */
import { setTimeout as passed } from 'node:timers/promises';
import { Failure } from '../failure.ts';

export const faults = ['kill', 'pause'] as const;
export type Fault = (typeof faults)[number];

export interface Trial {
  /** From just before the signal until the last live member followed the new leader. */
  readonly ms: number;
  readonly before: string;
  readonly after: string;
}

export interface Subject {
  readonly system: string;
  readonly mode: 'classic' | 'safe' | null;
  readonly settings: string;
  /** Takes the leader away and measures; when it resolves, the cluster is whole again. */
  trial(fault: Fault): Promise<Trial>;
  stop(): Promise<void>;
}

/** One critical section, on the host's monotonic counter, in microseconds. */
export interface Stay {
  readonly by: string;
  readonly from: number;
  readonly until: number;
}

const limitMs = 60_000;

/** The host's monotonic counter in microseconds: the true time of our nodes. */
export const trueNow = (): number => Number(process.hrtime.bigint() / 1_000n);

/** Asks again and again until there is an answer. */
export async function found<T>(what: string, look: () => Promise<T | undefined>, everyMs: number, withinMs = limitMs): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const answer = await look();
    if (answer !== undefined) return answer;
    if (performance.now() > deadline) throw new Failure(`${what}: not within ${withinMs / 1_000} s`);
    await passed(everyMs);
  }
}
