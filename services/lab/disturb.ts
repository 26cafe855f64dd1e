/** `lab step`, `drift`, `freeze`, `thaw` and `lie`: done to a node's clock, or to what it tells of it, while the cluster runs. */
import { randomUUID } from 'node:crypto';
import type { Command as Verb } from 'commander';
import { sendCommand } from './console-client.ts';
import { composeToken } from './docker.ts';
import { Failure } from './failure.ts';
import { findCluster } from './find.ts';

interface Disturbance {
  readonly what: string;
  /** The arguments behind the node, as commander writes them. */
  readonly args: string;
  readonly examples: readonly string[];
}

const disturbances: Readonly<Record<string, Disturbance>> = {
  step: { what: 'make the raw clock of a node jump', args: '<duration>', examples: ['step kmc 500ms', 'step 3 -- -2s', 'step master 20ms'] },
  strobe: {
    what: 'make the raw clock of a node jump forth and back, twice a second',
    args: '<duration>',
    examples: ['strobe kmc 50ms', 'strobe 3 200ms', 'steady kmc'],
  },
  drift: { what: 'make the raw clock of a node run fast', args: '<rate>', examples: ['drift kmc 200ppm', 'drift 3 -- -50ppm', 'drift mit 1200ppm'] },
  wander: {
    what: 'let the rate of a node wander, by steps of this deviation each second',
    args: '<rate>',
    examples: ['wander kmc 5ppm', 'wander 3 20ppm', 'steady kmc'],
  },
  steady: { what: 'let a clock that wanders or jumps run at its steady rate again', args: '', examples: ['steady kmc', 'steady 3', 'steady mit'] },
  freeze: { what: 'make the raw clock of a node stand still', args: '', examples: ['freeze kmc', 'freeze 3', 'freeze mit'] },
  thaw: { what: 'let a frozen clock run again', args: '', examples: ['thaw kmc', 'thaw 3', 'thaw mit'] },
  lie: {
    what: 'let a node tell a clock that is ahead of its own, to everyone or to the nodes named; a lie of 0ms is the truth again',
    args: '<duration> [listeners...]',
    examples: ['lie kmc 500ms', 'lie kmc 500ms mobile laptop', 'lie kmc 0ms'],
  },
};

export function registerDisturbances(program: Verb): void {
  for (const [verb, { what, args, examples }] of Object.entries(disturbances)) {
    program
      .command(`${verb} <node> ${args}`.trim())
      .description(what)
      .addHelpText('before', `\nExamples:\n${examples.map((e) => `  npm run lab ${e}`).join('\n')}\n`)
      // A negative value is no option.
      .allowUnknownOption()
      .option('--json', 'print one JSON object')
      .action(async (node: string, ...rest: unknown[]) => {
        const values = rest
          .slice(0, -2)
          .flat()
          .filter((value) => value !== undefined)
          .map(String);
        const { json } = rest.at(-2) as { readonly json?: boolean };
        const found = findCluster(process.env);
        const place = found.world === 'processes' ? found.run : { consoleUrl: found.consoleUrl, token: composeToken() };
        const { ok, error } = await sendCommand(place, { id: randomUUID(), verb, args: [node, ...values] });
        if (!ok) throw new Failure(error ?? `${verb} ${node} failed`);
        console.log(json === true ? JSON.stringify({ ok, verb, node, args: values }) : `${verb} ${[node, ...values].join(' ')}: done`);
      });
  }
}
