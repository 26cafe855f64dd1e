/**
 * What rings promise: an election has one outcome, the highest of those who took part, and no frame goes round for ever.
 * The frames are counted where they arrive, not believed.
 */
import type { HistoryEvent } from '../history.ts';
import { formatTerm, type Incarnation, type NodeId } from '../protocol.ts';
import { finding, type Verdict } from './verdict.ts';

type Message = Extract<HistoryEvent, { kind: 'message.received' }>['message'];

export class Circles {
  readonly #outcomes = new Map<string, NodeId>();
  readonly #hops = new Map<string, number>();
  /** Who had each list in hand: what the list itself says is not believed. */
  readonly #hands = new Map<string, Set<NodeId>>();
  #winner: string | undefined;
  #farthest = 0;

  observe(event: HistoryEvent): void {
    if (event.kind === 'message.sent' && event.message.kind === 'ring.coordinator') {
      const { initiator, incarnation, attempt, term } = event.message;
      const hands = this.#hands.get(listOf(initiator, incarnation, attempt)) ?? [];
      this.#outcome([initiator, incarnation, attempt, term.number].join('/'), term.node, Math.max(initiator, ...hands) as NodeId);
    }
    if (event.kind === 'message.sent') for (const frame of sentAnew(event.node, event.message)) this.#begin(frame);
    if (event.kind !== 'message.received') return;
    const frame = frameOf(event.message);
    if (frame === undefined) return;
    const hops = (this.#hops.get(frame) ?? 0) + 1;
    this.#hops.set(frame, hops);
    this.#farthest = Math.max(this.#farthest, hops);
    this.#hands.set(frame, (this.#hands.get(frame) ?? new Set()).add(event.node));
  }

  verdicts(members: number): readonly Verdict[] {
    if (this.#hops.size === 0) return [];
    const within = this.#farthest <= 2 * members;
    const far = `hops of the farthest frame: ${this.#farthest} of ${2 * members} allowed`;
    return [
      {
        rule: 'ring.winner',
        verdict: finding(this.#winner === undefined, true),
        detail: this.#winner ?? `lists closed: ${this.#outcomes.size}, each won by its highest`,
      },
      { rule: 'ring.hops', verdict: finding(within, true), detail: far },
    ];
  }

  #begin(frame: string): void {
    this.#hops.set(frame, 0);
    this.#hands.delete(frame);
  }

  #outcome(election: string, leader: NodeId, highest: NodeId): void {
    const before = this.#outcomes.get(election);
    if (before !== undefined && before !== leader) this.#winner ??= `election ${election} was won by ${before} and by ${leader}`;
    if (leader !== highest) this.#winner ??= `election ${election} was won by ${leader}, and ${highest} took part`;
    this.#outcomes.set(election, leader);
  }
}

/** A list that goes round. Each start of its initiator counts from the beginning, and what an earlier one sent may still be on its way. */
const listOf = (initiator: NodeId, start: Incarnation | undefined, attempt: number): string => ['ring.election', initiator, start, attempt].join('/');

/** One frame on its way: what stays the same of it from hop to hop. */
function frameOf(message: Message): string | undefined {
  switch (message.kind) {
    case 'ring.election':
      return listOf(message.initiator, message.incarnations[0], message.attempt);
    case 'ring.coordinator':
      return [message.kind, message.initiator, message.incarnation, message.attempt].join('/');
    case 'chang-roberts.election':
      return [message.kind, message.candidate, message.incarnation, message.number].join('/');
    case 'hirschberg-sinclair.probe':
    case 'hirschberg-sinclair.reply':
      return [message.kind, message.candidate, message.incarnation, message.number, message.phase, message.way].join('/');
    case 'chang-roberts.elected':
    case 'hirschberg-sinclair.elected':
      return [message.kind, formatTerm(message.term)].join('/');
    default:
      return undefined;
  }
}

/** The frames that begin to travel when `sender` sends this one: its own, and the reply that a probe asks for. */
function sentAnew(sender: NodeId, message: Message): readonly string[] {
  const owner = ownerOf(message);
  const frame = frameOf(message);
  if (owner !== sender || frame === undefined) return [];
  if (message.kind !== 'hirschberg-sinclair.probe') return [frame];
  const { candidate, incarnation, number, phase, way } = message;
  return [frame, ['hirschberg-sinclair.reply', candidate, incarnation, number, phase, -way].join('/')];
}

function ownerOf(message: Message): NodeId | undefined {
  if ('initiator' in message) return message.initiator;
  if ('candidate' in message && message.kind !== 'hirschberg-sinclair.reply') return message.candidate;
  return 'term' in message ? message.term?.node : undefined;
}
