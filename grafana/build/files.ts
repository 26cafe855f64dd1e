/** Every dashboard by the name of its file, as the text that the file holds. */
import { clocks } from './clocks.ts';
import type { Dashboard } from './dashboard.ts';
import { elections } from './elections.ts';
import { mutex } from './mutex.ts';
import { network } from './network.ts';

const dashboards: Readonly<Record<string, Dashboard>> = {
  'clocks.json': clocks,
  'elections.json': elections,
  'mutex.json': mutex,
  'network.json': network,
};

export const files: readonly (readonly [name: string, text: string])[] = Object.entries(dashboards).map(
  ([name, dashboard]) => [name, `${JSON.stringify(dashboard, undefined, 2)}\n`] as const,
);
