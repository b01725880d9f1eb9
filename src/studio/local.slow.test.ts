/** The embedded model in the page itself: beside a server that only has the files, and from disk without any. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { questionOf } from '../core/index.ts';
import { BUILT_IN_TASKS, loadTask } from '../tasks/index.ts';
import { complaints, expectAccessible, hasChromium, openChromium } from './test-support/chromium.ts';
import { buildPages, startStudio, type OpenStudio } from './test-support/server.ts';

const TIMEOUT = 600_000;
const ASKED = `#/play?${new URLSearchParams({
  q: 'Question: Paul has 58 nails. He loses 46. How many nails does Paul have?',
  x: 'plusx:tiny + selfConsistency(n=3)',
  n: '12',
  seed: '7',
}).toString()}`;

describe.skipIf(!hasChromium)('the model in the page', () => {
  const folder = mkdtempSync(join(tmpdir(), 'plusx-local-'));
  let browser: Browser;
  let context: BrowserContext;
  let studio: OpenStudio;
  beforeAll(async () => {
    await buildPages();
    studio = await startStudio();
    browser = await openChromium();
    context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  }, TIMEOUT);
  afterAll(async () => {
    await browser?.close();
    await studio?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  const newPage = async (): Promise<Page> => {
    const page = await context.newPage();
    page.setDefaultTimeout(TIMEOUT);
    return page;
  };
  /** The rows of answers as they are shown. */
  const shown = async (page: Page): Promise<readonly string[]> => {
    await page.getByText(/^Done/).waitFor();
    const rows = page.getByRole('table', { name: 'Answers and how probable they are' }).locator('.answer');
    return rows.allInnerTexts();
  };
  const ran = async (page: Page): Promise<readonly string[]> => {
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    return shown(page);
  };

  it('draws what the server draws, and asks it for nothing but files', { timeout: TIMEOUT }, async () => {
    const served = await newPage();
    await served.goto(`${studio.url}${ASKED}`);
    const expected = await ran(served);
    expect(expected.length).toBeGreaterThan(1);
    await served.close();

    const page = await newPage();
    const met = complaints(page, studio.origin);
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    await page.goto(`${studio.url}?local${ASKED}`);
    expect(await ran(page)).toEqual(expected);
    expect(asked.filter((path) => path.includes('/api/'))).toEqual(['/studio/api/weights']);
    await expectAccessible(page);
    expect(met).toEqual([]);
    await page.close();
  });

  it('goes on from disk, when the page is saved', { timeout: TIMEOUT }, async () => {
    const served = await newPage();
    await served.goto(`${studio.url}${ASKED}`);
    const expected = await ran(served);
    const [download] = await Promise.all([
      served.waitForEvent('download'),
      served.getByRole('button', { name: 'Save', exact: true }).click(),
    ]);
    const file = join(folder, download.suggestedFilename());
    await download.saveAs(file);
    await served.close();

    const page = await newPage();
    const met = complaints(page, 'file:');
    await page.goto(pathToFileURL(file).href);
    // It shows what it showed, and draws the same once more.
    expect(await shown(page)).toEqual(expected);
    expect(await ran(page)).toEqual(expected);
    // A draw is made again with its steps, in the page too.
    await page
      .getByRole('table', { name: 'Answers and how probable they are' })
      .locator('.answer')
      .first()
      .getByRole('button')
      .click();
    await expect.poll(() => page.locator('.said').count(), { timeout: TIMEOUT }).toBeGreaterThan(2);
    await expectAccessible(page);
    // So is the proof, which needs no model.
    await page.goto(`${pathToFileURL(file).href}#/proof/bestOfN`);
    await page.locator('.proof-bars').waitFor();
    expect(met).toEqual([]);
    await page.close();
  });

  it('has the written model, the scorers and the tasks that need no machine', { timeout: TIMEOUT }, async () => {
    const sum = `#/play?${new URLSearchParams({ q: 'What is 17 * 24?', x: 'enumerable + bestOfN(n=2, score=shortest)' }).toString()}`;
    const page = await newPage();
    const met = complaints(page, studio.origin);
    await page.goto(`${studio.url}?local${sum}`);
    const rows = await ran(page);
    expect(await page.locator('.legend').innerText()).toMatch(/exact, 4 paths[\s\S]*exact, 16 paths/);
    // The shorter text wins of two: the one that breaks off has no answer.
    expect(rows[0]).toMatch(/^408\s/);
    await page.getByRole('button', { name: 'From a task' }).click();
    const choice = page.getByRole('dialog', { name: 'Questions of a task' });
    const tasks = await choice.getByLabel('Task').locator('option').allInnerTexts();
    expect(tasks).toEqual(BUILT_IN_TASKS.map(({ name }) => name).filter((name) => !name.endsWith(':FILE')));
    for (const name of ['arithmetic', 'tiny:passage', 'tiny:steps']) {
      await choice.getByLabel('Task').selectOption(name);
      const { items } = await loadTask(name);
      const first = questionOf(items[0]?.request.prompt ?? []);
      await expect.poll(() => choice.locator('.pick button').first().textContent()).toBe(first);
      await expect.poll(() => choice.locator('.pick button').count()).toBe(50);
    }
    await expectAccessible(page);
    await choice.locator('.pick button').first().click();
    expect(await page.getByLabel('Question', { exact: true }).inputValue()).toContain('Paul has 58 nails');
    expect(met).toEqual([]);
    await page.close();
  });

  it('stops when it is told to', { timeout: TIMEOUT }, async () => {
    const page = await newPage();
    await page.goto(`${studio.url}?local${ASKED.replace('n=12', 'n=5000')}`);
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await page.getByRole('button', { name: 'Stop', exact: true }).click();
    await page.getByRole('button', { name: 'Run', exact: true }).waitFor();
    // The model is free for another run.
    await page.getByLabel('Samples').fill('5');
    expect((await ran(page)).length).toBeGreaterThan(0);
    expect(await page.locator('.legend').innerText()).toMatch(/5 samples[\s\S]*5 samples/);
    await page.close();
  });
});
