/**
 * Whether the selected node's claim is honest: its estimate minus the truth must stay inside the band it claims.
 * The leader is the reference and claims 0; where the band is missing, the node claims nothing.
 */
import { useEffect, useRef } from 'preact/hooks';
import type { NodeView } from '../../live-frames.ts';
import { type Chart, createChart } from '../chart.ts';
import { colour } from '../colours.ts';
import * as format from '../format.ts';
import { clocks, store } from '../model.ts';
import { everyFrame } from '../motion.ts';
import { onNews } from '../news.ts';
import { newest, window } from '../ring.ts';
import { CopyLine } from './copy-line.tsx';

const span = 30;

export function ClaimPanel() {
  const host = useRef<HTMLDivElement>(null);
  const selected = store.selected.value;
  const hue = clocks.value.find((n) => n.name === selected)?.hue ?? 1;

  useEffect(() => {
    if (host.current === null || selected === undefined) return;
    const edge = { stroke: () => colour('claim-edge'), width: 1, points: { show: false } };
    const chart = createChart(host.current, {
      series: [edge, edge, { stroke: () => colour(`hue-${hue}`), width: 2, points: { show: false } }],
      bands: [{ series: [2, 1], fill: () => colour('claim') }],
      initial: [-10, 10],
      narrowest: 1,
    });
    const columns = [store.column(selected, 'bound'), store.column(selected, 'deviation')];
    const stop = everyFrame(
      onNews(
        chart,
        () => '',
        () => draw(chart, columns),
      ),
    );
    return () => {
      stop();
      chart.destroy();
    };
  }, [selected, hue]);

  const view = store.shown.value?.nodes.find((n) => n.name === selected);
  return (
    <section class="panel claim" aria-labelledby="claim-title">
      <div class="panel-head">
        <h2 id="claim-title">
          Claim of {selected ?? '–'} <span class="soft">offset minus true offset</span>
        </h2>
      </div>
      <div
        class="chart"
        ref={host}
        role="img"
        aria-label={`Chart of what ${selected ?? 'the node'} estimates minus the truth, inside the band that it claims.`}
      />
      <p class="sentence">{view === undefined ? '' : sentence(view, view.name === store.shown.value?.leader)}</p>
      {selected !== undefined && <CopyLine node={selected} up={view?.up ?? true} />}
    </section>
  );
}

function sentence({ up, clock }: NodeView, leads: boolean): string {
  const { offsetUs, trueOffsetUs, boundUs, status, why } = clock;
  if (!up) return 'It is down, and claims nothing.';
  if (boundUs === null || offsetUs === null)
    return why === null || status === 'synchronized' ? 'It claims nothing at present.' : `It claims nothing at present: ${why}.`;
  if (trueOffsetUs === null) return `Claims ${format.bound(boundUs)} still, of a leader that is not there.`;
  if (leads) return 'It leads: its clock is the reference, its claim is 0.';
  const deviation = offsetUs - trueOffsetUs;
  return `Claims ${format.bound(boundUs)}, is off by ${format.span(deviation)}: ${Math.abs(deviation) <= boundUs ? 'holds' : 'broken'}.`;
}

function draw(chart: Chart, columns: readonly number[]): void {
  const { ring, markers } = store.history();
  const nowUs = newest(ring);
  if (!Number.isFinite(nowUs)) return;
  const { times, curves } = window(ring, nowUs - span * 1.02e6, columns);
  const [bounds = [], deviations = []] = curves;
  const lower = bounds.map((b) => (b === null ? null : -b));
  chart.show({ times: times.map((t) => t / 1e6), curves: [lower, bounds, deviations], now: nowUs / 1e6, span, fit: 10, markers });
}
