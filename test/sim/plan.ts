/** A random cluster and its misfortunes, drawn from one number, so that the number is all one needs to see them again. */
import type { Average } from '../../shared/clock/agreement.ts';
import type { Estimator } from '../../shared/clock/cristian/estimators.ts';
import type { Delay } from '../../shared/faults/delay.ts';
import { partition } from '../../shared/faults/rules.ts';
import type { NodeId } from '../../shared/protocol.ts';
import { between, type Random, stream } from '../../shared/random.ts';
import { type Duration, microseconds, milliseconds, ppm, seconds, sum } from '../../shared/time.ts';
import { type Clock, Cluster } from './cluster.ts';

const span = seconds(24);

const pick = <T>(random: Random, from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
const whole = (random: Random, low: number, high: number): number => Math.floor(between(random, low, high + 1));
/** Somewhere between now and `most`, in whole microseconds as all of time is. */
const within = (random: Random, most: Duration): Duration => microseconds(between(random, 0, most));
const clocks = (random: Random, n: number): readonly Clock[] =>
  Array.from({ length: n }, () => ({ offset: milliseconds(between(random, -500, 500)), drift: ppm(between(random, -200, 200)) }));

function anyDelay(random: Random): Delay {
  const [a, b] = [milliseconds(between(random, 0, 30)), milliseconds(between(random, 0, 60))];
  return pick<Delay>(random, [
    { distribution: 'constant', value: a },
    { distribution: 'uniform', least: a, most: sum(a, b) },
    { distribution: 'normal', mean: a, deviation: b },
    { distribution: 'exponential', mean: b },
  ]);
}

/** Plays the cluster of `seed` to its end. */
export function play(seed: number): Cluster {
  const random = stream(seed, 'plan');
  const delay = anyDelay(random);
  const loss = pick(random, [0, 0, between(random, 0, 0.2)]);
  const rules = [{ does: 'lose', probability: loss } as const, { does: 'delay', delay } as const];
  const cluster = new Cluster({
    seed,
    rule: pick(random, ['berkeley', 'cristian']),
    members: clocks(random, whole(random, 2, 7)),
    devices: clocks(random, whole(random, 0, 2)),
    servers: pick(random, ['leader', 'all']),
    rules,
    berkeley: {
      period: milliseconds(between(random, 500, 3000)),
      probes: whole(random, 1, 5),
      average: pick<Average>(random, ['gamma', 'gamma', 'mean', 'median', 'trimmed']),
    },
    cristian: {
      period: milliseconds(between(random, 1000, 3000)),
      samples: whole(random, 1, 8),
      estimator: pick<Estimator>(random, ['single', 'min-rtt', 'intersection']),
    },
  });
  const misfortunes = whole(random, 0, 6);
  for (let i = 0; i < misfortunes; i++) befall(cluster, random);
  if (random() < 0.3) {
    const cut = whole(random, 1, cluster.ids.length - 1);
    const sides = [cluster.ids.slice(0, cut), cluster.ids.slice(cut)];
    const at = within(random, span);
    cluster.at(at, () => cluster.sim.shape([...partition(sides), ...rules]));
    cluster.at(sum(at, within(random, seconds(10))), () => cluster.sim.shape(rules));
  }
  return cluster.run(span, milliseconds(250));
}

/** A process is killed and started again, or paused for a while; the leader more often than the others. */
function befall(cluster: Cluster, random: Random): void {
  const id: NodeId = random() < 0.4 ? cluster.leader : pick(random, cluster.ids);
  const process = cluster.sim.process(id);
  const at = within(random, span);
  const until = sum(at, within(random, seconds(6)));
  if (random() < 0.5) {
    cluster.at(at, () => process.crash()).at(until, () => process.start());
  } else {
    cluster.at(at, () => process.pause()).at(until, () => process.resume());
  }
}
