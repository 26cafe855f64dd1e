/** Asks a running console over HTTP: what the other verbs and tests see is what the page sees. */
import type { HistoryEvent } from '../../shared/history.ts';
import type { Command, Result } from '../console/commands.ts';
import type { StateView } from '../console/live-frames.ts';
import { Failure } from './failure.ts';

const answerMs = 5_000;
const pageSize = 1_000;
/** A restart is answered when the node listens again. */
const commandMs = 20_000;

export interface Place {
  readonly consoleUrl: string;
  readonly token?: string | undefined;
}

export async function fetchState({ consoleUrl, token }: Place): Promise<StateView> {
  const response = await ask(`${consoleUrl}/api/state`, { headers: bearer(token), signal: AbortSignal.timeout(answerMs) });
  if (response.status === 401) throw new Failure(`the console at ${consoleUrl} shows itself to those who have its token only`);
  const body = await response.json().catch(() => undefined);
  if (!response.ok || !isState(body)) throw new Failure(`what answers at ${consoleUrl} is no console of Lockstep`);
  return body;
}

/** The whole history that the console keeps, or what came after its event number `after`, a page at a time. */
export async function fetchHistory({ consoleUrl, token }: Place, after = 0): Promise<readonly HistoryEvent[]> {
  const events: HistoryEvent[] = [];
  for (let since = after; ; ) {
    const response = await ask(`${consoleUrl}/api/history?since=${since}&limit=${pageSize}`, {
      headers: bearer(token),
      signal: AbortSignal.timeout(answerMs),
    });
    if (!response.ok) throw new Failure(`the console at ${consoleUrl} answered with status ${response.status}`);
    const page = (await response.json()) as { readonly events: readonly HistoryEvent[]; readonly next: number };
    if (page.events.length === 0) return events;
    events.push(...page.events);
    since = page.next;
  }
}

/** The number of the newest event: what is fetched after it is new. */
export async function newestEvent({ consoleUrl, token }: Place): Promise<number> {
  const beyond = 999_999_999_999_999;
  const response = await ask(`${consoleUrl}/api/history?since=${beyond}&limit=1`, { headers: bearer(token), signal: AbortSignal.timeout(answerMs) });
  if (!response.ok) throw new Failure(`the console at ${consoleUrl} answered with status ${response.status}`);
  return ((await response.json()) as { readonly next: number }).next;
}

export async function sendCommand({ consoleUrl, token }: Place, command: Command): Promise<Result> {
  const response = await ask(`${consoleUrl}/api/commands`, {
    method: 'POST',
    headers: { ...bearer(token), 'content-type': 'application/json' },
    body: JSON.stringify(command),
    signal: AbortSignal.timeout(commandMs),
  });
  return (await response.json().catch(() => ({ ok: false, error: `the console answered with status ${response.status}` }))) as Result;
}

async function ask(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch {
    throw new Failure(`the console at ${new URL(url).origin} does not answer`);
  }
}

const bearer = (token: string | undefined): Record<string, string> => (token === undefined ? {} : { authorization: `Bearer ${token}` });

const isState = (body: unknown): body is StateView =>
  typeof body === 'object' && body !== null && 'world' in body && 'nodes' in body && Array.isArray(body.nodes);
