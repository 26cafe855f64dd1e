/**
 * Switching at run time: the election, the clock rule or the lock of a running cluster is changed by a command.
 *
 * The leader gives the change a number and tells everyone; each member stops the old part and starts the new one, under
 * the number that its frames carry from then on. A lock is changed in two steps, since under two locks at once two could
 * be inside: each member leaves the critical section and says so, and only when all have, apart from those who are
 * suspected, is the new lock used.
 *
 * Every heartbeat says which change its sender has last heard of, and whoever hears that this is an earlier one than its
 * own tells it, whether it leads or not: the frames of elections may be among those that the two do not understand of
 * each other. Any two changes are ordered, and no member goes back to an earlier one, so that all come to run the latest
 * that any of them knows, as long as heartbeats and what answers them arrive now and then. Only the earlier one is told,
 * and only while it is: no answer calls for another.
 */
import type { Effect, Input, Keepsake, Member, NodeId, Reading } from '../protocol.ts';
import { milliseconds } from '../time.ts';
import { andThen, type Message, replying, said, type Turn, unchanged } from './composition.ts';
import {
  type Choice,
  choiceOf,
  compareOrders,
  isSameChoice,
  isSameLock,
  type Marks,
  partOf,
  type Setup,
  type Since,
  type Switch,
  type Switched,
} from './setup.ts';
import type { MemberState, Node } from './words.ts';

type MemberTurn = Turn<MemberState>;
const remindAfter = milliseconds(250);

export interface MemberNode {
  start(member: Member, now: Reading, found?: Keepsake): MemberTurn;
  step(state: MemberState, input: Input<Node>, now: Reading): MemberTurn;
}

/** What a member is made of, and how its parts are exchanged. */
export interface Exchangeable extends MemberNode {
  /** Runs what `setup` says from now on, but no lock yet where that is changed. */
  exchange(state: MemberState, setup: Setup, now: Reading): MemberTurn;
  /** Starts the lock. */
  open(state: MemberState, now: Reading): MemberTurn;
  /** Says again to the lock of a peer what may be lost. */
  repeat(state: MemberState, peer: NodeId, now: Reading): MemberTurn;
}

