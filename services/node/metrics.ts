/**
 * Registers what the registry of metrics names, and nothing else, with the Prometheus client.
 *
 * Every series exists from the start, at nought: an increase from nothing to one is none. What the labels may say is a
 * closed list too, so that no frame can make up a series.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { buckets, type Exporter, type LabelValues, type Metric, type MetricName, metrics, type Sample } from '../../shared/metrics.ts';

type Labels = Readonly<Record<string, string>>;

/** What this program fills the open label lists with. Its own version is set, not listed. */
export type OwnLabels = Readonly<Record<Exclude<LabelValues, readonly string[] | 'own' | 'election'>, readonly string[]>> & {
  /** Which election it holds, if it holds any. */
  readonly election?: readonly string[];
};

export interface Meters {
  /** Raises a counter, or lets a histogram observe. */
  add(sample: Sample): void;
  set(metric: MetricName, labels: Labels, value: number): void;
  /** The text that Prometheus reads. */
  text(): Promise<string>;
  readonly contentType: string;
}

export function meters(exporter: Exporter, own: OwnLabels): Meters {
  const registry = new Registry();
  const counters = new Map<MetricName, Counter<string>>();
  const histograms = new Map<MetricName, Histogram<string>>();
  const gauges = new Map<MetricName, Gauge<string>>();
  collectDefaultMetrics({ register: registry });

  for (const [name, metric] of Object.entries(metrics) as [MetricName, Metric][]) {
    if (!metric.on.includes(exporter)) continue;
    const named = { name, help: metric.help, labelNames: Object.keys(metric.labels), registers: [registry] };
    const series = combinations(metric.labels, own);
    if (metric.kind === 'counter') {
      const counter = new Counter(named);
      for (const labels of series) counter.inc(labels, 0);
      counters.set(name, counter);
    } else if (metric.kind === 'histogram') {
      const histogram = new Histogram({ ...named, buckets: [...buckets] });
      for (const labels of series) histogram.zero(labels);
      histograms.set(name, histogram);
    } else {
      const gauge = new Gauge(named);
      for (const labels of series) gauge.set(labels, 0);
      gauges.set(name, gauge);
    }
  }

  return {
    add({ metric, labels, value }) {
      counters.get(metric)?.inc(labels, value);
      histograms.get(metric)?.observe(labels, value);
    },
    set: (metric, labels, value) => gauges.get(metric)?.set(labels, value),
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}

/** Every combination of label values; one without labels where there are none. */
function combinations(labels: Metric['labels'], own: OwnLabels): readonly Labels[] {
  const listed = (values: LabelValues): readonly string[] => (typeof values !== 'string' ? values : values === 'own' ? [] : (own[values] ?? []));
  return Object.entries(labels).reduce<readonly Labels[]>(
    (all, [label, values]) => all.flatMap((so) => listed(values).map((value) => ({ ...so, [label]: value }))),
    [{}],
  );
}
