/** `lab kill`, `restart`, `pause` and `resume`: done to a node from outside, whether it is a process or a container. */
import { randomUUID } from 'node:crypto';
import type { Command as Verb } from 'commander';
import type { OutsideVerb, Result } from '../console/commands.ts';
import { sendCommand } from './console-client.ts';
import { composeAct } from './docker.ts';
import { Failure } from './failure.ts';
import { findCluster } from './find.ts';

const described: Readonly<Record<OutsideVerb, readonly [what: string, done: string]>> = {
  kill: ['end a node at once, as a power cut would', 'is killed'],
  restart: ['start a node again, whether it runs or not', 'runs again'],
  pause: ['stop a node as it is, without anybody being told', 'is paused'],
  resume: ['let a paused node go on', 'goes on'],
};

export function registerActs(program: Verb): void {
  for (const [verb, [what]] of Object.entries(described) as [OutsideVerb, readonly [string, string]][]) {
    program
      .command(verb)
      .description(what)
      .argument('<node>', 'the name or the id of a node')
      .addHelpText('before', examples(verb))
      .option('--json', 'print one JSON object')
      .action((node: string, { json }: { readonly json?: boolean }) => act(verb, node, json === true));
  }
}

async function act(verb: OutsideVerb, node: string, json: boolean): Promise<void> {
  const { ok, error } = await perform(verb, node);
  if (!ok) throw new Failure(error ?? `${verb} ${node} failed`);
  console.log(json ? JSON.stringify({ ok, verb, node }) : `${node} ${described[verb][1]}`);
}

async function perform(verb: OutsideVerb, node: string): Promise<Result> {
  const found = findCluster(process.env);
  if (found.world === 'docker') return composeAct(verb, node);
  return sendCommand(found.run, { id: randomUUID(), verb, args: [node] });
}

const examples = (verb: OutsideVerb): string => `
Examples:
  npm run lab ${verb} master
  npm run lab ${verb} 3
  npm run -s lab ${verb} kmc -- --json
`;
