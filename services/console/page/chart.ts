/**
 * A thin hull around uPlot for curves over the last seconds: fixed labels below, a range that glides, marks for events.
 *
 * The time axis is the view's, not the data's: "10 s ago" stays where it is and the curves move past it, which is
 * calmer than labels on the run. The vertical range glides to its goal in a third of a second, or jumps where the
 * viewer prefers stillness.
 */
import uPlot from 'uplot';
import { colour } from './colours.ts';
import { prefersStillness } from './model.ts';
import { extent, follow, type Range } from './scale.ts';
import type { Marker } from './store.ts';

export interface ChartOptions {
  readonly series: readonly uPlot.Series[];
  readonly bands?: uPlot.Band[];
  /** The range before there is anything to show, in milliseconds. */
  readonly initial: Range;
  /** No range is narrower: noise must not look like a storm. */
  readonly narrowest: number;
  readonly onPoint?: (index: number | null) => void;
}

export interface Scene {
  /** Seconds of true time, and one curve for each series. */
  readonly times: readonly number[];
  readonly curves: readonly (readonly (number | null)[])[];
  readonly now: number;
  /** How many seconds are shown. */
  readonly span: number;
  /** How many of the newest seconds the vertical range is made for. */
  readonly fit: number;
  readonly markers: readonly Marker[];
}

export interface Chart {
  readonly plot: uPlot;
  show(scene: Scene): void;
  /** Whether the vertical range is where it is to be: if so, nothing changes until the next sample. */
  settled(): boolean;
  destroy(): void;
}

const glide = 0.22;
/** One frame's way from a range to its goal; the last bit is a jump that nobody sees. */
function towards(range: Range, goal: Range): Range {
  const near = (goal[1] - goal[0]) / 500;
  if (Math.abs(range[0] - goal[0]) < near && Math.abs(range[1] - goal[1]) < near) return goal;
  return [range[0] + (goal[0] - range[0]) * glide, range[1] + (goal[1] - range[1]) * glide];
}

export function createChart(host: HTMLElement, { series, bands, initial, narrowest, onPoint }: ChartOptions): Chart {
  let markers: readonly Marker[] = [];
  let goal = initial;
  let range = initial;
  const plot = new uPlot(
    {
      width: Math.max(host.clientWidth, 50),
      height: Math.max(host.clientHeight, 50),
      padding: [10, 12, 0, 0],
      legend: { show: false },
      cursor: { drag: { setScale: false, x: false, y: false }, y: false, points: { size: 6 } },
      scales: { x: { time: false, auto: false }, y: { auto: false } },
      axes: [timeAxis, valueAxis],
      series: [{}, ...series],
      ...(bands === undefined ? {} : { bands }),
      hooks: {
        drawAxes: [(u) => drawMarkers(u, markers)],
        setCursor: [(u) => onPoint?.(u.cursor.idx ?? null)],
      },
    },
    [[], ...series.map(() => [])],
    host,
  );
  const resized = new ResizeObserver(() => {
    if (host.clientWidth > 0 && host.clientHeight > 0) plot.setSize({ width: host.clientWidth, height: host.clientHeight });
  });
  resized.observe(host);

  return {
    plot,
    show(scene) {
      markers = scene.markers;
      const from = scene.times.findIndex((t) => t >= scene.now - scene.fit);
      const values = from === -1 ? undefined : extent(scene.curves, from);
      goal = values === undefined ? goal : follow(goal, values, narrowest);
      range = prefersStillness() ? goal : towards(range, goal);
      plot.batch(() => {
        plot.setData([scene.times, ...scene.curves] as uPlot.AlignedData, false);
        plot.setScale('x', { min: scene.now - scene.span, max: scene.now });
        plot.setScale('y', { min: range[0], max: range[1] });
      });
    },
    settled: () => range === goal,
    destroy() {
      resized.disconnect();
      plot.destroy();
    },
  };
}

const axis: uPlot.Axis = {
  stroke: () => colour('soft'),
  font: '12px system-ui, sans-serif',
  grid: { stroke: () => colour('grid'), width: 1 },
  ticks: { show: false },
};

const timeAxis: uPlot.Axis = {
  ...axis,
  size: 26,
  gap: 4,
  splits: (u) => {
    const { min = 0, max = 0 } = u.scales.x ?? {};
    const parts = u.width > 420 ? 6 : 3;
    return Array.from({ length: parts + 1 }, (_, i) => min + (i * (max - min)) / parts);
  },
  values: (u, splits) => splits.map((at, i) => (i === splits.length - 1 ? 'now' : i === 0 ? '' : ago((u.scales.x?.max ?? 0) - at))),
};

const ago = (seconds: number): string => `−${seconds.toFixed(seconds < 10 && seconds % 1 > 0.01 ? 1 : 0)} s`;

const valueAxis: uPlot.Axis = {
  ...axis,
  size: 66,
  gap: 6,
  space: 34,
  incrs: [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000].flatMap((power) => [power / 1_000, power / 500, power / 200]),
  values: (_, splits, __, ___, increment) => {
    // A clock that stands still is minutes off before long, and there is no room for so many digits.
    const [unit, inMs] = increment >= 1_000 ? ['s', 1_000] : ['ms', 1];
    const decimals = Math.max(0, -Math.floor(Math.log10(increment / inMs) + 1e-9));
    return splits.map((v) => (Math.abs(v) < increment / 2 ? `0 ${unit}` : `${v < 0 ? '−' : '+'}${Math.abs(v / inMs).toFixed(decimals)} ${unit}`));
  },
};

const markColours = { leader: 'soft', down: 'bad', up: 'good', fault: 'warn' } as const;

/** A line at each event. Labels stand in the first row where they cover no other. */
function drawMarkers(u: uPlot, markers: readonly Marker[]): void {
  const { ctx } = u;
  const { left, top, width, height } = u.bbox;
  const ratio = uPlot.pxRatio;
  const rows: number[] = [];
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, top, width, height);
  ctx.clip();
  ctx.font = `${11 * ratio}px system-ui, sans-serif`;
  ctx.lineWidth = ratio;
  ctx.setLineDash([3 * ratio, 3 * ratio]);
  ctx.textAlign = 'left';
  ctx.textBaseline = 'alphabetic';
  for (const { atUs, label, tone } of markers) {
    const x = Math.round(u.valToPos(atUs / 1e6, 'x', true));
    if (x < left) continue;
    ctx.strokeStyle = ctx.fillStyle = colour(markColours[tone]);
    ctx.beginPath();
    ctx.moveTo(x, top);
    ctx.lineTo(x, top + height);
    ctx.stroke();
    const wide = ctx.measureText(label).width;
    const start = Math.min(x + 4 * ratio, left + width - wide - 4 * ratio);
    const free = rows.findIndex((end) => end < start);
    const row = free === -1 ? rows.length : free;
    rows[row] = start + wide + 8 * ratio;
    ctx.fillText(label, start, top + (12 + row * 14) * ratio);
  }
  ctx.restore();
}
