/**
 * What proves that a program holds the cluster key: an HMAC over everything that the two sides have said.
 *
 * No clock is involved, because this lab breaks clocks. The side in it stops a proof from being reflected, the version a
 * downgrade, and the fresh nonces of both sides a replay. Fields carry their length, so that no two lists of fields run
 * together to the same bytes. The key is shared: whoever holds it can be anyone.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';

export interface Proven {
  /** What the dialler joins as. */
  readonly role: string;
  readonly version: number;
  readonly cluster: string;
  readonly dialler: number;
  readonly acceptor: number;
  readonly diallerIncarnation: number;
  readonly acceptorIncarnation: number;
  /** Fresh random bytes of each side, in hexadecimal. */
  readonly diallerNonce: string;
  readonly acceptorNonce: string;
}

export type ProvenBy = 'dialler' | 'acceptor';

export function prove(key: Uint8Array, by: ProvenBy, p: Proven): string {
  const mac = createHmac('sha256', key);
  const fields = [
    'lockstep',
    by,
    p.role,
    p.version,
    p.cluster,
    p.dialler,
    p.acceptor,
    p.diallerIncarnation,
    p.acceptorIncarnation,
    p.diallerNonce,
    p.acceptorNonce,
  ];
  for (const field of fields) {
    const bytes = Buffer.from(String(field), 'utf8');
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    mac.update(length).update(bytes);
  }
  return mac.digest('hex');
}

/** Takes as long for a proof that is wrong from the first byte as for one that is nearly right. */
export const proves = (proof: string, key: Uint8Array, by: ProvenBy, proven: Proven): boolean => {
  const given = Buffer.from(proof, 'hex');
  const expected = Buffer.from(prove(key, by, proven), 'hex');
  return given.length === expected.length && timingSafeEqual(given, expected);
};
