/** The lines a viewer may copy into a terminal: the page itself kills nobody. */
import type { WorldName } from '../live-frames.ts';

export const lineFor = (world: WorldName, verb: 'kill' | 'restart', node: string): string =>
  world === 'docker' ? `docker compose ${verb === 'restart' ? 'start' : verb} ${node}` : `npm run lab ${verb} ${node}`;
