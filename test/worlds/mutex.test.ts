/**
 * The critical section on real processes: nobody is inside while another is, whichever algorithm guards it, and what
 * they wrote adds up. With leases and fencing also while leaders are killed, holders are paused and the ledger is lost.
 */
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { fetchHistory, sendCommand } from '../../services/lab/console-client.ts';
import { courseOf } from '../../services/lab/course.ts';
import type { HistoryEvent } from '../../shared/history.ts';
import { mutexAlgorithms } from '../../shared/mutex/kinds.ts';
import { compareTokens, type FencingToken } from '../../shared/protocol.ts';
import { type Up, up } from './lab/command-line.ts';

type Entered = Extract<HistoryEvent, { kind: 'mutex.entered' }>;
const isEntry = (event: HistoryEvent): event is Entered => event.kind === 'mutex.entered';

/** Entries that found somebody else inside, in the order of true time. A crash ends a section, a pause does not. */
function overlapsIn(course: readonly HistoryEvent[]): readonly Entered[] {
  const inside = new Set<number>();
  return course.filter((event): event is Entered => {
    if (event.kind === 'mutex.exited' || event.kind === 'node.stopped') inside.delete(event.node);
    if (!isEntry(event)) return false;
    const found = [...inside].some((other) => other !== event.node);
    inside.add(event.node);
    return found;
  });
}

/** The history of a cluster at work, which its control room does not keep for ever: read on and on. */
class Record {
  readonly #cluster: Up;
  readonly #events: HistoryEvent[] = [];

  constructor(cluster: Up) {
    this.#cluster = cluster;
  }

