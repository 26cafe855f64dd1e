/** `lab export`: the course of a run for other programs, from a file that `lab run --history` wrote or from the cluster that runs now. */
import { readFileSync, writeFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import type { HistoryEvent } from '../../shared/history.ts';
import type { NodeId } from '../../shared/protocol.ts';
import { shiviz } from '../../shared/sim/shiviz.ts';
import type { Names } from '../../shared/sim/transcript.ts';
import { fetchHistory, fetchState } from './console-client.ts';
import { courseOf } from './course.ts';
import { Failure } from './failure.ts';
import { findCluster } from './find.ts';
import { parseHistory } from './history-file.ts';

interface Flags {
  readonly shiviz?: boolean;
  readonly jsonl?: boolean;
  readonly to?: string;
}

interface Course {
  readonly history: readonly HistoryEvent[];
  readonly names: Names;
}

const examples = `
Examples:
  npm run -s lab export -- --shiviz > run.log                       the cluster that runs now
  npm run lab run member-returns -- --history history.jsonl
  npm run lab export history.jsonl -- --shiviz --to run.log         a run that is over
  npm run -s lab export -- --jsonl > history.jsonl

ShiViz draws who could have caused what: open https://bestchai.bitbucket.io/shiviz/ and upload the log.
`;

export function registerExport(program: Command): void {
  program
    .command('export')
    .description('hand the course of a run to another program')
    .addHelpText('before', examples)
    .argument('[history]', 'what `run --history` wrote, - for standard input (default: what the console keeps of the running cluster)')
    .addOption(
      new Option('--shiviz', 'a log for ShiViz: every event but the lines of the clocks, with vectors over what it holds').conflicts('jsonl'),
    )
    .option('--jsonl', 'the events as they are, one JSON object a line, in the order of true time')
    .option('--to <file>', 'write it there (default: standard output)')
    .action(async (path: string | undefined, flags: Flags, command: Command) => {
      if (flags.shiviz !== true && flags.jsonl !== true) command.error('say what to write: --shiviz or --jsonl');
      const { history, names } = path === undefined ? await fromConsole() : fromFile(path);
      const lines = flags.shiviz === true ? shiviz(history, names) : history.map((event) => JSON.stringify(event));
      const text = `${lines.join('\n')}\n`;
      if (flags.to === undefined) process.stdout.write(text);
      else writeFileSync(flags.to, text);
    });
}

async function fromConsole(): Promise<Course> {
  const found = findCluster(process.env);
  const place = found.world === 'docker' ? { consoleUrl: found.consoleUrl } : found.run;
  const { nodes } = await fetchState(place);
  const down = new Set(nodes.filter(({ up }) => !up).map(({ id }) => id));
  return { history: courseOf(await fetchHistory(place), down), names: new Map(nodes.map(({ id, name }) => [id as NodeId, name])) };
}

function fromFile(path: string): Course {
  const history = parseHistory(textOf(path), path === '-' ? 'standard input' : path);
  const names = new Map(history.flatMap((event) => (event.kind === 'node.started' ? [[event.node, event.name] as const] : [])));
  return { history, names };
}

function textOf(path: string): string {
  try {
    return readFileSync(path === '-' ? 0 : path, 'utf8');
  } catch (error) {
    throw new Failure(`cannot read ${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
