/** `lab up` from end to end: a cluster of processes that keeps time, whatever is done to it, and leaves nothing behind. */
import { existsSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import type { HistoryEvent, NodeView, StateView } from '../../../services/console/live-frames.ts';
import { isAlive, lab, up } from './command-line.ts';

const synchronized = ({ nodes }: StateView): boolean =>
  nodes.every((n) => n.up && (n.role === 'ledger' || (n.clock.status === 'synchronized' && n.clock.boundUs !== null)));
const of = (name: string, { nodes }: StateView): NodeView => nodes.find((n) => n.name === name) ?? expect.fail(`no node ${name}`);

/** Every claim of a state that is not true. */
const untrue = ({ nodes }: StateView): readonly NodeView[] =>
  nodes.filter(
    ({ clock: { offsetUs, trueOffsetUs, boundUs } }) =>
      offsetUs !== null && trueOffsetUs !== null && boundUs !== null && Math.abs(offsetUs - trueOffsetUs) > boundUs + 3,
  );

const boundOf = ({ clock }: NodeView): number => clock.boundUs ?? 0;

/** Whose assumption held, or which cannot be told. */
const isBroken = ({ verdict }: StateView['verdicts'][number]): boolean => verdict === 'bug' || verdict === 'inconclusive';

describe('a cluster of processes', () => {
  it('brings clocks that start a second apart together, and claims nothing that is not so', async () => {
    const cluster = await up();
    const first = await cluster.until(({ spreadUs }) => spreadUs !== null);
    expect(first.truth).toBe('one-host');
    expect(first.world).toBe('processes');

    let judged = 0;
    const sound = (state: StateView): StateView => {
      expect(untrue(state)).toEqual([]);
      judged += state.nodes.filter(({ clock }) => clock.boundUs !== null && clock.trueOffsetUs !== null).length;
      return state;
    };
    const agreed = await cluster.until(
      (state) => synchronized(sound(state)) && (state.spreadUs ?? Infinity) <= 2 * Math.max(...state.nodes.map(boundOf)),
    );
    expect(agreed.leader).toBe('master');
    // Some rounds more, with nothing untrue in any of them.
    const rounds = agreed.messages['berkeley.adjust']?.delivered ?? 0;
    const later = await cluster.until((state) => (sound(state).messages['berkeley.adjust']?.delivered ?? 0) >= rounds + 8);
    expect(judged).toBeGreaterThan(50);
    expect(later.verdicts.slice(0, 2)).toEqual([
      { rule: 'clock.bound', verdict: 'holds', detail: expect.stringMatching(/^(\d+) of \1 readings contained$/) },
      { rule: 'clock.monotonic', verdict: 'holds', detail: expect.any(String) },
    ]);
    expect(later.verdicts.map(({ rule }) => rule)).toEqual(expect.arrayContaining(['election.one-leader', 'election.agreement']));
    expect(later.verdicts.filter(isBroken)).toEqual([]);

    const status = await cluster.lab('status');
    expect(status).toMatchObject({ code: 0, out: expect.stringMatching(/\* master +synchronized/) });
    expect(JSON.parse((await cluster.lab('status', '--json')).out)).toMatchObject({ leader: 'master', nodes: { length: 8 } });
  });

  it('is seen to lose a node and to get it back, by each of the verbs', async () => {
    const cluster = await up(['--nodes', '3', '--clock', 'cristian']);
    const started = await cluster.until(synchronized);
    const incarnation = of('mit', started).incarnation ?? 0;

    expect(await cluster.lab('kill', 'mit')).toMatchObject({ code: 0, out: 'mit is killed\n' });
    const gone = await cluster.until((state) => !of('mit', state).up);
    expect(of('mit', gone)).toMatchObject({ leader: null, clock: { errorUs: null, offsetUs: null, boundUs: null, status: 'unknown' } });
    expect(await cluster.lab('kill', 'mit')).toMatchObject({ code: 1, err: 'mit is not running\n' });

    expect(await cluster.lab('restart', '2', '--json')).toMatchObject({ code: 0, out: '{"ok":true,"verb":"restart","node":"2"}\n' });
    const back = await cluster.until(synchronized);
    expect(of('mit', back).incarnation).toBeGreaterThan(incarnation);

    expect((await cluster.lab('pause', 'kmc')).code).toBe(0);
    expect(await cluster.lab('pause', 'kmc')).toMatchObject({ code: 1, err: 'kmc is paused already\n' });
    await cluster.until((state) => !of('kmc', state).up);
    expect((await cluster.lab('resume', 'kmc')).code).toBe(0);
    const resumed = await cluster.until(synchronized);
    expect(of('kmc', resumed).incarnation).toBe(of('kmc', back).incarnation);
    expect(await cluster.lab('resume', 'kmc')).toMatchObject({ code: 1, err: 'kmc is not paused\n' });
    expect(await cluster.lab('kill', 'nobody')).toMatchObject({ code: 1, err: expect.stringContaining('there is no node nobody: use one of kmc') });
    expect(untrue(resumed)).toEqual([]);
    expect(resumed.verdicts.slice(0, 2).map(({ verdict }) => verdict)).toEqual(['holds', 'holds']);
    expect(resumed.verdicts.filter(isBroken)).toEqual([]);
  });

  it('tells its whole history in pages that join', async () => {
    const cluster = await up(['--nodes', '2']);
    await cluster.until(synchronized);
    const events: HistoryEvent[] = [];
    for (let next = 0; ; ) {
      const page = (await (await fetch(`${cluster.consoleUrl}/api/history?since=${next}&limit=37`)).json()) as {
        events: HistoryEvent[];
        next: number;
      };
      events.push(...page.events);
      if (page.events.length < 37) break;
      next = page.next;
    }
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => i + 1));
    for (const kind of ['clock.line', 'clock.status', 'berkeley.adjusted']) expect(events.filter((event) => event.kind === kind)).not.toEqual([]);
    for (const node of cluster.nodes) {
      const times = events.filter((event) => event.node === node.id && event.kind === 'clock.line').map(({ trueUs }) => trueUs);
      expect(times).toEqual(times.toSorted((a, b) => a - b));
    }
  });

  it('takes commands from the operator alone, on its own page or on none', async () => {
    const cluster = await up(['--nodes', '1']);
    const order = (headers: Record<string, string>) =>
      fetch(`${cluster.consoleUrl}/api/commands`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: '{"id":"a","verb":"kill","args":["kmc"]}',
      });
    expect((await order({})).status).toBe(401);
    expect((await order({ authorization: 'Bearer 0123456789abcdef0123456789abcdef' })).status).toBe(401);
    expect((await order({ authorization: `Bearer ${cluster.token}`, origin: 'http://evil.example' })).status).toBe(403);
    expect(isAlive(cluster.nodes[0]?.pid ?? 0)).toBe(true);
    expect(await (await order({ authorization: `Bearer ${cluster.token}` })).json()).toEqual({ ok: true });
    await vi.waitUntil(() => !isAlive(cluster.nodes[0]?.pid ?? 0));
    expect(cluster.url).toBe(`${cluster.consoleUrl}/#token=${cluster.token}`);
  });

  it('tells of a process that ends by itself, and goes on', async () => {
    const cluster = await up(['--nodes', '2']);
    await cluster.until(synchronized);
    const mit = cluster.nodes.find(({ name }) => name === 'mit') ?? expect.fail();
    process.kill(mit.pid, 'SIGKILL');
    await cluster.until((state) => !of('mit', state).up && of('kmc', state).up);
    cluster.signal('SIGTERM');
    const { err } = await cluster.finished;
    expect(err).toContain('mit ended by itself (SIGKILL): npm run lab restart mit');
  });
});

