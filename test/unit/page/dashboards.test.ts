/** The way from the page to the dashboards keeps the minute that is shown, and the node that was chosen. */
import { expect, it } from 'vitest';
import { dashboardsAt } from '../../../services/console/page/dashboards.ts';

it('leads to the last minute while the view moves on, and to the one it shows while it stands still', () => {
  expect(dashboardsAt('http://localhost:3000', undefined)).toBe('http://localhost:3000/d/lockstep-clocks?from=now-1m&to=now');
  expect(dashboardsAt('http://lab:3000/grafana/', 1_795_000_000_123_456)).toBe(
    'http://lab:3000/grafana/d/lockstep-clocks?from=1794999940123&to=1795000000123',
  );
});

it('leads to the node that was chosen', () => {
  expect(dashboardsAt('http://localhost:3000', undefined, 'mit')).toBe('http://localhost:3000/d/lockstep-clocks?from=now-1m&to=now&var-node=mit');
});
