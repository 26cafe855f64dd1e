/** Each variable of a node's environment: what may stand in it, and what holds where it is not set. */
import { z } from 'zod';
import { type Delay, parseDelay } from '../../shared/faults/delay.ts';
import { mutexOf } from '../../shared/scenario.ts';
import { type Duration, milliseconds, type Ppm, ppm } from '../../shared/time.ts';
import { choices } from '../../shared/wire.ts';

/** Zod would otherwise probe for `eval`, which the image's options may forbid. */
z.config({ jitless: true });

const decimal = (least: number, most: number) =>
  z
    .string()
    .regex(/^[+-]?\d{1,12}(\.\d{1,9})?$/)
    .transform(Number)
    .pipe(z.number().min(least).max(most));
const whole = (least: number, most: number) => decimal(least, most).pipe(z.int());
const duration = (least: number, most: number) => decimal(least, most).transform((ms): Duration => milliseconds(ms));
const rate = (least: number, most: number) => decimal(least, most).transform((rate): Ppm => ppm(rate));

/** `null` is a link that nothing shapes. */
const delay = z.string().transform((text, context): Delay | null => {
  const parsed = text === 'none' ? null : parseDelay(text);
  if (parsed === undefined) context.addIssue('no delay');
  return parsed ?? null;
});

/** What may guard the critical section; by default what guards it in every scenario that does not say. */
export const guards = [...choices.mutex, 'off'] as const;
export const usualGuard = mutexOf({}).algorithm;

const onOrOff = z.enum(['on', 'off']).transform((said) => said === 'on');
const text = z.string().min(1).max(4_096);

/** Milliseconds between two others: `50:200`. */
const span = z
  .string()
  .regex(/^\d{1,7}(\.\d{1,3})?:\d{1,7}(\.\d{1,3})?$/)
  .transform((text) => text.split(':').map((ms) => milliseconds(Number(ms))) as [shortest: Duration, longest: Duration])
  .refine(([shortest, longest]) => shortest <= longest && longest <= milliseconds(3_600_000));

/** `null` is a node that no NTP client can ask. */
const port = z.union([z.literal('off').transform(() => null), whole(1, 65_535)]);

