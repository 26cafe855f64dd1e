/** What is the same for every dashboard: five minutes that move each second, the choice of nodes, annotations, links. */
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
  readonly rows: readonly Row[];
}

/** The console is a target too, but has no clock. */
const NODES = 'label_values(up{job="lockstep",role!="console"}, node)';

const annotations: readonly Annotation[] = [
  // `increase` and not `changes`: a node that restarts counts from nought again.
  {
    name: 'Leader changes',
    expr: 'max(increase(lockstep_election_leader_changes_seen_total[3s])) > 0',
    iconColor: 'purple',
    titleFormat: 'The leader changed',
  },
  { name: 'Nodes down', expr: 'up{job="lockstep"} == 0', iconColor: 'red', titleFormat: '{{node}} is down' },
];

export function dashboard({ uid, title, description, rows }: About) {
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
    links: [{ type: 'link', title: 'Control room', url: 'http://localhost:8080', targetBlank: true, icon: 'external link' }],
    templating: {
      list: [
        {
          type: 'query',
          name: 'node',
          label: 'Node',
          datasource: { type: 'prometheus', uid: 'prometheus' },
          definition: NODES,
          query: { qryType: 1, query: NODES, refId: 'PrometheusVariableQueryEditor-VariableQuery' },
          refresh: 1,
          sort: 0,
          multi: true,
          includeAll: true,
          current: { text: ['All'], value: ['$__all'] },
        },
      ],
    },
    annotations: {
      list: annotations.map((each) => ({ datasource: { type: 'prometheus', uid: 'prometheus' }, enable: true, step: '1s', ...each })),
    },
    panels: layout(rows),
  };
}
