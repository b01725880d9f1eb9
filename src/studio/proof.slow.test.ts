/** The proof page in a real Chromium: from the server, by the keyboard, and from disk without any server. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { laws } from '../laws.ts';
import { verify } from '../testing/laws/technique-law.ts';
import { complaints, expectAccessible, hasChromium, openChromium } from './test-support/chromium.ts';
import { buildPages, startStudio, type OpenStudio } from './test-support/server.ts';

const TIMEOUT = 600_000;

describe.skipIf(!hasChromium)('the proof page', () => {
  const folder = mkdtempSync(join(tmpdir(), 'plusx-proof-'));
  let browser: Browser;
  let context: BrowserContext;
  let studio: OpenStudio;
  beforeAll(async () => {
    await buildPages();
    studio = await startStudio();
    browser = await openChromium();
    context = await browser.newContext();
  }, TIMEOUT);
  afterAll(async () => {
    await browser?.close();
    await studio?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  const opened = async (at: string, size = { width: 1280, height: 800 }): Promise<Page> => {
    const page = await context.newPage();
    await page.setViewportSize(size);
    page.setDefaultTimeout(120_000);
    await page.goto(`${studio.url}#/proof${at}`);
    await page.getByRole('heading', { name: 'Proof', level: 1 }).waitFor();
    return page;
  };
  const distanceOf = (page: Page): Promise<string | null> => page.locator('.proof-distance strong').textContent();

  it('is loaded when it is opened, and is small', async () => {
    const page = await context.newPage();
    const bytes = new Map<string, number>();
    page.on('response', (response) => {
      const { pathname } = new URL(response.url());
      bytes.set(pathname, Number(response.headers()['content-length'] ?? (response.ok() ? Number.NaN : 0)));
    });
    const sum = (): number => [...bytes.values()].reduce((all, one) => all + one, 0);
    await page.goto(`${studio.url}#/runs`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    const first = sum();
    await page.goto(`${studio.url}#/proof`);
    await page.locator('.proof-bars').waitFor();
    expect([...bytes.keys()].some((name) => name.includes('proof-worker'))).toBe(true);
    expect(first).toBeLessThan(150_000);
    expect(sum() - first).toBeLessThan(250_000);
    await page.close();
  });

  it('a reader changes the number, the model and the scores by the keyboard alone', { timeout: TIMEOUT }, async () => {
    const page = await opened('/bestOfN');
    const met = complaints(page, studio.origin);
    await page.getByText('2 calls an answer').waitFor();
    const n = page.getByRole('spinbutton', { name: /^n / });
    await n.focus();
    await page.keyboard.press('ArrowUp');
    await page.getByText('3 calls an answer').waitFor();
    expect(await page.locator('.proof-law-name').textContent()).toBe('n=3: P(y|s)(F^n - F-^n), ties and no score');
    // Through the table, from the field after: the answer a, its weight, its score.
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Control+A');
    await page.keyboard.type('9');
    await page.locator('tr:has(th:text-is("a")) td.number >> text=/^0\\.75/').first().waitFor();
    const law = laws
      .find(({ technique }) => technique === 'bestOfN')
      ?.exact[1]?.variation?.at({
        n: 3,
        scores: { a: 9, b: 2, c: 0, d: 2, e: Number.NaN },
      });
    const { expected } = await verify(law as NonNullable<typeof law>);
    const shown = await page
      .locator('.proof-bars tbody tr')
      .evaluateAll((rows) =>
        rows.map((row) => [
          row.querySelector('th')?.textContent,
          row.querySelector('td:last-child')?.getAttribute('title'),
        ]),
      );
    expect(Object.fromEntries(shown)).toEqual(Object.fromEntries([...expected].map(([text, p]) => [text, String(p)])));
    expect(await distanceOf(page)).toMatch(/^0$|e-1[67]$/);
    expect(met).toEqual([]);
    await page.close();
  });

  it.each([
    ['0', 'N must be a positive integer, got 0'],
    ['7', 'N must be at most 6 here, got 7'],
    ['', 'N must be a positive integer, got NaN'],
    ['6', 'There are more than 20000 paths to visit. Make a number or the model smaller.'],
  ])('n=%j is answered in words', { timeout: TIMEOUT }, async (n, words) => {
    const page = await opened('/bestOfN');
    if (n === '6') {
      await page.getByRole('button', { name: 'Add an answer' }).click();
      await page.getByRole('button', { name: 'Add an answer' }).click();
    }
    await page.getByRole('spinbutton', { name: /^n / }).fill(n);
    await page.getByText(words).waitFor();
    expect(await page.locator('.proof-law .error').allTextContents()).toEqual([words]);
    if (n === '0') await expectAccessible(page);
    await page.close();
  });

  it('what a reader changed stands in the link, and in the file that is saved', { timeout: TIMEOUT }, async () => {
    const page = await opened('/bestOfN');
    await page.getByText('2 calls an answer').waitFor();
    expect(new URL(page.url()).hash).toBe('#/proof/bestOfN');
    await page.getByRole('spinbutton', { name: /^n / }).fill('3');
    await page.getByLabel(/of a$/).last().fill('9');
    await expect.poll(() => page.url(), { timeout: 60_000 }).toContain('at=');
    await page.getByText('3 calls an answer').waitFor();
    const shown = await page.locator('.proof-bars tbody').innerText();
    const link = page.url();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save' }).click(),
    ]);
    const file = join(folder, 'changed.html');
    await download.saveAs(file);
    await page.getByRole('button', { name: 'As it was' }).click();
    await expect.poll(() => page.url(), { timeout: 60_000 }).not.toContain('at=');
    for (const address of [link, pathToFileURL(file).href]) {
      const other = await context.newPage();
      await other.goto(address);
      await other.getByText('3 calls an answer').waitFor();
      expect(await other.getByRole('spinbutton', { name: /^n / }).inputValue()).toBe('3');
      await expect.poll(() => other.locator('.proof-bars tbody').innerText(), { timeout: 60_000 }).toBe(shown);
      await other.close();
    }
    // Another link to the same law, followed in the same page.
    await page.goto(link);
    await page.getByText('3 calls an answer').waitFor();
    await page.close();
  });

  it.each(['{', '5', '{"n":"<img src=x>"}', '{"n":null,"weights":7,"__proto__":{"n":4}}', '{"other":1}'])(
    'a link that says %s breaks nothing',
    { timeout: TIMEOUT },
    async (link) => {
      const page = await opened(`/bestOfN?law=1&at=${encodeURIComponent(link)}`);
      const met = complaints(page, studio.origin);
      await page.locator('.proof-bars, .proof-law .error').first().waitFor();
      expect(await page.locator('main img').count()).toBe(0);
      expect(met).toEqual([]);
      await page.close();
    },
  );

  it('is there for everybody, wide and narrow, in every state', { timeout: TIMEOUT }, async () => {
    for (const [width, places] of [
      [360, ['', '/stepBack']],
      [1280, ['/topP?law=0', '/nothing']],
      [2560, ['']],
    ] as const)
      for (const at of places) {
        const page = await opened(at, { width, height: 800 });
        await page.locator('.proof-bars, .empty, .proof-list').first().waitFor({ state: 'attached' });
        await expectAccessible(page);
        const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        expect([width, at, wider <= 0]).toEqual([width, at, true]);
        await page.close();
      }
  });

  it('never keeps the page waiting while it checks, and stops when it is told to', { timeout: TIMEOUT }, async () => {
    const page = await opened('');
    await page.getByRole('button', { name: /^Check/ }).click();
    await page.getByRole('button', { name: 'Stop' }).waitFor();
    // The page itself draws frames and hears clicks all the while.
    const frames = await page.evaluate(
      () =>
        new Promise<number>((resolve) => {
          let count = 0;
          const next = (): void => void (++count === 10 ? resolve(count) : requestAnimationFrame(next));
          next();
        }),
    );
    expect(frames).toBe(10);
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByRole('button', { name: 'Check the others' }).waitFor();
    await page.close();
  });

  it('opens from disk, asks nobody, and agrees with npm run laws for every law', { timeout: TIMEOUT }, async () => {
    const served = await opened('/tilt?law=1');
    const [download] = await Promise.all([
      served.waitForEvent('download'),
      served.getByRole('button', { name: 'Save' }).click(),
    ]);
    const file = join(folder, download.suggestedFilename());
    expect(download.suggestedFilename()).toBe('plusx-proof-tilt.html');
    await download.saveAs(file);
    await served.close();

    const page = await context.newPage();
    page.setDefaultTimeout(TIMEOUT);
    const met = complaints(page, 'file:');
    await page.goto(pathToFileURL(file).href);
    await page.getByRole('heading', { name: 'tilt', level: 2 }).waitFor();
    expect(new URL(page.url()).hash).toBe('#/proof/tilt?law=1');
    await page.locator('.proof-bars').waitFor();
    await expectAccessible(page);
    await page.getByRole('button', { name: /^Check/ }).click();
    const count = page.locator('#proof-count', { hasText: /hold$/ });
    await count.waitFor();
    expect(await count.textContent()).toBe(`All ${laws.reduce((sum, { exact }) => sum + exact.length, 0)} hold`);
    const shown = new Map(
      await page
        .locator('.proof-list a')
        .evaluateAll((links) =>
          links.map(
            (link) =>
              [
                link.querySelector('code')?.textContent ?? '',
                [...link.querySelectorAll('.number')].map(({ textContent }) => textContent).join(),
              ] as const,
          ),
        ),
    );
    expect([...shown.keys()]).toEqual(laws.map(({ technique }) => technique));
    for (const { technique, exact } of laws) {
      const verdicts = await Promise.all(exact.map((law) => verify(law)));
      expect([technique, verdicts.every(({ kept }) => kept)]).toEqual([technique, true]);
      const greatest = Math.max(...verdicts.flatMap(({ distance }, i) => (exact[i]?.holds ? [distance] : [])));
      // The powers of two engines may differ in the last bit.
      const [, distance = ''] = (shown.get(technique) ?? '').split(' ');
      expect([technique, Math.abs(Number(distance) - greatest) < 1e-14]).toEqual([technique, true]);
    }
    expect(met).toEqual([]);
    await page.close();
  });

  it('what a page was told cannot end the script that holds it', { timeout: TIMEOUT }, async () => {
    const hostile = '</script><script>document.title="run"</script><!--\u2028';
    const served = await opened(`/${encodeURIComponent(hostile)}`);
    const [download] = await Promise.all([
      served.waitForEvent('download'),
      served.getByRole('button', { name: 'Save' }).click(),
    ]);
    const file = join(folder, 'hostile.html');
    await download.saveAs(file);
    await served.close();
    const page = await context.newPage();
    const met = complaints(page, 'file:');
    await page.goto(pathToFileURL(file).href);
    await page.getByText('There are no laws of').waitFor();
    expect(await page.locator('.empty .written').textContent()).toBe(hostile);
    expect(await page.title()).toBe('Proof · plusx studio');
    expect(met).toEqual([]);
    await page.close();
  });
});
