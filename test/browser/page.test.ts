/**
 * The page over a real cluster of local processes, as a student sees it: clocks that tick, fall into step, and are told
 * apart when one is killed. Every page also remembers what it complained of, and the last test reads that.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Browser, BrowserContextOptions, Page, WebSocketRoute } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { openPage, startChromium, type Watched } from './chromium.ts';
import { type Lab, startLab } from './lab.ts';

const patient = { timeout: 60_000 };
const projector = { width: 1280, height: 720 };
const phone = { width: 390, height: 844 };
const clocks = ['kmc', 'mit', 'tapmi', 'sols', 'master', 'mobile', 'laptop'];
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let lab: Lab;
let browser: Browser;
const opened: Watched[] = [];

async function open(options: BrowserContextOptions = {}, prepare: (page: Page) => Promise<void> = async () => undefined): Promise<Page> {
  const watched = await openPage(browser, { viewport: projector, colorScheme: 'dark', ...options });
  opened.push(watched);
  watched.page.setDefaultTimeout(60_000);
  await prepare(watched.page);
  await watched.page.goto(lab.url);
  await watched.page.locator('.line.live').waitFor();
  return watched.page;
}
/** A page of one test: closed with it, since each one that is open takes its share of the processor. */
async function visit(...how: Parameters<typeof open>): Promise<Page> {
  const page = await open(...how);
  onTestFinished(() => page.close());
  return page;
}

const cardButton = (page: Page, name: string) => page.locator('.card h2 button', { hasText: name });
const card = (page: Page, name: string) => page.locator('.card', { has: page.getByRole('button', { name }) });
const allSynchronized = (page: Page) =>
  page
    .locator('.card .standing.good')
    .nth(clocks.length - 1)
    .waitFor();
/** Waits until an element says something else. */
async function changes(page: Page, selector: string): Promise<void> {
  const said = () => page.locator(selector).first().textContent();
  await expect.poll(said, patient).not.toBe(await said());
}

/** Between which errors the chart says that the clocks were in the last minute, and are now, in milliseconds. */
async function course(page: Page): Promise<{ readonly before: readonly [number, number]; readonly now: readonly [number, number] }> {
  const chart = page.getByRole('img', { name: /true error of every clock.*now between/ });
  const said = (await chart.getAttribute('aria-label')) ?? '';
  const [a, b, c, d] = [...said.matchAll(/([+−]?)([\d.]+)\sms/g)].map(([, sign, digits]) => Number(digits) * (sign === '−' ? -1 : 1));
  if (a === undefined || b === undefined || c === undefined || d === undefined) throw new Error(`the chart says: ${said}`);
  return { before: [a, b], now: [c, d] };
}

/** The spread as the page shows it, in milliseconds. */
const spread = (page: Page) => async (): Promise<number> => Number.parseFloat((await page.locator('.spread strong').textContent()) ?? '');

beforeAll(async () => {
  [lab, browser] = await Promise.all([startLab(), startChromium()]);
});
afterAll(async () => {
  await browser?.close();
  await lab?.stop();
});

