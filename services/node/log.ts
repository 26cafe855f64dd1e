/**
 * The log: one JSON object a line, or a readable line where somebody reads it, on a terminal of a developer's machine.
 *
 * Nothing logs inside an algorithm. A line is derived from an event, here and only here, so that the log and the
 * history cannot disagree. What happens all the time is told at the level debug.
 */
import pino, { type Logger } from 'pino';
import type { HistoryEvent } from '../../shared/history.ts';
import { type FencingToken, formatTerm, formatToken } from '../../shared/protocol.ts';
import { format } from '../../shared/time.ts';

export type { Logger };

export async function createLog(level: string, name: string): Promise<Logger> {
  const options = {
    level,
    base: { node: name },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  if (!process.stdout.isTTY) return pino(options);
  try {
    // The image does without it.
    const { default: pretty } = await import('pino-pretty');
    return pino(options, pretty({ sync: true, ignore: 'pid,hostname' }));
  } catch {
    return pino(options);
  }
}

interface Line {
  readonly level: 'debug' | 'info' | 'warn';
  readonly says: string;
}

/** `name` tells the name of a node. */
export function lineOf(event: HistoryEvent, name: (id: number) => string): Line {
  const info = (says: string): Line => ({ level: 'info', says });
  const warn = (says: string): Line => ({ level: 'warn', says });
  const debug = (says: string): Line => ({ level: 'debug', says });
  switch (event.kind) {
    case 'node.started':
      return info(`started as ${event.role}`);
    case 'node.stopped':
      return info(event.how);
    case 'election.elected':
      return info(`${name(event.leader)} leads, term ${formatTerm(event.term)}`);
    case 'election.started':
      return info(`calls for an election: ${event.why}`);
    case 'election.stepped-down':
      return info(`leads no more: ${event.why}`);
    case 'heartbeat.suspected':
      return warn(`suspects ${name(event.peer)}: ${event.why}`);
    case 'clock.status':
      return info(`clock is ${event.status}: ${event.why}`);
    case 'berkeley.round-refused':
      return warn(`round ${event.round} refused: ${event.reason}`);
    case 'cristian.failed':
      return warn(`reading of ${name(event.of)} failed: ${event.reason}`);
    case 'berkeley.excluded':
      return warn(`${name(event.of)} is left out: ${event.why}`);
    case 'cristian.disproved':
      return warn(`a round trip of ${format(event.roundTrip)} disproves the least delay that was assumed`);
    case 'berkeley.adjusted':
    case 'cristian.read':
      // A jump of the clock is worth a line; a slew is what happens every round.
      return { level: event.how === 'step' ? 'info' : 'debug', says: `clock corrected by ${format(event.by)}, ${event.how}` };
    case 'mutex.entered':
      return debug(`is inside the critical section after ${format(event.waited)}, ${tokenOf(event.token)}`);
    case 'mutex.exited':
      return debug(`left the critical section after ${format(event.held)}`);
    case 'mutex.blocked':
      if (event.on.length === 0) return info('waits for nobody who is suspected any more');
      return warn(`cannot enter the critical section: it waits for ${event.on.map(name).join(', ')}, who cannot be heard`);
    case 'mutex.asked-again':
      return info(`has waited for the critical section for long, and asks ${event.of.map(name).join(', ') || 'nobody'} again`);
    case 'mutex.skipped':
      return warn(`does without the permission of ${name(event.past)}, who cannot be heard`);
    case 'mutex.lapsed':
      return warn(`its lease is over while it is inside, ${tokenOf(event.token)}`);
    case 'mutex.reclaimed':
      return info(`takes back what ${name(event.from)} held: ${event.why}`);
    case 'mutex.regenerated':
      return info(`makes a new token, of term ${formatTerm(event.term)}`);
    case 'mutex.fenced':
      return warn(`its write was refused: ${tokenOf(event.token)}, and the ledger has seen ${tokenOf(event.highest)}`);
    case 'mutex.unwritten':
      return warn('the ledger does not answer: it leaves the critical section without having written');
    case 'ledger.accepted':
      return event.stale ? warn(`took a late write of ${name(event.from)}, ${tokenOf(event.token)}, since fencing is off`) : debug(event.kind);
    case 'ledger.refused':
      return warn(`refused a late write of ${name(event.from)}: ${tokenOf(event.token)}, and it has seen ${tokenOf(event.highest)}`);
    default:
      return debug(event.kind);
  }
}

const tokenOf = (token: FencingToken | null): string => (token === null ? 'no token' : `token ${formatToken(token)}`);

/** What others wrote, fit for a log: no characters that would act on a terminal, and not too many. */
export const plain = (text: string): string => text.replace(/[\p{Cc}\p{Cf}]/gu, '?').slice(0, 256);

export function logEvent(log: Logger, event: HistoryEvent, name: (id: number) => string): void {
  const { level, says } = lineOf(event, name);
  if (level !== 'debug') log[level]({ event: event.kind }, says);
  else if (log.isLevelEnabled('debug')) log.debug({ event }, says);
}
