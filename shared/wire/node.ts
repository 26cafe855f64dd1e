/** The messages of a whole node: who leads, and what the cluster runs. */
import { z } from 'zod';
import { count, nullable, spoken, term } from './words.ts';

export const nodeMessages = {
  'node.leader': spoken('node.leader', { term: nullable(term) }),
  'node.switch': spoken('node.switch', {
    number: count,
    since: z.strictObject({ election: count, clock: count, mutex: count }),
    term: nullable(term),
    election: z.enum(['bully', 'ring', 'chang-roberts', 'hirschberg-sinclair']),
    mode: z.enum(['classic', 'safe']),
    clock: z.enum(['cristian', 'berkeley']),
    mutex: nullable(
      z.enum(['central', 'central-lease', 'token-ring', 'lamport', 'ricart-agrawala', 'roucairol-carvalho', 'maekawa', 'suzuki-kasami', 'raymond']),
    ),
    opens: z.boolean(),
  }),
  'node.switched': spoken('node.switched', { number: count, open: z.boolean() }),
};
