/** Which messages each election is counted by. Heartbeats keep the cluster together, and are counted apart. */
import type { Algorithm, Mode } from './config.ts';

const classic = {
  bully: ['bully.election', 'bully.ok', 'bully.coordinator'],
  ring: ['ring.election', 'ring.coordinator'],
  'chang-roberts': ['chang-roberts.election', 'chang-roberts.elected'],
  'hirschberg-sinclair': ['hirschberg-sinclair.probe', 'hirschberg-sinclair.reply', 'hirschberg-sinclair.elected'],
} as const satisfies Readonly<Record<Algorithm, readonly string[]>>;

const votes = ['bully.propose', 'bully.accept', 'bully.refuse'] as const;

export type ElectionKind = (typeof classic)[Algorithm][number] | (typeof votes)[number];

export const electionKinds = (algorithm: Algorithm, mode: Mode): readonly ElectionKind[] => [
  ...classic[algorithm],
  ...(mode === 'safe' ? votes : []),
];
