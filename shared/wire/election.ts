/** The messages of elections and of the failure detector, as they travel. */
import { z } from 'zod';
import { count, id, mostMembers, nullable, spoken, term, whole } from './words.ts';

/** What the messages of an algorithm have in common. */
const lap = { initiator: id, attempt: count, list: z.array(id).max(mostMembers), hops: count };
const way = z.union([z.literal(1), z.literal(-1)]);
const candidacy = { candidate: id, incarnation: count, number: count, phase: count, way, hops: count };

export const electionMessages = {
  'bully.election': spoken('bully.election', { number: count }),
  'bully.ok': spoken('bully.ok', { number: count, floor: count }),
  'bully.coordinator': spoken('bully.coordinator', { term }),
  'bully.propose': spoken('bully.propose', { term }),
  'bully.accept': spoken('bully.accept', { term }),
  'bully.refuse': spoken('bully.refuse', { term, floor: count, remaining: count }),
  'ring.election': spoken('ring.election', { ...lap, number: count, incarnations: z.array(count).max(mostMembers) }),
  'ring.coordinator': spoken('ring.coordinator', { ...lap, incarnation: count, term }),
  'chang-roberts.election': spoken('chang-roberts.election', {
    candidate: id,
    incarnation: count,
    number: count,
    hops: count,
  }),
  'chang-roberts.elected': spoken('chang-roberts.elected', { term, hops: count }),
  'hirschberg-sinclair.probe': spoken('hirschberg-sinclair.probe', { ...candidacy, left: count }),
  'hirschberg-sinclair.reply': spoken('hirschberg-sinclair.reply', { ...candidacy }),
  'hirschberg-sinclair.elected': spoken('hirschberg-sinclair.elected', { term, way, hops: count }),
  'heartbeat.beat': spoken('heartbeat.beat', {
    incarnation: count,
    leader: nullable(id),
    term: nullable(term),
    sent: whole,
    ordered: term.optional(),
  }),
  'heartbeat.ack': spoken('heartbeat.ack', { term, sent: whole }),
};