export function switchable(inner: Exchangeable): MemberNode {
  return {
    start: (member, now, found) => sent(inner.start(member, now, found)),

    step(state, input, now) {
      const turn = take(state, input, now);
      return andThen(turn, (next) => (next.turnover.due === undefined || isInside(next) ? unchanged(next) : adopt(next, next.turnover.due, now)));
    },
  };

  function take(state: MemberState, input: Input<Node>, now: Reading): MemberTurn {
    if (input.kind === 'command' && input.command.kind === 'node.switch') return order(state, input.command, now);
    if (input.kind === 'timer' && input.timer === 'node.switch') return remind(state, now);
    if (input.kind !== 'message') return run(state, input, now);
    const { from, message } = input;
    if (message.kind === 'node.switch') return told(state, from, message, now);
    if (message.kind === 'node.switched') return ready(state, from, message, now);
    if (message.kind === 'heartbeat.beat') return andThen(run(state, input, now), (next) => heard(next, from, message));
    const part = partOf(message.kind);
    if (part !== undefined && (message.setup ?? 0) !== state.setup.since[part]) return mistimed(state, input);
    return andThen(part === 'mutex' && isClosed(state) ? open(state, now) : unchanged(state), (next) => run(next, input, now));
  }

  /** What the parts that run now make of an input. */
  function run(state: MemberState, input: Input<Node>, now: Reading): MemberTurn {
    const fired = input.kind === 'timer' ? { ...state, armed: without(state.armed, input.timer) } : state;
    return sent(inner.step(fired, input, now));
  }

  /** Whoever has not heard of the last change is told, and told again until its heartbeat shows that it has. */
  function heard(state: MemberState, from: NodeId, { setup: number = 0, ordered }: Marks): MemberTurn {
    const { due, open: isOpen } = state.turnover;
    const behind = compareOrders({ number, term: ordered ?? null }, newest(state)) < 0;
    return behind ? replying(state, from, { kind: 'node.switch', ...newest(state), opens: isOpen && due === undefined }) : unchanged(state);
  }

  /**
   * Meant for other parts than run here. The sender is told at once what does: a member that knows better makes nothing
   * of that, and a device has no heartbeat by which to show what it has missed.
   */
  function mistimed(state: MemberState, { from, message }: Message): MemberTurn {
    const ignored = said<MemberState>(state, { kind: 'node.ignored', message: message.kind, from });
    return andThen(ignored, (next) => replying(next, from, running(next)));
  }

  function order(state: MemberState, asked: Partial<Choice>, now: Reading): MemberTurn {
    const { setup, election, turnover } = state;
    const { leader, term, member } = election.office;
    const choice = choiceOf({ ...setup, ...asked });
    const no = (why: string): MemberTurn => said(state, { kind: 'node.unswitched', why });
    if (leader !== member.self || term === undefined) return no('only the leader switches');
    if (turnover.due !== undefined || !turnover.open) return no('the last change is not finished');
    if (choice.mode === 'safe' && choice.election !== 'bully') return no('only bully has a safe variant');
    if (isSameChoice(choice, setup)) return no('that is what runs already');
    const number = setup.number + 1;
    const next: Setup = { ...choice, number, since: changed(setup, choice, number), term };
    // Where the lock is changed, everyone is asked as soon as this process itself is not inside any more.
    const opens = choice.mutex === setup.mutex;
    const effects = opens || isInside(state) ? everyone(state, { kind: 'node.switch', ...next, opens }) : [];
    return andThen({ state, effects }, (after) => begin(after, next, now));
  }

  /** At once, or once the critical section is left. */
  function begin(state: MemberState, setup: Setup, now: Reading): MemberTurn {
    const due = isInside(state) && !isSameLock(setup, state.setup);
    return due ? unchanged({ ...state, turnover: { ...state.turnover, due: setup } }) : adopt(state, setup, now);
  }

  function adopt(state: MemberState, setup: Setup, now: Reading): MemberTurn {
    const open = isSameLock(setup, state.setup) && state.turnover.open;
    const turnover = { due: undefined, open, ready: new Set<NodeId>() };
    const { number, since } = setup;
    const event = { kind: 'node.switched', number, generation: since.mutex, ...choiceOf(setup) } as const;
    const exchanged = andThen(said<MemberState>({ ...state, turnover }, event), (next) => sent(inner.exchange(next, setup, now)));
    return open ? exchanged : andThen(exchanged, (next) => remind(next, now));
  }

  function told(state: MemberState, from: NodeId, { kind: _, opens, setup: __, ...setup }: Node['message'] & Switch, now: Reading): MemberTurn {
    const order = compareOrders(setup, newest(state));
    if (order < 0) return unchanged(state);
    const begun = order > 0 ? begin(state, setup, now) : unchanged(state);
    return andThen(begun, (next) => {
      if (next.turnover.due !== undefined) return unchanged(next);
      if (opens && !next.turnover.open) return order > 0 ? late(next, now) : open(next, now);
      return opens ? unchanged(next) : replying(next, from, report(next));
    });
  }

  /** A member has left the old lock. Once all have, or are suspected, the new one is used. */
  function ready(state: MemberState, from: NodeId, { open: isOpen, ...order }: Switched, now: Reading): MemberTurn {
    const { setup, turnover } = state;
    // A leader that has started since does not know yet what is waited for, and gets to know it by its heartbeat.
    if (compareOrders(order, setup) !== 0 || turnover.due !== undefined) return unchanged(state);
    if (turnover.open) return isOpen ? sent(inner.repeat(state, from, now)) : replying(state, from, running(state));
    const next = { ...state, turnover: { ...turnover, ready: new Set([...turnover.ready, from]) } };
    return isOpen ? open(next, now) : complete(next, now);
  }

  function complete(state: MemberState, now: Reading): MemberTurn {
    const { member, suspects } = state.election.office;
    const missing = member.members.filter((id) => id !== member.self && !suspects.has(id) && !state.turnover.ready.has(id));
    if (!isLeading(state) || missing.length > 0) return unchanged(state);
    const opened = open(state, now);
    return { state: opened.state, effects: [...opened.effects, ...everyone(state, { kind: 'node.switch', ...state.setup, opens: true })] };
  }

  /** The lock is closed: the leader asks who has not said that it has left the old one, the others say it again. */
  function remind(state: MemberState, now: Reading): MemberTurn {
    const { turnover, setup, election } = state;
    if (!isClosed(state)) return unchanged(state);
    const { leader, member } = election.office;
    const again = { kind: 'set-timer', timer: 'node.switch', after: remindAfter } as const;
    if (leader !== member.self) {
      return { state, effects: leader === undefined ? [again] : [{ kind: 'send', to: leader, message: report(state) }, again] };
    }
    const asked = everyone(state, { kind: 'node.switch', ...setup, opens: false }).filter((e) => e.kind === 'send' && !turnover.ready.has(e.to));
    return andThen({ state, effects: [...asked, again] }, (next) => complete(next, now));
  }

  /** The others use the new lock already, and what they have said to this member is lost. */
  function late(state: MemberState, now: Reading): MemberTurn {
    const opened = open(state, now);
    return { state: opened.state, effects: [...opened.effects, ...everyone(opened.state, report(opened.state))] };
  }

  function open(state: MemberState, now: Reading): MemberTurn {
    const opened = said<MemberState>({ ...state, turnover: { ...state.turnover, open: true } }, { kind: 'node.opened', number: state.setup.number });
    return andThen(opened, (next) => sent(inner.open(next, now)));
  }
}

