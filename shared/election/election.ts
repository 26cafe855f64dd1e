/**
 * What every election has in common, whichever way it is held: who may call for one, and when.
 *
 * A process calls for an election when its leader is suspected, or has started anew faster than that could be noticed;
 * when it starts, or has stood still, and hears of no leader; when a process below it leads; and when it is told to.
 * Elections that follow each other closely are put off, longer each time and by a random part, so that a link that is
 * open in one direction only makes no storm of them.
 */
import { type Incarnation, incarnation, type Member, type NodeId, type Protocol, type Reading, type Step, unreachable } from '../protocol.ts';
import { type Duration, elapsed, type MonoTime, microseconds, none, seconds, shortest } from '../time.ts';
import { majority } from './bully/mandate.ts';
import type { Bully } from './bully/vocabulary.ts';
import { bully } from './bully.ts';
import { type ChangRoberts, changRoberts } from './chang-roberts.ts';
import type { ElectionConfig } from './config.ts';
import { type Contest, ruled, type Turn } from './contest.ts';
import type { Beat, BeatAck } from './failure-detector.ts';
import { type HirschbergSinclair, hirschbergSinclair } from './hirschberg-sinclair.ts';
import { accept, claimed, heardOf, isNewer, isStale, leads, type Office, raised, stepDown, vacant } from './office.ts';
import type { ElectionEvent } from './outcome.ts';
import { type Ring, ring } from './ring.ts';

/** The words of whichever algorithm is configured. */
type Held = Bully | Ring | ChangRoberts | HirschbergSinclair;
interface Words {
  readonly contest: Held['contest'];
  readonly message: Held['message'];
  readonly timer: Held['timer'];
}

export interface Election {
  readonly state: ElectionState;
  readonly message: Held['message'] | Beat | BeatAck;
  readonly timer: Held['timer'] | 'election.listen' | 'election.retry';
  readonly command: { readonly kind: 'election.call' };
  readonly event: ElectionEvent;
}

export interface ElectionState {
  readonly office: Office;
  readonly contest: Held['contest'];
  /** Calls of this process that followed each other closely, when the last one was, and why one is put off, if one is. */
  readonly calls: { readonly streak: number; readonly last: MonoTime | undefined; readonly putOff: string | undefined };
}

const calm = seconds(10);
/** Calls that follow each other closely are put off by no more than this. */
export const longestDelay = seconds(10);

/** An election, which can also say whether this process, which leads, may not act any more. */
export interface ElectionProtocol extends Protocol<Election> {
  /** Goes on with another algorithm where `earlier` leaves off: who leads stays the same. */
  succeed(earlier: ElectionState, now: Reading): Step<Election>;
  lapsed(state: ElectionState, now: Reading): boolean;
}

