/**
 * For what a wait may go on as long as it likes: each lock needs some of the processes, and waits by design while they are
 * gone. Where everyone is needed, that is whoever is down. The textbook's central lock waits for whoever crashed with its
 * grant, Raymond's tree for whoever stands between a process and the token, and who has lost coordinator or token waits for
 * somebody who leads, of whom there is none where too few are left to elect one.
 */
import type { HistoryEvent } from '../../history.ts';
import { byPermission } from '../../mutex/kinds.ts';
import { pathBetween } from '../../mutex/raymond/trees.ts';
import type { NodeId } from '../../protocol.ts';
import type { Census } from './census.ts';
import type { Scene, Wanting } from './scene.ts';

export class Obstacles {
  readonly #scene: Scene;
  readonly #census: Census;
  /** Whoever has asked a coordinator, which has not heard its release. */
  readonly #owing = new Set<NodeId>();

  constructor(scene: Scene, census: Census) {
    this.#scene = scene;
    this.#census = census;
  }

  observe(event: HistoryEvent): void {
    const { node } = event;
    switch (event.kind) {
      case 'node.started':
        this.#owing.delete(node);
        break;
      case 'election.elected':
        // A new coordinator hears from those who live where they stand, and of nobody else.
        if (event.leader === node) for (const id of this.#scene.down) this.#owing.delete(id);
        break;
      case 'mutex.requested':
        this.#owing.add(node);
        break;
      case 'mutex.exited':
        if (this.#scene.leads.has(node)) this.#owing.delete(node);
        break;
      case 'message.received':
        if (event.message.kind === 'central.release') this.#owing.delete(event.from);
        break;
    }
  }

  /** What keeps `node` waiting; `undefined` where it should get on. */
  of(node: NodeId, { blockedOn }: Wanting): string | undefined {
    const { judged, down, suspectedBy, up } = this.#scene;
    const { algorithm, yields } = judged.lock;
    const silent = [...suspectedBy].find(([id, by]) => by.size > 0 && up.has(id));
    if (blockedOn.length > 0) return `${node} waits for ${blockedOn.join(', ')}, by design`;
    if (down.length > 0 && byPermission.includes(algorithm)) return `${down.join(', ')} is down`;
    if (algorithm === 'maekawa' && !yields) return 'arbiters do not ask their grants back';
    if (silent !== undefined) return `${silent[0]} lives and does not answer`;
    return this.#indebted() ?? this.#between(node) ?? this.#leaderless();
  }

  #indebted(): string | undefined {
    const { algorithm, onCrash } = this.#scene.judged.lock;
    const gone = algorithm === 'central' && onCrash === 'block' ? this.#scene.down.find((id) => this.#owing.has(id)) : undefined;
    return gone === undefined ? undefined : `${gone} is down and has released nothing: it is waited for, by design`;
  }

  /** Nobody carries a token past a process that is down. */
  #between(node: NodeId): string | undefined {
    const { judged, members, down } = this.#scene;
    const token = this.#census.newest;
    if (judged.lock.algorithm !== 'raymond' || token === undefined) return undefined;
    const ordered = [...members].toSorted((a, b) => a - b);
    const way = pathBetween(judged.lock.tree, ordered, node, token.holder ?? token.sender);
    // Where the token itself is gone, there has to be a new one.
    const gone = way.slice(0, -1).find((id) => down.includes(id));
    return gone === undefined ? undefined : `${gone} is down, on the way to the token`;
  }

  #leaderless(): string | undefined {
    const { judged, leads } = this.#scene;
    const { algorithm } = judged.lock;
    if (leads.size > 0 || byPermission.includes(algorithm)) return undefined;
    if (algorithm === 'central' || algorithm === 'central-lease') return 'nobody leads, and so nobody grants';
    return this.#census.newest?.holder === undefined ? 'nobody leads, and so nobody makes a new token' : undefined;
  }
}
