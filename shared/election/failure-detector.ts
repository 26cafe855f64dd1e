/**
 * Who is alive, as one process can tell: every process sends a heartbeat, and whoever misses three is suspected.
 *
 * A suspicion may be wrong, since a slow process looks like a crashed one. So it is said as what it is, and taken back
 * at the next sign of life; whoever was suspected wrongly is given one more interval from then on, and loses that again
 * after a while of punctual beats (Chandra and Toueg 1996, JACM 43(2): eventually no live process is suspected). A
 * closed connection that cannot be opened again is only a hint that speeds this up; a paused process closes nothing.
 *
 * A process that stood still itself has heard from nobody, through no fault of theirs. It must notice that before it
 * judges or does anything: see `gapOf`.
 */
import { type Incarnation, type Member, type NodeId, type Protocol, peers, type Reading, type Step, type Term, unreachable } from '../protocol.ts';
import { type Duration, elapsed, later, longest, type MonoTime, microseconds, milliseconds } from '../time.ts';

export interface DetectorConfig {
  /** From one heartbeat to the next. */
  readonly every: Duration;
  /** How many in a row may be missed. */
  readonly missed: number;
}

export const detectorDefaults: DetectorConfig = { every: milliseconds(250), missed: 3 };

/** Silence longer than this is suspect: the last beat that was waited for is given half an interval. */
export const timeout = ({ every, missed }: DetectorConfig): Duration => microseconds((missed + 0.5) * every);

export interface Detector {
  readonly state: DetectorState;
  readonly message: Beat;
  readonly timer: 'heartbeat.beat' | 'heartbeat.check';
  readonly command: never;
  readonly event: DetectorEvent;
}

export interface Beat {
  readonly kind: 'heartbeat.beat';
  readonly incarnation: Incarnation;
  /** Whom the sender follows, itself where it leads, and the newest leadership that it accepted. */
  readonly leader: NodeId | null;
  readonly term: Term | null;
  /** When it was sent, on the sender's own counter. Means nothing to others, who may send it back. */
  readonly sent: MonoTime;
}

/** A voter's renewed grant to the leader whose beat was sent then. */
export interface BeatAck {
  readonly kind: 'heartbeat.ack';
  readonly term: Term;
  readonly sent: MonoTime;
}

export type DetectorEvent =
  | { readonly kind: 'heartbeat.trusted'; readonly peer: NodeId; readonly start: Incarnation }
  | { readonly kind: 'heartbeat.suspected'; readonly peer: NodeId; readonly silent: Duration; readonly why: 'missed' | 'unreachable' }
  | { readonly kind: 'heartbeat.stalled'; readonly gap: Duration };

export interface Watched {
  /** Which start of the peer was heard last; none before the first sign of life. */
  readonly incarnation: Incarnation | undefined;
  readonly heard: MonoTime;
  readonly suspected: boolean;
  /** Intervals that it is given beyond the usual, since it was suspected wrongly, and its beats since the last of these. */
  readonly extra: number;
  readonly beats: number;
}

export interface DetectorState {
  readonly member: Member;
  readonly peers: ReadonlyMap<NodeId, Watched>;
  readonly leader: NodeId | null;
  readonly term: Term | null;
  /** When this process last knew itself to be awake. */
  readonly awake: MonoTime;
}

const mostExtra = 3;
const forgivenAfter = 40;

/** How long this process stood still, if that was long enough for others to suspect it; asked before any other input. */
export function gapOf(config: DetectorConfig, state: DetectorState, now: Reading): Duration | undefined {
  const gap = elapsed(state.awake, now.mono);
  return gap > timeout(config) ? gap : undefined;
}

