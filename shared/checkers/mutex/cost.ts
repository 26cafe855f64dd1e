/**
 * What the entries did cost, beside the closed forms. A message belongs to the request that it serves: a grant, a reply or
 * a token to whoever gets it, everything else to whoever sends it. An entry is judged once each of its messages has been
 * seen to leave and to arrive, and only if nothing happened to the cluster from its request on; what renews a lease is not
 * counted. A message that arrives without having left was sent by somebody whose history is not told yet, and makes up for
 * none that left and has not arrived.
 */
import type { HistoryEvent } from '../../history.ts';
import { quorumsOf } from '../../mutex/maekawa/quorums.ts';
import type { NodeId } from '../../protocol.ts';
import { type Duration, seconds, type TrueTime } from '../../time.ts';
import { finding, type Verdict } from '../verdict.ts';
import { costOf } from './counts.ts';
import type { Scene, Trouble } from './scene.ts';
import { Transfers } from './transfers.ts';

interface Bill {
  readonly node: NodeId;
  readonly since: TrueTime;
  readonly trouble: Trouble | undefined;
  /** When it asked, everyone lived and had heard of everyone: whoever is not known, or suspected, may be asked for nothing. */
  readonly whole: boolean;
  /** It led when it asked. */
  readonly coordinator: boolean;
  /** By link and kind, how many left more than arrived; only what is not nought. */
  readonly open: Map<string, number>;
  delivered: number;
  grants: number;
  /** Renewals that arrived, which are no part of the form; nor is any grant but the first, and not each renewal gets one. */
  renewals: number;
  over: boolean;
}

/** In these, messages serve several requests at once, and only their sum says something. */
const pooled: readonly string[] = ['token-ring', 'raymond'];
/** What goes to the one whom it serves. */
const answers: readonly string[] = ['grant', 'reply', 'ack', 'inquire', 'failed', 'token'];

