/**
 * What the console exports to Prometheus: the spread of the clocks at one instant, the verdicts, and how its viewers
 * fare. Clocks of two targets must never be subtracted in a query, since they are scraped up to a second apart; the
 * console has them for the same instant.
 */
import { costOf, quorumSize } from '../../shared/checkers/mutex/counts.ts';
import { labelsOf } from '../../shared/metrics/kinds.ts';
import type { Edge, MetricName } from '../../shared/metrics.ts';
import type { MutexAlgorithm } from '../../shared/mutex/config.ts';
import { meters } from '../node/metrics.ts';
import type { ControlRoom } from './control-room.ts';
import type { Live } from './live.ts';
import type { ElectionView, VerdictWord } from './live-frames.ts';

const words: readonly VerdictWord[] = ['holds', 'at-risk', 'expected-violation', 'bug', 'inconclusive'];
const violations: readonly VerdictWord[] = ['expected-violation', 'bug'];
/** Elections to which the closed forms apply: nothing that they do not know of happened. */
const covered: readonly VerdictWord[] = ['holds', 'bug'];

export interface Scrape {
  readonly contentType: string;
  text(): Promise<string>;
}

export function consoleMetrics(
  room: ControlRoom,
  live: Pick<Live, 'viewers' | 'dropped'>,
  own: { readonly version: string; readonly url: string },
): Scrape {
  const listed = () => ({ ...labelsOf('console', room.running), rules: room.picture.state.verdicts.map(({ rule }) => rule) });
  const made = meters('console', { ...listed(), peers: [], members: [] });
  const raised = new Map<string, number>();
  let theory: Readonly<Record<string, number>> = {};
  made.set('lockstep_build_info', { version: own.version, node_version: process.versions.node }, 1);
  made.set('lockstep_console_info', { url: own.url }, 1);

  /** Raises a counter to what was counted elsewhere. */
  function raise(metric: MetricName, labels: Readonly<Record<string, string>>, total: number): void {
    const series = [metric, ...Object.values(labels)].join();
    made.add({ metric, labels, value: total - (raised.get(series) ?? 0) });
    raised.set(series, total);
  }

  function refresh(): void {
    const { spreadUs, verdicts, elections, ledger } = room.picture.state;
    const labels = listed();
    made.run(labels);
    made.set('lockstep_clock_spread_seconds', {}, spreadUs === null ? Number.NaN : spreadUs / 1e6);
    made.set('lockstep_console_viewers', {}, live.viewers());
    raise('lockstep_mutex_overlaps_total', {}, ledger?.overlaps ?? 0);
    raise('lockstep_console_frames_dropped_total', {}, live.dropped());
    for (const { rule, verdict } of verdicts) {
      for (const word of words) made.set('lockstep_rule_verdict', { rule, verdict: word }, word === verdict ? 1 : 0);
      for (const word of violations) raise('lockstep_rule_violations_total', { rule, verdict: word }, room.violations(rule, word));
    }
    for (const us of room.suspicions.detections()) made.add({ metric: 'lockstep_failure_detection_seconds', labels: {}, value: us / 1e6 });
    raise('lockstep_false_suspicions_total', {}, room.suspicions.wrong);
    if (elections.last !== null && covered.includes(elections.last.verdict.verdict)) theory = { ...theory, ...expectedOf(elections.last) };
    for (const kind of labels.kinds) made.set('lockstep_messages_expected', { kind }, theory[kind] ?? Number.NaN);
    const algorithm = room.running.mutex;
    for (const [edge, messages] of Object.entries(algorithm === undefined ? {} : perEntry(algorithm, room)))
      made.set('lockstep_mutex_messages_per_entry_expected', { algorithm: algorithm ?? '', edge }, messages);
  }

  return {
    contentType: made.contentType,
    text() {
      refresh();
      return made.text();
    },
  };
}

/** What its closed form says that each kind delivers, at most where it names a range. */
const expectedOf = ({ messages }: ElectionView): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(messages).map(([kind, { expected }]) => [kind, expected.delivered.most ?? Number.NaN]));

/** What the closed form says of one entry, among all members that are configured. */
function perEntry(algorithm: MutexAlgorithm, { nodes, lock }: Pick<ControlRoom, 'nodes' | 'lock'>): Readonly<Record<Edge, number>> {
  const n = nodes.filter(({ role }) => role === 'member').length;
  const { least, most, light, saturated } = costOf({ algorithm, n, tree: lock.tree, quorum: quorumSize(lock.quorums, n) });
  return { least, most: Number.isFinite(most) ? most : Number.NaN, light: light ?? Number.NaN, saturated: saturated ?? Number.NaN };
}
