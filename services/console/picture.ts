/**
 * The state of the whole cluster at one instant, drawn from the lines of its clocks.
 *
 * All numbers of a picture belong to the same instant of true time: clocks that are read one after the other cannot be
 * compared, and a spread of such readings is mostly the time that passed between them. The instant is the smallest
 * watermark of the nodes that are up, so no line is ever carried on beyond what its node has vouched for.
 */
import { clockAt } from '../../shared/oracle.ts';
import { compareTerms, type Incarnation, type NodeId, type Term } from '../../shared/protocol.ts';
import { type Duration, later, type TrueTime } from '../../shared/time.ts';
import type { ClockView, MutexView, NodeView, SetupView, StateView, VerdictView, WorldName } from './live-frames.ts';
import { standingAt } from './sections.ts';
import { isUp, lineAt, total, type Watched } from './watched.ts';

export interface Picture {
  readonly atUs: TrueTime;
  /** Who was up at that instant. */
  readonly up: ReadonlySet<NodeId>;
  readonly state: StateView;
}

/** The instant of the next picture: never before the last one, and never after the watermark of a node that is up. */
function instant(nodes: readonly Watched[], last: TrueTime, nowUs: number): TrueTime {
  const watermarks = nodes.flatMap((node) => (isUp(node, last, nowUs) && node.upto !== undefined ? [node.upto] : []));
  return watermarks.length === 0 ? last : (Math.min(...watermarks) as TrueTime);
}

export function picture(nodes: readonly Watched[], last: TrueTime, nowUs: number, world: WorldName, verdicts: readonly VerdictView[]): Picture {
  const atUs = instant(nodes, last, nowUs);
  const up = new Set(nodes.flatMap((node) => (isUp(node, atUs, nowUs) ? [node.id] : [])));
  const views = nodes.map((node) => view(node, nodes, up, atUs));
  const highestTerm = highest(views);
  // Whoever is down leads nobody, whatever its followers still believe.
  const followed = views.some(({ name, up }) => up && name === highestTerm?.leader) ? highestTerm : undefined;
  const state: StateView = {
    world,
    leader: followed?.leader ?? null,
    term: followed?.term ?? null,
    truth: truthOf(nodes),
    nodes: views,
    spreadUs: spread(views),
    setup: newestSetup(nodes, up),
    verdicts,
    messages: total(nodes.flatMap(({ earlier, messages }) => [earlier, messages])),
    elections: { last: null },
    mutex: null,
    ledger: null,
  };
  return { atUs, up, state };
}

/** Whether all clocks are read against one and the same true time, or against that of several machines. */
export const truthOf = (nodes: readonly Watched[]): 'one-host' | 'several-hosts' =>
  new Set(nodes.flatMap(({ bootId }) => bootId ?? [])).size > 1 ? 'several-hosts' : 'one-host';

function view(node: Watched, nodes: readonly Watched[], up: ReadonlySet<NodeId>, at: TrueTime): NodeView {
  const { id, name, role } = node;
  const line = up.has(id) ? lineAt(node, at) : undefined;
  if (line === undefined) return { id, name, role, up: up.has(id), leader: null, term: null, incarnation: null, clock: nothing, mutex: null };
  const leader = nodes.find((n) => n.id === line.leader);
  const reference = leader === undefined || !up.has(leader.id) ? undefined : lineAt(leader, at);
  const clock: ClockView = {
    ...clockAt(line, reference, at),
    status: line.status,
    // It tells of the change of the status, which may come a moment before or after this instant.
    why: node.told?.status === line.status ? node.told.why : null,
    driftPpm: line.driftPpm,
    slewing: line.slewing,
    clockUs: null,
  };
  const clockUs = clock.errorUs === null ? null : later(at, clock.errorUs as Duration);
  return {
    id,
    name,
    role,
    up: true,
    leader: leader?.name ?? null,
    term: line.term,
    incarnation: node.incarnation ?? null,
    clock: { ...clock, clockUs },
    mutex: role === 'member' ? exclusion(node, nodes, at) : null,
  };
}

function exclusion({ sections, awaits }: Watched, nodes: readonly Watched[], at: TrueTime): MutexView {
  const standing = standingAt(sections, at);
  // It says for whom it waits a moment later than that it waits.
  const waitingFor = standing.state === 'wanted' ? nodes.flatMap(({ id, name }) => (awaits.includes(id) ? [name] : [])) : [];
  return { ...standing, waitingFor };
}

/** Of a node that is down, or of which nothing is known yet. */
const nothing: ClockView = {
  errorUs: null,
  offsetUs: null,
  trueOffsetUs: null,
  boundUs: null,
  status: 'unknown',
  why: null,
  driftPpm: null,
  slewing: false,
  clockUs: null,
};

/** The view that names the leader of the highest term among those that are up. */
function highest(views: readonly NodeView[]): NodeView | undefined {
  const following = views.flatMap((v) => {
    const term = v.term === null ? undefined : parseTerm(v.term);
    return v.leader === null || term === undefined ? [] : [{ v, term }];
  });
  return following.sort((a, b) => compareTerms(b.term, a.term))[0]?.v;
}

/** Reads what `formatTerm` writes. */
export function parseTerm(text: string): Term | undefined {
  const [, number, node, incarnation] = /^(\d+)\.(\d+)\.(\d+)$/.exec(text) ?? [];
  if (number === undefined) return undefined;
  return { number: Number(number), node: Number(node) as NodeId, incarnation: Number(incarnation) as Incarnation };
}

/** What those who are up run by now: whoever has missed a change is told of it by the others. */
export const newestSetup = (nodes: readonly Watched[], up: ReadonlySet<NodeId>): SetupView | null =>
  nodes.flatMap((node) => (up.has(node.id) && node.setup !== undefined ? [node.setup] : [])).toSorted((a, b) => b.number - a.number)[0] ?? null;

function spread(views: readonly NodeView[]): number | null {
  const errors = views.flatMap(({ role, clock }) => (role === 'member' && clock.errorUs !== null ? [clock.errorUs] : []));
  return errors.length < 2 ? null : Math.max(...errors) - Math.min(...errors);
}
