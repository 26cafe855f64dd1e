/**
 * Small builders for Grafana panels. A dashboard is then a page of TypeScript that says what each panel shows and asks,
 * and not two thousand lines of JSON in which nobody sees a wrong metric.
 *
 * They write the classic model, which is the one that file provisioning takes. Nothing here reads a clock or draws a
 * number: the same source gives the same bytes, and a test compares them with the committed files.
 */
const DATASOURCE = { type: 'prometheus', uid: 'prometheus' } as const;

export interface Query {
  readonly expr: string;
  /** What one series is called. Series of the same name have the same colour in every panel. */
  readonly legend: string;
}

/** A panel without its place; `layout` gives it an id and a square on the grid. */
export interface Panel {
  readonly type: 'heatmap' | 'stat' | 'state-timeline' | 'status-history' | 'timeseries';
  readonly title: string;
  readonly description: string;
  readonly datasource: typeof DATASOURCE;
  readonly targets: readonly Target[];
  readonly fieldConfig: { readonly defaults: object; readonly overrides: readonly Override[] };
  readonly options: object;
  readonly repeat?: string;
  readonly repeatDirection?: 'h';
  readonly maxPerRow?: number;
}

interface Target {
  readonly refId: string;
  readonly datasource: typeof DATASOURCE;
  readonly expr: string;
  readonly legendFormat: string;
  readonly range: boolean;
  readonly instant: boolean;
  readonly format: 'time_series' | 'heatmap';
}

export interface Override {
  readonly matcher: { readonly id: 'byName' | 'byRegexp'; readonly options: string };
  readonly properties: readonly { readonly id: string; readonly value: unknown }[];
}

export interface Placed extends Panel {
  readonly id: number;
  readonly gridPos: { readonly h: number; readonly w: number; readonly x: number; readonly y: number };
}

export interface Step {
  readonly color: string;
  /** Where it begins; null is minus infinity. */
  readonly value: number | null;
}

interface About {
  readonly title: string;
  readonly description: string;
  readonly queries: readonly Query[];
  readonly unit?: string;
}

const targets = (queries: readonly Query[], format: Target['format'] = 'time_series', instant = false): Target[] =>
  queries.map(({ expr, legend }, at) => ({
    refId: String.fromCharCode('A'.charCodeAt(0) + at),
    datasource: DATASOURCE,
    expr,
    legendFormat: legend,
    range: !instant,
    instant,
    format,
  }));

const panel = (type: Panel['type'], about: About, defaults: object, options: object, overrides: readonly Override[] = []): Panel => ({
  type,
  title: about.title,
  description: about.description,
  datasource: DATASOURCE,
  targets: targets(about.queries, type === 'heatmap' ? 'heatmap' : 'time_series', type === 'stat'),
  fieldConfig: { defaults: { ...(about.unit === undefined ? {} : { unit: about.unit }), ...defaults }, overrides },
  options,
});

const byName = { mode: 'palette-classic-by-name' } as const;
const legend = { displayMode: 'list', placement: 'bottom', showLegend: true, calcs: [] } as const;

interface Lines extends About {
  readonly overrides?: readonly Override[];
  /** Drawn as dashed lines, so that a reader sees what is much. */
  readonly thresholds?: readonly Step[];
  readonly decimals?: number;
  readonly min?: number;
}

/** Lines over time. Gaps stay gaps: a node that is down says nothing. */
export function timeSeries({ overrides, thresholds, decimals, min, ...about }: Lines): Panel {
  const defaults = {
    color: byName,
    ...(decimals === undefined ? {} : { decimals }),
    ...(min === undefined ? {} : { min }),
    ...(thresholds === undefined ? {} : { thresholds: { mode: 'absolute', steps: thresholds } }),
    custom: {
      drawStyle: 'line',
      lineWidth: 1,
      fillOpacity: 0,
      showPoints: 'never',
      spanNulls: false,
      axisSoftMin: 0,
      axisSoftMax: 0,
      thresholdsStyle: { mode: thresholds === undefined ? 'off' : 'dashed' },
    },
  };
  return panel('timeseries', about, defaults, { legend, tooltip: { mode: 'multi', sort: 'desc' } }, overrides);
}

