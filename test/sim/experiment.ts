/** One reading of Cristian's, measured over many runs: what the tests of measurements begin with. */
import type { Experiment } from '../../shared/sim/measure.ts';
import { milliseconds, none, ppm } from '../../shared/time.ts';
import { lan } from './cluster.ts';

export const oneReading: Experiment = {
  clock: 'cristian',
  nodes: 2,
  delay: lan,
  loss: 0,
  drift: ppm(50),
  offset: none,
  samples: 8,
  estimator: 'min-rtt',
  average: 'gamma',
  attempts: 8,
  acceptWithin: milliseconds(200),
  leastDelay: none,
  gamma: milliseconds(20),
  liars: 0,
  transactions: 0,
  wait: true,
  span: undefined,
  runs: 10_000,
  seed: 1,
};
