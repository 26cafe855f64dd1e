/**
 * What is printed once when the cluster is there: where to look, and what to try first.
 *
 * The token stands in the fragment of the address, which browsers keep to themselves: it is in no request and in no log
 * of a server.
 */
import type { StateView } from './live-frames.ts';

export interface Places {
  readonly consoleUrl: string;
  readonly token: string;
  readonly grafanaUrl?: string | null;
  readonly prometheusUrl?: string | null;
}

/** How long each node took, in milliseconds. */
export type ReadyTimes = readonly (readonly [name: string, ms: number])[];

export const controlRoomUrl = ({ consoleUrl, token }: Pick<Places, 'consoleUrl' | 'token'>): string =>
  `${consoleUrl.replace(/\/$/, '')}/#token=${token}`;

export const readyLine = (times: ReadyTimes, totalMs: number): string =>
  `  Ready in ${seconds(totalMs)}: ${times.map(([name, ms]) => `${name} ${seconds(ms)}`).join(', ')}`;

export function placesLines(places: Places): readonly string[] {
  const { grafanaUrl, prometheusUrl } = places;
  const lines = [`  Control room  ${controlRoomUrl(places)}`];
  const others = [
    ...(grafanaUrl ? [`  Grafana       ${grafanaUrl}`] : []),
    ...(prometheusUrl ? [`${grafanaUrl ? '   ' : ''}  Prometheus  ${prometheusUrl}`] : []),
  ].join('');
  return others === '' ? lines : [...lines, others];
}

/** Wider than clocks that agree ever are. */
const wideUs = 50_000;

export function leaderLine(state: Pick<StateView, 'leader' | 'term'>, spreadUs: number | null, attempt: string): string {
  const term = state.term?.split('.')[0] ?? '-';
  const leader = state.leader === null ? 'Nobody leads yet' : `Leader ${state.leader} (term ${term})`;
  const spread = spreadUs === null ? 'not known yet' : `${millis(spreadUs)}${spreadUs > wideUs ? ' -> watch it fall' : ''}`;
  return `  ${leader}   spread ${spread}     Try:  ${attempt}`;
}

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
const millis = (us: number): string => `${(us / 1_000).toFixed(us < 10_000 ? 1 : 0)} ms`;
