/**
 * NTP packets as bytes (RFC 5905, section 7.3): what a server reads of a request, and the 48 bytes that it answers.
 *
 * Times are 64 bits, 32 of seconds since 1900 and 32 of their fraction; the seconds roll over in February 2036, and which
 * era is meant is left to whoever reads them. Nothing here throws, whatever the bytes are: what is no request of a client
 * is none.
 */

/** The header, without extensions or a signature. */
export const packetBytes = 48;

export interface Request {
  readonly version: 3 | 4;
  /** How often the client asks, as it says: a byte that goes back as it came. */
  readonly poll: number;
  /** When it says it asked: 8 bytes that go back as they came, by which it knows its answer. */
  readonly transmitted: Uint8Array;
}

/** What a server says of its clock. */
export interface Claim {
  /** 0: no leap second is due; 3: the clock is not synchronised. */
  readonly leap: 0 | 3;
  /** 1 for a reference, 2 for whoever follows one; 0 on the wire is 16, not synchronised. */
  readonly stratum: 0 | 1 | 2;
  /** The round trip to the reference, and what else it may be wrong by, in microseconds. */
  readonly rootDelay: number;
  readonly rootDispersion: number;
  readonly reference: Uint8Array;
}

export interface Reply extends Claim {
  /** The shortest step of the clock, in seconds, as an exponent of two. */
  readonly precision: number;
  /** In microseconds since 1970, as this clock shows them: when it was last set, when the request came, when this leaves. */
  readonly setAt: number | undefined;
  readonly receivedAt: number;
  readonly transmittedAt: number;
}

const client = 3;
const server = 4;
const never = 0n;

/** What a client asks, if that is what these bytes are. Whatever follows the header is not looked at. */
export function parseRequest(bytes: Uint8Array): Request | undefined {
  const [first = 0, , poll = 0] = bytes;
  const version = (first >> 3) & 7;
  if (bytes.length < packetBytes || (first & 7) !== client || (version !== 3 && version !== 4)) return undefined;
  return { version, poll, transmitted: bytes.slice(40, 48) };
}

/** Never longer than what was asked, so that nobody gains by asking in another's name. */
export function encodeReply({ version, poll, transmitted }: Request, reply: Reply): Uint8Array {
  const bytes = new Uint8Array(packetBytes);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, (reply.leap << 6) | (version << 3) | server);
  view.setUint8(1, reply.stratum);
  view.setUint8(2, poll);
  view.setInt8(3, reply.precision);
  view.setUint32(4, shortFormat(reply.rootDelay));
  view.setUint32(8, shortFormat(reply.rootDispersion));
  bytes.set(reply.reference.subarray(0, 4), 12);
  view.setBigUint64(16, reply.setAt === undefined ? never : timestamp(reply.setAt));
  bytes.set(transmitted, 24);
  view.setBigUint64(32, timestamp(reply.receivedAt));
  view.setBigUint64(40, timestamp(reply.transmittedAt));
  return bytes;
}

/** From 1900 to 1970: 70 years, of which 17 had a day more. */
const untilUnix = 2_208_988_800n;
const million = 1_000_000n;

/** The instant that is so many whole microseconds after 1970, rounded to the nearest fraction. */
export function timestamp(us: number): bigint {
  const since1900 = BigInt(us) + untilUnix * million;
  return BigInt.asUintN(64, ((since1900 << 32n) + million / 2n) / million);
}

/** 16 bits of seconds and 16 of their fraction; rounded up, since an error that is said too small is a false claim. */
export const shortFormat = (us: number): number => Math.min(Math.ceil((us * 2 ** 16) / 1e6), 2 ** 32 - 1);