  async until(is: (events: readonly HistoryEvent[]) => boolean, withinMs = 60_000): Promise<readonly HistoryEvent[]> {
    const deadline = performance.now() + withinMs;
    for (;;) {
      this.#events.push(...(await fetchHistory(this.#cluster, this.#events.at(-1)?.seq ?? 0)));
      if (is(this.#events)) return this.#events;
      if (performance.now() > deadline) {
        const said = ['mutex.requested', 'mutex.entered', 'mutex.exited', 'ledger.refused', 'election.elected'].map(
          (kind) => `${kind} ${this.#events.filter((e) => e.kind === kind).length}`,
        );
        throw new Error(`not so within ${withinMs} ms: ${said.join(', ')}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

const act = async (cluster: Up, verb: string, node: string): Promise<void> =>
  expect(await sendCommand(cluster, { id: randomUUID(), verb, args: [node] })).toEqual({ ok: true });

const entries = (events: readonly HistoryEvent[]): readonly Entered[] => events.filter(isEntry);
const of = (kind: HistoryEvent['kind'], events: readonly HistoryEvent[]): readonly HistoryEvent[] => events.filter((event) => event.kind === kind);
/** Closing writes that the ledger took: each of them adds one, or an update was lost. */
const closed = (events: readonly HistoryEvent[]): number =>
  events.filter((event) => event.kind === 'ledger.accepted' && event.part === 'close').length;
const value = (events: readonly HistoryEvent[]): number => {
  const last = events.findLast((event) => event.kind === 'ledger.accepted');
  return last?.kind === 'ledger.accepted' ? last.value : 0;
};

/** Tokens in the order of the entries never fall. */
function fallingTokens(events: readonly HistoryEvent[]): readonly Entered[] {
  let highest: FencingToken | null = null;
  return entries(events.toSorted((a, b) => a.trueUs - b.trueUs)).filter(({ token }) => {
    const falls = token !== null && highest !== null && compareTokens(token, highest) <= 0;
    if (token !== null && !falls) highest = token;
    return falls;
  });
}

const atWork = { SETTLE_MS: '500', MUTEX_THINK_MS: 'saturated', MUTEX_HOLD_MS: '0:2', LINK_DELAY: 'none', LOG_LEVEL: 'warn' };
/** Whoever starts meets the others first, and nobody is taken for dead because the machine is busy. */
const calm = { ...atWork, HEARTBEAT_MS: '1000' };
const idle = { ...atWork, MUTEX_THINK_MS: 'off' };

describe('a thousand entries on real processes', () => {
  it.each(mutexAlgorithms)('never overlap under %s, and every one that was written counts', async (algorithm) => {
    const cluster = await up(['--mutex', algorithm], calm);
    const record = new Record(cluster);
    const events = await record.until((told) => entries(told).length >= 1_000, 80_000);
    const course = courseOf(events, new Set());
    expect(overlapsIn(course)).toEqual([]);
    expect(fallingTokens(events)).toEqual([]);
    expect(events.filter(({ kind }) => kind === 'ledger.refused')).toEqual([]);
    expect(new Set(entries(events).map(({ node }) => node)).size).toBe(5);
    const state = await cluster.state();
    expect(state.ledger).toMatchObject({ overlaps: 0, refused: 0, stale: 0 });
    const judged = state.verdicts.filter(({ rule }) => rule === 'mutex.exclusion' || rule === 'ledger.value');
    // A machine that is busy enough breaks what a lock rests on, and what held all the same, held.
    expect(judged.map(({ rule, verdict }) => `${rule} ${verdict}`)).toEqual([
      expect.stringMatching(/^mutex.exclusion (?:holds|at-risk)$/),
      expect.stringMatching(/^ledger.value (?:holds|at-risk)$/),
    ]);
    expect(state.verdicts.filter(({ verdict }) => verdict === 'bug')).toEqual([]);
  });
});

describe('with leases and fencing', () => {
  it('the next leader grants on with higher tokens, and no write is lost, when the leader is killed', async () => {
    const cluster = await up(['--mutex', 'central-lease'], { ...atWork, MUTEX_HOLD_MS: '5:20' });
    const record = new Record(cluster);
    await record.until((told) => entries(told).length >= 50);
    await act(cluster, 'kill', 'master');
    const master = 5;
    const granted = (told: readonly HistoryEvent[]) => entries(told).filter(({ token }) => token !== null && token.term.node !== master);
    const events = await record.until((told) => granted(told).length >= 50);
    expect(fallingTokens(events)).toEqual([]);
    expect(overlapsIn(courseOf(events, new Set([master])))).toEqual([]);
    expect(value(events)).toBe(closed(events));
    expect(of('ledger.refused', events)).toEqual([]);
    expect(granted(events).at(-1)?.token?.term.node).toBe(4);
  });

  it('the late write of a holder that stood still past its lease is refused', async () => {
    const cluster = await up(['--mutex', 'central-lease'], { ...idle, MUTEX_HOLD_MS: '1500:1500', MUTEX_LEASE_MS: '500' });
    const record = new Record(cluster);
    await cluster.until(({ nodes }) => nodes.every(({ up: runs, role, leader }) => runs && (role === 'ledger' || leader === 'master')));
    await act(cluster, 'enter', 'kmc');
    await record.until((told) => entries(told).length > 0);
    await act(cluster, 'pause', 'kmc');
    await act(cluster, 'enter', 'mit');
    await record.until((told) => of('mutex.written', told).length > 0);
    await act(cluster, 'resume', 'kmc');
    const events = await record.until((told) => of('mutex.fenced', told).length > 0);
    expect(entries(events).map(({ node }) => node)).toEqual([1, 2]);
    expect(fallingTokens(events)).toEqual([]);
    expect(of('mutex.fenced', events)).toMatchObject([{ node: 1, token: entries(events)[0]?.token, highest: entries(events)[1]?.token }]);
    expect(of('ledger.refused', events).map((event) => 'from' in event && event.from)).toEqual([1]);
    expect(value(events)).toBe(1);
    // Both were inside at once, since nobody who is paused can know; what they wrote is in order all the same.
    await cluster.until(({ ledger }) => ledger?.overlaps === 1 && ledger.refused === 1 && ledger.value === 1);
  });

  it('the ledger knows its value and the highest token again when it is back', async () => {
    const cluster = await up(['--mutex', 'central-lease'], { ...idle, MUTEX_HOLD_MS: '5:5' });
    const port = cluster.nodes.find(({ name }) => name === 'ledger')?.port;
    const register = async () => ((await (await fetch(`http://127.0.0.1:${port}/state`)).json()) as { readonly register: unknown }).register;
    await cluster.until(({ nodes }) => nodes.every(({ up: runs, role, leader }) => runs && (role === 'ledger' || leader === 'master')));
    const first = JSON.parse((await cluster.lab('enter', 'kmc', '--json')).out);
    expect(first).toMatchObject({ ok: true, node: 'kmc', write: 'written', value: 1, token: expect.stringMatching(/^\d+\.5\.\d+\/\d+$/) });
    await act(cluster, 'kill', 'ledger');
    await cluster.until(({ nodes }) => nodes.some(({ name, up: runs }) => name === 'ledger' && !runs));
    await act(cluster, 'restart', 'ledger');
    expect(await register()).toEqual({ value: 1, generation: 0, highest: first.token, fencing: true });
    expect(await cluster.lab('enter', 'mit')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^mit entered after [\d.]+\S+, with token \S+\nmit left after [\d.]+\S+, and the ledger holds 2\n$/),
    });
    expect(await register()).toMatchObject({ value: 2 });
  });
});

it('a member that cannot enter says for whom it waits', async () => {
  const cluster = await up(['--mutex', 'ricart-agrawala'], idle);
  await cluster.until(({ nodes }) => nodes.every(({ up: runs, role, leader }) => runs && (role === 'ledger' || leader === 'master')));
  await act(cluster, 'kill', 'tapmi');
  expect(await cluster.lab('enter', 'kmc', '--within', '2s')).toMatchObject({
    code: 1,
    err: expect.stringContaining('kmc did not enter within 2 s: it waits for tapmi'),
  });
  const blocked = await cluster.until(({ nodes }) => nodes.some(({ mutex }) => mutex?.state === 'wanted'));
  expect(blocked.nodes[0]?.mutex).toMatchObject({ state: 'wanted', entries: 0, waitingFor: ['tapmi'] });
  await act(cluster, 'restart', 'tapmi');
  await cluster.until(({ nodes }) => nodes[0]?.mutex?.entries === 1);
  for (const [node, why] of [
    ['mobile', 'there is no member mobile'],
    ['nobody', 'there is no member nobody'],
  ] as const)
    expect(await cluster.lab('enter', node)).toMatchObject({ code: 1, err: expect.stringContaining(why) });
});