export const variables = {
  CLUSTER: { type: text, allowed: 'the nodes of the cluster' },
  NODE_ID: { type: whole(1, 9_999), allowed: 'a whole number, the id of one of the nodes in CLUSTER' },
  NODE_NAME: { type: text.optional(), allowed: 'the name of this node in CLUSTER' },
  LISTEN_HOST: { type: text.default('0.0.0.0'), allowed: 'a name or an address of this machine' },
  KEY_FILE: { type: text.default('/run/lockstep/cluster.key'), allowed: 'the path of a file of 32 random bytes' },
  STATE_DIR: { type: text.default('/var/lib/lockstep'), allowed: 'the path of a directory that this program may write to' },
  OFFSET_MS: { type: duration(-3_600_000, 3_600_000).prefault('0'), allowed: 'milliseconds, -3600000 to 3600000' },
  DRIFT_PPM: { type: rate(-500, 500).prefault('0'), allowed: 'parts per million, -500 to 500' },
  WANDER_PPM: { type: rate(0, 100).prefault('0'), allowed: 'parts per million, 0 to 100' },
  RHO_PPM: { type: rate(0, 100_000).optional(), allowed: 'parts per million, 0 to 100000' },
  CLOCK: { type: z.enum(['berkeley', 'cristian']).default('berkeley'), allowed: 'berkeley or cristian' },
  ELECTION: {
    type: z.enum(choices.election).default('bully'),
    allowed: 'bully, ring, chang-roberts or hirschberg-sinclair',
  },
  ELECTION_BEGINS: { type: z.enum(['by-itself', 'when-told']).default('by-itself'), allowed: 'by-itself or when-told' },
  MODE: { type: z.enum(['classic', 'safe']).default('classic'), allowed: 'classic or safe' },
  HEARTBEAT_MS: { type: duration(20, 60_000).optional(), allowed: 'milliseconds, 20 to 60000' },
  ELECTION_OK_MS: { type: duration(5, 60_000).optional(), allowed: 'milliseconds, 5 to 60000' },
  CLOCK_PERIOD_MS: { type: duration(100, 3_600_000).optional(), allowed: 'milliseconds, 100 to 3600000' },
  BERKELEY_PROBES: { type: whole(1, 50).optional(), allowed: 'a whole number, 1 to 50' },
  BERKELEY_GATHER_MS: { type: duration(10, 60_000).optional(), allowed: 'milliseconds, 10 to 60000' },
  BERKELEY_GAMMA_MS: { type: duration(0, 3_600_000).optional(), allowed: 'milliseconds, 0 to 3600000' },
  SETTLE_MS: { type: duration(0, 60_000).optional(), allowed: 'milliseconds, 0 to 60000' },
  SERVERS: { type: z.enum(['leader', 'all']).optional(), allowed: 'leader or all' },
  AVERAGE: { type: z.enum(['mean', 'gamma', 'median', 'trimmed', 'historical']).optional(), allowed: 'mean, gamma, median, trimmed or historical' },
  CRISTIAN_SAMPLES: { type: whole(1, 64).optional(), allowed: 'a whole number, 1 to 64' },
  ESTIMATOR: { type: z.enum(['single', 'min-rtt', 'intersection']).optional(), allowed: 'single, min-rtt or intersection' },
  MUTEX: { type: z.enum(guards).default(usualGuard), allowed: `one of ${guards.join(', ')}` },
  MUTEX_THINK_MS: {
    type: z.union([z.enum(['saturated', 'off']), duration(0, 3_600_000)]).optional(),
    allowed: 'saturated, off, or a mean in milliseconds, 0 to 3600000',
  },
  MUTEX_HOLD_MS: { type: span.optional(), allowed: 'the shortest and the longest in milliseconds, 0 to 3600000, such as 50:200' },
  MUTEX_LEASE_MS: { type: duration(50, 600_000).optional(), allowed: 'milliseconds, 50 to 600000' },
  MUTEX_ON_CRASH: { type: z.enum(['block', 'suspect']).optional(), allowed: 'block or suspect' },
  MUTEX_QUORUMS: { type: z.enum(['grid', 'plane']).optional(), allowed: 'grid or plane' },
  MUTEX_YIELDS: { type: onOrOff.optional(), allowed: 'on or off' },
  MUTEX_TREE: { type: z.enum(['star', 'binary', 'line']).optional(), allowed: 'star, binary or line' },
  FENCING: { type: onOrOff.prefault('on'), allowed: 'on or off' },
  LINK_DELAY: {
    type: delay.prefault('uniform:2ms:8ms'),
    allowed: 'none, constant:10ms, uniform:2ms:8ms, normal:20ms:5ms or exponential:10ms, with durations of your own',
  },
  LINK_LOSS: { type: decimal(0, 1).prefault('0'), allowed: 'a probability, 0 to 1' },
  SEED: { type: whole(0, 2 ** 32 - 1).optional(), allowed: 'a whole number, 0 to 4294967295' },
  NTP_PORT: { type: port.prefault('off'), allowed: 'off, or a port, 1 to 65535' },
  LOG_LEVEL: {
    type: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
    allowed: 'trace, debug, info, warn, error, fatal or silent',
  },
} as const;

export type Name = keyof typeof variables;
/** What was read; a variable whose value was refused is missing. */
export type Values = { readonly [N in Name]?: z.output<(typeof variables)[N]['type']> };

/** Reads every variable, and tells of each that was refused. */
export function readVariables(env: NodeJS.ProcessEnv, refuse: (name: Name, allowed: string) => void): Values {
  const read = (Object.keys(variables) as Name[]).map((name) => {
    // Compose passes a variable that is not set on as an empty one.
    const { data, success } = variables[name].type.safeParse(env[name] || undefined);
    if (!success) refuse(name, variables[name].allowed);
    return [name, data] as const;
  });
  return Object.fromEntries(read);
}
