/** The messages of a whole node: who leads, and what the cluster runs. */
import { z } from 'zod';
import { mutexAlgorithms } from '../mutex/kinds.ts';
import { count, nullable, spoken, term } from './words.ts';

const algorithms = z.enum(['bully', 'ring', 'chang-roberts', 'hirschberg-sinclair']);
const modes = z.enum(['classic', 'safe']);
const rules = z.enum(['cristian', 'berkeley']);
const locks = z.enum(mutexAlgorithms);

/** What there is to choose from; `off` for no lock is said otherwise on the wire. */
export const choices = { election: algorithms.options, mode: modes.options, clock: rules.options, mutex: locks.options } as const;

export const nodeMessages = {
  'node.leader': spoken('node.leader', { term: nullable(term) }),
  'node.switch': spoken('node.switch', {
    number: count,
    since: z.strictObject({ election: count, clock: count, mutex: count }),
    term: nullable(term),
    election: algorithms,
    mode: modes,
    clock: rules,
    mutex: nullable(locks),
    opens: z.boolean(),
  }),
  'node.switched': spoken('node.switched', { number: count, term: nullable(term), open: z.boolean() }),
};