describe('the control room', () => {
  let page: Page;
  beforeAll(async () => {
    page = await open();
  });
  afterAll(() => page.close());

  it('shows every clock, members first, and all of them fall into step', async () => {
    const titles = (await page.locator('.card h2 button').allTextContents()).map((title) => title.replace(', inside the critical section', ''));
    expect(titles).toEqual(clocks.map((name) => (name === 'master' ? 'master, the leader' : name)));
    await allSynchronized(page);
    await page.locator('.spread.calm').waitFor();
    expect(await page.locator('.top .mood').textContent()).toBe('within the claimed bounds');
    expect(await page.locator('.fact.leader').textContent()).toMatch(/master term \d+$/);
  });

  it('shows a page that is opened later how they did: the fall is in its chart from the first', async () => {
    const at = async () => (await lab.state()).nodes[0]?.clock.clockUs ?? 0;
    const synchronized = await at();
    await expect.poll(async () => (await at()) - synchronized, patient).toBeGreaterThan(5_000_000);
    const late = await visit();
    const { before, now } = await course(late);
    expect(before[0]).toBeLessThan(-300);
    expect(before[1]).toBeGreaterThan(300);
    expect(now[1] - now[0]).toBeLessThan(50);
    expect(await late.getByRole('button', { name: 'fit all' }).getAttribute('aria-pressed')).toBe('true');
  });

  it('keeps the token of the address for itself', async () => {
    expect(page.url()).not.toContain(lab.token);
    expect(await page.evaluate(() => sessionStorage.getItem('lockstep.token'))).toBe(lab.token);
  });

  it('moves the hands of its clocks', async () => {
    const angle = () => page.locator('.card .face .second').first().getAttribute('transform');
    const before = await angle();
    expect(before).toMatch(/^rotate\(/);
    await expect.poll(angle, patient).not.toBe(before);
  });

  it('draws a curve for every clock, and the band that the selected one claims', async () => {
    for (const panel of ['.errors', '.claim']) {
      const coloured = () =>
        page.locator(`${panel} canvas`).evaluate((canvas) => {
          const pixels: Uint8ClampedArray = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
          let found = 0;
          for (let i = 0; i < pixels.length; i += 4) {
            const rgb = pixels.slice(i, i + 3);
            if (Math.max(...rgb) - Math.min(...rgb) > 80) found += 1;
          }
          return found;
        });
      await expect.poll(coloured, patient).toBeGreaterThan(100);
    }
    expect(await page.locator('.legend li').count()).toBe(clocks.length);
  });

  it('fits on a projector without scrolling', async () => {
    for (const part of ['.top', '.clocks', '.errors', '.claim', '.log']) {
      const box = await page.locator(part).boundingBox();
      expect(box, part).not.toBeNull();
      expect((box?.y ?? 0) + (box?.height ?? 0), part).toBeLessThanOrEqual(projector.height);
    }
  });

  it('says the numbers of the charts in a table, and what was judged and counted', async () => {
    const rows = page.locator('.numbers tbody tr');
    expect(await rows.count()).toBe(clocks.length);
    expect(await rows.first().textContent()).toMatch(/^kmc[+−]?[\d.]+\sms/);
    expect(await page.locator('.verdicts li strong').allTextContents()).toContain('clock.bound');
    expect(await page.locator('.messages tbody th').allTextContents()).toEqual(expect.arrayContaining(['berkeley.poll', 'cristian.request']));
    expect(await page.locator('.messages thead th').allTextContents()).toEqual(expect.arrayContaining(['last election', 'theory']));
    await page.locator('.messages', { hasText: /Last election: .* called, master leads in term/ }).waitFor();
    const coordinator = page.locator('.messages tbody tr', { has: page.getByRole('rowheader', { name: 'bully.coordinator', exact: true }) });
    expect((await coordinator.locator('td').allTextContents()).slice(-2)).toEqual([
      expect.stringMatching(/^\d+$/),
      expect.stringMatching(/^(?:≤\s)?\d+$/),
    ]);
  });

  it('says who is inside the critical section, and what they make of the ledger', async () => {
    const panel = page.locator('.mutex');
    expect(await panel.locator('h2').textContent()).toMatch(/guarded by central-lease$/);
    expect(await panel.locator('tbody th').allTextContents()).toEqual(['kmc', 'mit', 'tapmi', 'sols', 'master']);
    await panel
      .locator('tbody tr', { hasText: /inside, token/ })
      .first()
      .waitFor();
    const holds = async (): Promise<number> =>
      Number(/The ledger holds ([\d,.\s]+): /.exec((await panel.textContent()) ?? '')?.[1]?.replace(/\D/g, ''));
    const value = await expect.poll(holds, patient).toBeGreaterThan(0).then(holds);
    await expect.poll(holds, patient).toBeGreaterThan(value);
    expect(await panel.textContent()).toMatch(/writes taken, 0 refused\. Overlaps: 0\.$/);
  });
});

describe('the keyboard', () => {
  let page: Page;
  beforeAll(async () => {
    page = await open();
  });
  afterAll(() => page.close());

  it('selects a clock by its number', async () => {
    await page.keyboard.press('3');
    await page.locator('#claim-title', { hasText: 'tapmi' }).waitFor();
    expect(await cardButton(page, 'tapmi').getAttribute('aria-pressed')).toBe('true');
    expect(await page.locator('.copy-line code').textContent()).toBe('npm run lab kill tapmi');
  });

  it('opens help, which has the keys to itself until Esc closes it', async () => {
    const help = page.getByRole('dialog');
    await page.keyboard.press('?');
    await help.waitFor();
    await page.keyboard.press('1');
    await page.keyboard.press('Escape');
    await help.waitFor({ state: 'hidden' });
    expect(await page.locator('#claim-title').textContent()).toContain('tapmi');
  });

  it('pauses the view and lets it go on', async () => {
    await page.keyboard.press(' ');
    await page.locator('.line.paused').waitFor();
    const shown = await page.locator('.reading').allTextContents();
    const before = (await lab.state()).nodes[0]?.clock.clockUs ?? 0;
    await expect.poll(async () => ((await lab.state()).nodes[0]?.clock.clockUs ?? 0) - before, { timeout: 10_000 }).toBeGreaterThan(800_000);
    expect(await page.locator('.reading').allTextContents()).toEqual(shown);
    await page.keyboard.press(' ');
    await page.locator('.line.live').waitFor();
    await changes(page, '.reading');
  });

  it('keeps its focus while the numbers change', async () => {
    await cardButton(page, 'sols').focus();
    await changes(page, '.reading');
    await changes(page, '.reading');
    expect(await page.locator(':focus').textContent()).toBe('sols');
  });
});

describe('a lost line', () => {
  it('is said, tried again and resumed', async () => {
    const lines: WebSocketRoute[] = [];
    let cut = false;
    const page = await visit({}, (p) =>
      p.routeWebSocket('**/live', (line) => {
        if (cut) {
          void line.close();
          return;
        }
        line.connectToServer();
        lines.push(line);
      }),
    );
    await page.locator('.reading').first().waitFor();
    cut = true;
    await lines.at(-1)?.close();
    await page.locator('.line.reconnecting').waitFor();
    cut = false;
    await page.locator('.line.live').waitFor();
    await changes(page, '.reading');
  });
});

describe('everyone', () => {
  it.each(['dark', 'light'] as const)('can read it: axe finds nothing serious, %s', async (colorScheme) => {
    const page = await visit({ colorScheme });
    await allSynchronized(page);
    expect(await seriousIn(page)).toEqual([]);
    await page.keyboard.press('?');
    await page.getByRole('dialog').waitFor();
    expect(await seriousIn(page)).toEqual([]);
  });

  it('can use it on a phone', async () => {
    const page = await visit({ viewport: phone });
    await allSynchronized(page);
    expect(await page.locator('html').evaluate((html) => html.scrollWidth)).toBeLessThanOrEqual(phone.width);
    expect(await seriousIn(page)).toEqual([]);
  });

  it('is spared motion where they ask for it: the second hand rests on whole seconds', async () => {
    const page = await visit({ reducedMotion: 'reduce' });
    const angles: readonly number[] = await page
      .locator('.card .face .second')
      .first()
      .evaluate(
        (hand) =>
          new Promise((resolve) => {
            const seen = new Set<number>();
            const note = (): void => {
              seen.add(Number(/[\d.]+/.exec(hand.getAttribute('transform'))?.[0]));
              if (seen.size === 3) resolve([...seen]);
            };
            new hand.ownerDocument.defaultView.MutationObserver(note).observe(hand, { attributes: true });
          }),
      );
    expect(angles).toHaveLength(3);
    expect(angles.filter((angle) => angle % 6 !== 0)).toEqual([]);
  });
});

describe('a node that is killed', () => {
  it('is shown and announced, and so is its return, far off at first and then in step', async () => {
    const page = await visit();
    await allSynchronized(page);
    await page.keyboard.press('2');
    await lab.command('kill', 'mit');
    await page.locator('p[role=status].unseen', { hasText: 'mit is down' }).waitFor();
    await card(page, 'mit').and(page.locator('.down')).waitFor();
    expect(await card(page, 'mit').locator('.standing').textContent()).toBe('down');
    await page.locator('.log li.bad', { hasText: 'mit is down' }).waitFor();
    expect(await page.locator('.copy-line code').textContent()).toBe('npm run lab restart mit');
    await page.locator('.top .fact', { hasText: '7 of 8' }).waitFor();

    // It comes back with the raw clock that it had, half a second slow, and is set right in one step.
    const steps = page.locator('.log li.warn .text', { hasText: 'mit stepped its clock' });
    await lab.command('restart', 'mit');
    // The newest line stands first: the step that stands above the end of it is the one that came after.
    const lines = (): Promise<string[]> => page.locator('.log li .text').allTextContents();
    const since = (all: readonly string[], what: string): number => {
      const at = all.findIndex((text) => text.includes(what));
      return at < 0 ? all.length : at;
    };
    await expect
      .poll(async () => {
        const all = await lines();
        return since(all, 'mit stepped its clock') < since(all, 'mit is down');
      }, patient)
      .toBe(true);
    expect(await steps.first().textContent()).toMatch(/by \+[45]\d\d\.\d\sms/);
    await expect.poll(spread(page), patient).toBeLessThan(50);
    await page.locator('.log li.good', { hasText: 'mit is up' }).waitFor();
    await allSynchronized(page);
    await page.locator('.spread.calm').waitFor();
  });
});

it('complains of nothing: no error, no breach of the content security policy, nothing that was not found', () => {
  expect(opened.length).toBeGreaterThan(5);
  expect(opened.flatMap(({ complaints }) => complaints)).toEqual([]);
});

async function seriousIn(page: Page): Promise<readonly string[]> {
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate<AxeResults>('axe.run()');
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join('\n')}`);
}
