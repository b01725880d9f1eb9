/** Runs of other processes, watched and steered from the page: one over a file, and one that workers do over a PostgreSQL. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Browser, Page } from 'playwright-core';
import { folder, type Folder } from '../../cli/test-support/folder.ts';
import { gatedServer, sums, type GatedServer } from '../../cli/test-support/gated.ts';
import { startPlusx, type Started } from '../../cli/test-support/plusx.ts';
import { noPostgres, postgres, type Postgres } from '../../store/test-support/postgres.ts';
import { complaints, expectAccessible, hasChromium, openChromium } from '../test-support/chromium.ts';
import { buildPages } from '../test-support/server.ts';

const ITEMS = 40;
const WITHIN = { timeout: 60_000 };

let browser: Browser;
let here: Folder;
let upstream: GatedServer;
const started: Started[] = [];
afterAll(async () => {
  upstream?.allow(1e6);
  await browser?.close();
  for (const { child } of started) child.kill('SIGKILL');
  await Promise.all(started.map(({ ended }) => ended));
  await upstream?.close();
  await here?.[Symbol.asyncDispose]();
});

beforeAll(async () => {
  if (!hasChromium) return;
  await buildPages();
  here = await folder();
  await here.write('sums.jsonl', sums(ITEMS));
  upstream = await gatedServer();
  browser = await openChromium();
}, 240_000);

function begin(...args: readonly string[]): Started {
  const env = { PLUSX_BASE_URL: upstream.url, PLUSX_MODEL: 'test-model' };
  const one = startPlusx(args, { cwd: here.path, env });
  started.push(one);
  return one;
}

/** A page of the studio that another process serves over the store. */
async function studioOn(
  store: string,
): Promise<{ readonly page: Page; readonly url: string; readonly met: readonly string[] }> {
  const { child } = begin('studio', '--port', '0', '--quiet', '--store', store);
  const url = await new Promise<string>((resolve, reject) => {
    let said = '';
    const hear = (text: string): void => {
      said += text;
      const [, address] = /(http:\/\/127\.0\.0\.1:\d+\/studio\/)\s/.exec(said) ?? [];
      if (address !== undefined) resolve(address);
    };
    child.stdout?.on('data', hear);
    child.stderr?.on('data', hear);
    child.on('close', () => reject(new Error(`the studio ended before it said its address: ${said}`)));
  });
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 900 } })).newPage();
  return { page, url, met: complaints(page, new URL(url).origin) };
}

const EVAL = ['eval', 'sums.jsonl', '--metric', 'numeric', '--quiet'];
const state = (page: Page, words: RegExp) => page.getByRole('status').filter({ hasText: words }).waitFor(WITHIN);
const figures = (page: Page, words: RegExp) => page.getByText(words).first().waitFor(WITHIN);
const wide = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

it.skipIf(!hasChromium)(
  'a run of another process is paused, resumed and cancelled, with the keyboard alone',
  async () => {
    const run = [...EVAL, '--store', 'runs.db', '--run', 'long', '--concurrency', '2'];
    const { page, url, met } = await studioOn('runs.db');
    // A page that was opened too early shows the run once it is there.
    const early = await page.context().newPage();
    await early.goto(`${url}#/runs/long`);
    await early.getByText('There is no run long.').waitFor(WITHIN);
    const first = begin(...run);
    await expect.poll(() => upstream.requests.length, WITHIN).toBe(2);
    await state(early, /^It goes on$/);
    await early.close();
    upstream.allow(8);
    await page.goto(`${url}#/runs`);
    await figures(page, /^8 of 40$/);
    await expectAccessible(page);
    await page.getByRole('link', { name: 'long' }).press('Enter');
    await figures(page, /^8 of 40 items · .* a second · .* left · 8 calls/);
    await state(page, /^It goes on$/);
    await expectAccessible(page);

    await page.keyboard.press('p');
    await state(page, /^It rests: /);
    expect(upstream.requests).toHaveLength(10);
    await expectAccessible(page);
    const turn = page.getByRole('button', { name: 'Resume' });
    await turn.focus();
    await page.keyboard.press('Enter');
    await state(page, /^It goes on$/);
    // What was a button to resume is one to pause, and still has the keyboard.
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Pause');
    upstream.allow(2);
    await figures(page, /^10 of 40 items/);
    await page.keyboard.press('?');
    await page.getByText('Pause the run, or let it go on').waitFor();
    await page.keyboard.press('Escape');

    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Cancel the run' }).waitFor();
    await expectAccessible(page);
    await page.keyboard.press('Enter');
    expect(await first.ended).toMatchObject({ code: 130, err: expect.stringContaining('Cancelled:') as unknown });
    await page.getByLabel('The command').waitFor(WITHIN);
    const command = await page.getByLabel('The command').textContent();
    expect(command).toBe(`plusx ${run.join(' ')}`);
    await expectAccessible(page);
    for (const width of [360, 1280]) {
      await page.setViewportSize({ width, height: 900 });
      expect(await wide(page)).toBe(0);
    }

    upstream.allow(1e6);
    expect((await begin(...run).ended).code).toBe(0);
    await page.reload();
    await figures(page, /^40 items · 40 calls/);
    expect(met).toEqual([]);
  },
);

