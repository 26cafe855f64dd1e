/**
 * All that the page knows, and how each frame changes it. No view code, and no clock of its own.
 *
 * Frames arrive ten times a second, faster than anyone reads. Curves take every one of them; the numbers on the page
 * are renewed four times a second, and not at all while the view is paused.
 */
import { batch, computed, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import { type CurvePoints, pointsOf } from '../curves.ts';
import type { HelloFrame, HistoryEvent, NodeView, PastFrame, ServerFrame, StateView } from '../live-frames.ts';
import { type Change, changes } from './changes.ts';
import { type Entry, note } from './log.ts';
import { joined, push, type Ring, ring } from './ring.ts';
import { type TrueTime, trueTime } from './true-time.ts';
import { describe } from './words.ts';

export type Connection = { readonly is: 'connecting' | 'live' | 'refused' } | { readonly is: 'reconnecting'; readonly attempt: number };

/** Something that happened at one instant, for a chart to mark. */
export interface Marker {
  readonly atUs: number;
  readonly label: string;
  readonly tone: 'leader' | 'down' | 'up' | 'fault';
}

/** The three curves that the ring keeps of each node, in milliseconds, as charts show them. */
export const curves = { error: 0, deviation: 1, bound: 2 } as const;
const perNode = 3;
/** A minute at ten a second, and a little more. */
const samples = 660;
const renewMs = 240;
/** Two consoles whose true time and wall clock are no further apart than this read the same true time. */
const sameClockUs = 1_000_000;

export interface Store {
  readonly hello: ReadonlySignal<HelloFrame | undefined>;
  /** The numbers shown; `undefined` before the first frame. */
  readonly shown: ReadonlySignal<StateView | undefined>;
  readonly log: ReadonlySignal<readonly Entry[]>;
  /** The newest rare event, for those who listen rather than look. */
  readonly announcement: ReadonlySignal<string>;
  readonly connection: Signal<Connection>;
  readonly paused: ReadonlySignal<boolean>;
  /** The node that the viewer has chosen, and the one that is selected: one that does not lead, until there is a choice. */
  readonly chosen: Signal<string | undefined>;
  readonly selected: ReadonlySignal<string | undefined>;
  readonly time: TrueTime;
  readonly history: () => { readonly ring: Ring; readonly markers: readonly Marker[] };
  /** The newest state of one node, paused or not. */
  readonly newest: (name: string) => NodeView | undefined;
  /** Where a node's curve stands in the ring; -1 for a node that is none of the cluster's. */
  readonly column: (name: string, curve: keyof typeof curves) => number;
  /** The newest event seen, from which to resume. */
  readonly seen: () => number;
  apply(frame: ServerFrame, nowMs: number): void;
  pause(paused: boolean): void;
}

export function createStore(): Store {
  const hello = signal<HelloFrame | undefined>(undefined);
  const shown = signal<StateView | undefined>(undefined);
  const log = signal<readonly Entry[]>([]);
  const announcement = signal('');
  const connection = signal<Connection>({ is: 'connecting' });
  const paused = signal(false);
  const chosen = signal<string | undefined>(undefined);
  const follower = signal<string | undefined>(undefined);
  const selected = computed(() => chosen.value ?? follower.value);
  const time = trueTime();

  let latest: StateView | undefined;
  let renewedMs = Number.NEGATIVE_INFINITY;
  let entries: readonly Entry[] = [];
  let entryIds = 0;
  /** The newest event of this console, and of each node the instant of the newest one. */
  let seen = 0;
  const toldUs = new Map<number, number>();
  /** What the console before this one had told of each node. */
  let toldBefore: ReadonlyMap<number, number> = new Map();
  let names: readonly string[] = [];
  let rings = ring(samples, 0);
  let markers: readonly Marker[] = [];

  const nameOf = (id: unknown): string => hello.peek()?.cluster.find((n) => n.id === id)?.name ?? `node ${String(id)}`;

  function greet(frame: HelloFrame): void {
    const before = hello.peek();
    hello.value = frame;
    if (before !== undefined && frame.epoch !== before.epoch) meet(Math.abs(frame.wallUs - before.wallUs) < sameClockUs);
    const now = frame.cluster.map((n) => n.name);
    if (now.join() === names.join()) return;
    names = now;
    rings = ring(samples, now.length * perNode);
  }

  /**
   * Another console, started anew: it numbers its history from one again and collects from all nodes what they still
   * keep, most of which is known here. On another machine, or after a restart of it, true time begins anew as well.
   */
  function meet(sameClock: boolean): void {
    seen = 0;
    latest = undefined;
    if (!sameClock) {
      toldUs.clear();
      markers = [];
      rings = ring(samples, names.length * perNode);
    }
    toldBefore = new Map(toldUs);
  }

  function remember({ atUs, nodes }: PastFrame): void {
    const columns = nodes.flatMap(({ errorUs, deviationUs, boundUs }) => [errorUs, deviationUs, boundUs]);
    rings = joined(
      rings,
      atUs,
      columns.map((column) => column.map(inMs)),
    );
  }

  function renew(state: StateView, atUs: number, nowMs: number): void {
    time.see(atUs, nowMs);
    for (const change of latest === undefined ? [] : changes(latest, state)) report(change, atUs);
    latest = state;
    follower.value ??= (state.nodes.find((n) => n.role === 'member' && n.name !== state.leader) ?? state.nodes[0])?.name;
    push(
      rings,
      atUs,
      names.flatMap((name) => curvesOf(pointsOf(state.nodes.find((n) => n.name === name)))),
    );
    if (nowMs - renewedMs < renewMs) return;
    renewedMs = nowMs;
    publish();
  }

  function report({ text, tone, label, marks }: Change, atUs: number): void {
    mark({ atUs, label, tone: marks });
    enter({ atUs, topic: `change.${label}`, text, tone });
    announcement.value = text;
    renewedMs = Number.NEGATIVE_INFINITY;
  }

  function record(event: HistoryEvent): void {
    const { seq, node, trueUs, kind } = event;
    if (seq <= seen) return;
    seen = seq;
    if (trueUs <= (toldBefore.get(node) ?? Number.NEGATIVE_INFINITY)) return;
    toldUs.set(node, Math.max(trueUs, toldUs.get(node) ?? trueUs));
    const sentence = describe(event, nameOf);
    if (sentence === undefined) return;
    if (sentence.label !== undefined) mark({ atUs: trueUs, label: sentence.label, tone: 'fault' });
    enter({ ...sentence, atUs: trueUs, topic: `${node}.${kind}` });
  }

  /** In the order of time, for their labels to find room: what the history tells may be older than what was seen. */
  function mark(marker: Marker): void {
    markers = [...markers, marker].sort((a, b) => a.atUs - b.atUs).slice(-20);
  }

  function enter(entry: Omit<Entry, 'id' | 'times'>): void {
    entryIds += 1;
    entries = note(entries, { ...entry, id: entryIds });
  }

  function publish(): void {
    if (paused.peek()) return;
    shown.value = latest;
    log.value = entries;
  }

  return {
    hello,
    shown,
    log,
    announcement,
    connection,
    paused,
    chosen,
    selected,
    time,
    history: () => ({ ring: rings, markers }),
    newest: (name) => latest?.nodes.find((n) => n.name === name),
    column: (name, curve) => {
      const at = names.indexOf(name);
      return at === -1 ? -1 : at * perNode + curves[curve];
    },
    seen: () => seen,
    apply(frame, nowMs) {
      batch(() => {
        switch (frame.type) {
          case 'hello':
            greet(frame);
            break;
          case 'past':
            remember(frame);
            break;
          case 'state':
          case 'tick':
            renew(frame.state, frame.atUs, nowMs);
            break;
          case 'events':
            frame.events.forEach(record);
            break;
        }
      });
    },
    pause(value) {
      batch(() => {
        paused.value = value;
        publish();
      });
    },
  };
}

const inMs = (us: number | null): number | null => (us === null ? null : us / 1_000);
const curvesOf = ({ errorUs, deviationUs, boundUs }: CurvePoints): readonly (number | null)[] => [errorUs, deviationUs, boundUs].map(inMs);
