/**
 * What mutual exclusion has in common, whichever the algorithm: when a process wants the critical section, what it does
 * inside, and for whom it waits.
 *
 * The lock itself is one of nine algorithms. It is asked when the process wants to enter, says when it may, and is told
 * when the process has left. Whoever leads serves as coordinator of the central locks, and looks after the tokens.
 */
import { type FencingToken, type NodeId, type Protocol, type Reading, type Signal, type Step, unreachable } from '../protocol.ts';
import { type Duration, elapsed, type MonoTime, microseconds, none } from '../time.ts';
import type { MutexConfig } from './config.ts';
import type { Accepted, Refused, Write } from './ledger.ts';
import type { Contender, Lock, Turn } from './lock.ts';
import { type Held, lockOf } from './locks.ts';
import type { MutexEvent } from './outcome.ts';
import { type Again, type Awaited, asked, isOwn, passedOn, patience } from './patience.ts';
import { again, answered, enter, type Section, type SectionTurn, timeUp } from './section.ts';

/** The words of whichever algorithm is configured. */
interface Words {
  readonly lock: Held['lock'];
  readonly message: Held['message'];
  readonly timer: Held['timer'];
}

export interface Mutex {
  readonly state: MutexState;
  readonly message: Held['message'] | Again | Awaited | Write | Accepted | Refused;
  readonly timer: Held['timer'] | 'mutex.want' | 'mutex.patience' | 'mutex.hold' | 'mutex.write';
  readonly command: { readonly kind: 'mutex.enter' };
  readonly event: MutexEvent;
}

export interface MutexState {
  readonly contender: Contender;
  readonly lock: Held['lock'];
  /** When the process began to want, or entered. */
  readonly since: MonoTime;
  /** Present while the process is inside. */
  readonly section: Section | undefined;
  /** Whom it waits for in the end, behind those whom it has asked, as they let it know. */
  readonly beyond: readonly NodeId[];
  /** Suspected processes that it waits for. */
  readonly blockedOn: readonly NodeId[];
}

/** Exclusion as one protocol, which can also say for whom a process waits. */
export interface MutexProtocol extends Protocol<Mutex> {
  awaits(state: MutexState): readonly NodeId[];
}

