/** Frames and states for the page's tests: a cluster of two members, in step unless a test says otherwise. */
import type { ClockView, HelloFrame, HistoryEvent, NodeView, StateView, TickFrame } from '../../../services/console/live-frames.ts';

const inStep: ClockView = {
  errorUs: 1_000,
  offsetUs: 200,
  trueOffsetUs: 150,
  boundUs: 900,
  status: 'synchronized',
  why: null,
  driftPpm: 50,
  slewing: false,
  clockUs: 5_001_000,
};

export const nodeView = (name: string, clock: Partial<ClockView> = {}, rest: Partial<NodeView> = {}): NodeView => ({
  id: name === 'kmc' ? 1 : 2,
  name,
  role: 'member',
  up: true,
  leader: 'mit',
  term: '1.2.7',
  incarnation: 7,
  clock: { ...inStep, ...clock },
  mutex: null,
  ...rest,
});

export const stateView = (rest: Partial<StateView> = {}): StateView => ({
  world: 'processes',
  leader: 'mit',
  term: '1.2.7',
  truth: 'one-host',
  nodes: [nodeView('kmc'), nodeView('mit')],
  spreadUs: 240,
  setup: null,
  verdicts: [],
  messages: {},
  elections: { last: null },
  mutex: null,
  ledger: null,
  ...rest,
});

export const hello: HelloFrame = {
  v: 1,
  seq: 1,
  type: 'hello',
  cluster: [
    { id: 1, name: 'kmc', role: 'member' },
    { id: 2, name: 'mit', role: 'member' },
  ],
  world: 'processes',
  wallUs: 0,
  grafana: null,
  epoch: 1,
};

export const tick = (atUs: number, state: StateView = stateView()): TickFrame => ({ v: 1, seq: 2, type: 'tick', atUs, state });

export const event = (seq: number, kind: string, fields: Readonly<Record<string, unknown>> = {}): HistoryEvent => ({
  seq,
  node: 1,
  incarnation: 7,
  trueUs: seq * 1_000,
  clockUs: seq * 1_000,
  lamport: seq,
  vector: {},
  hybrid: { l: seq * 1_000, c: 0 },
  kind,
  ...fields,
});
