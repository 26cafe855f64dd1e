/** How parts are put together: one after the other in a step, and each hears only what bears its name. */
import type { Effect, Input, NodeId, Reading } from '../protocol.ts';
import type { Node, State } from './words.ts';

/** A step of a node in one of its roles. */
export interface Turn<S extends State = State> {
  readonly state: S;
  readonly effects: readonly Effect<Node>[];
}

export type Message = Extract<Input<Node>, { kind: 'message' }>;

export const unchanged = <S extends State>(state: S): Turn<S> => ({ state, effects: [] });
export const said = <S extends State>(state: S, event: Node['event']): Turn<S> => ({ state, effects: [{ kind: 'emit', event }] });
export const replying = <S extends State>(state: S, to: NodeId, message: Node['message']): Turn<S> => ({
  state,
  effects: [{ kind: 'send', to, message }],
});
const ignored = <S extends State>(state: S, { message: { kind: message }, from }: Message): Turn<S> =>
  said(state, { kind: 'node.ignored', message, from });

/** An input for a part that this node does not run. */
export const foreign = <S extends State>(state: S, input: Input<Node>): Turn<S> =>
  input.kind === 'message' ? ignored(state, input) : unchanged(state);

/** Not called `then`: a module that exports a function of that name is taken for a promise by whoever imports it at run time. */
export function andThen<S extends State>(turn: Turn<S>, next: (state: S) => Turn<S>): Turn<S> {
  const after = next(turn.state);
  return { state: after.state, effects: [...turn.effects, ...after.effects] };
}

/** What one part says, `tell` lets the others hear in the same step. */
export function told<S extends State>(
  { state, effects }: Turn<S>,
  now: Reading,
  tell: (state: S, event: Node['event'], now: Reading) => Turn<S>,
): Turn<S> {
  return effects.reduce<Turn<S>>((turn, effect) => (effect.kind === 'emit' ? andThen(turn, (next) => tell(next, effect.event, now)) : turn), {
    state,
    effects,
  });
}
