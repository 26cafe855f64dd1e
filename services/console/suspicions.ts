/**
 * Who was suspected rightly, and how soon after it stopped; and who was suspected although it ran.
 *
 * No node can tell: a slow process looks like a crashed one. The control room can, since every node vouches for itself ten
 * times a second. Where these signs of life follow each other closely, a node ran; where they do not, it was paused, or
 * crashed. So a suspicion is judged a moment later, when the signs from around its instant have arrived.
 */
import type { NodeId } from '../../shared/protocol.ts';

/** The signs of life of one node without a gap, in true time. */
interface Run {
  readonly from: number;
  to: number;
  /** Its end was suspected by somebody. */
  noticed: boolean;
}

interface Suspicion {
  readonly of: NodeId;
  readonly at: number;
}

/** Five signs of life missed. Any failure detector waits longer. */
const gapUs = 500_000;
/** By then whatever a node has said by an instant has arrived. */
const patienceUs = 1_000_000;
/** Of each node; what is older has been judged. */
const keptRuns = 8;

export class Suspicions {
  readonly #runs = new Map<NodeId, Run[]>();
  #pending: Suspicion[] = [];
  #detections: number[] = [];
  #wrong = 0;

  /** The node vouches for itself up to `at`. */
  sign(node: NodeId, at: number): void {
    const runs = this.#runs.get(node) ?? [];
    const last = runs.at(-1);
    if (last !== undefined && at - last.to <= gapUs) last.to = Math.max(last.to, at);
    else this.#runs.set(node, [...runs, { from: at, to: at, noticed: false }].slice(-keptRuns));
  }

  /** It is another start of the node: whatever it says now does not go on from before. */
  anew(node: NodeId, at: number): void {
    this.#runs.set(node, [...(this.#runs.get(node) ?? []), { from: at, to: at, noticed: false }].slice(-keptRuns));
  }

  suspected(of: NodeId, at: number): void {
    this.#pending.push({ of, at });
  }

  /** Judges what is old enough at `at`. */
  judge(at: number): void {
    const due = this.#pending.filter((suspicion) => suspicion.at + patienceUs <= at);
    this.#pending = this.#pending.filter((suspicion) => suspicion.at + patienceUs > at);
    for (const suspicion of due) this.#find(suspicion);
  }

  /** How long after the last sign of life the first suspicion came, in microseconds: those found since the last time this was asked. */
  detections(): readonly number[] {
    const found = this.#detections;
    this.#detections = [];
    return found;
  }

  /** How many suspicions were of nodes that ran. */
  get wrong(): number {
    return this.#wrong;
  }

  #find({ of, at }: Suspicion): void {
    const run = this.#runs.get(of)?.findLast(({ from }) => from <= at);
    // Whoever was never heard of before has not stopped.
    if (run === undefined) return;
    if (run.to >= at) this.#wrong += 1;
    else if (!run.noticed) {
      run.noticed = true;
      this.#detections.push(at - run.to);
    }
  }
}
