/**
 * Keeps charts from being drawn when nothing changed: samples come ten times a second, frames sixty times.
 */
import type { Chart } from './chart.ts';
import { store } from './model.ts';

/** Draws where there is a new sample, another view of them (`settings`), or a range on its way. */
export function onNews(chart: Chart, settings: () => string, draw: () => void): () => void {
  let drawn = '';
  return () => {
    const news = `${store.history().ring.taken} ${settings()}`;
    if (news === drawn && chart.settled()) return;
    drawn = news;
    draw();
  };
}
