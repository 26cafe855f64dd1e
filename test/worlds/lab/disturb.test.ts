/** Faults of raw clocks in a running cluster: each takes effect at once, is found out, and ends in no false claim that goes unsaid. */
import { describe, expect, it } from 'vitest';
import type { NodeView, StateView } from '../../../services/console/live-frames.ts';
import { up } from './command-line.ts';

const of = (name: string, { nodes }: StateView): NodeView => nodes.find((n) => n.name === name) ?? expect.fail(`no node ${name}`);
const synchronized = ({ nodes }: StateView): boolean =>
  nodes.every((n) => n.up && (n.role === 'ledger' || (n.clock.status === 'synchronized' && n.clock.boundUs !== null)));
const finding = (rule: string, { verdicts }: StateView): string | undefined => verdicts.find((v) => v.rule === rule)?.verdict;
const isTrue = ({ clock: { offsetUs, trueOffsetUs, boundUs } }: NodeView): boolean =>
  offsetUs !== null && trueOffsetUs !== null && boundUs !== null && Math.abs(offsetUs - trueOffsetUs) <= boundUs + 3;

describe('a clock that is disturbed while the cluster runs', () => {
  it('jumps, is doubted, and is brought back without being set back', async () => {
    const cluster = await up(['--nodes', '3']);
    const before = of('mit', await cluster.until(synchronized)).clock.errorUs ?? 0;

    expect(await cluster.lab('step', 'mit', '500ms')).toMatchObject({ code: 0 });
    await cluster.until((state) => (of('mit', state).clock.errorUs ?? 0) > before + 400_000);
    await cluster.until((state) => of('mit', state).clock.status === 'disrupted');
    // What was claimed before the jump was false after it; that is said, with the reason, and is no bug.
    await cluster.until((state) => finding('clock.bound', state) === 'expected-violation');
    await cluster.until((state) => of('mit', state).clock.status === 'synchronized' && isTrue(of('mit', state)));
    expect(finding('clock.monotonic', await cluster.until(synchronized))).not.toBe('bug');
  });

  it('drifts, stands still and runs again, as ordered', async () => {
    const cluster = await up(['--nodes', '3']);
    await cluster.until(synchronized);
    expect(await cluster.lab('drift', 'kmc', '150ppm')).toMatchObject({ code: 0 });
    await cluster.until((state) => of('kmc', state).clock.driftPpm === 150);
    expect(await cluster.lab('freeze', 'kmc')).toMatchObject({ code: 0 });
    await cluster.until((state) => of('kmc', state).clock.driftPpm === -1_000_000 && of('kmc', state).clock.status === 'disrupted');
    expect(await cluster.lab('thaw', 'kmc')).toMatchObject({ code: 0 });
    await cluster.until((state) => of('kmc', state).clock.driftPpm === 150 && isTrue(of('kmc', state)));
  });

  it('is told falsely to devices that ask all members, and is found out by the other two', async () => {
    const cluster = await up(['--nodes', '3'], { SERVERS: 'all' });
    await cluster.until(synchronized);
    expect(await cluster.lab('lie', 'kmc', '700ms', 'mobile')).toMatchObject({ code: 0 });
    const { nodes } = await cluster.until((state) => finding('clock.bound', state) === 'at-risk');
    expect(nodes.filter(({ role }) => role !== 'ledger').every(isTrue)).toBe(true);
    expect(await cluster.lab('lie', 'kmc', '0ms')).toMatchObject({ code: 0 });
  });

  it('says what it did not understand', async () => {
    const cluster = await up(['--nodes', '3']);
    expect(await cluster.lab('step', 'kmc', 'soon')).toMatchObject({ code: 1, err: expect.stringContaining('500ms or -2s') });
    expect(await cluster.lab('drift', 'kmc', 'fast')).toMatchObject({ code: 1, err: expect.stringContaining('200ppm') });
    expect(await cluster.lab('lie', 'kmc', '5ms', 'nobody')).toMatchObject({ code: 1, err: expect.stringContaining('listeners') });
    expect(await cluster.lab('step', 'nobody', '5ms')).toMatchObject({ code: 1, err: expect.stringContaining('there is no node nobody') });
  });
});
