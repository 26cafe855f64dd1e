/** Words of the university lab sheet that the lab began as, so that a run of ours can be laid beside it. */
import type { HistoryEvent } from '../history.ts';
import { namesOf, type Run } from '../scenario.ts';
import { nameOf } from '../sim/transcript.ts';

/** `2021-06-01 13:48:42.102021`: a clock, as Python prints it. `us` is microseconds on a clock that began with true time. */
function timeOfDay(us: number, epoch: number): string {
  const at = epoch + us;
  const [date, time] = new Date(Math.floor(at / 1_000)).toISOString().split('T');
  return `${date} ${time?.slice(0, 8)}.${String(at % 1_000_000).padStart(6, '0')}`;
}

/** The sheet's two programs of Cristian's algorithm, client side: the first reading of each client. */
export function cristianSheet(run: Run): readonly string[] {
  const { history, epoch, scenario } = run;
  return scenario.nodes.flatMap(({ id, name }) => {
    const at = history.findIndex((e) => e.kind === 'cristian.read' && e.node === id);
    const read = history[at];
    if (read?.kind !== 'cristian.read') return [];
    const samples = history.slice(0, at).filter((e) => e.kind === 'cristian.sampled' && e.node === id) as Sampled[];
    const best = samples.reduce((a, b) => (b.roundTrip < a.roundTrip ? b : a));
    return [
      `Synchronising ${name.toUpperCase()}`,
      `Time returned by server: ${timeOfDay(best.server, epoch)}`,
      `Process Delay latency: ${best.roundTrip / 1e6} seconds`,
      `Actual clock time at client side: ${timeOfDay(read.clockUs, epoch)}`,
      `Synchronized process client time: ${timeOfDay(read.clockUs + read.by, epoch)}`,
      `Synchronization error : ${Math.abs(read.by) / 1e6} seconds`,
      '',
    ];
  });
}

type Sampled = Extract<HistoryEvent, { kind: 'cristian.sampled' }>;

/** The sheet's Berkeley server and clients: each cycle with those who answered, and the time that each then had. */
export function berkeleySheet(run: Run): readonly string[] {
  const names = namesOf(run.scenario);
  const upper = (id: HistoryEvent['node']): string => nameOf(names, id).toUpperCase();
  const leader = run.history.find((e) => e.kind === 'berkeley.round-started')?.node;
  return run.history.flatMap((e) => {
    switch (e.kind) {
      case 'berkeley.round-started':
        return ['New synchroniztion cycle started.', `Number of clients to be synchronized: ${e.polled}`];
      case 'berkeley.sampled':
        return [`Recent time sent successfully by ${upper(e.of)}`];
      case 'berkeley.adjusted':
        return e.node === leader ? [] : [`Synchronized time at the client is ${upper(e.node)}: ${timeOfDay(e.clockUs + e.by, run.epoch)}`];
      default:
        return [];
    }
  });
}
