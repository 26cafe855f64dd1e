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
import { Choice } from './choice.tsx';

const spans = [
  { value: 60, text: '60 s' },
  { value: 10, text: '10 s' },
] as const;
const fits = [
  { value: 6, text: 'fit recent' },
  { value: 60, text: 'fit all' },
] as const;

export function ErrorPanel() {
  const host = useRef<HTMLDivElement>(null);
  const span = useSignal<number>(60);
  const fit = useSignal<number>(6);
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
  return (
    <section class="panel errors" aria-labelledby="errors-title">
      <div class="panel-head">
        <h2 id="errors-title">
          True error <span class="soft">clock minus true time</span>
        </h2>
        <Choice label="Time shown" options={spans} chosen={span} />
        <Choice label="Scale fits" options={fits} chosen={fit} />
      </div>
      <div class="chart" ref={host} role="img" aria-label="Chart of the true error of every clock over time. The numbers are in the table below." />
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