export function failureDetector(config: DetectorConfig): Protocol<Detector> {
  return {
    start(member, now) {
      const unheard: Watched = { incarnation: undefined, heard: now.mono, suspected: false, extra: 0, beats: 0 };
      const state = { member, peers: new Map(peers(member).map((id) => [id, unheard])), leader: null, term: null, awake: now.mono };
      return awaiting({ state, effects: [{ kind: 'set-timer', timer: 'heartbeat.beat', after: config.every }] }, now);
    },

    step(state, input, now) {
      switch (input.kind) {
        case 'message':
          return hear(state, input.from, input.message, now);
        case 'timer':
          return input.timer === 'heartbeat.beat' ? beat({ ...state, awake: now.mono }, now) : awaiting(check(state, now), now);
        case 'unreachable':
          return suspect(state, input.peer, 'unreachable', now);
        case 'stalled':
          return awaiting(forgive(state, input.gap, now), now);
        case 'leader':
          return follow({ ...state, leader: input.leader, term: input.term }, input.leader, input.term, now);
        case 'deposed':
          return { state: { ...state, leader: null }, effects: [] };
        case 'trusted':
        case 'suspected':
        case 'undelivered':
          return { state, effects: [] };
        case 'command':
          return unreachable(input.command);
        default:
          return unreachable(input);
      }
    },
  };

  function beat(state: DetectorState, now: Reading): Step<Detector> {
    const { leader, term } = state;
    const message: Beat = { kind: 'heartbeat.beat', incarnation: state.member.incarnation, leader, term, sent: now.mono };
    return {
      state,
      effects: [
        ...peers(state.member).map((to) => ({ kind: 'send', to, message }) as const),
        { kind: 'set-timer', timer: 'heartbeat.beat', after: config.every },
      ],
    };
  }

  /** Whoever is followed is watched from now on, suspected or not: it may crash before its first heartbeat is heard. */
  function follow(state: DetectorState, leader: NodeId, term: Term, now: Reading): Step<Detector> {
    return state.peers.get(leader)?.suspected === true ? hear(state, leader, term, now) : { state, effects: [] };
  }

  function hear(state: DetectorState, from: NodeId, { incarnation }: Pick<Beat, 'incarnation'>, now: Reading): Step<Detector> {
    const before = state.peers.get(from);
    if (before === undefined || (before.incarnation ?? 0) > incarnation) return { state, effects: [] };
    const anew = before.incarnation !== incarnation;
    const wronged = before.suspected && !anew;
    const after: Watched = {
      incarnation,
      heard: now.mono,
      suspected: false,
      extra: Math.min(mostExtra, Math.max(0, before.extra + (wronged ? 1 : before.beats >= forgivenAfter ? -1 : 0))),
      beats: wronged || before.beats >= forgivenAfter ? 0 : before.beats + 1,
    };
    const next = watching(state, from, after);
    if (!anew && !before.suspected) return { state: next, effects: [] };
    return awaiting({ state: next, effects: [{ kind: 'emit', event: { kind: 'heartbeat.trusted', peer: from, start: incarnation } }] }, now);
  }

  /** Suspects everyone who has been silent for too long. */
  function check(state: DetectorState, now: Reading): Step<Detector> {
    return [...state.peers].reduce<Step<Detector>>(
      (step, [peer, watched]) => {
        if (watched.suspected || deadline(watched) > now.mono) return step;
        const { state: next, effects } = suspect(step.state, peer, 'missed', now);
        return { state: next, effects: [...step.effects, ...effects] };
      },
      { state, effects: [] },
    );
  }

  function suspect(state: DetectorState, peer: NodeId, why: 'missed' | 'unreachable', now: Reading): Step<Detector> {
    const watched = state.peers.get(peer);
    if (watched === undefined || watched.suspected) return { state, effects: [] };
    return {
      state: watching(state, peer, { ...watched, suspected: true, beats: 0 }),
      effects: [{ kind: 'emit', event: { kind: 'heartbeat.suspected', peer, silent: elapsed(watched.heard, now.mono), why } }],
    };
  }

  function forgive(state: DetectorState, gap: Duration, now: Reading): Step<Detector> {
    const forgiven = new Map([...state.peers].map(([peer, watched]) => [peer, { ...watched, heard: now.mono }]));
    return { state: { ...state, peers: forgiven, awake: now.mono }, effects: [{ kind: 'emit', event: { kind: 'heartbeat.stalled', gap } }] };
  }

  function deadline({ heard, extra }: Watched): MonoTime {
    return later(heard, (timeout(config) + extra * config.every) as Duration);
  }

  /** The next check, when the first of those who are not suspected is due. Beats only ever put it off. */
  function awaiting({ state, effects }: Step<Detector>, now: Reading): Step<Detector> {
    const due = [...state.peers.values()].filter((w) => !w.suspected).map(deadline);
    if (due.length === 0) return { state, effects };
    const after = longest(microseconds(1), elapsed(now.mono, Math.min(...due) as MonoTime));
    return { state, effects: [...effects, { kind: 'set-timer', timer: 'heartbeat.check', after }] };
  }
}

const watching = (state: DetectorState, peer: NodeId, watched: Watched): DetectorState => ({
  ...state,
  peers: new Map([...state.peers, [peer, watched]]),
});