export class Costs {
  readonly #scene: Scene;
  readonly #bills = new Map<string, Bill>();
  readonly #current = new Map<NodeId, number>();
  readonly #transfers = new Transfers();
  /** Messages and entries since something happened last, and anybody has asked. */
  #window: { readonly trouble: Trouble | undefined; asked: boolean; messages: number; entries: number } = closed(undefined);
  /** When somebody who had waited in vain asked again, and others said again what it may have missed. */
  #askedAgain = Number.NEGATIVE_INFINITY;
  #judged = 0;
  #sum = 0;
  #least = 0;
  #most = 0;
  #spared = 0;
  #first: string | undefined;

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  /** Over the entries that were judged. */
  get figures(): { readonly entries: number; readonly perEntry: number } {
    const entries = this.#judged + this.#window.entries;
    return { entries, perEntry: entries === 0 ? 0 : (this.#sum + this.#window.messages) / entries };
  }

  observe(event: HistoryEvent): void {
    if (pooled.includes(this.#scene.judged.lock.algorithm)) this.#pool(event);
    else this.#bill(event);
  }

  #bill(event: HistoryEvent): void {
    const { node } = event;
    switch (event.kind) {
      case 'node.stopped':
      case 'node.started':
        this.#current.delete(node);
        for (const [key, bill] of this.#bills) if (bill.node === node) this.#bills.delete(key);
        break;
      case 'mutex.requested':
        this.#close(node);
        this.#giveUp(node, event.request);
        this.#current.set(node, event.request);
        this.#bills.set(keyOf(node, event.request), {
          node,
          since: event.trueUs,
          trouble: this.#scene.trouble,
          whole: this.#scene.down.length === 0 && this.#scene.acquainted,
          coordinator: this.#scene.leads.has(node),
          open: new Map(),
          delivered: 0,
          grants: 0,
          renewals: 0,
          over: false,
        });
        break;
      case 'mutex.asked-again':
        this.#askedAgain = event.trueUs;
        break;
      case 'mutex.exited': {
        const bill = this.#bills.get(keyOf(node, event.request));
        if (bill !== undefined) bill.over = true;
        break;
      }
      case 'message.sent':
        if (!this.#transfers.counts(`${node} to ${event.to}`, event.message)) break;
        this.#count(node, event.to, event.message, (bill, way) => balance(bill, way, 1));
        break;
      case 'message.received':
        if (!this.#transfers.counts(`${node} from ${event.from}`, event.message)) break;
        this.#count(event.from, node, event.message, (bill, way) => {
          balance(bill, way, -1);
          bill.delivered += 1;
          if (event.message.kind === 'central-lease.grant') bill.grants += 1;
          if (event.message.kind === 'central-lease.renew') bill.renewals += 1;
        });
        break;
    }
  }

  verdict(): Verdict | undefined {
    for (const node of this.#current.keys()) this.#close(node);
    const { entries, perEntry } = this.figures;
    if (entries === 0) return undefined;
    const { algorithm, tree } = this.#scene.judged.lock;
    const cost = this.#cost(undefined, undefined);
    const [least, most] = pooled.includes(algorithm) ? [cost.least, cost.most] : [this.#least / entries, this.#most / entries];
    const outside = !cost.each && (perEntry < least || perEntry > most) ? `a mean of ${round(perEntry)}, expected ${limits(least, most)}` : undefined;
    const form = cost.exactly?.join(' or ') ?? limits(least, most);
    const detail = [
      `${perEntry.toFixed(2)} delivered an entry over ${entries} entries (${algorithm === 'raymond' ? `${tree} tree, ` : ''}${cost.each ? 'each' : 'mean'} ${form})`,
      ...(this.#spared === 0 ? [] : [`${this.#spared} entries in troubled times, or of which not all was told, are not judged`]),
      this.#first,
      outside,
    ].filter((d) => d !== undefined);
    return { rule: 'mutex.counts', verdict: finding(this.#first === undefined && outside === undefined, true), detail: detail.join('; ') };
  }

  /** What happens to the cluster begins a new window; one in which nobody has entered is left out. */
  #pool(event: HistoryEvent): void {
    const { trouble } = this.#scene;
    if (this.#window.trouble !== trouble) {
      if (this.#window.entries > 0) {
        this.#judged += this.#window.entries;
        this.#sum += this.#window.messages;
      }
      this.#window = closed(trouble);
    }
    if (event.kind === 'mutex.requested') this.#window.asked = true;
    if (event.kind === 'mutex.exited') this.#window.entries += 1;
    if (this.#window.asked && event.kind === 'message.received' && this.#scene.isCounted(event.message.kind)) this.#window.messages += 1;
  }

  /** Judges what is over of a process, and of which no message is on its way any more. */
  #close(node: NodeId): void {
    for (const [key, bill] of this.#bills) {
      if (bill.node !== node || !bill.over || bill.open.size > 0) continue;
      this.#bills.delete(key);
      this.#judge(node, bill);
    }
  }

  /** Of an entry that is long over, what has not arrived by now will not be told any more. */
  #giveUp(node: NodeId, request: number): void {
    if (this.#bills.delete(keyOf(node, request - patience))) this.#spared += 1;
  }

  #judge(node: NodeId, { since, trouble, whole, coordinator, delivered, grants, renewals }: Bill): void {
    const recently = since - answeredWithin;
    const isRepeated = this.#askedAgain > recently || (this.#transfers.renewed && trouble !== undefined && trouble.at > recently);
    if (!whole || isRepeated || trouble !== this.#scene.trouble) {
      this.#spared += 1;
      return;
    }
    const messages = delivered - renewals - Math.max(0, grants - 1);
    this.#judged += 1;
    this.#sum += messages;
    const cost = this.#cost(coordinator, node);
    this.#least += cost.least;
    this.#most += cost.most;
    const fits = cost.exactly?.includes(messages) ?? (messages >= cost.least && messages <= cost.most);
    if (cost.each && !fits)
      this.#first ??= `an entry of ${node} took ${messages}, expected ${cost.exactly?.join(' or ') ?? `${cost.least} to ${cost.most}`}`;
  }

  /** For an entry of `node`; for anybody's where that is left out. */
  #cost(coordinator: boolean | undefined, node: NodeId | undefined): ReturnType<typeof costOf> {
    const { algorithm, tree, quorums } = this.#scene.judged.lock;
    const members = [...this.#scene.members].toSorted((a, b) => a - b);
    const quorum = algorithm === 'maekawa' && node !== undefined ? (quorumsOf(quorums, members)[members.indexOf(node)]?.length ?? 1) : 1;
    return costOf({ algorithm, n: members.length, tree, quorum, ...(coordinator === undefined ? {} : { coordinator }) });
  }

  #count(
    from: NodeId,
    to: NodeId,
    message: Extract<HistoryEvent, { kind: 'message.sent' }>['message'],
    add: (bill: Bill, way: string) => void,
  ): void {
    if (!this.#scene.isCounted(message.kind)) return;
    const owner = answers.includes(message.kind.split('.')[1] ?? '') ? to : from;
    const request = 'request' in message && typeof message.request === 'number' ? message.request : this.#current.get(owner);
    const bill = this.#bills.get(keyOf(owner, request ?? 0));
    if (bill !== undefined) add(bill, `${from}/${to}/${message.kind}`);
  }
}

/** For so many entries of a process, the messages of an earlier one are waited for. */
const patience = 50;

/** By then, whoever was asked again has answered, though the question was passed on, and everyone has heard of a new token. */
const answeredWithin: Duration = seconds(1);

function balance({ open }: Bill, way: string, by: number): void {
  const left = (open.get(way) ?? 0) + by;
  if (left === 0) open.delete(way);
  else open.set(way, left);
}

const closed = (trouble: Trouble | undefined) => ({ trouble, asked: false, messages: 0, entries: 0 });
const keyOf = (node: NodeId, request: number): string => `${node}/${request}`;
const round = (n: number): number => Math.round(n * 100) / 100;
const limits = (least: number, most: number): string => (Number.isFinite(most) ? `${round(least)} to ${round(most)}` : 'any number');
