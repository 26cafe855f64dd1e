/**
 * Registers what the registry of metrics names, and nothing else, with the Prometheus client.
 *
 * Every series exists from the start, at nought: an increase from nothing to one is none. What the labels may say is a
 * closed list too, so that no frame can make up a series. Where another algorithm is switched on, its series come and
 * those of the one before end; should that one come back, its counters go on from where they were.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { RunningLabels } from '../../shared/metrics/kinds.ts';
import type { Sample } from '../../shared/metrics/samples.ts';
import { type Exporter, type LabelValues, type Metric, type MetricName, metrics } from '../../shared/metrics.ts';

type Labels = Readonly<Record<string, string>>;

/** What this program fills the open label lists with. Its own version is set, not listed. */
export type OwnLabels = RunningLabels & Readonly<Record<'peers' | 'members' | 'rules', readonly string[]>>;

export interface Meters {
  /** Raises a counter, or lets a histogram observe. */
  add(sample: Sample): void;
  set(metric: MetricName, labels: Labels, value: number): void;
  /** Other algorithms run from now on, or other rules are judged; what is not named stays as it is. */
  run(labels: Partial<OwnLabels>): void;
  /** The text that Prometheus reads. */
  text(): Promise<string>;
  readonly contentType: string;
}

export function meters(exporter: Exporter, own: OwnLabels): Meters {
  const registry = new Registry();
  const named = new Map<MetricName, Meter>();
  let listed = own;
  collectDefaultMetrics({ register: registry });
  for (const [name, metric] of Object.entries(metrics) as [MetricName, Metric][]) {
    if (!metric.on.includes(exporter)) continue;
    const made = meter(name, metric, registry);
    made.show(combinations(metric.labels, own));
    named.set(name, made);
  }

  return {
    add: ({ metric, labels, value }) => named.get(metric)?.take(labels, value),
    set: (metric, labels, value) => named.get(metric)?.take(labels, value),
    run(labels) {
      listed = { ...listed, ...labels };
      for (const [name, made] of named) made.show(combinations(metrics[name].labels, listed));
    },
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}

/** One metric, and which series of it there are. */
interface Meter {
  show(series: readonly Labels[]): void;
  /** To a series that is not shown, nothing is added that Prometheus could see. */
  take(labels: Labels, value: number): void;
}

function meter(name: MetricName, metric: Metric, registry: Registry): Meter {
  const about = { name, help: metric.help, labelNames: Object.keys(metric.labels), registers: [registry] };
  const free = Object.values(metric.labels).includes('own');
  switch (metric.kind) {
    case 'counter': {
      const counter = new Counter(about);
      const totals = new Map<string, number>();
      return shown({
        begin: (labels) => counter.inc(labels, totals.get(keyOf(labels)) ?? 0),
        end: (labels) => counter.remove(labels),
        take(labels, value, isShown) {
          totals.set(keyOf(labels), (totals.get(keyOf(labels)) ?? 0) + value);
          if (isShown) counter.inc(labels, value);
        },
      });
    }
    case 'histogram': {
      const histogram = new Histogram({ ...about, buckets: [...(metric.buckets ?? [])] });
      return shown({
        begin: (labels) => histogram.zero(labels),
        end: (labels) => histogram.remove(labels),
        take: (labels, value, isShown) => isShown && histogram.observe(labels, value),
      });
    }
    case 'gauge': {
      const gauge = new Gauge(about);
      return shown({
        begin: (labels) => gauge.set(labels, 0),
        end: (labels) => gauge.remove(labels),
        take: (labels, value, isShown) => (isShown || free) && gauge.set(labels, value),
      });
    }
  }
}

interface Series {
  begin(labels: Labels): void;
  end(labels: Labels): void;
  take(labels: Labels, value: number, isShown: boolean): void;
}

function shown({ begin, end, take }: Series): Meter {
  let series = new Map<string, Labels>();
  return {
    show(now) {
      const next = new Map(now.map((labels) => [keyOf(labels), labels]));
      for (const [key, labels] of series) if (!next.has(key)) end(labels);
      for (const [key, labels] of next) if (!series.has(key)) begin(labels);
      series = next;
    },
    take: (labels, value) => take(labels, value, series.has(keyOf(labels))),
  };
}

/** The same for the same labels, in whichever order they are given. */
const keyOf = (labels: Labels): string =>
  Object.keys(labels)
    .sort()
    .map((label) => labels[label])
    .join('\n');

/** Every combination of label values; one without labels where there are none. */
function combinations(labels: Metric['labels'], own: OwnLabels): readonly Labels[] {
  const listed = (values: LabelValues): readonly string[] => (typeof values !== 'string' ? values : values === 'own' ? [] : own[values]);
  return Object.entries(labels).reduce<readonly Labels[]>(
    (all, [label, values]) => all.flatMap((so) => listed(values).map((value) => ({ ...so, [label]: value }))),
    [{}],
  );
}
