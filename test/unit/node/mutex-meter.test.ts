/** What a node's own events come to as metrics of the critical section. */
import { expect, it } from 'vitest';
import { meters } from '../../../services/node/metrics.ts';
import { MutexMeter } from '../../../services/node/mutex-meter.ts';
import { labelsOf } from '../../../shared/metrics/kinds.ts';

it('tells where the node stands, and counts entries under the algorithm that runs', async () => {
  const labels = labelsOf('member', { clock: 'berkeley', mutex: 'lamport' });
  const m = meters('member', { ...labels, peers: [], members: [], rules: [] });
  const meter = new MutexMeter(['lamport'], m);
  const states = async () => [...(await m.text()).matchAll(/lockstep_mutex_state\{state="(\w+)"\} 1/g)].map(([, state]) => state);
  expect(await states()).toEqual(['idle']);

  meter.observe({ kind: 'mutex.requested' });
  expect(await states()).toEqual(['wanted']);
  meter.observe({ kind: 'mutex.entered' });
  expect(await states()).toEqual(['held']);
  meter.observe({ kind: 'mutex.exited' });
  expect(await states()).toEqual(['idle']);
  expect(await m.text()).toContain('lockstep_mutex_entries_total{algorithm="lamport"} 1');

  meter.observe({ kind: 'mutex.requested' });
  m.run(labelsOf('member', { clock: 'berkeley', mutex: 'raymond' }));
  meter.run(['raymond'], 1);
  expect(await states()).toEqual(['idle']);
  meter.observe({ kind: 'mutex.entered' });
  expect(await m.text()).toContain('lockstep_mutex_entries_total{algorithm="raymond"} 1');
});

it('goes on waiting under a lock that was not changed, whatever else was, and asks anew under one that was', async () => {
  const m = meters('member', { ...labelsOf('member', { clock: 'berkeley', mutex: 'lamport' }), peers: [], members: [], rules: [] });
  const meter = new MutexMeter(['lamport'], m);
  const states = async () => [...(await m.text()).matchAll(/lockstep_mutex_state\{state="(\w+)"\} 1/g)].map(([, state]) => state);
  meter.observe({ kind: 'mutex.requested' });
  meter.run(['lamport'], 0);
  expect(await states()).toEqual(['wanted']);
  meter.observe({ kind: 'mutex.entered' });
  meter.run(['lamport'], 0);
  expect(await states()).toEqual(['held']);
  // It was off in between, which this node has missed.
  meter.run(['lamport'], 2);
  expect(await states()).toEqual(['idle']);
  meter.observe({ kind: 'mutex.requested' });
  // Two leaders gave one number to different locks.
  meter.run(['maekawa'], 2);
  expect(await states()).toEqual(['idle']);
});