interface Stat extends About {
  readonly steps: readonly Step[];
  readonly decimals?: number;
  /** The name of the series, where that is the answer, instead of its value. */
  readonly shows?: 'value' | 'name';
}

/** One number, or one name, in large type. */
export function stat({ steps, decimals, shows = 'value', ...about }: Stat): Panel {
  const defaults = {
    color: { mode: 'thresholds' },
    noValue: '–',
    ...(decimals === undefined ? {} : { decimals }),
    thresholds: { mode: 'absolute', steps },
  };
  return panel('stat', about, defaults, {
    colorMode: 'value',
    graphMode: 'none',
    justifyMode: 'center',
    orientation: 'auto',
    textMode: shows,
    wideLayout: true,
    showPercentChange: false,
    percentChangeColorMode: 'standard',
    reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
  });
}

/** A band of colour for each series; equal neighbours are merged, and a gap means that the node was down. */
export function timeline(about: About & { readonly states: readonly { readonly text: string; readonly color: string }[] }): Panel {
  const options = Object.fromEntries(about.states.map(({ text, color }, index) => [String(index), { text, color, index }]));
  return panel(
    'state-timeline',
    about,
    { mappings: [{ type: 'value', options }], custom: { fillOpacity: 75, lineWidth: 0 } },
    { mergeValues: true, showValue: 'auto', alignValue: 'left', rowHeight: 0.85, legend, tooltip: { mode: 'single', sort: 'none' } },
  );
}

/** A square for each scrape: what was so, and what was not. */
export function history(about: About & { readonly yes: string; readonly no: string }): Panel {
  const options = { 0: { text: about.no, color: 'red', index: 0 }, 1: { text: about.yes, color: 'green', index: 1 } };
  return panel(
    'status-history',
    about,
    { mappings: [{ type: 'value', options }], custom: { fillOpacity: 75, lineWidth: 0 } },
    { showValue: 'never', rowHeight: 0.85, legend, tooltip: { mode: 'single', sort: 'none' } },
  );
}

/** Buckets of a histogram over time, on the scale by which the buckets grow. */
export function heatmap(about: About & { readonly unit: string }): Panel {
  return panel(
    'heatmap',
    about,
    { custom: {} },
    {
      calculate: false,
      cellGap: 1,
      color: { mode: 'scheme', scheme: 'Oranges', scale: 'exponential', exponent: 0.5, steps: 64, fill: 'dark-orange', reverse: false },
      exemplars: { color: 'rgba(255,0,255,0.7)' },
      filterValues: { le: 1e-9 },
      legend: { show: true },
      rowsFrame: { layout: 'auto', yBucketScale: { type: 'log', log: 2 } },
      showValue: 'never',
      tooltip: { mode: 'single', showColorScale: false, yHistogram: true },
      yAxis: { axisPlacement: 'left', reverse: false, unit: about.unit },
    },
  );
}

/** Lines whose name matches are dashed: theory, or an estimate, beside what is. */
export const dashed = (names: string): Override => ({
  matcher: { id: 'byRegexp', options: names },
  properties: [{ id: 'custom.lineStyle', value: { fill: 'dash', dash: [6, 4] } }],
});

/** The same panel once for each value of a variable. */
export const repeated = (each: Panel, variable: string, maxPerRow: number): Panel => ({
  ...each,
  repeat: variable,
  repeatDirection: 'h',
  maxPerRow,
});

export interface Row {
  readonly height: number;
  readonly panels: readonly Panel[];
}

const WIDTH = 24;

/** Rows from top to bottom, each shared evenly by its panels; ids count from 1 in reading order. */
export function layout(rows: readonly Row[]): Placed[] {
  const placed: Placed[] = [];
  let y = 0;
  for (const { height, panels } of rows) {
    const w = WIDTH / panels.length;
    if (!Number.isInteger(w)) throw new Error(`${panels.length} panels do not share a row of ${WIDTH} evenly`);
    panels.forEach((each, at) => {
      placed.push({ id: placed.length + 1, gridPos: { h: height, w, x: at * w, y }, ...each });
    });
    y += height;
  }
  return placed;
}
