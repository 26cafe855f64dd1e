/** `lab bench failover` on real processes: what it says, not how fast anything is. */
import { expect, test } from 'vitest';
import type { Compared } from '../../../services/lab/bench/figures.ts';
import { lab } from './command-line.ts';

test('failover is measured in each mode, with each settings, in each way', { timeout: 180_000 }, async () => {
  const { code, out, err } = await lab(['bench', 'failover', '--trials', '1', '--rest', '0', '--with', 'none', '--seed', '7', '--json']);
  expect([code, err]).toEqual([0, '']);
  const said = JSON.parse(out) as { readonly cases: readonly Compared[] };
  expect(said).toMatchObject({ ok: true, members: 5, trials: 1, seed: 7, linkDelay: 'none', etcd: null });
  expect(said.cases.map(({ system, mode, settings, fault }) => [system, mode, settings, fault].join(' ')).sort()).toEqual(
    ['classic', 'safe'].flatMap((mode) =>
      ['default', 'fast'].flatMap((settings) => ['kill', 'pause'].map((fault) => `lockstep ${mode} ${settings} ${fault}`)),
    ),
  );
  for (const { trials, minMs, medianMs, maxMs, ofEtcd } of said.cases) {
    expect(trials).toHaveLength(1);
    const [{ ms, before, after } = { ms: 0, before: '', after: '' }] = trials;
    expect(ms).toBeGreaterThan(0);
    expect([minMs, medianMs, maxMs, ofEtcd]).toEqual([ms, ms, ms, null]);
    expect(before).toBe('master');
    expect(['kmc', 'mit', 'tapmi', 'sols']).toContain(after);
  }
});
