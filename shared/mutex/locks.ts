/** The nine algorithms, by name. */
import { type Central, central } from './central.ts';
import { type CentralLease, centralLease } from './central-lease.ts';
import type { MutexConfig } from './config.ts';
import { type Lamport, lamport } from './lamport.ts';
import type { Lock, LockWords } from './lock.ts';
import { type Maekawa, maekawa } from './maekawa.ts';
import { type Raymond, raymond } from './raymond.ts';
import { type RicartAgrawala, ricartAgrawala } from './ricart-agrawala.ts';
import { type RoucairolCarvalho, roucairolCarvalho } from './roucairol-carvalho.ts';
import { type SuzukiKasami, suzukiKasami } from './suzuki-kasami.ts';
import { type TokenRing, tokenRing } from './token-ring.ts';

/** The words of all of them. */
export type Held = Central | CentralLease | Lamport | Maekawa | Raymond | RicartAgrawala | RoucairolCarvalho | SuzukiKasami | TokenRing;

interface Words extends LockWords {
  readonly lock: Held['lock'];
  readonly message: Held['message'];
  readonly timer: Held['timer'];
}

export function lockOf(config: MutexConfig): Lock<Words> {
  switch (config.algorithm) {
    case 'central':
      return central(config);
    case 'central-lease':
      return centralLease(config);
    case 'lamport':
      return lamport(config);
    case 'maekawa':
      return maekawa(config);
    case 'ricart-agrawala':
      return ricartAgrawala(config);
    case 'roucairol-carvalho':
      return roucairolCarvalho(config);
    case 'raymond':
      return raymond(config);
    case 'suzuki-kasami':
      return suzukiKasami(config);
    case 'token-ring':
      return tokenRing(config);
    default:
      throw new Error(`there is no lock ${config.algorithm}`);
  }
}
