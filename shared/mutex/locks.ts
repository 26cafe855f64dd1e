/** The nine algorithms, by name. */
import { type Central, central } from './central.ts';
import type { MutexConfig } from './config.ts';
import type { Lock, LockWords } from './lock.ts';

/** The words of all of them. */
export type Held = Central;

interface Words extends LockWords {
  readonly lock: Held['lock'];
  readonly message: Held['message'];
  readonly timer: Held['timer'];
}

export function lockOf(config: MutexConfig): Lock<Words> {
  switch (config.algorithm) {
    case 'central':
      return central(config);
    default:
      throw new Error(`there is no lock ${config.algorithm}`);
  }
}
