/**
 * What an operator may do to a node from inside it: give its protocol a command, disturb its raw clock, let it lie.
 *
 * The latter are faults for a lesson. They reach the oscillator and the frames between driver and link; the algorithms are not
 * told, and have to find out.
 */
import { randomInt } from 'node:crypto';
import type { ClockFault } from '../../shared/clock/oscillator.ts';
import type { Choice, Node } from '../../shared/node.ts';
import type { NodeId } from '../../shared/protocol.ts';
import { type Duration, type Ppm, parseDuration, ppm, seconds } from '../../shared/time.ts';
import { choices } from '../../shared/wire.ts';
import type { Cluster } from './cluster.ts';

type Arguments = readonly (string | number)[];

export type Order =
  | { readonly kind: 'clock'; readonly fault: ClockFault }
  | { readonly kind: 'command'; readonly command: Node['command'] }
  | { readonly kind: 'lie'; readonly by: Duration; readonly to: readonly NodeId[] | undefined };

export type ParsedOrder = { readonly ok: true; readonly order: Order } | { readonly ok: false; readonly error: string };

/** A clock that is off by more than this is no lesson any more. */
const furthest = seconds(3_600);
const fastest = 100_000;

export function parseOrder(verb: string, args: Arguments, cluster: Cluster): ParsedOrder {
  const [first, ...rest] = args.map(String);
  switch (verb) {
    case 'step':
      return withDuration(verb, first, (by) => ({ kind: 'clock', fault: { fault: 'step', by } }));
    case 'drift':
      return withRate(verb, first, (rate) => ({ fault: 'drift', rate }));
    case 'elect':
      return commanded({ kind: 'election.call' });
    case 'enter':
      return commanded({ kind: 'mutex.enter' });
    case 'switch':
      return switching(args.map(String));
    case 'strobe':
      return withDuration(verb, first, (by) => ({ kind: 'clock', fault: { fault: 'strobe', by } }));
    case 'wander':
      return withRate(verb, first, (deviation) => ({ fault: 'wander', deviation, seed: randomInt(2 ** 32) }));
    case 'freeze':
    case 'steady':
    case 'thaw':
      return { ok: true, order: { kind: 'clock', fault: { fault: verb } } };
    case 'lie':
      return withListeners(rest, cluster, (to) => withDuration(verb, first, (by) => ({ kind: 'lie', by, to })));
    default:
      return {
        ok: false,
        error: `a node knows no verb "${verb}": use elect, enter, switch, step, strobe, drift, wander, freeze, thaw, steady or lie`,
      };
  }
}

const commanded = (command: Node['command']): ParsedOrder => ({ ok: true, order: { kind: 'command', command } });

/** What can be switched to what. */
export const switchable: Readonly<Record<keyof Choice, readonly string[]>> = { ...choices, mutex: [...choices.mutex, 'off'] };

/** `election=ring clock=cristian`: what is not named stays as it is. */
function switching(args: readonly string[]): ParsedOrder {
  const asked = args.map((arg) => arg.split('=', 2) as [string, string?]);
  const parts = Object.keys(switchable) as (keyof typeof switchable)[];
  const wrong = asked.find(([part, name = '']) => !parts.some((p) => p === part && switchable[p].includes(name)));
  if (wrong !== undefined || asked.length === 0) {
    return { ok: false, error: `switch needs what to run instead: ${parts.map((p) => `${p}=${switchable[p].join('|')}`).join(', ')}` };
  }
  const choice = Object.fromEntries(asked.map(([part, name]) => [part, name === 'off' ? null : name])) as Partial<Choice>;
  return commanded({ kind: 'node.switch', ...choice });
}

function withDuration(verb: string, text: string | undefined, order: (by: Duration) => Order): ParsedOrder {
  const by = text === undefined ? undefined : parseDuration(text);
  if (by === undefined || Math.abs(by) > furthest) return { ok: false, error: `${verb} needs a duration such as 500ms or -2s, at most an hour` };
  return { ok: true, order: order(by) };
}

function withRate(verb: string, text: string | undefined, fault: (rate: Ppm) => ClockFault): ParsedOrder {
  const [, number] = /^([+-]?\d+(?:\.\d+)?)(?:ppm)?$/.exec(text ?? '') ?? [];
  const rate = Number(number);
  if (number === undefined || Math.abs(rate) > fastest)
    return { ok: false, error: `${verb} needs a rate such as 200ppm or -50ppm, at most ${fastest}ppm` };
  return { ok: true, order: { kind: 'clock', fault: fault(ppm(rate)) } };
}

function withListeners(names: readonly string[], cluster: Cluster, then: (to: readonly NodeId[] | undefined) => ParsedOrder): ParsedOrder {
  const ids = names.map((name) => cluster.find((p) => p.name === name || `${p.id}` === name)?.id);
  if (ids.some((id) => id === undefined)) return { ok: false, error: `lie can name ${cluster.map((p) => p.name).join(', ')} as listeners` };
  return then(names.length === 0 ? undefined : (ids as readonly NodeId[]));
}
