/**
 * All that the page knows, and how each frame changes it. No view code, and no clock of its own.
 *
 * Frames arrive ten times a second, faster than anyone reads. Curves take every one of them; the numbers on the page
 * are renewed four times a second, and not at all while the view is paused.
 */
import { batch, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type { HelloFrame, HistoryEvent, NodeView, ServerFrame, StateView } from '../live-frames.ts';
import { type Change, changes } from './changes.ts';
import { type Entry, note } from './log.ts';
import { push, type Ring, ring } from './ring.ts';
import { type TrueTime, trueTime } from './true-time.ts';
import { describe } from './words.ts';

export type Connection = { readonly is: 'connecting' | 'live' | 'refused' } | { readonly is: 'reconnecting'; readonly attempt: number };

/** Something that happened at one instant, for a chart to mark. */
export interface Marker {
  readonly atUs: number;
  readonly label: string;
  readonly tone: 'leader' | 'down' | 'up';
}

/** The three curves that the ring keeps of each node, in milliseconds, as charts show them. */
export const curves = { error: 0, deviation: 1, bound: 2 } as const;
const perNode = 3;
/** A minute at ten a second, and a little more. */
const samples = 660;
const renewMs = 240;

export interface Store {
  readonly hello: ReadonlySignal<HelloFrame | undefined>;
  /** The numbers shown; `undefined` before the first frame. */
  readonly shown: ReadonlySignal<StateView | undefined>;
  readonly log: ReadonlySignal<readonly Entry[]>;
  /** The newest rare event, for those who listen rather than look. */
  readonly announcement: ReadonlySignal<string>;
  readonly connection: Signal<Connection>;
  readonly paused: ReadonlySignal<boolean>;
  readonly selected: Signal<string | undefined>;
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
  const selected = signal<string | undefined>(undefined);
  const time = trueTime();

  let latest: StateView | undefined;
  let renewedMs = Number.NEGATIVE_INFINITY;
  let entries: readonly Entry[] = [];
  let entryIds = 0;
  let seen = { seq: 0, trueUs: 0 };
  let names: readonly string[] = [];
  let rings = ring(samples, 0);
  let markers: readonly Marker[] = [];

  const nameOf = (id: unknown): string => hello.peek()?.cluster.find((n) => n.id === id)?.name ?? `node ${String(id)}`;

  function greet(frame: HelloFrame): void {
    hello.value = frame;
    const now = frame.cluster.map((n) => n.name);
    if (now.join() === names.join()) return;
    names = now;
    rings = ring(samples, now.length * perNode);
  }

  function renew(state: StateView, atUs: number, nowMs: number): void {
    time.see(atUs, nowMs);
    for (const change of latest === undefined ? [] : changes(latest, state)) report(change, atUs);
    latest = state;
    selected.value ??= (state.nodes.find((n) => n.role === 'member' && n.name !== state.leader) ?? state.nodes[0])?.name;
    push(
      rings,
      atUs,
      names.flatMap((name) => curvesOf(state.nodes.find((n) => n.name === name))),
    );
    if (nowMs - renewedMs < renewMs) return;
    renewedMs = nowMs;
    publish();
  }

  function report({ text, tone, label, marks }: Change, atUs: number): void {
    markers = [...markers.slice(-19), { atUs, label, tone: marks }];
    enter({ atUs, topic: `change.${label}`, text, tone });
    announcement.value = text;
    renewedMs = Number.NEGATIVE_INFINITY;
  }

  function record(event: HistoryEvent): void {
    // A control room that was started anew numbers its history anew: what is later in true time is new all the same.
    if (event.seq <= seen.seq && event.trueUs <= seen.trueUs) return;
    seen = { seq: event.seq, trueUs: Math.max(event.trueUs, seen.trueUs) };
    const sentence = describe(event, nameOf);
    if (sentence === undefined) return;
    enter({ ...sentence, atUs: event.trueUs, topic: `${event.node}.${event.kind}` });
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
    selected,
    time,
    history: () => ({ ring: rings, markers }),
    newest: (name) => latest?.nodes.find((n) => n.name === name),
    column: (name, curve) => {
      const at = names.indexOf(name);
      return at === -1 ? -1 : at * perNode + curves[curve];
    },
    seen: () => seen.seq,
    apply(frame, nowMs) {
      batch(() => {
        switch (frame.type) {
          case 'hello':
            greet(frame);
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

/** A node that is down has no curve, and where nothing is claimed there is no claim to draw. */
function curvesOf(node: NodeView | undefined): readonly (number | null)[] {
  if (node === undefined || !node.up) return [null, null, null];
  const { errorUs, offsetUs, trueOffsetUs, boundUs } = node.clock;
  const deviationUs = offsetUs === null || trueOffsetUs === null ? null : offsetUs - trueOffsetUs;
  return [errorUs, deviationUs, boundUs].map((us) => (us === null ? null : us / 1_000));
}
