/** Who takes part in the clock scenarios. */
import { nodeId } from '../../protocol.ts';
import type { ScenarioNode } from '../../scenario.ts';
import { milliseconds, ppm } from '../../time.ts';

const someone = (id: number, name: string, role: 'member' | 'device', offsetMs: number, drift: number): ScenarioNode => ({
  id: nodeId(id),
  name,
  role,
  offset: milliseconds(offsetMs),
  drift: ppm(drift),
});

/** A time server, and one device that asks it. */
export const pair = (offsetMs: number, drift: number, serverDrift = 0): readonly ScenarioNode[] => [
  someone(5, 'master', 'member', 0, serverDrift),
  someone(101, 'mobile', 'device', offsetMs, drift),
];

const names = ['kmc', 'mit', 'tapmi', 'sols', 'master'];

/** The master and as many of KMC, MIT, TAPMI and SOLS as there are further clocks, each with its offset and drift. */
export function group(...clocks: readonly (readonly [offsetMs: number, drift: number])[]): readonly ScenarioNode[] {
  const [master = [0, 0], ...others] = clocks;
  return [
    ...others.map(([offset, drift], i) => someone(i + 1, names[i] ?? `p${i + 1}`, 'member', offset, drift)),
    someone(5, 'master', 'member', ...master),
  ];
}

/** MOBILE, wrong by so much. */
export const mobile = (offsetMs: number, drift: number): ScenarioNode => someone(101, 'mobile', 'device', offsetMs, drift);
