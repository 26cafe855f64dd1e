/**
 * Lets any NTP client read this node's disciplined clock, as a witness that is none of ours: an NTPv4 server (RFC 5905) in
 * its smallest form, without a state for any client.
 *
 * A disciplined clock counts like the host's monotonic counter, and is wrong by its error. Here it is told as time of day:
 * the host's wall clock minus that counter, plus what the disciplined clock shows. So a client on the same host finds that
 * this server is off from the host's own clock by the true error of the node.
 *
 * UDP is open to whoever can reach the port, under any name. An answer is never longer than its question, only questions
 * are answered, never answers, and each address gets so many of them a second.
 */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { standingOf } from '../../shared/node.ts';
import { elapsed, magnitude, minus, none, sum, type TrueTime } from '../../shared/time.ts';
import { trueNow } from './clock.ts';
import { Allowance } from './flow.ts';
import { type Claim, encodeReply, parseRequest } from './ntp-packet.ts';
import { WallAnchor } from './wall-anchor.ts';
import type { Glance } from './world.ts';

type Result = 'answered' | 'ignored' | 'limited';

export interface NtpSetup {
  readonly host: string;
  readonly port: number;
  /** The node as it is at an instant. */
  readonly glance: (at: TrueTime) => Glance;
  readonly told: (result: Result) => void;
  readonly failed: (error: Error) => void;
}

/** A client that starts asks eight times within seconds, and several may share an address. */
const ofAddress = { perSecond: 20, burst: 50 };
/** Addresses can be made up, so there is a limit for all of them, and to how many are remembered. */
const ofEverybody = { perSecond: 200, burst: 400 };
const mostAddresses = 512;

/** Instants are whole microseconds, and 2^-19 s is the shortest power of two that is not less. */
const precision = -19;

export class NtpServer {
  readonly #setup: NtpSetup;
  readonly #socket: Socket;
  readonly #wall = new WallAnchor();
  readonly #allowances = new Map<string, Allowance>();
  readonly #everybody = new Allowance(trueNow(), ofEverybody);

  constructor(setup: NtpSetup) {
    this.#setup = setup;
    this.#socket = createSocket(isIPv6(setup.host) ? 'udp6' : 'udp4');
    this.#socket.on('message', (bytes, from) => setup.told(this.#hear(trueNow(), bytes, from)));
  }

  /** Rejects where the port cannot be had. */
  listen(): Promise<void> {
    const { host, port, failed } = this.#setup;
    return new Promise((resolve, reject) => {
      this.#socket.once('error', reject);
      this.#socket.bind({ address: host, port, exclusive: true }, () => {
        this.#socket.off('error', reject).on('error', failed);
        resolve();
      });
    });
  }

  close(): void {
    this.#socket.close();
  }

  #hear(arrived: TrueTime, bytes: Uint8Array, from: RemoteInfo): Result {
    const { glance } = this.#setup;
    const request = parseRequest(bytes);
    // Nobody can be answered at port 0, although a datagram may claim to come from there.
    if (request === undefined || from.port === 0) return 'ignored';
    if (!this.#allows(from.address, arrived)) return 'limited';

    const seen = glance(arrived);
    const anchor = this.#wall.now();
    const receivedAt = anchor + seen.reading.clock;
    const age = setFor(seen);
    const transmittedAt = anchor + glance(trueNow()).reading.clock;
    const setAt = age === undefined ? undefined : receivedAt - age;
    const reply = encodeReply(request, { ...claimOf(seen), precision, setAt, receivedAt, transmittedAt });
    // Whether it arrives is the client's concern.
    this.#socket.send(reply, from.port, from.address, () => undefined);
    return 'answered';
  }

  #allows(address: string, now: TrueTime): boolean {
    const allowance = this.#allowances.get(address) ?? new Allowance(now, ofAddress);
    // In the order in which they were last heard of, so that the first is the one to forget.
    this.#allowances.delete(address);
    this.#allowances.set(address, allowance);
    for (const eldest of this.#allowances.keys()) {
      if (this.#allowances.size <= mostAddresses) break;
      this.#allowances.delete(eldest);
    }
    return allowance.take(now) && this.#everybody.take(now);
  }
}

/**
 * What is claimed of the clock, against the leader's: half the root delay and the root dispersion add up to how far the
 * one may be from the other as one reads them, which is the bound of the offset and the offset itself, a slew that is not
 * finished. Whoever claims nothing raises the alarm.
 */
export function claimOf({ clock: { offsetUs, boundUs }, state }: Pick<Glance, 'clock' | 'state'>): Claim {
  const { status, leading, leader, claim } = standingOf(state);
  if (offsetUs === null || boundUs === null || leader === undefined)
    return { leap: 3, stratum: 0, rootDelay: 0, rootDispersion: 0, reference: ascii(status === 'disrupted' ? 'STEP' : 'INIT') };
  if (leading) return { leap: 0, stratum: 1, rootDelay: 0, rootDispersion: 0, reference: ascii('LOCL') };
  const error = claim?.error ?? none;
  return {
    leap: 0,
    stratum: 2,
    rootDelay: sum(error, error),
    rootDispersion: sum(minus(boundUs, error), magnitude(offsetUs)),
    reference: addressOf(leader),
  };
}

/** How long ago the clock was last set; a leader's is right at any time by definition. */
function setFor({ state, reading }: Glance): number | undefined {
  const { leading, status, claim } = standingOf(state);
  if (leading) return status === 'synchronized' ? 0 : undefined;
  return claim && elapsed(claim.asOf, reading.raw);
}

const ascii = (code: 'LOCL' | 'INIT' | 'STEP'): Uint8Array => Buffer.from(code, 'ascii');

/** 0.0.0.5 for node 5: an address that no host has, so that no client takes it for itself and fears a loop. */
const addressOf = (id: number): Uint8Array => Uint8Array.of(0, 0, id >> 8, id);
