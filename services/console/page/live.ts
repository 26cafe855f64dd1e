/**
 * The socket to the control room: says who it is, resumes where it left off, and dials again when the line is lost.
 *
 * The socket, the timer and chance come from outside, so that a test can lose the line as often as it likes. A line
 * that is open but silent counts as lost too: ticks come ten times a second, or something is wrong.
 */
import type { EventsFrame, PageFrame, ServerFrame } from '../live-frames.ts';
import { backoff } from './backoff.ts';
import type { Store } from './store.ts';

/** As much of a WebSocket as is needed. */
export interface Socket {
  onopen: (() => void) | null;
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  onclose: ((event: { readonly code: number }) => void) | null;
  send(text: string): void;
  close(): void;
}

export interface Surroundings {
  dial(): Socket;
  nowMs(): number;
  chance(): number;
  after(ms: number, run: () => void): void;
}

const notAdmitted = 4401;
const silenceMs = 4_000;
/**
 * How many events before the first that it hears of a new page asks for: about the minute that the charts show. The
 * history may be hours long, and two hundred pages may open at once.
 */
const past = 6_000;

export function keepLive(store: Store, token: string | undefined, { dial, nowMs, chance, after }: Surroundings): void {
  let attempt = 0;
  let heardMs = 0;

  function connect(): void {
    const socket = dial();
    const say = (frame: PageFrame): void => socket.send(JSON.stringify(frame));
    const resume = (seq: number): void => {
      const epoch = store.hello.peek()?.epoch;
      say({ type: 'resume', seq, ...(epoch === undefined ? {} : { epoch }) });
    };
    let open = true;
    let firstHeard: number | undefined;
    heardMs = nowMs();

    socket.onopen = () => {
      say(token === undefined ? { type: 'auth' } : { type: 'auth', token });
      if (store.seen() > 0) resume(store.seen());
    };
    socket.onmessage = ({ data }) => {
      const frame = parse(data);
      if (frame === undefined) return;
      heardMs = nowMs();
      if (frame.type === 'events' && isBeforePast(frame)) return;
      store.apply(frame, heardMs);
      if (frame.type === 'hello' || frame.type === 'past') return;
      attempt = 0;
      if (store.connection.peek().is !== 'live') store.connection.value = { is: 'live' };
    };
    socket.onclose = ({ code }) => lost(code);
    watch();

    /** Asks for the past of the first events heard, and leaves aside what comes until that past arrives: it comes again. */
    function isBeforePast({ events }: EventsFrame): boolean {
      const first = events[0]?.seq ?? 0;
      if (store.seen() > 0 || (firstHeard !== undefined && first <= firstHeard)) return false;
      if (firstHeard === undefined) {
        firstHeard = first;
        resume(Math.max(0, first - 1 - past));
      }
      return true;
    }

    function watch(): void {
      if (!open) return;
      if (nowMs() - heardMs < silenceMs) {
        after(silenceMs / 4, watch);
        return;
      }
      socket.close();
      lost(0);
    }

    function lost(code: number): void {
      if (!open) return;
      open = false;
      socket.onmessage = null;
      if (code === notAdmitted) {
        store.connection.value = { is: 'refused' };
        return;
      }
      attempt += 1;
      store.connection.value = { is: 'reconnecting', attempt };
      after(backoff(attempt, chance()), connect);
    }
  }

  connect();
}

/** The server is ours and was admitted by the browser's origin; a frame of another version is left alone all the same. */
function parse(data: unknown): ServerFrame | undefined {
  if (typeof data !== 'string') return undefined;
  try {
    const frame = JSON.parse(data) as Partial<ServerFrame> | null;
    return frame?.v === 1 && typeof frame.type === 'string' ? (frame as ServerFrame) : undefined;
  } catch {
    return undefined;
  }
}
