/**
 * Our own cluster under measurement: five members on loopback, links unshaped, judged by the history that its console
 * collects. Nodes stamp their events with the host's own counter, so collecting them takes none of the time measured.
 */
import type { HistoryEvent } from '../../../shared/history.ts';
import type { NodeId, Term } from '../../../shared/protocol.ts';
import { clusterOf } from '../cluster.ts';
import { fetchHistory } from '../console-client.ts';
import { Failure } from '../failure.ts';
import { type Launcher, launch } from '../launcher.ts';
import { accords, successor } from './agreement.ts';
import { type Fault, found, type Subject, type Trial, trueNow } from './subject.ts';

/** What nodes are told beside the mode. An empty variable is one that is not set, whatever the shell has. */
export const settings = {
  default: { HEARTBEAT_MS: '', ELECTION_OK_MS: '' },
  fast: { HEARTBEAT_MS: '100', ELECTION_OK_MS: '50' },
} as const;

export interface Setup {
  readonly mode: 'classic' | 'safe';
  readonly settings: keyof typeof settings;
  readonly seed: number;
  /** For how long nobody has called for an election when the leader is taken away. */
  readonly restMs: number;
}

const everyMs = 50;
const nodes = clusterOf().filter(({ role }) => role === 'member');
const everyone = new Set(nodes.map(({ id }) => id as NodeId));
const nameOf = (id: NodeId): string => nodes.find((node) => node.id === id)?.name ?? `${id}`;
const undo = { kill: 'restart', pause: 'resume' } as const;

export async function lockstep({ mode, settings: pace, seed, restMs }: Setup): Promise<Subject> {
  const env = { ELECTION: 'bully', SETTLE_MS: '', CLOCK_PERIOD_MS: '', ...settings[pace] };
  const launcher = await launch({ nodes, mode, mutex: 'off', linkDelay: 'none', linkLoss: 0, seed, env, ports: { base: 0, console: 0 } });
  const elections = electionsOf(launcher);
  const highest = Math.max(...everyone);
  const within = restMs + 60_000;

  /** Who leads, once all agree on the highest and nobody has called for an election for a while. */
  const rested = (): Promise<Term> =>
    found(
      `the ${mode} cluster came to rest`,
      async () => {
        const events = await elections();
        const term = accords(events, everyone).at(-1)?.term;
        const called = Math.max(0, ...events.filter(({ kind }) => kind === 'election.started').map(({ trueUs }) => trueUs));
        return term?.node === highest && trueNow() - called >= restMs * 1_000 ? term : undefined;
      },
      everyMs,
      within,
    );

  async function act(verb: 'kill' | 'pause' | 'restart' | 'resume', name: string): Promise<void> {
    const { ok, error } = await launcher.act(verb, name);
    if (!ok) throw new Failure(`${verb} ${name}: ${error ?? 'failed'}`);
  }

  async function trial(fault: Fault): Promise<Trial> {
    const before = await rested();
    const name = nameOf(before.node);
    const live = new Set([...everyone].filter((id) => id !== before.node));
    const began = trueNow();
    await act(fault, name);
    const next = await found(`a new leader after ${fault} ${name}`, async () => successor(await elections(), live, before), everyMs);
    await act(undo[fault], name);
    await found(`${name} leads again`, async () => successor(await elections(), everyone, next.term), everyMs);
    // Of all that is known by now: what one node says can be heard later than what another says after it.
    const { at, term } = successor(await elections(), live, before) ?? next;
    return { ms: (at - began) / 1_000, before: name, after: nameOf(term.node) };
  }

  return { system: 'lockstep', mode, settings: pace, trial, stop: () => launcher.stop() };
}

/** All that has been said of elections so far. */
function electionsOf({ consoleUrl, place }: Launcher): () => Promise<readonly HistoryEvent[]> {
  let newest = 0;
  let kept: readonly HistoryEvent[] = [];
  return async () => {
    const events = await fetchHistory({ consoleUrl, token: place.token }, newest);
    newest = events.at(-1)?.seq ?? newest;
    kept = [...kept, ...events.filter(({ kind }) => kind.startsWith('election.'))];
    return kept;
  };
}
