/**
 * The last minute of what charts draw, for pages that are opened later: the most instructive picture, clocks that fall
 * into step, is over a few seconds after the start.
 */
import { type CurvePoints, pointsOf } from './curves.ts';
import type { PastFrame } from './live-frames.ts';
import type { Picture } from './picture.ts';

interface Moment {
  readonly atUs: number;
  /** One for each node, in the order of the cluster. */
  readonly points: readonly CurvePoints[];
}

const keptUs = 60_000_000;
/** More than this many points, each of three numbers, are not sent: of a large cluster every second moment, or every third. */
const mostPoints = 9_600;

export class Past {
  #moments: readonly Moment[] = [];

  /** Keeps what `picture` shows; one of an instant that is already kept is left out. */
  take({ atUs, state }: Picture): void {
    if (atUs <= (this.#moments.at(-1)?.atUs ?? 0)) return;
    const first = this.#moments.findIndex((moment) => moment.atUs >= atUs - keptUs);
    const kept = first === -1 ? [] : this.#moments.slice(first);
    this.#moments = [...kept, { atUs, points: state.nodes.map(pointsOf) }];
  }

  /** Always with the newest moment, so that the first tick joins on to it. */
  frame(): Pick<PastFrame, 'atUs' | 'nodes'> {
    const nodes = this.#moments.at(-1)?.points.length ?? 0;
    const every = Math.max(1, Math.ceil((this.#moments.length * nodes) / mostPoints));
    const sent = this.#moments.filter((_, i) => (this.#moments.length - 1 - i) % every === 0);
    const column = (node: number, of: keyof CurvePoints) => sent.map(({ points }) => points[node]?.[of] ?? null);
    return {
      atUs: sent.map(({ atUs }) => atUs),
      nodes: Array.from({ length: nodes }, (_, i) => ({
        errorUs: column(i, 'errorUs'),
        deviationUs: column(i, 'deviationUs'),
        boundUs: column(i, 'boundUs'),
      })),
    };
  }
}
