/** A cluster of real processes is told to run something else: it does, nobody's clock jumps, and whoever comes back runs the same. */
import { describe, expect, it } from 'vitest';
import type { StateView } from '../../../services/console/live-frames.ts';
import { fetchHistory } from '../../../services/lab/console-client.ts';
import { up } from './command-line.ts';

const synchronized = ({ nodes }: StateView): boolean =>
  nodes.filter((n) => n.role !== 'ledger').every((n) => n.up && n.clock.status === 'synchronized' && n.clock.boundUs !== null);
const delivered = ({ messages }: StateView, kind: string): number => messages[kind]?.delivered ?? 0;
const broken = ({ verdicts }: StateView): readonly string[] => verdicts.filter((v) => v.verdict === 'bug').map((v) => `${v.rule}: ${v.detail}`);

describe('a running cluster', () => {
  it('keeps time, elects and takes turns in another way, when it is told to', async () => {
    const cluster = await up(['--nodes', '3']);
    const before = await cluster.until(synchronized);
    expect(before.setup).toMatchObject({ number: 0, election: 'bully', mode: 'classic', clock: 'berkeley' });

    expect(await cluster.lab('switch', '--clock', 'cristian', '--election', 'ring')).toMatchObject({ code: 0 });
    const after = await cluster.until(
      (state) => synchronized(state) && delivered(state, 'cristian.request') > delivered(before, 'cristian.request') + 60,
    );
    expect(after).toMatchObject({ leader: before.leader, term: before.term, setup: { number: 1, election: 'ring', clock: 'cristian' } });

    expect(await cluster.lab('elect')).toMatchObject({ code: 0 });
    const elected = await cluster.until(
      (state) => delivered(state, 'ring.coordinator') >= 3 && state.term !== before.term && state.leader === before.leader,
    );
    expect(delivered(elected, 'bully.election')).toBe(delivered(before, 'bully.election'));

    expect(await cluster.lab('kill', 'kmc')).toMatchObject({ code: 0 });
    const switched = await cluster.lab('switch', '--clock', 'berkeley', '--json');
    expect(JSON.parse(switched.out)).toMatchObject({ ok: true, setup: { number: 2, election: 'ring', clock: 'berkeley' } });
    expect(await cluster.lab('restart', 'kmc')).toMatchObject({ code: 0 });
    const back = await cluster.until(synchronized);
    expect(broken(back)).toEqual([]);
    const history = await fetchHistory(cluster);
    const since = history.find((e) => e.kind === 'node.switched')?.trueUs ?? 0;
    const steps = history.filter((e) => (e.kind === 'berkeley.adjusted' || e.kind === 'cristian.read') && e.how === 'step');
    // A clock that starts anew may step, as any does when the cluster starts.
    expect(steps.filter((e) => e.trueUs > since && e.node !== 1)).toEqual([]);
  });

  it('says why it does not', async () => {
    const cluster = await up(['--nodes', '3']);
    await cluster.until(synchronized);
    expect(await cluster.lab('switch')).toMatchObject({ code: 1, err: expect.stringContaining('--election') });
    expect(await cluster.lab('switch', '--clock', 'berkeley')).toMatchObject({ code: 1, err: expect.stringContaining('runs already') });
    expect(await cluster.lab('switch', '--election', 'ring', '--mode', 'safe')).toMatchObject({
      code: 1,
      err: expect.stringContaining('safe variant'),
    });
    expect(await cluster.lab('switch', '--clock', 'sundial')).toMatchObject({ code: 2, err: expect.stringContaining('cristian') });
  });
});