export function mutex(config: MutexConfig): MutexProtocol {
  const { workload, resend, generation } = config;
  const lock: Lock<Words> = lockOf(config);

  return {
    awaits,

    start(member, now) {
      const contender: Contender = { member, phase: 'idle', request: 0, leader: undefined, suspects: new Set() };
      const turn = lock.start(member, now);
      const state: MutexState = { contender, lock: turn.lock, since: now.mono, section: undefined, beyond: [], blockedOn: [] };
      return then({ state, effects: turn.effects }, (next) => think(next, now));
    },

    step(state, input, now) {
      switch (input.kind) {
        case 'message':
          return receive(state, input.from, input.message, now);
        case 'timer':
          return expire(state, input.timer, now);
        case 'command':
          return want(state, now);
        case 'undelivered':
          return { state, effects: [] };
        default:
          return told(state, input, now);
      }
    },
  };

  function awaits(state: MutexState): readonly NodeId[] {
    return state.contender.phase === 'wanted' ? [...new Set([...lock.awaits(state), ...state.beyond])] : [];
  }

  function receive(state: MutexState, from: NodeId, message: Mutex['message'], now: Reading): Step<Mutex> {
    switch (message.kind) {
      case 'ledger.accepted':
      case 'ledger.refused':
        // Nobody but the ledger can say what became of a write.
        return state.section === undefined || from !== config.ledger
          ? { state, effects: [] }
          : inside(state, answered(state.section, message, resend), now);
      case 'ledger.write':
        return { state, effects: [] };
      case 'mutex.again':
        return then(finish(state, lock.again(state, from, now), now), (next) => passOn(next, from, message, now));
      case 'mutex.awaited':
        return isOwn(state.contender, message) ? blocked({ ...state, beyond: [...state.beyond, message.on] }) : { state, effects: [] };
      default:
        return finish(state, lock.receive(state, from, message, now), now);
    }
  }

  function expire(state: MutexState, timer: Mutex['timer'], now: Reading): Step<Mutex> {
    switch (timer) {
      case 'mutex.want':
        return want(state, now);
      case 'mutex.patience':
        return state.contender.phase === 'wanted' ? askAgain(state, now) : { state, effects: [] };
      case 'mutex.hold':
        return state.section === undefined ? { state, effects: [] } : inside(state, timeUp(state.section, resend), now);
      case 'mutex.write':
        return state.section === undefined ? { state, effects: [] } : inside(state, again(state.section, resend), now);
      default:
        return finish(state, lock.expire(state, timer, now), now);
    }
  }

  function told(state: MutexState, signal: Signal, now: Reading): Step<Mutex> {
    const next = { ...state, contender: heard(state.contender, signal), beyond: stillBeyond(state.beyond, signal) };
    return finish(next, lock.signal(next, signal, now), now);
  }

  /** Whoever wants already, or is inside, is about to have what is asked for. */
  function want(state: MutexState, now: Reading): Step<Mutex> {
    const { contender } = state;
    if (contender.phase !== 'idle') return { state, effects: [] };
    const request = contender.request + 1;
    const wanting: MutexState = { ...state, contender: { ...contender, phase: 'wanted', request }, since: now.mono, beyond: [] };
    const event = { kind: 'mutex.requested', request, timestamp: now.lamport } as const;
    return then(
      {
        state: wanting,
        effects: [
          { kind: 'clear-timer', timer: 'mutex.want' },
          { kind: 'set-timer', timer: 'mutex.patience', after: patience(config, contender) },
          { kind: 'emit', event },
        ],
      },
      (next) => finish(next, lock.want(next, now), now),
    );
  }

  /** For as long as it wants to enter, and can say to whom. */
  function askAgain(state: MutexState, now: Reading): Step<Mutex> {
    const { contender } = state;
    const { self } = contender.member;
    const of = lock.awaits(state).flatMap((id) => (id === self ? lock.through(state) : [id]));
    const audible = [...new Set(of)].filter((id) => id !== self && !contender.suspects.has(id));
    const event = { kind: 'mutex.asked-again', request: contender.request, of: audible } as const;
    const waiting: Step<Mutex> = {
      state,
      effects: [
        { kind: 'set-timer', timer: 'mutex.patience', after: patience(config, contender) },
        ...(audible.length === 0 ? [] : [{ kind: 'emit', event } as const]),
      ],
    };
    return audible.reduce((step, to) => then(step, (next) => doubt(next, to, asked(contender), now)), waiting);
  }

  /** What one of the two said to the other may be lost, either way. */
  function doubt(state: MutexState, to: NodeId, question: Again, now: Reading): Step<Mutex> {
    return then(finish(state, lock.again(state, to, now), now), (next) => ({ state: next, effects: [{ kind: 'send', to, message: question }] }));
  }

  function passOn(state: MutexState, from: NodeId, received: Again, now: Reading): Step<Mutex> {
    const { contender } = state;
    const { to, question } = passedOn(contender, received, from, lock.through(state));
    const { by, incarnation, request } = question;
    const named = (on: NodeId): Step<Mutex>['effects'] => [{ kind: 'send', to: by, message: { kind: 'mutex.awaited', incarnation, request, on } }];
    return to.reduce<Step<Mutex>>(
      (step, id) => then(step, (next) => (contender.suspects.has(id) ? { state: next, effects: named(id) } : doubt(next, id, question, now))),
      { state, effects: [] },
    );
  }

  function finish(state: MutexState, { lock: held, effects, enter: entry }: Turn<Words>, now: Reading): Step<Mutex> {
    const turned = { state: { ...state, lock: held }, effects };
    return then(
      then(turned, (next) => (entry === undefined ? { state: next, effects: [] } : entered(next, entry.token, now))),
      blocked,
    );
  }

  function entered(state: MutexState, token: FencingToken | null, now: Reading): Step<Mutex> {
    const { contender, since } = state;
    const { member, request } = contender;
    const { shortest, longest } = workload;
    const opened = { generation, token, incarnation: member.incarnation, request, ledger: config.ledger };
    const turn = enter(opened, microseconds(shortest + now.chance * (longest - shortest)), resend);
    const event = { kind: 'mutex.entered', request, generation, token, waited: elapsed(since, now.mono) } as const;
    return {
      state: { ...state, contender: { ...contender, phase: 'held' }, since: now.mono, section: turn.section },
      effects: [{ kind: 'clear-timer', timer: 'mutex.patience' }, { kind: 'emit', event }, ...turn.effects],
    };
  }

  function inside(state: MutexState, { section, effects, over }: SectionTurn, now: Reading): Step<Mutex> {
    const turned = { state: { ...state, section }, effects };
    return over ? then(turned, (next) => leave(next, now)) : turned;
  }

  function leave(state: MutexState, now: Reading): Step<Mutex> {
    const { contender, since } = state;
    const left: MutexState = { ...state, contender: { ...contender, phase: 'idle' }, since: now.mono, section: undefined };
    const event = { kind: 'mutex.exited', request: contender.request, held: elapsed(since, now.mono) } as const;
    const exited: Step<Mutex> = {
      state: left,
      effects: [
        { kind: 'clear-timer', timer: 'mutex.hold' },
        { kind: 'clear-timer', timer: 'mutex.write' },
        { kind: 'emit', event },
      ],
    };
    return then(
      then(exited, (next) => finish(next, lock.leave(next, now), now)),
      (next) => think(next, now),
    );
  }

  function think(state: MutexState, now: Reading): Step<Mutex> {
    const after = thought(workload.think, now);
    return { state, effects: after === undefined ? [] : [{ kind: 'set-timer', timer: 'mutex.want', after }] };
  }

  /** Tells for whom it waits in vain, whenever that changes. */
  function blocked(state: MutexState): Step<Mutex> {
    const { suspects, request } = state.contender;
    const on = awaits(state).filter((id) => suspects.has(id));
    if (on.join() === state.blockedOn.join()) return { state, effects: [] };
    // Whoever may enter is blocked no more; its entry says so.
    const silent = on.length === 0 && state.contender.phase !== 'wanted';
    return { state: { ...state, blockedOn: on }, effects: silent ? [] : [{ kind: 'emit', event: { kind: 'mutex.blocked', request, on } }] };
  }
}

