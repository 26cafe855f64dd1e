/** `lab scenarios`: the named scenarios, the lab sheet's first. */
import type { Command } from 'commander';
import { scenarios } from '../../shared/scenarios/index.ts';

const examples = `
Examples:
  npm run lab scenarios
  npm run -s lab scenarios -- --json
  npm run lab run cristian-devices -- --transcript
`;

export function registerScenarios(program: Command): void {
  program
    .command('scenarios')
    .description('list the named scenarios')
    .addHelpText('before', examples)
    .option('--json', 'print one JSON object')
    .action(({ json }: { readonly json?: boolean }) => {
      const listed = scenarios.map(({ name, title, clock, nodes, span }) => ({ name, title, clock, nodes: nodes.map((n) => n.name), spanUs: span }));
      const width = Math.max(...listed.map((s) => s.name.length));
      console.log(json === true ? JSON.stringify({ scenarios: listed }) : listed.map((s) => `${s.name.padEnd(width)}  ${s.title}`).join('\n'));
    });
}
