/** What the schemas of messages are made of. Numbers are safe integers, and nothing is as long as it likes. */
import { z } from 'zod';

export const whole = z.int();
export const count = z.int().min(0);
export const id = z.int().min(1).max(9999);
export const rate = z.number().min(-1_000_000).max(1_000_000);
export const term = z.strictObject({ number: count, node: id, incarnation: count });
export const nullable = <T extends z.ZodType>(type: T) => z.union([type, z.null()]);
export const mostMembers = 64;

/** A message of this kind, with the number of the sender's setup. Whatever else it bears is refused. */
export const spoken = <K extends string, S extends z.core.$ZodLooseShape>(kind: K, shape: S) =>
  z.strictObject({ kind: z.literal(kind), setup: count.optional(), ...shape });
