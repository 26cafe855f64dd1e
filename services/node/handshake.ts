/**
 * How two programs of a cluster recognise each other, before either listens to anything else the other says.
 *
 * Three frames: the dialler's `hello`, the acceptor's `accept` with its proof, the dialler's `proof`. A node dials a node
 * as `peer`; the console dials a node's history as `console`. Each side is a function from a frame to what it answers,
 * without a socket in it; `shake` runs one over a socket. Ids come from the membership list, never from an address.
 */
import { randomBytes } from 'node:crypto';
import type { WebSocket } from 'ws';
import { z } from 'zod';
import { type Proven, prove, proves } from './proof.ts';

export type JoinedAs = 'peer' | 'console';

/** What one program shows of itself. */
export interface Identity {
  readonly key: Uint8Array;
  /** The fingerprint of CLUSTER: programs of different clusters do not talk. */
  readonly cluster: string;
  readonly id: number;
  readonly incarnation: number;
}

/** Who is at the other end. */
export interface Session {
  readonly peer: number;
  readonly incarnation: number;
  readonly version: number;
}

export const refusals = ['bad_proof', 'replay', 'version', 'cluster', 'peer', 'malformed', 'timeout'] as const;
export type Refusal = (typeof refusals)[number];

export type Outcome =
  | { readonly ok: true; readonly session: Session }
  | { readonly ok: false; readonly reason: Refusal | 'closed'; readonly detail: string };

/** What a side says in answer to a frame, and how the handshake ended if it did. */
export interface Move {
  readonly send?: string;
  readonly outcome?: Outcome;
}

export interface Side {
  readonly opening?: string;
  receive(text: string): Move;
}

const version = 1;
const patienceMs = 3_000;
const largest = 2_048;

const notAuthenticated = 4401;
const noCommonVersion = 4406;

const count = z.int().min(0);
const bytes32 = z.string().regex(/^[0-9a-f]{64}$/);
/** Not strict: a later version may say more, and learns from the answer that it must not. */
const hello = z.object({
  type: z.literal('hello'),
  role: z.enum(['peer', 'console']),
  versions: z.object({ least: count, most: count }),
  cluster: z.string().max(64),
  from: count,
  to: count,
  incarnation: count,
  nonce: bytes32,
});
const accept = z.strictObject({ type: z.literal('accept'), version: count, incarnation: count, nonce: bytes32, proof: bytes32 });
const finish = z.strictObject({ type: z.literal('proof'), proof: bytes32 });

export function dialler(self: Identity, to: number, role: JoinedAs, nonce = fresh()): Side {
  const said = {
    type: 'hello',
    role,
    versions: { least: version, most: version },
    cluster: self.cluster,
    from: self.id,
    to,
    incarnation: self.incarnation,
    nonce,
  };
  return {
    opening: JSON.stringify(said),
    receive(text) {
      const answer = parse(accept, text);
      if (answer === undefined) return refuse('malformed', 'expected an accept frame');
      if (answer.version !== version) return refuse('version', `chose version ${answer.version}`);
      const proven: Proven = {
        role,
        version,
        cluster: self.cluster,
        dialler: self.id,
        acceptor: to,
        diallerIncarnation: self.incarnation,
        acceptorIncarnation: answer.incarnation,
        diallerNonce: nonce,
        acceptorNonce: answer.nonce,
      };
      if (!proves(answer.proof, self.key, 'acceptor', proven)) return refuse('bad_proof', 'does not hold the key of this cluster');
      return {
        send: JSON.stringify({ type: 'proof', proof: prove(self.key, 'dialler', proven) }),
        outcome: { ok: true, session: { peer: to, incarnation: answer.incarnation, version } },
      };
    },
  };
}