describe('the end', () => {
  it.each<[string, NodeJS.Signals[], number]>([
    ['Ctrl-C', ['SIGINT'], 130],
    ['Ctrl-C twice', ['SIGINT', 'SIGINT'], 130],
    ['being asked to end', ['SIGTERM'], 0],
  ])('by %s leaves no process and no file', async (_, signals, code) => {
    const cluster = await up(['--nodes', '2']);
    expect(statSync(cluster.folder).mode & 0o777).toBe(0o700);
    expect(statSync(join(cluster.folder, 'cluster.key'))).toMatchObject({ size: 32 });
    expect(statSync(join(cluster.folder, 'cluster.key')).mode & 0o777).toBe(0o400);
    // A process that is stopped must not be left behind either.
    expect((await cluster.lab('pause', 'kmc')).code).toBe(0);
    for (const signal of signals) cluster.signal(signal);
    expect((await cluster.finished).code).toBe(code);
    expect(cluster.nodes.filter(({ pid }) => isAlive(pid))).toEqual([]);
    await expect(cluster.state()).rejects.toThrow('does not answer');
    expect(existsSync(cluster.folder)).toBe(false);
    expect(await cluster.lab('status')).toMatchObject({ code: 1, err: expect.stringContaining('no cluster is running') });
  });

  it('comes to the nodes also when their launcher is killed', async () => {
    const cluster = await up(['--nodes', '2']);
    cluster.signal('SIGKILL');
    await vi.waitUntil(() => cluster.nodes.every(({ pid }) => !isAlive(pid)), { timeout: 10_000, interval: 50 });
    await expect(cluster.state()).rejects.toThrow('does not answer');
    // The next start sweeps away what was left.
    await up(['--nodes', '1']);
    expect(existsSync(cluster.folder)).toBe(false);
  });
});

describe('a start that cannot be', () => {
  const taken = async (run: (port: number) => Promise<void>): Promise<void> => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    try {
      await run(typeof address === 'object' && address !== null ? address.port : 0);
    } finally {
      server.close();
    }
  };

  it('says in one line which port is in use, and exits with 78', () =>
    taken(async (port) => {
      expect(await lab(['up', '--port-base', '0', '--console-port', `${port}`])).toEqual({
        code: 78,
        out: '',
        err: `port ${port} (the control room) is in use: set CONSOLE_PORT=${port + 1}\n`,
      });
      expect(await lab(['up', '--port-base', `${port - 2}`, '--console-port', '0'])).toMatchObject({
        code: 78,
        err: expect.stringMatching(new RegExp(`^port ${port} \\(mit\\) is in use: set LOCKSTEP_PORT_BASE=\\d+\n$`)),
      });
    }));

  it('says what a program refuses in its environment, and leaves nothing running', async () => {
    const { code, out, err } = await lab(['up', '--nodes', '1', '--port-base', '0', '--console-port', '0', '--json'], { LINK_DELAY: 'now and then' });
    expect([code, err]).toEqual([78, '']);
    expect(JSON.parse(out)).toMatchObject({ ok: false, error: expect.stringContaining('LINK_DELAY=now and then') });
  });
});