/** Exponential, by inversion; `undefined` for a process that wants nothing by itself. */
function thought(think: MutexConfig['workload']['think'], { chance }: Reading): Duration | undefined {
  if (think === 'off') return undefined;
  return think === 'saturated' ? none : microseconds(-Math.log(1 - chance) * think);
}

function heard(contender: Contender, signal: Signal): Contender {
  const { suspects } = contender;
  switch (signal.kind) {
    case 'leader':
      return { ...contender, leader: { id: signal.leader, term: signal.term } };
    case 'deposed':
      return { ...contender, leader: undefined };
    case 'suspected':
      return { ...contender, suspects: new Set([...suspects, signal.peer]) };
    case 'trusted':
      return { ...contender, suspects: new Set([...suspects].filter((id) => id !== signal.peer)) };
    case 'stalled':
    case 'unreachable':
      return contender;
    default:
      return unreachable(signal);
  }
}

/** Who is heard again is not what it waits for; and behind another leader there may be others. */
function stillBeyond(beyond: readonly NodeId[], signal: Signal): readonly NodeId[] {
  if (signal.kind === 'leader') return [];
  return signal.kind === 'trusted' ? beyond.filter((id) => id !== signal.peer) : beyond;
}

function then(step: Step<Mutex>, next: (state: MutexState) => Step<Mutex>): Step<Mutex> {
  const after = next(step.state);
  return { state: after.state, effects: [...step.effects, ...after.effects] };
}
