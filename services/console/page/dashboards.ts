/** Where Grafana shows what the page shows: the same minute. */
const minuteMs = 60_000;

/**
 * `shownUntilUs` is the wall clock at the instant at which the view stands still; `undefined` while it moves on. `node` is
 * the one that the viewer has chosen: without a choice the dashboards show all.
 */
export function dashboardsAt(grafana: string, shownUntilUs: number | undefined, node?: string): string {
  const until = shownUntilUs === undefined ? undefined : Math.round(shownUntilUs / 1_000);
  const range = until === undefined ? { from: 'now-1m', to: 'now' } : { from: `${until - minuteMs}`, to: `${until}` };
  const choice = node === undefined ? {} : { 'var-node': node };
  return `${grafana.replace(/\/$/, '')}/d/lockstep-clocks?${new URLSearchParams({ ...range, ...choice })}`;
}
