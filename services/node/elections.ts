/** How elections are held, as the environment says: the same for the nodes, which hold them, and the console, which judges them. */
import type { ElectionConfig } from '../../shared/election/config.ts';
import { electionOf } from '../../shared/scenario.ts';
import { microseconds } from '../../shared/time.ts';
import type { Values } from './variables.ts';

type ElectionValues = Pick<Values, 'ELECTION' | 'ELECTION_BEGINS' | 'MODE' | 'HEARTBEAT_MS' | 'ELECTION_OK_MS'>;

/**
 * Faster or slower than by default, in the proportions of the lab's own. Whoever starts listens for two heartbeats; a
 * lease lasts for four, so that it outlives the silence after which its holder is suspected.
 */
export function electionConfig(values: ElectionValues): ElectionConfig {
  const { ELECTION: algorithm = 'bully', ELECTION_BEGINS: begins = 'by-itself', MODE: mode = 'classic', HEARTBEAT_MS, ELECTION_OK_MS } = values;
  const election = electionOf({ election: { algorithm, begins, mode } });
  const { detector, listen, lease, answerWithin, coordinatorWithin } = election;
  const beats = (HEARTBEAT_MS ?? detector.every) / detector.every;
  const answers = (ELECTION_OK_MS ?? answerWithin) / answerWithin;
  return {
    ...election,
    detector: { ...detector, every: microseconds(beats * detector.every) },
    listen: microseconds(beats * listen),
    lease: microseconds(beats * lease),
    answerWithin: microseconds(answers * answerWithin),
    coordinatorWithin: microseconds(answers * coordinatorWithin),
  };
}

/** What cannot be held, if that is asked for: rings have no safe variant. */
export const unheld = ({ ELECTION = 'bully', MODE }: ElectionValues): readonly string[] =>
  MODE === 'safe' && ELECTION !== 'bully' ? [`MODE=safe is refused with ELECTION=${ELECTION}: only bully has a safe variant`] : [];
