/** What ShiViz takes: its own expression for a line, its rules for vectors, and the order of events that the lab's vectors tell. */
import { describe, expect, it } from 'vitest';
import type { HistoryEvent } from '../../../shared/history.ts';
import * as vector from '../../../shared/logical/vector.ts';
import { nodeId } from '../../../shared/protocol.ts';
import { namesOf } from '../../../shared/scenario.ts';
import { scenarios } from '../../../shared/scenarios/index.ts';
import { play } from '../../../shared/sim/play.ts';
import { shiviz } from '../../../shared/sim/shiviz.ts';

/** What ShiViz reads a file by whose first line is empty. */
const usual = String.raw`(?<event>.*)\n(?<host>\S*) (?<clock>{.*})`;

interface Line {
  readonly event: string;
  readonly host: string;
  readonly clock: Readonly<Record<string, number>>;
}

/** As ShiViz loads a file: the first line is the expression for a line, the second one separates runs, the rest is the log. */
function load(lines: readonly string[], expression = lines[0] ?? ''): readonly Line[] {
  const log = lines.slice(2).join('\n');
  return [...log.matchAll(new RegExp(expression, 'gm'))].map(({ groups: { event = '', host = '', clock = '' } = {} }) => ({
    event,
    host,
    clock: JSON.parse(clock),
  }));
}

/** What ShiViz refuses a log for. */
function faults(lines: readonly Line[]): readonly string[] {
  const hosts = new Map<string, Line[]>();
  for (const line of lines) hosts.set(line.host, [...(hosts.get(line.host) ?? []), line]);
  const own = ({ host, clock }: Line): number => clock[host] ?? 0;
  const found: string[] = [];
  for (const [host, its] of hosts) {
    its.sort((a, b) => own(a) - own(b));
    for (const [i, line] of its.entries()) {
      const at = `${host} ${own(line)}`;
      if (own(line) !== i + 1) found.push(`${at}: should be ${i + 1}`);
      // A vector is what it was at the line before, and what the lines knew that it names. Anything else is made up.
      const known: Record<string, number> = { ...its[i - 1]?.clock, [host]: i + 1 };
      for (const [other, n] of Object.entries(line.clock)) {
        const named = hosts.get(other)?.find((l) => own(l) === n);
        if (named === undefined) found.push(`${at}: there is no ${other} ${n}`);
        else if (other !== host && (named.clock[host] ?? 0) >= i + 1) found.push(`${at}: ${other} ${n} knows it already`);
        else if (other !== host) for (const [third, m] of Object.entries(named.clock)) known[third] = Math.max(known[third] ?? 0, m);
      }
      for (const other of new Set([...Object.keys(known), ...Object.keys(line.clock)]))
        if (known[other] !== line.clock[other]) found.push(`${at}: ${other} should be ${known[other]}`);
    }
  }
  return found;
}

const exported = (name: string) => {
  const scenario = scenarios.find((s) => s.name === name) ?? expect.fail();
  const { history } = play(scenario);
  return { history, names: namesOf(scenario), log: shiviz(history, namesOf(scenario)) };
};
const withoutLines = (history: readonly HistoryEvent[]) => history.filter(({ kind }) => kind !== 'clock.line');

describe.each(['berkeley-four', 'cristian-devices', 'member-returns', 'bully-10-crashed', 'split-safe'])('the log of %s', (name) => {
  const { history, log } = exported(name);
  const lines = load(log);

  it('has a line for each event, by its own expression and by the usual one', () => {
    expect(lines).toHaveLength(withoutLines(history).length);
    expect(load(log, usual).map(({ host, clock }) => ({ host, clock }))).toEqual(lines.map(({ host, clock }) => ({ host, clock })));
  });

  it('has vectors that ShiViz accepts', () => expect(faults(lines)).toEqual([]));
});

