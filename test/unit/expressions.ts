/** What a query asks for, held against the registry of metrics and the recording rules. */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { type Metric, metrics } from '../../shared/metrics.ts';

interface Rule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
}

const rulesOf = (file: string): readonly Rule[] => {
  const text = readFileSync(new URL(`../../grafana/prometheus/${file}`, import.meta.url), 'utf8');
  return (parse(text) as { groups: { rules: Rule[] }[] }).groups.flatMap(({ rules }) => rules);
};

export const recording = rulesOf('recording.yml').map(({ record = '', expr }) => ({ record, expr }));
export const alerts = rulesOf('alerts.yml').map(({ alert = '', expr }) => ({ alert, expr }));

/** Labels that Prometheus gives to a target, whatever it exports. */
const TARGET = ['job', 'instance', 'node', 'role'];

/** What is recorded has the labels that are left of what it is made of. */
const recorded = new Set(recording.map(({ record }) => record));

function find(name: string): [base: string, metric: Metric | undefined] {
  const known: Readonly<Record<string, Metric>> = metrics;
  const base = name.replace(/_(bucket|sum|count)$/, '');
  return known[base]?.kind === 'histogram' ? [base, known[base]] : [name, known[name]];
}

const asked = (expr: string) =>
  [...expr.matchAll(/(?<![\w:])([\w:]*lockstep_[\w:]+)(?:\{([^}]*)\})?(\[)?/g)].map(([, name = '', matchers = '', ranged]) => ({
    name,
    matchers,
    ranged,
  }));

/** Every metric that an expression asks for, also by way of what is recorded. */
export const metricsIn = (expr: string): readonly string[] =>
  asked(expr).flatMap(({ name }) => {
    const rule = recording.find(({ record }) => record === name);
    return rule === undefined ? [find(name)[0]] : metricsIn(rule.expr);
  });

/**
 * As Grafana asks it: with everything chosen that can be chosen, or one node, for which a panel is repeated. A step of the
 * graph is a second long where it shows five minutes, and a rate is of four scrapes or of a step and one more.
 */
export const chosen = (expr: string, repeated = false, step = 1): string =>
  expr
    .replaceAll('$__rate_interval', `${Math.max(4, step + 1)}s`)
    .replaceAll('$__interval', `${step}s`)
    .replaceAll('$node', repeated ? 'mit' : '.+')
    .replaceAll(/\$\w+/g, '.+');

/** A counter may also be held against itself, as it was. */
const held = (expr: string, selector: string): boolean => expr.includes(`${selector} - last_over_time(${selector}[`);

/** What is wrong with an expression: a metric or label that does not exist, or a metric of a kind that cannot be read so. */
export function wrong(expr: string): string[] {
  return asked(expr).flatMap(({ name, matchers, ranged }) => {
    if (recorded.has(name)) return [];
    const [base, metric] = find(name);
    if (metric === undefined) return [`${name} is not in the registry`];
    const labels: Metric['labels'] = metric.labels;
    const faults = metric.kind === 'histogram' && base === name ? [`${name} is a histogram: ask for its buckets`] : [];
    const selector = matchers === '' ? name : `${name}{${matchers}}`;
    if (metric.kind !== 'gauge' && ranged === undefined && !held(expr, selector)) faults.push(`${name} counts up: ask for its increase`);
    for (const [, label = '', operator = '', value = ''] of matchers.matchAll(/(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"/g)) {
      const values = labels[label];
      if (values === undefined && !TARGET.includes(label)) faults.push(`${name} has no label ${label}`);
      const named = operator.endsWith('~') ? value.split('|') : [value];
      if (Array.isArray(values)) faults.push(...named.filter((each) => !values.includes(each)).map((each) => `${name} has no ${label} "${each}"`));
    }
    return faults;
  });
}
