/** Every dashboard by the name of its file, as the text that the file holds. */
import { clocks } from './clocks.ts';
import type { Dashboard } from './dashboard.ts';

const dashboards: Readonly<Record<string, Dashboard>> = { 'clocks.json': clocks };

export const files: readonly (readonly [name: string, text: string])[] = Object.entries(dashboards).map(
  ([name, dashboard]) => [name, `${JSON.stringify(dashboard, undefined, 2)}\n`] as const,
);
