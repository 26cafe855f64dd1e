/**
 * The mesh: one connection for each pair of nodes, dialled by the lower id, and dialled again for as long as it takes.
 *
 * A name is resolved anew at each attempt, since a container that was recreated has another address. Where a peer that
 * we still believe connected dials again, it was restarted, and the newer connection holds. Peers come and go all the
 * time; nothing that one does may end this node.
 */
import { WebSocket } from 'ws';
import type { NodeId } from '../../shared/protocol.ts';
import type { Random } from '../../shared/random.ts';
import type { TrueTime } from '../../shared/time.ts';
import { encode, type Frame } from '../../shared/wire.ts';
import { backoff } from './backoff.ts';
import { type Cluster, linked, type Peer } from './cluster.ts';
import { Inbox } from './flow.ts';
import { acceptor, dialler, type Identity, type Outcome, type Refusal, SeenNonces, type Session, shake } from './handshake.ts';
import { closeCodes, Link, type LinkEars, type RejectedFrame } from './link.ts';
import { dialLimits } from './socket-limits.ts';

/** What the transport tells the node. */
export interface TransportEars {
  hear(from: NodeId, frame: Parameters<LinkEars['hear']>[0], arrived: TrueTime): void;
  up(peer: Peer, again: boolean): void;
  down(peer: Peer, why: string): void;
  /** The connection to it closed, and the first attempt to open it again failed. */
  unreachable(peer: Peer): void;
  rejected(peer: Peer, reason: RejectedFrame, detail: string): void;
  refused(peer: Peer | undefined, reason: Refusal, detail: string): void;
}

export class Transport {
  /** Everyone this node keeps a connection to. */
  readonly peers: readonly Peer[];
  readonly #self: Peer;
  readonly #identity: Identity;
  readonly #random: Random;
  readonly #ears: TransportEars;
  readonly #links = new Map<NodeId, Link>();
  readonly #known = new Set<NodeId>();
  readonly #seen = new SeenNonces();
  readonly #inbox = new Inbox();
  /** Sockets that are open or opening, and dials that are waited for. */
  readonly #sockets = new Set<WebSocket>();
  readonly #dials = new Set<NodeJS.Timeout>();
  #ended = false;

  constructor(self: Peer, cluster: Cluster, identity: Identity, random: Random, ears: TransportEars) {
    this.#self = self;
    this.peers = cluster.filter((peer) => linked(self, peer));
    this.#identity = identity;
    this.#random = random;
    this.#ears = ears;
  }

  /** Dials everyone with a higher id. Those with a lower one dial us. */
  start(): void {
    for (const peer of this.peers) if (peer.id > this.#self.id) this.#dial(peer, 0);
  }

  isUp(id: NodeId): boolean {
    return this.#links.get(id)?.open === true;
  }

  queued(id: NodeId): number {
    return this.#links.get(id)?.queued ?? 0;
  }

  /** Whether an open link took the frame. */
  send(to: NodeId, text: string): boolean {
    return this.#links.get(to)?.send(text) === true;
  }

  broadcast(frame: Frame): void {
    const text = encode(frame);
    for (const link of this.#links.values()) link.send(text);
  }

  /** Somebody dialled us, and has yet to say who it is. */
  accept(socket: WebSocket): void {
    this.#keep(socket);
    const dialsUs = (from: number): boolean => from < this.#self.id && this.peers.some(({ id }) => id === from);
    const side = acceptor(this.#identity, (from, role) => role === 'peer' && dialsUs(from), this.#seen);
    shake(socket, side, (outcome) => this.#met(socket, undefined, outcome));
  }

  close(): void {
    this.#ended = true;
    for (const timer of this.#dials) clearTimeout(timer);
    for (const link of this.#links.values()) link.close(closeCodes.leaving, 'this node is leaving');
    for (const socket of this.#sockets) if (socket.readyState === socket.CONNECTING) socket.terminate();
  }

  /** Cuts off whoever has not said goodbye. */
  terminate(): void {
    for (const socket of this.#sockets) socket.terminate();
  }

  #dial(peer: Peer, failures: number): void {
    const socket = new WebSocket(`ws://${peer.host}:${peer.port}/peer`, dialLimits);
    this.#keep(socket);
    let next = failures + 1;
    shake(socket, dialler(this.#identity, peer.id, 'peer'), (outcome) => {
      if (outcome.ok) next = 0;
      this.#met(socket, peer, outcome);
    });
    socket.once('close', () => {
      if (next === 1 && this.#known.has(peer.id) && !this.#ended) this.#ears.unreachable(peer);
      if (!this.#ended) this.#later(() => this.#dial(peer, next), backoff(next, this.#random()));
    });
  }

  #met(socket: WebSocket, dialled: Peer | undefined, outcome: Outcome): void {
    if (outcome.ok) {
      const peer = this.peers.find(({ id }) => id === outcome.session.peer);
      if (peer !== undefined) this.#join(socket, peer, outcome.session);
    } else if (outcome.reason !== 'closed') {
      this.#ears.refused(dialled, outcome.reason, outcome.detail);
    }
  }

  #join(socket: WebSocket, peer: Peer, session: Session): void {
    if (this.#ended) {
      socket.close(closeCodes.leaving);
      return;
    }
    const before = this.#links.get(peer.id);
    if (before !== undefined && before.session.incarnation > session.incarnation) {
      socket.close(closeCodes.policy, 'a later start of this node is connected');
      return;
    }
    const link: Link = new Link(socket, session, this.#inbox, {
      hear: (frame, arrived) => this.#ears.hear(peer.id, frame, arrived),
      rejected: (reason, detail) => this.#ears.rejected(peer, reason, detail),
      closed: (why) => {
        if (this.#links.get(peer.id) !== link) return;
        this.#links.delete(peer.id);
        this.#ears.down(peer, why);
      },
    });
    this.#links.set(peer.id, link);
    before?.close(closeCodes.leaving, 'a newer connection took its place');
    this.#ears.up(peer, this.#known.has(peer.id));
    this.#known.add(peer.id);
  }

  #keep(socket: WebSocket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
  }

  #later(run: () => void, ms: number): void {
    const timer = setTimeout(() => {
      this.#dials.delete(timer);
      run();
    }, ms);
    this.#dials.add(timer);
  }
}
