/**
 * What the console exports to Prometheus: the spread of the clocks, the verdicts, and how its viewers fare.
 *
 * Names and help come from the shared registry; nothing is exported that is not named there. Every series exists from
 * the start, at nought, or an increase would miss the first event.
 */
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { type MetricName, metrics } from '../../shared/metrics.ts';
import type { ControlRoom } from './control-room.ts';
import type { Live } from './live.ts';
import type { VerdictWord } from './live-frames.ts';

const words: readonly VerdictWord[] = ['holds', 'at-risk', 'expected-violation', 'bug', 'inconclusive'];
const violations: readonly VerdictWord[] = ['expected-violation', 'bug'];

export function consoleMetrics(room: ControlRoom, live: Pick<Live, 'viewers' | 'dropped'>, version: string): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const rules = room.picture.state.verdicts.map(({ rule }) => rule);
  const named = <N extends MetricName>(name: N) => ({
    name,
    help: metrics[name].help,
    labelNames: Object.keys(metrics[name].labels),
    registers: [registry],
  });

  new Gauge(named('lockstep_build_info')).set({ version, node_version: process.version }, 1);

  const spread: Gauge = new Gauge({
    ...named('lockstep_clock_spread_seconds'),
    collect: (): void => spread.set(inSeconds(room.picture.state.spreadUs)),
  });
  const viewers: Gauge = new Gauge({ ...named('lockstep_console_viewers'), collect: (): void => viewers.set(live.viewers()) });
  const dropped = new Counter({
    ...named('lockstep_console_frames_dropped_total'),
    collect: () => {
      dropped.reset();
      dropped.inc(live.dropped());
    },
  });
  const verdict = new Gauge({
    ...named('lockstep_rule_verdict'),
    collect: () => {
      for (const { rule, verdict: found } of room.picture.state.verdicts)
        for (const word of words) verdict.set({ rule, verdict: word }, word === found ? 1 : 0);
    },
  });
  const violated = new Counter({
    ...named('lockstep_rule_violations_total'),
    collect: () => {
      violated.reset();
      for (const rule of rules) for (const word of violations) violated.inc({ rule, verdict: word }, room.violations(rule, word));
    },
  });
  return registry;
}

const inSeconds = (us: number | null): number => (us === null ? Number.NaN : us / 1e6);
