/** What is the same for every dashboard: five minutes that move each second, what can be chosen, annotations, links. */
import type { Choice } from './expressions.ts';
import { layout, type Row } from './panels.ts';

interface Annotation {
  readonly name: string;
  readonly expr: string;
  readonly iconColor: string;
  readonly titleFormat: string;
}

export type Dashboard = ReturnType<typeof dashboard>;

interface About {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  /** What is chosen beside the nodes, and the counter by whose label: where there is a choice. */
  readonly algorithms?: { readonly choice: Choice; readonly label: string; readonly counter: string };
  readonly rows: readonly Row[];
}

/** The console and the ledger are targets too, but have no clock to be kept in step. */
const NODES = 'label_values(up{job="lockstep",role=~"member|device"}, node)';
/** Where the console says that it is found. */
const CONSOLE = 'label_values(lockstep_console_info, url)';
/** Until it was asked. */
const LOCAL = 'http://localhost:8080';

/** What passes between two scrapes is marked all the same: a step of the graph may be longer. */
const here = '[$__rate_interval]';

/** Grafana marks where a value is above nought, and nothing else. */
const annotations: readonly Annotation[] = [
  // `increase` and not `changes`: a node that restarts counts from nought again.
  {
    name: 'Leader changes',
    expr: `max(increase(lockstep_election_leader_changes_seen_total${here})) > 0`,
    iconColor: 'purple',
    titleFormat: 'The leader changed',
  },
  {
    name: 'Elections',
    expr: `sum by (algorithm) (increase(lockstep_election_started_total${here})) > 0`,
    iconColor: 'blue',
    titleFormat: 'An election is held: {{algorithm}}',
  },
  // A clock that is made to jump is over with it at once, and is in force at no scrape.
  {
    name: 'Faults',
    expr: `sum by (kind) (max_over_time(lockstep_faults_active${here})) > 0 or sum by (kind) (increase(lockstep_clock_faults_total{kind="step"}${here})) > 0`,
    iconColor: 'orange',
    titleFormat: 'A fault: {{kind}}',
  },
  { name: 'Alerts', expr: 'ALERTS{alertstate="firing"} > 0', iconColor: 'yellow', titleFormat: '{{alertname}} {{node}}' },
  {
    name: 'Nodes down',
    expr: `min_over_time(up{job="lockstep"}${here}) == bool 0 > 0`,
    iconColor: 'red',
    titleFormat: '{{node}} is down',
  },
];

export function dashboard({ uid, title, description, algorithms, rows }: About) {
  return {
    uid,
    title,
    description,
    tags: ['lockstep'],
    schemaVersion: 42,
    editable: false,
    graphTooltip: 1,
    refresh: '1s',
    time: { from: 'now-5m', to: 'now' },
    timepicker: { refresh_intervals: ['1s', '5s', '10s', '1m'] },
    timezone: 'browser',
    links: [
      { type: 'dashboards', title: 'Lockstep', tags: ['lockstep'], asDropdown: false, keepTime: true, includeVars: true, targetBlank: false },
      // It is told the range, but is live: all that it can show is the last minute.
      { type: 'link', title: 'Control room', url: '$console', keepTime: true, targetBlank: true, icon: 'external link' },
    ],
    templating: {
      list: [
        chosen('node', 'Node', NODES),
        ...(algorithms === undefined ? [] : [chosen(algorithms.choice, algorithms.label, `label_values(${algorithms.counter}, algorithm)`)]),
        { ...variable('console', 'Control room', CONSOLE), hide: 2, current: { text: LOCAL, value: LOCAL } },
      ],
    },
    annotations: {
      list: annotations.map((each) => ({ datasource: { type: 'prometheus', uid: 'prometheus' }, enable: true, step: '1s', ...each })),
    },
    panels: layout(rows),
  };
}

/** Of what was there in the range that is shown, also where that is over. */
const variable = (name: string, label: string, query: string) => ({
  type: 'query',
  name,
  label,
  datasource: { type: 'prometheus', uid: 'prometheus' },
  definition: query,
  query: { qryType: 1, query, refId: 'PrometheusVariableQueryEditor-VariableQuery' },
  refresh: 2,
  sort: 0,
});

const chosen = (name: string, label: string, query: string) => ({
  ...variable(name, label, query),
  multi: true,
  includeAll: true,
  current: { text: ['All'], value: ['$__all'] },
});
