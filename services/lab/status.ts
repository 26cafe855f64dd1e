/** `lab status`: the cluster as the console sees it, once or as it changes. */
import type { Command } from 'commander';
import type { StateView } from '../console/live-frames.ts';
import { fetchState, type Place } from './console-client.ts';
import { exitCodes, Failure } from './failure.ts';
import { findCluster } from './find.ts';
import { screen } from './screen.ts';
import { coloured, tableOf } from './table.ts';

const examples = `
Examples:
  npm run lab status
  npm run lab status -- --watch
  npm run -s lab status -- --json
`;

interface Flags {
  readonly json?: boolean;
  readonly watch?: boolean;
}

const everyMs = 500;

export function registerStatus(program: Command): void {
  program
    .command('status')
    .description('show the cluster as the console sees it')
    .addHelpText('before', examples)
    .option('--watch', 'go on showing it, twice a second')
    .option('--json', 'print one JSON object, or with --watch one a line')
    .action(async ({ json, watch }: Flags) => {
      const place = placeOf();
      const show = json === true ? (state: StateView) => console.log(JSON.stringify(state)) : shower(watch === true);
      const state = await fetchState(place);
      show(state);
      if (watch === true) await watching(place, show);
      else if (!isSound(state)) process.exitCode = exitCodes.failed;
    });
}

function placeOf(): Place {
  const found = findCluster(process.env);
  return found.world === 'docker' ? { consoleUrl: found.consoleUrl } : found.run;
}

function shower(watch: boolean): (state: StateView) => void {
  const draw = watch && process.stdout.isTTY ? screen(process.stdout) : (lines: readonly string[]) => console.log(lines.join('\n'));
  return (state) => draw(tableOf(state, coloured));
}

/** Until interrupted, or until nobody answers any more. */
async function watching(place: Place, show: (state: StateView) => void): Promise<never> {
  process.once('SIGINT', () => process.exit(exitCodes.interrupted));
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, everyMs));
    const state = await fetchState(place).catch(() => undefined);
    if (state === undefined) throw new Failure('the cluster has ended');
    show(state);
  }
}

const isSound = ({ verdicts }: StateView): boolean => verdicts.every(({ verdict }) => verdict !== 'bug' && verdict !== 'inconclusive');
