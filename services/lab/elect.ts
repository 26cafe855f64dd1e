/** `lab elect`: a member calls for an election, whether or not anything is wrong with whoever leads. */
import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import type { StateView } from '../console/live-frames.ts';
import { fetchState, sendCommand } from './console-client.ts';
import { composeToken } from './docker.ts';
import { Failure } from './failure.ts';
import { findCluster } from './find.ts';

const examples = `
Examples:
  npm run lab elect
  npm run lab elect -- --from tapmi
  npm run -s lab elect -- --from 5 --json
`;

interface Flags {
  readonly from?: string;
  readonly json?: boolean;
}

export function registerElect(program: Command): void {
  program
    .command('elect')
    .description('let a member call for an election')
    .addHelpText('before', examples)
    .option('--from <node>', 'the name or the id of the member (default: the lowest that is up)')
    .option('--json', 'print one JSON object')
    .action(async ({ from, json }: Flags) => {
      const found = findCluster(process.env);
      const place = found.world === 'processes' ? found.run : { consoleUrl: found.consoleUrl, token: composeToken() };
      const caller = callerOf(await fetchState(place), from);
      const { ok, error } = await sendCommand(place, { id: randomUUID(), verb: 'elect', args: [caller] });
      if (!ok) throw new Failure(error ?? `${caller} did not call for an election`);
      console.log(json === true ? JSON.stringify({ ok, verb: 'elect', node: caller }) : `${caller} calls for an election`);
    });
}

/** Whoever is named, if it has a vote, or else the lowest member that is up. */
export function callerOf({ nodes }: Pick<StateView, 'nodes'>, from: string | undefined): string {
  const members = nodes.filter(({ role }) => role === 'member');
  const names = members.map(({ name }) => name).join(', ');
  if (from !== undefined) {
    const named = members.find(({ name, id }) => name === from || `${id}` === from);
    if (named === undefined) throw new Failure(`there is no member ${from}: use one of ${names}`);
    return named.name;
  }
  const [lowest] = members.filter(({ up }) => up).toSorted((a, b) => a.id - b.id);
  if (lowest === undefined) throw new Failure('no member is up that could call for an election');
  return lowest.name;
}