describe('the order of events', () => {
  it('is the one that the vectors of the lab tell, where nothing travels but what the history tells', () => {
    const { history, log } = exported('berkeley-four');
    const events = withoutLines(history).filter(({ kind }) => kind !== 'node.started');
    const lines = load(log).filter(({ event }) => !event.startsWith('* node.started'));
    expect(lines).toHaveLength(events.length);
    const ids = [...new Set(lines.map(({ host }) => host))];
    const vectors = lines.map(({ clock }) => Object.fromEntries(ids.map((host, i) => [i + 1, clock[host] ?? 0])) as vector.VectorTime);
    const pairs = events.flatMap((a, i) => events.map((b, j) => [a, b, vector.before(vectors[i] ?? {}, vectors[j] ?? {})] as const));
    expect(pairs.filter(([, , before]) => before).length).toBeGreaterThan(1_000);
    expect(pairs.filter(([a, b, before]) => before !== vector.before(a.vector, b.vector))).toEqual([]);
  });

  it('of a node that was killed and came back is that of two hosts', () => {
    const { history, log } = exported('member-returns');
    const lines = load(log);
    expect(history.filter(({ kind }) => kind === 'node.started').length).toBe(new Set(lines.map(({ host }) => host)).size);
    const again = lines.filter(({ host }) => host === 'mit#2');
    expect(again[0]).toMatchObject({ event: '* node.started name=mit role=member', clock: { 'mit#2': 1 } });
    expect(again.some(({ clock }) => clock.mit !== undefined)).toBe(true);
  });

  const header = (node: number, lamport: number, trueUs: number, incarnation = 1) =>
    ({
      seq: 1,
      node: nodeId(node),
      incarnation,
      trueUs,
      clockUs: trueUs,
      lamport,
      vector: {},
      hybrid: { l: trueUs, c: 0 },
    }) as unknown as HistoryEvent;
  const message = { kind: 'bully.election', number: 1 };
  const sent = (lamport: number, at: number, of = 1) => ({ ...header(1, lamport, at, of), kind: 'message.sent', to: 2, message }) as HistoryEvent;
  const received = (sentLamport: number, lamport: number, at: number) =>
    ({ ...header(2, lamport, at), kind: 'message.received', from: 1, message, delayUs: 1, sentLamport }) as HistoryEvent;
  const names = new Map([[nodeId(1), 'kmc']]);

  it('holds where the clock of the receiving machine is behind', () => {
    expect(load(shiviz([received(7, 8, 5), sent(7, 9)], names))).toEqual([
      { event: '<- kmc bully.election after 0.001ms', host: 'node-2', clock: { kmc: 1, 'node-2': 1 } },
      { event: '-> node 2 bully.election number=1', host: 'kmc', clock: { kmc: 1 } },
    ]);
  });

  it('finds the sending among those of two starts', () => {
    const lines = load(shiviz([sent(7, 1), received(7, 8, 2), sent(7, 3, 2), received(7, 9, 4)], names));
    expect(lines.map(({ clock }) => clock)).toEqual([{ kmc: 1 }, { kmc: 1, 'node-2': 1 }, { 'kmc#2': 1 }, { kmc: 1, 'kmc#2': 1, 'node-2': 2 }]);
  });

  it('knows nothing of a frame whose sending is not told any more', () => {
    expect(load(shiviz([received(7, 8, 2)], names)).map(({ clock }) => clock)).toEqual([{ 'node-2': 1 }]);
  });

  it('is that of no event where there is none', () => expect(load(shiviz([], names))).toEqual([]));
});

describe('the rules of ShiViz, as they are checked here', () => {
  const a = (n: number, clock = {}) => ({ event: 'e', host: 'a', clock: { a: n, ...clock } });
  it.each<[string, readonly Line[]]>([
    ['a host that begins at two', [a(2)]],
    ['a gap', [a(1), a(3)]],
    ['two lines of one time', [a(1), a(1)]],
    ['a host that says nothing', [a(1, { b: 1 })]],
    ['a time that a host never reaches', [a(1, { b: 2 }), { event: 'e', host: 'b', clock: { b: 1 } }]],
    ['a vector that forgets', [a(1, { b: 1 }), a(2), { event: 'e', host: 'b', clock: { b: 1 } }]],
    ['two who know of each other', [a(1, { b: 1 }), { event: 'e', host: 'b', clock: { b: 1, a: 1 } }]],
  ])('find %s', (_, lines) => expect(faults(lines)).not.toEqual([]));
});
