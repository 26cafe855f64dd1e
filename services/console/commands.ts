/**
 * What an operator may ask for, and who does it.
 *
 * A process cannot be killed from inside, so `kill`, `restart`, `pause` and `resume` are passed on to whoever started the
 * nodes. Without a launcher, as in containers, the answer is the line to type: no container here may reach Docker. A
 * command that arrives twice under one id is carried out once.
 */
import { z } from 'zod';
import type { ControlRoom } from './control-room.ts';
import type { Watched } from './watched.ts';

export interface Result {
  readonly ok: boolean;
  readonly error?: string;
}

export interface Command {
  readonly id: string;
  readonly verb: string;
  readonly args: readonly (string | number)[];
}

/** Done to a node from outside. */
export const outsideVerbs = ['kill', 'restart', 'pause', 'resume'] as const;
export type OutsideVerb = (typeof outsideVerbs)[number];
const insideVerbs: readonly string[] = ['elect', 'enter', 'switch', 'step', 'strobe', 'drift', 'wander', 'freeze', 'thaw', 'steady', 'lie'];

/** Carries an outside verb out, where there is a launcher. */
export type Act = (verb: OutsideVerb, node: string) => Promise<Result>;
/** Hands a command to the node itself. */
export type Tell = (node: Watched, verb: string, args: Command['args']) => Promise<Result>;

const command = z.strictObject({
  id: z.string().regex(/^[\w.:-]{1,64}$/, 'must be 1 to 64 letters, digits, dots, colons or dashes'),
  verb: z.string().max(32),
  args: z
    .array(z.union([z.string().max(64), z.number()]))
    .max(8)
    .default([]),
});

export type Parsed = { readonly ok: true; readonly command: Command } | { readonly ok: false; readonly error: string };

export function parseCommand(body: unknown): Parsed {
  const parsed = command.safeParse(body);
  if (parsed.success) return { ok: true, command: parsed.data };
  return { ok: false, error: parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`).join('; ') };
}

const remembered = 1_000;

export interface Operator {
  /** `undefined` where there is no such verb, or no such node: nothing was tried. */
  perform(command: Command): Promise<Result & { readonly understood: boolean }>;
}

export function operator(room: ControlRoom, launcher: Act | undefined, tell: Tell): Operator {
  const outside: Act = launcher ?? ((verb, node) => Promise.resolve(byHand(room, verb, node)));
  const done = new Map<string, ReturnType<Operator['perform']>>();

  async function perform({ verb, args }: Command): ReturnType<Operator['perform']> {
    const verbs = [...outsideVerbs, ...insideVerbs];
    if (!verbs.includes(verb)) return misunderstood(`there is no verb ${verb}: use one of ${verbs.join(', ')}`);
    // Only the leader switches, so that it need not be named.
    const led = verb === 'switch' && `${args[0]}`.includes('=');
    const { leader } = room.picture.state;
    if (led && leader === null) return { ok: false, error: 'nobody leads, and only the leader switches', understood: true };
    const [name, ...rest] = led && leader !== null ? [leader, ...args] : args;
    const node = room.nodes.find((n) => n.name === name || n.id === Number(name));
    const names = room.nodes.map((n) => n.name).join(', ');
    if (name === undefined) return misunderstood(`${verb} needs a node: one of ${names}`);
    if (node === undefined) return misunderstood(`there is no node ${name}: use one of ${names}`);
    const result = isOutside(verb) ? await outside(verb, node.name) : await tell(node, verb, rest);
    room.note(node, 'command.result', { verb, args, ...result });
    return { ...result, understood: true };
  }

  return {
    perform(command) {
      const before = done.get(command.id);
      if (before !== undefined) return before;
      const result = perform(command);
      done.set(command.id, result);
      for (const oldest of done.keys()) if (done.size > remembered) done.delete(oldest);
      return result;
    },
  };
}

const misunderstood = (error: string): Result & { readonly understood: boolean } => ({ ok: false, error, understood: false });

const isOutside = (verb: string): verb is OutsideVerb => (outsideVerbs as readonly string[]).includes(verb);

/** The same verbs in the words of `docker compose`. */
export const inCompose: Readonly<Record<OutsideVerb, string>> = { kill: 'kill', restart: 'restart', pause: 'pause', resume: 'unpause' };

const byHand = ({ world }: ControlRoom, verb: OutsideVerb, node: string): Result =>
  world === 'docker'
    ? { ok: false, error: `run: docker compose ${inCompose[verb]} ${node}` }
    : { ok: false, error: `the nodes were not started by a launcher, which could ${verb} them` };
