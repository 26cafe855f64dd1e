/** The messages of mutual exclusion and of the ledger, as they travel. */
import { z } from 'zod';
import { tokenMessages } from './tokens.ts';
import { count, id, nullable, spoken, term } from './words.ts';

const request = { incarnation: count, request: count };
const part = z.enum(['open', 'close']);
const asking = { ...request, timestamp: count, turn: count, inside: z.boolean() };
const answering = { ...request, start: count, turn: count };
const token = z.strictObject({ term, count });

export const mutexMessages = {
  'central.request': spoken('central.request', { ...request, inside: z.boolean() }),
  'central.grant': spoken('central.grant', { ...request, term }),
  'central.release': spoken('central.release', request),
  'central-lease.request': spoken('central-lease.request', request),
  'central-lease.grant': spoken('central-lease.grant', { ...request, term, count }),
  'central-lease.renew': spoken('central-lease.renew', { ...request, term, count }),
  'central-lease.release': spoken('central-lease.release', request),
  'lamport.request': spoken('lamport.request', { ...request, timestamp: count, again: z.literal(true).optional() }),
  'lamport.ack': spoken('lamport.ack', { ...request, start: count }),
  'lamport.release': spoken('lamport.release', request),
  'ricart-agrawala.request': spoken('ricart-agrawala.request', { ...request, timestamp: count }),
  'ricart-agrawala.reply': spoken('ricart-agrawala.reply', { ...request, start: count, timestamp: count }),
  'roucairol-carvalho.request': spoken('roucairol-carvalho.request', { ...request, timestamp: count, asking: count }),
  'roucairol-carvalho.reply': spoken('roucairol-carvalho.reply', { incarnation: count, start: count, asking: count }),
  'mutex.hello': spoken('mutex.hello', { incarnation: count }),
  'mutex.welcome': spoken('mutex.welcome', { incarnation: count, start: count, yours: z.boolean() }),
  'maekawa.request': spoken('maekawa.request', asking),
  'maekawa.release': spoken('maekawa.release', asking),
  'maekawa.yield': spoken('maekawa.yield', asking),
  'maekawa.grant': spoken('maekawa.grant', answering),
  'maekawa.inquire': spoken('maekawa.inquire', answering),
  'maekawa.failed': spoken('maekawa.failed', answering),
  ...tokenMessages,
  'mutex.again': spoken('mutex.again', { ...request, by: id, left: count }),
  'mutex.awaited': spoken('mutex.awaited', { ...request, on: id }),
  'ledger.write': spoken('ledger.write', { ...request, part, generation: count, token: nullable(token), value: count }),
  'ledger.accepted': spoken('ledger.accepted', { ...request, part, value: count }),
  'ledger.refused': spoken('ledger.refused', { ...request, part, highest: nullable(token) }),
};
