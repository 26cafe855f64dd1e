/** Log lines, as they are derived from events. */
import { describe, expect, it } from 'vitest';
import { lineOf, plain } from '../../../services/node/log.ts';
import type { HistoryEvent } from '../../../shared/history.ts';

const event = (fields: object): HistoryEvent => fields as unknown as HistoryEvent;
const nameOf = (id: number): string => (id === 5 ? 'master' : `node ${id}`);

const term = { number: 2, node: 5, incarnation: 7 };

describe('a log line', () => {
  it.each([
    [{ kind: 'election.elected', leader: 5, term: { number: 2, node: 5, incarnation: 7 } }, 'info', 'master leads, term 2.5.7'],
    [{ kind: 'clock.status', status: 'free-running', why: 'nothing was heard' }, 'info', 'clock is free-running: nothing was heard'],
    [{ kind: 'berkeley.round-refused', round: 3, reason: 'no majority' }, 'warn', 'round 3 refused: no majority'],
    [{ kind: 'cristian.failed', of: 5, reason: 'timeout' }, 'warn', 'reading of master failed: timeout'],
    [{ kind: 'berkeley.adjusted', how: 'step', by: -250_000 }, 'info', 'clock corrected by -250.000ms, step'],
    [{ kind: 'cristian.read', how: 'slew', by: 1_250 }, 'debug', 'clock corrected by +1.250ms, slew'],
    [{ kind: 'mutex.entered', waited: 12_000, token: null }, 'debug', 'is inside the critical section after +12.000ms, no token'],
    [{ kind: 'mutex.blocked', on: [5, 2] }, 'warn', 'cannot enter the critical section: it waits for master, node 2, who cannot be heard'],
    [{ kind: 'mutex.asked-again', of: [5, 2] }, 'info', 'has waited for the critical section for long, and asks master, node 2 again'],
    [{ kind: 'mutex.blocked', on: [] }, 'info', 'waits for nobody who is suspected any more'],
    [{ kind: 'mutex.regenerated', term, instead: null }, 'info', 'makes a new token, of term 2.5.7'],
    [
      { kind: 'mutex.fenced', token: { term, count: 3 }, highest: { term, count: 4 } },
      'warn',
      'its write was refused: token 2.5.7/3, and the ledger has seen token 2.5.7/4',
    ],
    [
      { kind: 'ledger.refused', from: 5, token: { term, count: 3 }, highest: { term, count: 4 } },
      'warn',
      'refused a late write of master: token 2.5.7/3, and it has seen token 2.5.7/4',
    ],
    [{ kind: 'ledger.accepted', from: 5, token: null, stale: false }, 'debug', 'ledger.accepted'],
    [
      { kind: 'ledger.accepted', from: 5, token: { term, count: 3 }, stale: true },
      'warn',
      'took a late write of master, token 2.5.7/3, since fencing is off',
    ],
    [{ kind: 'message.received' }, 'debug', 'message.received'],
  ])('of %o', (fields, level, says) => expect(lineOf(event(fields), nameOf)).toEqual({ level, says }));
});

describe('foreign text in a log', () => {
  it('does nothing to a terminal, and is short', () => {
    expect(plain('a\u001b[31mb\u202ec\n')).toBe('a?[31mb?c?');
    expect(plain('x'.repeat(1_000))).toHaveLength(256);
  });
});
