/**
 * The limits of every WebSocket between programs, the same on both ends. The defaults of the library are made for the
 * open web: 100 MiB a message, compression, half a minute to close.
 */
import { largestFrame } from '../../shared/wire.ts';

export const socketLimits = {
  maxPayload: largestFrame,
  maxFragments: 16,
  maxBufferedChunks: 64,
  maxPendingAutoPongs: 8,
  perMessageDeflate: false,
  closeTimeout: 2_000,
};

/** For the side that dials. */
export const dialLimits = { ...socketLimits, handshakeTimeout: 3_000, followRedirects: false };
