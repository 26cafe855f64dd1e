/**
 * A node meets any frame that its schema allows, in any order and from anybody, with any timer in between: it may make
 * nothing of them, but it never fails. What is for a part that it does not run, it says that it does not use.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaults as berkeley } from '../../../shared/clock/berkeley.ts';
import { defaults as cristian } from '../../../shared/clock/cristian.ts';
import { electionDefaults } from '../../../shared/election/config.ts';
import { mutexDefaults } from '../../../shared/mutex/config.ts';
import { mutexAlgorithms } from '../../../shared/mutex/kinds.ts';
import { type Choice, type Node, type NodeConfig, node, type Role } from '../../../shared/node.ts';
import { type Input, nodeId } from '../../../shared/protocol.ts';
import { milliseconds } from '../../../shared/time.ts';
import { member, reading } from './given.ts';
import { messages } from './spoken.ts';

const members = [1, 2, 3, 4].map(nodeId);
const config = (role: Role, choice: Partial<Choice> = {}): NodeConfig => ({
  role,
  clock: choice.clock ?? 'berkeley',
  election: { ...electionDefaults, algorithm: choice.election ?? 'bully', mode: choice.mode ?? 'classic' },
  cristian,
  berkeley,
  mutex: { ...mutexDefaults, algorithm: choice.mutex ?? 'central', ledger: nodeId(103) },
});

const message = fc.oneof(...Object.values(messages)) as fc.Arbitrary<Node['message']>;
const from = fc.constantFrom(...members, nodeId(101), nodeId(103));
const command = fc.constantFrom<Node['command']>({ kind: 'election.call' }, { kind: 'mutex.enter' }, { kind: 'node.switch', clock: 'cristian' });

type Told = { readonly after: number } & ({ readonly input: Input<Node> } | { readonly timer: number });
const told: fc.Arbitrary<Told> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ after: fc.nat(50), input: fc.record({ kind: fc.constant('message' as const), from, message }) }) },
  { weight: 3, arbitrary: fc.record({ after: fc.nat(500), timer: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ after: fc.nat(5), input: fc.record({ kind: fc.constant('command' as const), command }) }) },
  { weight: 1, arbitrary: fc.record({ after: fc.nat(5), input: fc.record({ kind: fc.constant('undelivered' as const), to: from, message }) }) },
);

/** Gives the inputs to a node, and lets a timer that it has set fire where the course says so. */
function survives(of: NodeConfig, course: readonly Told[]): void {
  const protocol = node(of);
  const armed = new Set<Node['timer']>();
  let at = 0;
  let { state, effects } = protocol.start(member(nodeId(3), members), reading(at));
  for (const next of course) {
    for (const e of effects) if (e.kind === 'set-timer') armed.add(e.timer);
    for (const e of effects) if (e.kind === 'clear-timer') armed.delete(e.timer);
    at += milliseconds(next.after);
    const timer = 'timer' in next ? [...armed][next.timer % Math.max(1, armed.size)] : undefined;
    if ('timer' in next && timer === undefined) continue;
    if (timer !== undefined) armed.delete(timer);
    const input: Input<Node> = 'input' in next ? next.input : { kind: 'timer', timer: timer as Node['timer'] };
    ({ state, effects } = protocol.step(state, input, { ...reading(at), lamport: at }));
  }
}

const courses = fc.array(told, { minLength: 5, maxLength: 60 });

describe('any frame is survived', () => {
  it.each(mutexAlgorithms)('under the lock %s', (mutex) => {
    fc.assert(
      fc.property(courses, (course) => survives(config('member', { mutex }), course)),
      { numRuns: 150 },
    );
  });
  it.each<Partial<Choice>>([
    { mode: 'safe' },
    { election: 'ring' },
    { election: 'chang-roberts' },
    { election: 'hirschberg-sinclair' },
    { clock: 'cristian' },
  ])('where a member runs %o', (choice) => {
    fc.assert(
      fc.property(courses, (course) => survives(config('member', choice), course)),
      { numRuns: 150 },
    );
  });
  it.each<Role>(['device', 'ledger'])('by a %s', (role) => {
    fc.assert(
      fc.property(courses, (course) => survives(config(role), course)),
      { numRuns: 150 },
    );
  });
});

describe('a message of another lock', () => {
  it.each(['mutex.hello', 'mutex.census', 'raymond.token', 'maekawa.inquire'] as const)('%s is not used', (kind) => {
    const protocol = node(config('member'));
    const { state } = protocol.start(member(nodeId(3), members), reading(0));
    const [sample] = fc.sample(messages[kind], { numRuns: 1, seed: 1 }) as Node['message'][];
    const { effects } = protocol.step(state, { kind: 'message', from: nodeId(1), message: { ...(sample as Node['message']), setup: 0 } }, reading(5));
    expect(effects).toEqual([{ kind: 'emit', event: { kind: 'node.ignored', message: kind, from: 1 } }]);
  });
});
