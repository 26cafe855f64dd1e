/**
 * The leader is lost and comes back, in containers: killed, started again, paused and let go on by the engine. One story of
 * one cluster, told in order; what the nodes told of it is judged at the end. It is told of plain elections first, and then
 * of those with votes and leases, which promise more: nobody is told anything by a leader that is none any more.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { StateView } from '../../services/console/live-frames.ts';
import { fetchHistory } from '../../services/lab/console-client.ts';
import { courseOf } from '../../services/lab/course.ts';
import { compareTerms } from '../../shared/protocol.ts';
import { broken, commandsOf, lateSteps, lessons, reigns, termOf, verdictsOn } from '../worlds/course.ts';
import { type Cluster, claim, cluster, eventually, timed, type Watch, watch } from './cluster.ts';

const NODES = ['kmc', 'mit', 'tapmi', 'sols', 'master', 'mobile', 'laptop'];
const SOLS = 4;
const MASTER = 5;
const SECOND = 1_000;

/** What each way of electing teaches in this story, and by which rule its leaders are judged. */
const stories = [
  // Who stands still does not know that it leads no more.
  { mode: 'classic', rule: 'election.one-leader', taught: ['election.one-leader'] },
  // Its lease runs out while it stands still, and it knows how to look at a clock.
  { mode: 'safe', rule: 'election.one-lease', taught: [] },
] as const;

const seconds = (start: number): string => `${((performance.now() - start) / SECOND).toFixed(1)} s`;
const report = (line: string): void => console.info(`e2e: ${line}`);

describe.each(stories)('with elections that are $mode', ({ mode, rule, taught }) => {
  let here: Cluster;
  let observed: Watch;
  /** When everybody was in step first, and the term in which they were last. */
  let since = 0;
  let newest = termOf('');
  let beforePause = newest;

  const course = async () => courseOf(await fetchHistory({ consoleUrl: here.console }), new Set());

  /** All but `gone` follow `leader` in one new term, the devices too; they are in step with it, and it holds one round after the other. */
  async function succeeded(leader: string, gone: readonly string[] = []): Promise<void> {
    const began = performance.now();
    const state = await eventually(`all follow ${leader}`, 30 * SECOND, observed.latest, (latest) => {
      const running = timed(latest).filter(({ name }) => !gone.includes(name));
      const agreed = running.every((node) => node.up && node.leader === leader && node.term === running[0]?.term);
      return (
        agreed &&
        compareTerms(termOf(running[0]?.term), newest) > 0 &&
        running.every(({ clock }) => clock.status === 'synchronized' && clock.boundUs !== null)
      );
    });
    newest = termOf(state.term);
    report(`all in step with ${leader}, in term ${newest.number}, ${seconds(began)} after the engine was done`);
    const adjusted = ({ messages }: StateView): number => messages['berkeley.adjust']?.delivered ?? 0;
    await eventually('rounds under it', 30 * SECOND, observed.latest, (latest) => adjusted(latest) >= adjusted(state) + 8);
  }

  beforeAll(async () => {
    here = await cluster({ MODE: mode });
    await here.compose('build', '--quiet');
    observed = watch(here.console);
    await here.compose('up', '--detach', '--wait', 'console', 'ledger', ...NODES);
    await succeeded('master');
    since = (await course()).at(-1)?.trueUs ?? Number.NaN;
  }, 600 * SECOND);

  afterAll(async () => {
    await observed?.stop();
    await here?.compose('down', '--volumes', '--timeout', '2');
    await here?.docker('image', 'rm', here.image);
  }, 120 * SECOND);

  test('a leader that is killed is succeeded by the highest who is left', async () => {
    await here.compose('kill', 'master');
    await succeeded('sols', ['master']);
  });

  test('started again, it leads again', async () => {
    await here.compose('start', 'master');
    await succeeded('master');
  });

  test('a leader that is paused is succeeded as well', async () => {
    beforePause = newest;
    await here.compose('pause', 'master');
    await succeeded('sols', ['master']);
  });

  test('let go on, it leads no more before it does anything, and is elected anew', async () => {
    await here.compose('unpause', 'master');
    await succeeded('master');

    const told = await course();
    const fall = reigns(told).find(({ node, term }) => node === SOLS && compareTerms(term, beforePause) > 0) ?? expect.fail('sols never led');
    const old = reigns(told).findLast(({ node, trueUs }) => node === MASTER && trueUs < fall.trueUs) ?? expect.fail('master never led');
    const woken = told.filter(({ node, trueUs }) => node === MASTER && trueUs > fall.trueUs);
    expect(woken.find(({ kind }) => kind === 'election.stepped-down')).toMatchObject({ term: old.term });
    expect(commandsOf(old.term, told, fall.trueUs)).toEqual([]);
  });

  test('nobody obeyed a leader of the past, no clock jumped, and every claim was true', async () => {
    const told = await course();
    const verdicts = verdictsOn(told, { mode });
    report(verdicts.map((found) => `${found.rule} ${found.verdict}`).join(', '));
    expect(broken(verdicts)).toEqual([]);
    expect(taught).toEqual(expect.arrayContaining([...lessons(verdicts)]));
    expect(verdicts.map((v) => v.rule)).toContain(rule);
    expect(lateSteps(told, since)).toEqual([]);
    const claims = observed.answers.flatMap(({ nodes }) => nodes.flatMap((node) => claim(node) ?? []));
    expect(claims.length).toBeGreaterThan(50 * NODES.length);
    expect(claims.filter(({ gapUs, boundUs }) => gapUs > boundUs)).toEqual([]);
  });
});
