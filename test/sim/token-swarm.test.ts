/**
 * Tokens under misfortunes: there is never more than one of an epoch, none is there twice, nobody is inside with one of the
 * same epoch as another's, and everyone enters again once it is quiet. Between epochs processes may overlap: whoever was
 * paused inside cannot know, and the ledger refuses what it writes.
 */
import { describe, expect, it } from 'vitest';
import type { MutexConfig } from '../../shared/mutex/config.ts';
import type { MutexProtocol } from '../../shared/mutex/mutex.ts';
import { nodeId } from '../../shared/protocol.ts';
import { milliseconds } from '../../shared/time.ts';
import { Locks, lan, light } from './mutex-harness.ts';
import { type Misfortunes, Troubled } from './token-chaos.ts';
import { TokenWatch } from './token-watch.ts';

const algorithms: readonly Partial<MutexConfig>[] = [
  { algorithm: 'token-ring' },
  { algorithm: 'suzuki-kasami' },
  { algorithm: 'raymond', tree: 'star' },
  { algorithm: 'raymond', tree: 'binary' },
  { algorithm: 'raymond', tree: 'line' },
];
const seeds = Array.from({ length: 12 }, (_, i) => i + 1);
const regenerated = ({ events }: Locks) => events.filter((event) => event.kind === 'mutex.regenerated');

/** Once someone has the token, from some moment on. */
function whoHolds(troubled: Troubled, atMs: number, run: (holder: number) => void): void {
  troubled.locks.at(atMs, () => {
    const [holder] = troubled.watch.holders;
    if (holder === undefined) whoHolds(troubled, atMs + 1, run);
    else run(holder);
  });
}

const troubles: Readonly<Record<string, Misfortunes>> = {
  'processes that crash and return': { crashes: 8 },
  'pauses that are taken for crashes': { pauses: 8 },
  'partitions with two leaders': { splits: 2 },
  'all of these, and lost transfers': { crashes: 5, pauses: 5, splits: 1, loss: 0.1 },
};

for (const config of algorithms) {
  describe(`${config.algorithm} ${config.tree ?? ''}`, () => {
    for (const [name, misfortunes] of Object.entries(troubles)) {
      it(`keeps one token an epoch through ${name}, and goes on afterwards`, () => {
        for (const seed of seeds) {
          const troubled = new Troubled(config, 5, seed, misfortunes.loss).suffer(misfortunes);
          troubled.locks.run(26_000);
          const later = new Set(troubled.locks.entries.filter(({ entered }) => entered > 20_000).map(({ node }) => node));
          expect([seed, troubled.watch.breaches, later.size]).toEqual([seed, [], 5]);
        }
      });
    }

    it('makes exactly one new token, of the next epoch, where its holder is killed', () => {
      for (const seed of seeds) {
        const troubled = new Troubled(config, 5, seed);
        let killedAt = Number.NaN;
        whoHolds(troubled, 2_000, (holder) => {
          killedAt = troubled.locks.now;
          troubled.crash(holder, 20_000);
        });
        const made = regenerated(troubled.locks.run(6_000)).map(({ term, at }) => [term.number, at < killedAt + 1_500] as const);
        expect([seed, made]).toEqual([
          seed,
          [
            [1, true],
            [2, true],
          ],
        ]);
        expect(troubled.watch.holders.length).toBeLessThanOrEqual(1);
      }
    });

    it('refuses the token of a holder that was given up, and was merely paused', () => {
      for (const seed of seeds) {
        const troubled = new Troubled(config, 5, seed);
        whoHolds(troubled, 2_000, (holder) => troubled.pause(holder, 4_000));
        troubled.locks.run(12_000);
        const entered = troubled.locks.events.filter((event) => event.kind === 'mutex.entered' && event.at > 8_000);
        const epochs = new Set(entered.map((event) => (event.kind === 'mutex.entered' ? event.token?.term.number : undefined)));
        expect([seed, troubled.watch.breaches, [...epochs]]).toEqual([seed, [], [2]]);
      }
    });
  });
}

describe('a planted bug', () => {
  /** Transfers are sent again, and taken for new ones. */
  const forgetful = (protocol: MutexProtocol): MutexProtocol => ({
    ...protocol,
    step(state, input, now) {
      const { lock } = state;
      const isToken = input.kind === 'message' && input.message.kind.endsWith('.token');
      if (!isToken || lock === undefined || !('custody' in lock)) return protocol.step(state, input, now);
      return protocol.step({ ...state, lock: { ...lock, custody: { ...lock.custody, trace: undefined } } } as typeof state, input, now);
    },
  });

  it('shows: a token that is taken twice is there twice', () => {
    for (const config of algorithms) {
      const watch = new TokenWatch();
      const locks = new Locks({
        config: { ...config, workload: light(60), resend: milliseconds(50) },
        size: 5,
        mutate: (protocol) => watch.watch(forgetful(protocol)),
        delay: (from, to, message, random) => (message.kind === 'mutex.ack' && random() < 0.1 ? undefined : lan(from, to, message, random)),
      });
      locks.lead(nodeId(5));
      locks.run(20_000);
      expect(watch.breaches).not.toEqual([]);
    }
  });
});
