/** Protocols with a bug planted in them, to prove that the checkers see it. Each wraps the real one and spoils one thing. */
import type { Adjust } from '../../shared/clock/berkeley/vocabulary.ts';
import type { Reply } from '../../shared/clock/cristian/time-server.ts';
import { targetOf } from '../../shared/clock/standing.ts';
import type { Node } from '../../shared/node.ts';
import type { Effect, Input, Protocol, Reading, Step } from '../../shared/protocol.ts';
import { elapsed, half, minus, none, ppm, sum } from '../../shared/time.ts';

interface Spoil {
  readonly state?: (state: Node['state'], input: Input<Node>, now: Reading) => Node['state'];
  readonly input?: (input: Input<Node>, state: Node['state'], now: Reading) => Input<Node>;
  readonly effects?: (step: Step<Node>, now: Reading) => readonly Effect<Node>[];
}

const spoilt =
  ({ state: before = (s) => s, input: heard = (i) => i, effects: done = (s) => s.effects }: Spoil) =>
  (protocol: Protocol<Node>): Protocol<Node> => ({
    start(member, now) {
      const step = protocol.start(member, now);
      return { state: step.state, effects: done(step, now) };
    },
    step(state, input, now) {
      const spoiltState = before(state, input, now);
      const step = protocol.step(spoiltState, heard(input, spoiltState, now), now);
      return { state: step.state, effects: done(step, now) };
    },
  });

const sent = (effects: readonly Effect<Node>[], change: (message: Node['message']) => Node['message']): readonly Effect<Node>[] =>
  effects.map((e) => (e.kind === 'send' ? { ...e, message: change(e.message) } : e));
const onAdjust = (input: Input<Node>, change: (adjust: Adjust) => Adjust): Input<Node> =>
  input.kind === 'message' && input.message.kind === 'berkeley.adjust' ? { ...input, message: change(input.message) } : input;
const isReply = (input: Input<Node>): input is Extract<Input<Node>, { kind: 'message' }> & { readonly message: Reply } =>
  input.kind === 'message' && input.message.kind === 'cristian.reply';

/** The correction is told, and never made. */
export const neverCorrects = spoilt({ effects: ({ effects }) => effects.filter((e) => e.kind !== 'adjust-clock') });

/** The coordinator says what time it is to be, instead of how far to move; while the message travels, that time passes. */
export const sendsAbsoluteTime = spoilt({
  effects({ effects }, now) {
    const finished = effects.find((e) => e.kind === 'emit' && e.event.kind === 'berkeley.round-finished');
    const average = finished?.kind === 'emit' && finished.event.kind === 'berkeley.round-finished' ? finished.event.average : none;
    return sent(effects, (m) => (m.kind === 'berkeley.adjust' ? { ...m, by: (targetOf(now) + average) as Adjust['by'] } : m));
  },
  input: (input, _, now) => onAdjust(input, (adjust) => ({ ...adjust, by: (adjust.by - targetOf(now)) as Adjust['by'] })),
});

/** The frames do not say how much of the leader's own correction is still to come. */
export const forgetsUnfinishedSlew = spoilt({
  effects: ({ effects }) => sent(effects, (m) => ('pending' in m ? { ...m, pending: none } : m)),
});

/** An adjustment of whatever round is applied as if it were of this one, and as often as it comes. */
export const obeysStaleAdjustments = spoilt({
  state(state, input) {
    if (state.role !== 'member' || input.kind !== 'message') return state;
    const { clock } = state;
    if (input.message.kind !== 'berkeley.adjust' || clock.rule !== 'berkeley') return state;
    const { reported } = clock.state;
    return { ...state, clock: { ...clock, state: { ...clock.state, reported: reported && { ...reported, adjusted: false } } } };
  },
  input(input, state) {
    const reported = state.role === 'member' && state.clock.rule === 'berkeley' ? state.clock.state.reported : undefined;
    return reported === undefined ? input : onAdjust(input, (adjust) => ({ ...adjust, round: reported.round }));
  },
});

/** Half of the smallest round trip seen is taken for the smallest delay, as if paths were alike in both directions. */
export const guessesLeastDelay = spoilt({
  state(state, input, now) {
    if (state.role === 'ledger') return state;
    const { clock } = state;
    if (!isReply(input) || clock.rule !== 'cristian' || clock.state.exchanges === undefined) return state;
    const seen = half(elapsed(clock.state.exchanges.sent, now.raw));
    const leastDelay = clock.state.leastDelay === 0 || seen < clock.state.leastDelay ? seen : clock.state.leastDelay;
    return { ...state, clock: { ...clock, state: { ...clock.state, leastDelay } } };
  },
});

/** Slews twice as fast as time itself runs, in order to be done sooner. */
export const slewsTooFast = spoilt({
  effects: ({ effects }) =>
    effects.map((e) =>
      e.kind === 'adjust-clock' ? { ...e, adjustment: { how: 'slew', by: sum(e.adjustment.by), rate: ppm(2_000_000) } as const } : e,
    ),
});

/** Twice what is asked for. */
export const correctsTwice = spoilt({
  effects: ({ effects }) =>
    effects.map((e) =>
      e.kind === 'adjust-clock' ? { ...e, adjustment: { ...e.adjustment, by: minus(sum(e.adjustment.by, e.adjustment.by), none) } } : e,
    ),
});
