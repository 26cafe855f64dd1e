/**
 * In containers nobody but the console sees the whole cluster come up, so it is the console that reports it, once: when
 * all nodes are up and every clock is synchronized; nobody sets the ledger's.
 */
import type { Config } from './config.ts';
import type { StateView } from './live-frames.ts';
import { leaderLine, placesLines, readyLine } from './report.ts';

/** To be called with each picture; prints the report when its time has come. */
export function startReport(
  config: Config,
  print: (line: string) => void,
  nowMs: () => number = () => performance.now(),
): (state: StateView) => void {
  const began = nowMs();
  const ready = new Map<string, number>();
  let widest: number | null = null;
  let printed = false;

  return (state) => {
    if (printed) return;
    for (const { name, up } of state.nodes) if (up && !ready.has(name)) ready.set(name, nowMs() - began);
    if (state.spreadUs !== null) widest = Math.max(widest ?? 0, state.spreadUs);
    if (!state.nodes.every(({ up, role, clock }) => up && (role === 'ledger' || clock.status === 'synchronized'))) return;
    printed = true;
    const attempt = `docker compose kill ${state.leader ?? state.nodes[0]?.name}`;
    const { publicUrl: consoleUrl, grafanaUrl, prometheusUrl } = config;
    const places = placesLines({ consoleUrl, token: config.access.operatorToken, grafanaUrl, prometheusUrl });
    for (const line of ['', readyLine([...ready], nowMs() - began), ...places, leaderLine(state, widest, attempt), '']) print(line);
  };
}
