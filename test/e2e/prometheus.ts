/** What real Prometheus answers, and whether that has the shape that a panel needs. */
import { files } from '../../grafana/build/files.ts';
import { chosen } from '../unit/expressions.ts';
import { json } from './cluster.ts';

export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  /** Seconds of the host's clock, and what was there. */
  readonly values: readonly (readonly [at: number, value: number])[];
}

interface Answer {
  readonly data: {
    readonly result: readonly {
      readonly metric: Readonly<Record<string, string>>;
      readonly value?: readonly [number, string];
      readonly values?: readonly (readonly [number, string])[];
    }[];
  };
}

export interface Prometheus {
  /** Now; of a range selector, the samples themselves. */
  query(expr: string): Promise<readonly Series[]>;
  /** Each second from one instant to another, as a panel asks. */
  range(expr: string, from: number, to: number): Promise<readonly Series[]>;
  rules(): Promise<readonly Rule[]>;
}

export interface Rule {
  readonly name: string;
  readonly type: 'alerting' | 'recording';
  readonly query: string;
  readonly health: string;
  readonly lastError?: string;
}

export function prometheusAt(url: string): Prometheus {
  const ask = async (path: string, parameters: Readonly<Record<string, string>>): Promise<readonly Series[]> => {
    const { data } = await json<Answer>(`${url}/api/v1/${path}?${new URLSearchParams(parameters)}`);
    return data.result.map(({ metric, value, values }) => ({
      metric,
      values: (values ?? (value === undefined ? [] : [value])).map(([at, text]) => [at, Number(text.replace('Inf', 'Infinity'))] as const),
    }));
  };
  return {
    query: (query) => ask('query', { query }),
    range: (query, from, to) => ask('query_range', { query, start: `${from}`, end: `${to}`, step: '1' }),
    async rules() {
      const { data } = await json<{ data: { groups: { rules: Rule[] }[] } }>(`${url}/api/v1/rules`);
      return data.groups.flatMap(({ rules }) => rules);
    },
  };
}

interface Panel {
  readonly type: string;
  readonly title: string;
  readonly repeat?: string;
  readonly targets: readonly { readonly expr: string; readonly legendFormat: string }[];
  readonly fieldConfig: { readonly defaults: { readonly mappings?: readonly { readonly options: Readonly<Record<string, unknown>> }[] } };
}
interface Dashboard {
  readonly uid: string;
  readonly panels: readonly Panel[];
  readonly annotations: { readonly list: readonly { readonly name: string; readonly expr: string }[] };
  readonly templating: { readonly list: readonly { readonly name: string; readonly definition: string }[] };
}

export const dashboards: readonly Dashboard[] = files.map(([, text]) => JSON.parse(text));

export { chosen };

export interface Asked {
  readonly panel: string;
  readonly expr: string;
  readonly legend: string;
  readonly type: string;
  /** What a timeline has words for. */
  readonly states: readonly string[] | undefined;
}

export const asked: readonly Asked[] = dashboards.flatMap(({ uid, panels }) =>
  panels.flatMap(({ title, type, repeat, targets, fieldConfig }) =>
    targets.map(({ expr, legendFormat }) => ({
      panel: `${uid}: ${title}`,
      expr: chosen(expr, repeat !== undefined),
      legend: legendFormat,
      type,
      states: fieldConfig.defaults.mappings?.flatMap(({ options }) => Object.keys(options)),
    })),
  ),
);

/** What is wrong with an answer, if anything is: nothing in it, names that cannot be written, values without a word. */
export function misshapen({ legend, type, states }: Asked, answer: readonly Series[]): string | undefined {
  const numbers = answer.flatMap(({ values }) => values.map(([, value]) => value)).filter(Number.isFinite);
  if (numbers.length === 0) return answer.length === 0 ? 'no series' : 'no number in any series';
  const labels = [...legend.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label).concat(type === 'heatmap' ? ['le'] : []);
  const nameless = labels.filter((label) => answer.some(({ metric }) => !metric[label]));
  if (nameless.length > 0) return `series without ${nameless.join(', ')}`;
  const names = answer.map(({ metric }) => labels.map((label) => metric[label]).join(' '));
  if (new Set(names).size < names.length) return `several series are called ${names.find((name, at) => names.indexOf(name) < at)}`;
  const wordless = numbers.filter((value) => states !== undefined && !states.includes(`${value}`));
  return wordless.length === 0 ? undefined : `no word for ${wordless[0]}`;
}