describe.skipIf(!hasChromium || noPostgres !== undefined)(
  `on a real PostgreSQL${noPostgres ? `: ${noPostgres}` : ''}`,
  () => {
    let server: Postgres;
    beforeAll(async () => {
      server = await postgres({ settings: { synchronous_commit: 'on' } });
    }, 120_000);
    afterAll(() => server?.close());

    it('a run of workers is watched and steered: who works on it, who leaves it, and why', async () => {
      upstream.hold();
      const before = upstream.requests.length;
      begin('worker', '--store', server.url, '--concurrency', '2', '--quiet');
      begin('worker', '--store', server.url, '--models', 'server/other', '--quiet');
      const run = begin(...EVAL, '--workers', '--store', server.url, '--run', 'many', '--seed', '3');
      await expect.poll(() => upstream.requests.length - before, WITHIN).toBe(2);
      const { page, url, met } = await studioOn(server.url);
      upstream.allow(6);
      await page.goto(`${url}#/runs/many`);
      await figures(page, /^6 of 40 items .* 6 calls/);
      await figures(page, /^Reserved for calls in flight and the next ones: 2 calls/);
      await state(page, /^It goes on$/);
      const workers = page.getByRole('region', { name: 'Workers' });
      await expect.poll(() => workers.locator('tbody tr').count(), WITHIN).toBe(2);
      await expect.poll(() => workers.innerText(), WITHIN).toMatch(/server\/other/);
      await expectAccessible(page);

      await page.getByRole('button', { name: 'Pause' }).click();
      await state(page, /^It rests: /);
      await expectAccessible(page);
      await page.getByRole('button', { name: 'Resume' }).click();
      await state(page, /^It goes on$/);
      upstream.allow(1e6);
      const ended = await run.ended;
      expect([ended.code, ended.err]).toEqual([0, '']);
      await figures(page, /^40 items · 40 calls/);

      upstream.hold();
      const asked = upstream.requests.length;
      const search = [
        'compile',
        'sums.jsonl',
        '--metric',
        'numeric',
        '--quiet',
        '--space',
        'selfConsistency(n=[3, 5])',
      ];
      const again = begin(...search, '--budget', 'calls=2000', '--workers', '--store', server.url, '--run', 'more');
      await expect.poll(() => upstream.requests.length - asked, WITHIN).toBe(2);
      await page.goto(`${url}#/runs/more`);
      await state(page, /^It goes on$/);
      await page.getByRole('button', { name: 'Cancel' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Cancel the run' }).click();
      await state(page, /^It was cancelled/);
      expect(await again.ended).toMatchObject({ code: 1, err: expect.stringContaining('was cancelled') as unknown });
      expect(await page.getByLabel('The command').textContent()).not.toContain(server.password);
      await expectAccessible(page);
      expect(met).toEqual([]);
    });
  },
);
