/** The messages of the token algorithms, as they travel, and of those who look after a token. */
import { z } from 'zod';
import { count, id, mostMembers, nullable, spoken, term } from './words.ts';

const sighting = { epoch: term, hop: count };
const token = { ...sighting, count };
const asked = z.strictObject({ node: id, incarnation: count, request: count });
const every = z.array(asked).max(mostMembers);

export const tokenMessages = {
  'token-ring.token': spoken('token-ring.token', { start: count, token: z.strictObject(token) }),
  'suzuki-kasami.request': spoken('suzuki-kasami.request', { incarnation: count, request: count }),
  'suzuki-kasami.token': spoken('suzuki-kasami.token', { start: count, token: z.strictObject({ ...token, served: every, queue: every }) }),
  'raymond.request': spoken('raymond.request', { ...sighting, incarnation: count }),
  'raymond.token': spoken('raymond.token', { start: count, token: z.strictObject(token) }),
  'mutex.ack': spoken('mutex.ack', sighting),
  'mutex.census': spoken('mutex.census', { term, number: count }),
  'mutex.report': spoken('mutex.report', {
    term,
    number: count,
    incarnation: count,
    requested: count,
    served: count,
    epoch: nullable(term),
    hop: count,
    to: nullable(id),
    whose: z.enum(['holding', 'passing', 'passed', 'none']),
    start: count,
  }),
  'mutex.renewed': spoken('mutex.renewed', { ...sighting, at: id }),
};
