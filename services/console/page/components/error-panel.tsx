/** The course of every clock's true error: the picture of synchronisation. */
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { type Chart, createChart } from '../chart.ts';
import { colour } from '../colours.ts';
import * as format from '../format.ts';
import { clocks, store } from '../model.ts';
import { everyFrame } from '../motion.ts';
import { onNews } from '../news.ts';
import { newest, window } from '../ring.ts';
import { extent, type Range } from '../scale.ts';
import { Choice } from './choice.tsx';

const spans = [
  { value: 60, text: '60 s' },
  { value: 10, text: '10 s' },
] as const;
const recent = 6;
const all = 60;
const fits = [
  { value: recent, text: 'fit recent' },
  { value: all, text: 'fit all' },
] as const;
/** A minute in which errors lie further apart than this, in milliseconds, holds the fall into step. */
const fall = 100;
/** In fewer seconds than this, not every clock may have been heard of. */
const known = 10;

export function ErrorPanel() {
  const host = useRef<HTMLDivElement>(null);
  const span = useSignal<number>(60);
  /** The first picture is the fall into step, while it is to be seen; after it, or once the viewer has chosen, this holds. */
  const fit = useSignal<number>(all);
  const settled = useRef(false);
  /** The errors under the pointer, in milliseconds, one for each clock; none while it points nowhere. */
  const pointed = useSignal<readonly (number | null)[] | undefined>(undefined);
  const shown = clocks.value;
  const names = shown.map((n) => n.name).join();

  useEffect(() => {
    if (host.current === null) return;
    const columns = clocks.peek().map((n) => store.column(n.name, 'error'));
    const chart = createChart(host.current, {
      series: clocks.peek().map(({ hue, role }) => ({
        stroke: () => colour(`hue-${hue}`),
        width: 1.75,
        points: { show: false },
        ...(role === 'device' ? { dash: [6, 4] } : {}),
      })),
      initial: [-500, 500],
      narrowest: 4,
      onPoint: (i) => {
        const values = i === null ? undefined : chart.plot.data.slice(1).map((curve) => curve[i] ?? null);
        pointed.value = values;
      },
    });
    const stop = everyFrame(
      onNews(
        chart,
        () => `${span.peek()} ${fit.peek()} ${store.selected.peek()}`,
        () => draw(chart, columns, span.peek(), fit.peek()),
      ),
    );
    return () => {
      stop();
      chart.destroy();
    };
  }, [names]);

  const state = store.shown.value;
  const course = courseOf(shown.map((n) => store.column(n.name, 'error')));
  useEffect(() => {
    if (settled.current || course === undefined || course.seconds < known || course.all[1] - course.all[0] > fall) return;
    settled.current = true;
    fit.value = recent;
  });
  const choose = (value: number): void => {
    settled.current = true;
    fit.value = value;
  };
  return (
    <section class="panel errors" aria-labelledby="errors-title">
      <div class="panel-head">
        <h2 id="errors-title">
          True error <span class="soft">clock minus true time</span>
        </h2>
        <Choice label="Time shown" options={spans} chosen={span.value} choose={(value) => (span.value = value)} />
        <Choice label="Scale fits" options={fits} chosen={fit.value} choose={choose} />
      </div>
      <div class="chart" ref={host} role="img" aria-label={inWords(course)} />
      <ul class="legend">
        {shown.map((node, i) => {
          const view = state?.nodes.find((n) => n.name === node.name);
          const value = pointed.value === undefined ? (view?.up ? view.clock.errorUs : null) : toUs(pointed.value[i]);
          return (
            <li key={node.name} class={`hue-${node.hue} ${node.role} ${store.selected.value === node.name ? 'chosen' : ''}`}>
              <span class="key" aria-hidden="true" />
              {node.name}
              <span class="value">{view !== undefined && !view.up && pointed.value === undefined ? 'down' : format.signed(value)}</span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

const toUs = (ms: number | null | undefined): number | null => (ms === null || ms === undefined ? null : ms * 1_000);

interface Course {
  readonly seconds: number;
  readonly all: Range;
  readonly now: Range;
}

/** Between which errors the clocks were within the last minute, and are now. */
function courseOf(columns: readonly number[]): Course | undefined {
  const { ring } = store.history();
  const { times, curves } = window(ring, newest(ring) - all * 1e6, columns);
  const everything = extent(curves, 0);
  const now = extent(curves, times.length - 1);
  return everything === undefined || now === undefined ? undefined : { seconds: (newest(ring) - (times[0] ?? 0)) / 1e6, all: everything, now };
}

function inWords(course: Course | undefined): string {
  const between = ([low, high]: Range): string => `between ${format.signed(low * 1_000)} and ${format.signed(high * 1_000)}`;
  const numbers = course === undefined ? '' : ` In the last minute ${between(course.all)}, now ${between(course.now)}.`;
  return `Chart of the true error of every clock over time.${numbers} The numbers are in the table below.`;
}

function draw(chart: Chart, columns: readonly number[], span: number, fit: number): void {
  const { ring, markers } = store.history();
  const nowUs = newest(ring);
  if (!Number.isFinite(nowUs)) return;
  const { times, curves } = window(ring, nowUs - span * 1.02e6, columns);
  clocks.peek().forEach(({ name }, i) => {
    const series = chart.plot.series[i + 1];
    if (series !== undefined) series.width = name === store.selected.peek() ? 3 : 1.75;
  });
  chart.show({ times: times.map((t) => t / 1e6), curves, now: nowUs / 1e6, span, fit: Math.min(fit, span), markers });
}
