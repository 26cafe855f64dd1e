/**
 * One node of the cluster, as one protocol, in one of three roles: a member elects, keeps time and takes its turn in the
 * critical section; a device is a client of the leader's clock; the ledger keeps the register that critical sections
 * write to. What each is put together from is in its own file beside this one.
 */
import { type Standing, unheard } from './clock/standing.ts';
import { device } from './node/device.ts';
import { member } from './node/member.ts';
import { register } from './node/register.ts';
import type { Node, NodeConfig, State } from './node/words.ts';
import type { Protocol } from './protocol.ts';

export type { Choice, ClockRule } from './node/setup.ts';
export type { MemberState, Node, NodeConfig, Role, State } from './node/words.ts';

export function node(config: NodeConfig): Protocol<Node> {
  switch (config.role) {
    case 'member':
      return inRole('member', member(config));
    case 'device':
      return inRole('device', device(config));
    case 'ledger':
      return inRole('ledger', register(config.ledger ?? { fencing: true }));
  }
}

type InRole<R extends State['role']> = Extract<State, { role: R }>;
type RoleProtocol<R extends State['role']> = Protocol<Omit<Node, 'state'> & { readonly state: InRole<R> }>;

/** A node is started in its role, and so never meets a state of another. */
function inRole<R extends State['role']>(role: R, { start, step }: RoleProtocol<R>): Protocol<Node> {
  return {
    start,
    step(state, input, now) {
      if (state.role !== role) throw new Error(`a ${role} was given the state of a ${state.role}`);
      return step(state as InRole<R>, input, now);
    },
  };
}

/** What this node may say of its clock; a ledger says nothing. */
export const standingOf = (state: State): Standing => (state.role === 'ledger' ? unheard : state.clock.state.standing);

/** Messages that go from one to the next, and come back to the sender where they cannot be delivered. */
export const isForwarded = ({ kind }: Node['message']): boolean => /^(?:ring|chang-roberts|hirschberg-sinclair)\./.test(kind);

/** Messages that keep a cluster together, or look after a token, and are counted apart from what an algorithm costs. */
export const isHousekeeping = (kind: string): boolean => /^(?:heartbeat|node|mutex)\./.test(kind);

/** Messages that rely on links which keep their order: Lamport's lock admits two at once where one overtakes another. */
export const isOrdered = (kind: string): boolean => kind.startsWith('lamport.');
