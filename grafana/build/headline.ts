/** Figures that more than one dashboard begins with. */
import { orNobody, plain } from './expressions.ts';
import { stat } from './panels.ts';

export const leader = stat({
  title: 'Leader',
  description: 'Who leads by its own account. Two names are two leaders: a partition, or a change that not everybody has seen.',
  queries: [{ expr: orNobody('lockstep_election_is_leader == 1'), legend: '{{node}}' }],
  steps: [{ color: 'purple', value: null }],
  shows: 'name',
});

export const term = stat({
  title: 'Term',
  description: 'The number of the highest term that any node has accepted. It rises with each leader.',
  queries: [{ expr: 'max(lockstep_election_term)', legend: 'term' }],
  steps: plain,
});
