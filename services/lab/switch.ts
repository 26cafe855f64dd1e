/** `lab switch`: the running cluster elects, keeps time or takes turns in another way from now on. */
import { randomUUID } from 'node:crypto';
import { type Command, Option } from 'commander';
import type { SetupView } from '../console/live-frames.ts';
import { switchable } from '../node/commands.ts';
import { fetchState, type Place, sendCommand } from './console-client.ts';
import { composeToken } from './docker.ts';
import { Failure } from './failure.ts';
import { findCluster } from './find.ts';
import { eventually } from './wait.ts';

const examples = `
Examples:
  npm run lab switch -- --clock cristian
  npm run lab switch -- --election ring --mutex ricart-agrawala
  npm run -s lab switch -- --mode safe --json
`;

/** A member that is inside the critical section is waited for. */
const withinMs = 10_000;

type Asked = Partial<Record<keyof typeof switchable, string>>;

export function registerSwitch(program: Command): void {
  program
    .command('switch')
    .description('let the running cluster elect, keep time or take turns in another way')
    .addHelpText('before', examples)
    .addOption(new Option('--election <name>', 'how a leader is elected').choices(switchable.election))
    .addOption(new Option('--mode <mode>', "the textbook's election, or the one that needs a majority").choices(switchable.mode))
    .addOption(new Option('--clock <rule>', "the members' clock rule").choices(switchable.clock))
    .addOption(new Option('--mutex <name>', 'who may enter the critical section, and when').choices(switchable.mutex))
    .option('--json', 'print one JSON object')
    .action(async ({ json, ...asked }: Asked & { readonly json?: boolean }) => {
      const args = Object.entries(asked).map(([part, name]) => `${part}=${name}`);
      if (args.length === 0) throw new Failure('say what to switch: --election, --mode, --clock or --mutex');
      const found = findCluster(process.env);
      const place = found.world === 'processes' ? found.run : { consoleUrl: found.consoleUrl, token: composeToken() };
      const setup = await switched(place, args, asked);
      const { number, election, mode, clock, mutex } = setup;
      const told = `change ${number}: elections by ${election} (${mode}), clocks by ${clock}, critical section by ${mutex ?? 'nobody'}`;
      console.log(json === true ? JSON.stringify({ ok: true, verb: 'switch', setup }) : told);
    });
}

/** Orders it, and waits until the cluster says that it is so. */
async function switched(place: Place, args: readonly string[], asked: Asked): Promise<SetupView> {
  const { ok, error } = await sendCommand(place, { id: randomUUID(), verb: 'switch', args });
  if (!ok) throw new Failure(error ?? 'the leader did not switch');
  return eventually(withinMs, 'the leader did not switch', async () => {
    const { setup } = await fetchState(place);
    return setup !== null && runs(setup, asked) ? setup : undefined;
  });
}

const runs = (setup: SetupView, asked: Asked): boolean =>
  (Object.keys(asked) as (keyof Asked)[]).every((part) => (setup[part] ?? 'off') === asked[part]);