const isInside = ({ mutex }: MemberState): boolean => mutex?.contender.phase === 'held';
/** The new lock may not be used yet, as far as this member knows. Whoever uses it has been told otherwise. */
const isClosed = ({ turnover: { open, due } }: MemberState): boolean => !open && due === undefined;
const isLeading = ({ election: { office } }: MemberState): boolean => office.leader === office.member.self;
/** The last change that this member has heard of, whether it runs already or is due. */
const newest = ({ setup, turnover: { due } }: MemberState): Setup => due ?? setup;
const report = ({ setup: { number, term }, turnover: { open } }: MemberState): Switched => ({ kind: 'node.switched', number, term, open });

const running = ({ setup, turnover: { open: opens } }: MemberState): Switch => ({ kind: 'node.switch', ...setup, opens });

const everyone = ({ election: { office } }: MemberState, message: Switch | Switched): readonly Effect<Node>[] =>
  office.member.members.filter((id) => id !== office.member.self).map((to) => ({ kind: 'send', to, message }));

/** Frames carry the number of what runs, heartbeats that of the last change, and it is known which timers are set. */
function sent({ state, effects }: MemberTurn): MemberTurn {
  const { number, term } = newest(state);
  const marked = (message: Node['message']): Node['message'] =>
    message.kind === 'heartbeat.beat'
      ? { ...message, setup: number, ...(term === null ? {} : { ordered: term }) }
      : numbered(message, state.setup.since);
  const tagged = number === 0 ? effects : effects.map((e) => (e.kind === 'send' ? { ...e, message: marked(e.message) } : e));
  return { state: { ...state, armed: effects.reduce(armedAfter, state.armed) }, effects: tagged };
}

export function numbered(message: Node['message'], since: Since): Node['message'] {
  const part = partOf(message.kind);
  const setup = part === undefined ? 0 : since[part];
  return setup === 0 ? message : { ...message, setup };
}

const changed = (from: Setup, to: Choice, number: number): Since => ({
  election: to.election === from.election && to.mode === from.mode ? from.since.election : number,
  clock: to.clock === from.clock ? from.since.clock : number,
  mutex: to.mutex === from.mutex ? from.since.mutex : number,
});

function armedAfter(armed: ReadonlySet<Node['timer']>, effect: Effect<Node>): ReadonlySet<Node['timer']> {
  if (effect.kind === 'clear-timer') return without(armed, effect.timer);
  return effect.kind !== 'set-timer' || armed.has(effect.timer) ? armed : new Set([...armed, effect.timer]);
}

const without = <T>(set: ReadonlySet<T>, one: T): ReadonlySet<T> => (set.has(one) ? new Set([...set].filter((other) => other !== one)) : set);