/** `admits` says whether this id may dial us as that; `seen` remembers the nonces of earlier diallers. */
export function acceptor(self: Identity, admits: (from: number, role: JoinedAs) => boolean, seen: SeenNonces, nonce = fresh()): Side {
  let proven: Proven | undefined;
  return {
    receive(text) {
      if (proven !== undefined) return conclude(text, proven);
      const said = parse(hello, text);
      if (said === undefined) return refuse('malformed', 'expected a hello frame');
      if (said.versions.least > version || said.versions.most < version)
        return refuse('version', `speaks versions ${said.versions.least} to ${said.versions.most}`);
      if (said.cluster !== self.cluster) return refuse('cluster', 'was given another CLUSTER');
      if (said.to !== self.id || !admits(said.from, said.role)) return refuse('peer', `${said.from} may not dial ${said.to} as ${said.role}`);
      if (!seen.add(said.nonce)) return refuse('replay', 'repeats an earlier hello');
      proven = {
        role: said.role,
        version,
        cluster: self.cluster,
        dialler: said.from,
        acceptor: self.id,
        diallerIncarnation: said.incarnation,
        acceptorIncarnation: self.incarnation,
        diallerNonce: said.nonce,
        acceptorNonce: nonce,
      };
      return { send: JSON.stringify({ type: 'accept', version, incarnation: self.incarnation, nonce, proof: prove(self.key, 'acceptor', proven) }) };
    },
  };

  function conclude(text: string, by: Proven): Move {
    const last = parse(finish, text);
    if (last === undefined) return refuse('malformed', 'expected a proof frame');
    if (!proves(last.proof, self.key, 'dialler', by)) return refuse('bad_proof', 'does not hold the key of this cluster');
    return { outcome: { ok: true, session: { peer: by.dialler, incarnation: by.diallerIncarnation, version } } };
  }
}

/**
 * Runs one side over a socket, which need not be open yet, and tells how it ended. On success `end` is called before
 * the next frame is read, so that it can listen to it; on refusal the socket is being closed.
 */
export function shake(socket: WebSocket, side: Side, end: (outcome: Outcome) => void, patience = patienceMs): void {
  let deadline: NodeJS.Timeout | undefined;
  const hear = (data: WebSocket.RawData, binary: boolean): void => {
    const { send, outcome } = binary ? refuse('malformed', 'expected text') : side.receive(String(data));
    if (send !== undefined) socket.send(send);
    if (outcome !== undefined) over(outcome);
  };
  const gone = (): void => over({ ok: false, reason: 'closed', detail: 'the connection was closed' });
  const broken = (error: NodeJS.ErrnoException): void => {
    if (error.code?.startsWith('WS_ERR_') === true) over({ ok: false, reason: 'malformed', detail: error.message });
    else gone();
  };
  const open = (): void => {
    deadline = setTimeout(() => over({ ok: false, reason: 'timeout', detail: `did not finish within ${patience} ms` }), patience);
    if (side.opening !== undefined) socket.send(side.opening);
  };

  socket.on('error', broken);
  socket.on('message', hear);
  socket.on('close', gone);
  if (socket.readyState === socket.OPEN) open();
  else socket.once('open', open);

  function over(outcome: Outcome): void {
    clearTimeout(deadline);
    socket.off('message', hear).off('close', gone).off('open', open);
    // An error listener stays: without one, a late error would end the process.
    socket.on('error', () => undefined);
    socket.off('error', broken);
    if (!outcome.ok && outcome.reason !== 'closed') socket.close(outcome.reason === 'version' ? noCommonVersion : notAuthenticated, outcome.reason);
    end(outcome);
  }
}

/** The nonces of the last diallers: enough of them that a recorded hello is recognised while it could still matter. */
export class SeenNonces {
  readonly #seen = new Set<string>();

  /** Whether the nonce is new. */
  add(nonce: string): boolean {
    if (this.#seen.has(nonce)) return false;
    this.#seen.add(nonce);
    const [oldest] = this.#seen;
    if (this.#seen.size > 1_024 && oldest !== undefined) this.#seen.delete(oldest);
    return true;
  }
}

const fresh = (): string => randomBytes(32).toString('hex');

const refuse = (reason: Refusal, detail: string): Move => ({ outcome: { ok: false, reason, detail } });

function parse<T>(schema: z.ZodType<T>, text: string): T | undefined {
  if (text.length > largest) return undefined;
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
