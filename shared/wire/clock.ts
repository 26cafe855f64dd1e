/** The messages of clock synchronisation, as they travel. */
import { z } from 'zod';
import { count, nullable, spoken, term, whole } from './words.ts';

export const clockMessages = {
  'cristian.request': spoken('cristian.request', { attempt: count, incarnation: count }),
  'cristian.reply': spoken('cristian.reply', {
    attempt: count,
    incarnation: count,
    term,
    clock: whole,
    pending: whole,
    bound: count,
    corrected: whole,
    limit: z.number().min(0).max(1_000_000),
    updates: count,
    synchronized: z.boolean(),
  }),
  'berkeley.poll': spoken('berkeley.poll', { term, round: count, probe: count }),
  'berkeley.report': spoken('berkeley.report', {
    term,
    round: count,
    probe: count,
    clock: whole,
    inStep: nullable(z.strictObject({ term, round: count })),
  }),
  'berkeley.adjust': spoken('berkeley.adjust', {
    term,
    round: count,
    by: whole,
    error: count,
    corrected: whole,
    pending: whole,
    limit: z.number().min(0).max(1_000_000),
  }),
};