export function election(config: ElectionConfig): ElectionProtocol {
  const contest: Contest<Words> = {
    bully: () => bully(config),
    ring: () => ring(config),
    'chang-roberts': () => changRoberts(config),
    'hirschberg-sinclair': () => hirschbergSinclair(config),
  }[config.algorithm]();
  const ownAccord = config.begins === 'by-itself';

  return {
    lapsed: ({ office, contest: held }, now) => leads(office) && contest.lapsed(held, office, now),

    succeed(earlier, now) {
      const { office } = earlier;
      const state = { ...earlier, contest: contest.start(now, { term: office.term ?? null }) };
      return office.leader === undefined && ownAccord ? listen(state, config.listen) : { state, effects: [] };
    },

    start(member: Member, now, found) {
      const state = {
        office: vacant(member, found),
        contest: contest.start(now, found),
        calls: { streak: 0, last: undefined, putOff: undefined },
      };
      if (ownAccord) return listen(state, config.listen);
      return config.mode === 'safe' ? { state, effects: [] } : appoint(state);
    },

    step(state, input, now) {
      switch (input.kind) {
        case 'message':
          return receive(state, input.from, input.message, now);
        case 'timer':
          return expire(state, input.timer, now);
        case 'undelivered':
          return input.message.kind.startsWith('heartbeat.')
            ? { state, effects: [] }
            : finish(state, contest.undelivered(state, input.to, input.message as Words['message']), now);
        case 'command':
          return begin(state, 'it was told to', now);
        case 'suspected':
          return suspected(state, input.peer, now);
        case 'trusted':
          return trusted(state, input.peer, input.incarnation, now);
        case 'stalled':
          return stalled(state, now);
        case 'leader':
        case 'deposed':
        case 'unreachable':
          return { state, effects: [] };
        default:
          return unreachable(input);
      }
    },
  };

  function receive(state: ElectionState, from: NodeId, message: Election['message'], now: Reading): Step<Election> {
    switch (message.kind) {
      case 'heartbeat.beat': {
        const told = hear(state, from, message, now);
        const heard = finish(told.state, contest.heard(told.state, from, message, now), now);
        return { state: heard.state, effects: [...told.effects, ...heard.effects] };
      }
      case 'heartbeat.ack':
        return finish(state, contest.heard(state, from, message, now), now);
      default:
        return finish(state, contest.receive(state, from, message, now), now);
    }
  }

  /** A beat says whom its sender follows. That repairs announcements that were lost, and ends rival leaderships. */
  function hear(state: ElectionState, from: NodeId, { leader, term }: Beat, now: Reading): Step<Election> {
    if (term === null) return { state, effects: [] };
    const office = raised(state.office, term.number);
    if (leader === from && term.node === from) {
      // A stale claimant hears of its successor from everyone's beats; nobody needs to refuse each of its own.
      if (isStale(office, term)) return { state: { ...state, office }, effects: [] };
      return finish(state, ruled({ ...state, office }, claimed(office, term, 'heartbeat.beat'), contest.concluded), now);
    }
    if (office.leader === from) {
      const { state: next, effects } = listen({ ...state, office: { ...office, leader: undefined } }, patience());
      return { state: next, effects };
    }
    // In the safe variant only votes and announcements raise the highest term that was seen.
    if (config.mode === 'safe' || !leads(office) || !isNewer(office, term)) return { state: { ...state, office }, effects: [] };
    const { office: vacated, effects } = stepDown(heardOf(office, term), `${term.node} leads by now`);
    const listening = listen({ ...state, office: vacated }, patience());
    return { state: listening.state, effects: [...effects, ...listening.effects] };
  }

  function expire(state: ElectionState, timer: Election['timer'], now: Reading): Step<Election> {
    const { leader, member } = state.office;
    switch (timer) {
      case 'election.listen':
        return leader === undefined ? call(state, 'no leader was heard of', now) : { state, effects: [] };
      case 'election.retry': {
        const { putOff } = state.calls;
        const ready = { ...state, calls: { ...state.calls, putOff: undefined } };
        return putOff === undefined || (leader !== undefined && leader >= member.self) ? { state: ready, effects: [] } : begin(ready, putOff, now);
      }
      default:
        return finish(state, contest.expire(state, timer, now), now);
    }
  }

  function suspected(state: ElectionState, peer: NodeId, now: Reading): Step<Election> {
    const suspecting = { ...state, office: { ...state.office, suspects: new Set([...state.office.suspects, peer]) } };
    return peer === state.office.leader ? lost(suspecting, `${peer} is suspected`, now) : { state: suspecting, effects: [] };
  }

  function trusted(state: ElectionState, peer: NodeId, start: Incarnation, now: Reading): Step<Election> {
    const { office } = state;
    const trusting = { ...state, office: { ...office, suspects: without(office.suspects, peer) } };
    const anew = office.leader === peer && office.term?.incarnation !== start;
    if (anew) return lost(trusting, 'the leader has started anew', now);
    if (office.leader !== undefined || isQuorate(office)) return { state: trusting, effects: [] };
    return call(trusting, 'a majority is there again', now);
  }

  function lost(state: ElectionState, why: string, now: Reading): Step<Election> {
    return accord({ ...state, office: { ...state.office, leader: undefined } }, why, now);
  }

  /** Others may have elected someone meanwhile: whoever led listens first, and does nothing more as a leader. */
  function stalled(state: ElectionState, now: Reading): Step<Election> {
    if (!leads(state.office)) return { state, effects: [] };
    const { office, effects } = stepDown(state.office, 'it stood still');
    const over = finish(state, { ...contest.concluded({ office, contest: state.contest }) }, now);
    const listening = listen(over.state, config.listen);
    return { state: listening.state, effects: [...effects, ...over.effects, ...listening.effects] };
  }

  /** The highest leads. Which start of it that is shows in its first frame, so that others begin with the lowest possible term. */
  function appoint(state: ElectionState): Step<Election> {
    const { member } = state.office;
    const node = Math.max(...member.members) as NodeId;
    const ruling = accept(state.office, { number: 1, node, incarnation: node === member.self ? member.incarnation : incarnation(0) });
    return { state: { ...state, office: ruling.office }, effects: ruling.effects };
  }

  function listen(state: ElectionState, after: Duration): Step<Election> {
    return { state, effects: [{ kind: 'set-timer', timer: 'election.listen', after }] };
  }

  /** A leader that says itself that it leads no more makes way for someone, who may have to wait for grants to run out. */
  function patience(): Duration {
    return config.mode === 'safe' ? ((config.lease + config.coordinatorWithin) as Duration) : config.listen;
  }

  function accord(state: ElectionState, why: string, now: Reading): Step<Election> {
    return ownAccord ? call(state, why, now) : { state, effects: [] };
  }

  /** Calls for an election, at once or, where many were called for lately, later. */
  function call(state: ElectionState, why: string, now: Reading): Step<Election> {
    const { calls, office } = state;
    if (contest.busy(state.contest) || calls.putOff !== undefined) return { state, effects: [] };
    // A minority cannot elect anybody; it tries when someone who is missing is heard again.
    if (!isQuorate(office)) return { state, effects: [] };
    const recent = calls.last !== undefined && elapsed(calls.last, now.mono) < calm;
    const after = recent ? delay(calls.streak, now) : none;
    if (after === 0) return begin(state, why, now);
    return {
      state: { ...state, calls: { ...calls, putOff: why } },
      effects: [{ kind: 'set-timer', timer: 'election.retry', after }],
    };
  }

  function isQuorate({ member, suspects }: Office): boolean {
    return config.mode === 'classic' || member.members.length - suspects.size >= majority(member.members.length);
  }

  /** None for the first two in a row, then twice as long each time; half of it is random. */
  function delay(streak: number, now: Reading): Duration {
    if (streak < 2) return none;
    return microseconds(shortest(longestDelay, (config.coordinatorWithin * 2 ** (streak - 1)) as Duration) * (1 - now.chance / 2));
  }

  function begin(state: ElectionState, why: string, now: Reading): Step<Election> {
    if (contest.busy(state.contest)) return { state, effects: [] };
    const { last, streak } = state.calls;
    const recent = last !== undefined && elapsed(last, now.mono) < calm + longestDelay;
    const counted = { ...state, calls: { streak: recent ? streak + 1 : 1, last: now.mono, putOff: undefined } };
    return finish(counted, contest.begin(counted, why, now), now);
  }

  function finish(state: ElectionState, { office, contest: next, effects, call: why }: Turn<Words>, now: Reading): Step<Election> {
    const after = { ...state, office, contest: next };
    if (why === undefined) return { state: after, effects };
    const called = call(after, why, now);
    return { state: called.state, effects: [...effects, ...called.effects] };
  }
}

const without = (ids: ReadonlySet<NodeId>, id: NodeId): ReadonlySet<NodeId> => new Set([...ids].filter((other) => other !== id));
