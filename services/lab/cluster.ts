/**
 * The cluster of `npm start`, and of larger and smaller ones. Each clock starts wrong and runs wrong in its own way; the
 * numbers are those of the Compose file, so that the same lesson is seen in both worlds.
 */
import type { Role } from '../../shared/node.ts';
import { between, stream } from '../../shared/random.ts';

export interface LabNode {
  readonly id: number;
  readonly name: string;
  readonly role: Role;
  readonly offsetMs: number;
  readonly driftPpm: number;
  /** What else this node alone is to be told. */
  readonly env?: Readonly<Record<string, string>>;
}

const members: readonly LabNode[] = [
  { id: 1, name: 'kmc', role: 'member', offsetMs: 480, driftPpm: 80 },
  { id: 2, name: 'mit', role: 'member', offsetMs: -500, driftPpm: -60 },
  { id: 3, name: 'tapmi', role: 'member', offsetMs: 210, driftPpm: 100 },
  { id: 4, name: 'sols', role: 'member', offsetMs: -240, driftPpm: -95 },
  { id: 5, name: 'master', role: 'member', offsetMs: 30, driftPpm: 15 },
];

const devices: readonly LabNode[] = [
  { id: 101, name: 'mobile', role: 'device', offsetMs: -350, driftPpm: 45 },
  { id: 102, name: 'laptop', role: 'device', offsetMs: 290, driftPpm: -75 },
];

const ledger: LabNode = { id: 103, name: 'ledger', role: 'ledger', offsetMs: 170, driftPpm: -20 };

export const fewestMembers = 1;
/** Every node is a process: more of them than this would mostly measure the machine. */
export const mostMembers = 20;

/** Members 1 to `count`, of whom the highest leads, the two devices, and the ledger. */
export const clusterOf = (count: number = members.length): readonly LabNode[] => [
  ...Array.from({ length: count }, (_, i) => members[i] ?? further(i + 1)),
  ...devices,
  ledger,
];

/** A member beyond those with a name of their own: wrong by up to half a second and 100 ppm, the same way every time. */
function further(id: number): LabNode {
  const chance = stream(0, 'further', id);
  return { id, name: `p${id}`, role: 'member', offsetMs: Math.round(between(chance, -500, 500)), driftPpm: Math.round(between(chance, -100, 100)) };
}
