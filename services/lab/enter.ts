/** `lab enter`: a member takes the critical section, whether or not it would have wanted to, and it is told how that went. */
import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import type { HistoryEvent } from '../../shared/history.ts';
import { formatToken } from '../../shared/protocol.ts';
import { type Duration, format, seconds } from '../../shared/time.ts';
import { fetchHistory, fetchState, newestEvent, type Place, sendCommand } from './console-client.ts';
import { composeToken } from './docker.ts';
import { Failure } from './failure.ts';
import { findCluster } from './find.ts';
import { duration } from './options.ts';
import { eventually } from './wait.ts';

const examples = `
Examples:
  npm run lab enter kmc
  npm run lab enter 3 -- --within 10s
  npm run -s lab enter kmc -- --json
`;

interface Flags {
  readonly within?: Duration;
  readonly json?: boolean;
}

type Entered = Extract<HistoryEvent, { kind: 'mutex.entered' }>;
type Fate = Extract<HistoryEvent, { kind: 'mutex.written' | 'mutex.fenced' | 'mutex.unwritten' }>;

export function registerEnter(program: Command): void {
  program
    .command('enter')
    .description('let a member take the critical section')
    .addHelpText('before', examples)
    .argument('<node>', 'the name or the id of a member')
    .option('--within <time>', 'how long to wait for it to enter, and to leave (default: 60s)', duration)
    .option('--json', 'print one JSON object')
    .action(async (asked: string, { within = seconds(60), json }: Flags) => {
      const found = findCluster(process.env);
      const place = found.world === 'processes' ? found.run : { consoleUrl: found.consoleUrl, token: composeToken() };
      await enter(place, asked, within / 1_000, json === true);
    });
}

async function enter(place: Place, asked: string, withinMs: number, json: boolean): Promise<void> {
  const { nodes } = await fetchState(place);
  const node = nodes.find(({ name, id }) => name === asked || `${id}` === asked);
  const names = nodes.flatMap(({ name, role }) => (role === 'member' ? [name] : [])).join(', ');
  if (node?.role !== 'member') throw new Failure(`there is no member ${asked}: use one of ${names}`);
  const { id, name } = node;
  if (node.mutex?.state === 'held') throw new Failure(`${name} is inside the critical section already`);
  const since = await newestEvent(place);
  const { ok, error } = await sendCommand(place, { id: randomUUID(), verb: 'enter', args: [name] });
  if (!ok) throw new Failure(error ?? `${name} did not ask for the critical section`);

  const told = async (): Promise<readonly HistoryEvent[]> => (await fetchHistory(place, since)).filter((event) => event.node === id);
  const entered = await eventually(withinMs, `${name} did not enter`, async () => (await told()).find(isEntry)).catch((failed) =>
    blamed(place, name, failed),
  );
  const token = entered.token === null ? null : formatToken(entered.token);
  if (!json) console.log(`${name} entered after ${format(entered.waited).slice(1)}, ${token === null ? 'without a token' : `with token ${token}`}`);
  const left = await eventually(withinMs, `${name} did not leave`, async () => {
    const events = (await told()).filter((event) => 'request' in event && event.request === entered.request);
    const exit = events.find((event) => event.kind === 'mutex.exited');
    return exit && { held: exit.held, fate: events.find(isFate) };
  });
  const { held, fate } = left;
  const value = fate?.kind === 'mutex.written' ? fate.value : null;
  const said = {
    ok: true,
    verb: 'enter',
    node: name,
    waitedUs: entered.waited,
    token,
    heldUs: held,
    write: fate?.kind.slice('mutex.'.length) ?? null,
    value,
  };
  console.log(json ? JSON.stringify(said) : `${name} left after ${format(held).slice(1)}${fates(fate)}`);
}

const isEntry = (event: HistoryEvent): event is Entered => event.kind === 'mutex.entered';
const isFate = (event: HistoryEvent): event is Fate => /^mutex\.(?:written|fenced|unwritten)$/.test(event.kind);

/** Whoever does not enter says for whom it waits. */
async function blamed(place: Place, name: string, failed: unknown): Promise<never> {
  const waits = (await fetchState(place)).nodes.find((node) => node.name === name)?.mutex?.waitingFor ?? [];
  if (!(failed instanceof Failure) || waits.length === 0) throw failed;
  throw new Failure(`${failed.message}: it waits for ${waits.join(', ')}`);
}

function fates(fate: Fate | undefined): string {
  switch (fate?.kind) {
    case 'mutex.written':
      return `, and the ledger holds ${fate.value}`;
    case 'mutex.fenced':
      return ', and the ledger refused its write';
    case 'mutex.unwritten':
      return ', and the ledger did not answer';
    default:
      return '';
  }
}
